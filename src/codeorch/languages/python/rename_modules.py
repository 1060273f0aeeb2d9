"""Rename of a module -> files that get another path, and edits of what imports or names them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import dirname
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import line, of_kind, span
from codeorch.analysis.proposals import (
    Evidence,
    Place,
    Proposal,
    RenameResult,
    propose,
    propose_text,
)
from codeorch.analysis.renaming import Rename, clashes, conflict
from codeorch.analysis.scopes import Definer, Module, Occurrence
from codeorch.analysis.text_edits import TextEdit
from codeorch.languages.python.facts import COMMAND_FILES
from codeorch.languages.python.imports import PythonNames, dotted_path
from codeorch.languages.python.module_moves import Tree, is_package, module_moves
from codeorch.languages.python.nodes import is_listed
from codeorch.languages.python.string_paths import is_looked_up

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# `python -m name`, `["python", "-m", "name"]`
_RUN: Final = re.compile(r"python[\w.]*[\"',\s]+(?:-\w+[\"',\s]+)*?-m[\"',\s]+$")
_DOTTED: Final = re.compile(r"(?<![\w./-])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?![\w/-])")
_LISTING: Final = re.compile(
    r"\s*(?:packages|py[-_]modules|modules?|source|known[-_]first[-_]party|include)\s*=",
    re.IGNORECASE,
)
_IMPORTS: Final = ("import_statement", "import_from_statement", "future_import_statement")


def module_definers(names: PythonNames, name: str) -> Iterator[Definer]:
    """Find the modules and packages that are called so."""
    for path in sorted(names.modules.paths):
        dotted = dotted_path(path)
        if dotted.rpartition(".")[2] == name:
            root = names.tree(path)
            yield Definer(
                path=path, line=1, kind="module", qualified=dotted, owner=(0, 0, "file"),
                local=False, node=root,
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonModuleRename:
    """The rename of a module, or of a package with all that is in it."""

    rule: Rename  # both names with dots; of the new one, the last part counts
    names: PythonNames
    configs: Mapping[str, str]
    paths: frozenset[str]  # of the module, its stub included
    tree: Tree

    @property
    def _words(self) -> tuple[str, str]:
        return self.rule.name, self.rule.new.rpartition(".")[2]

    def rename(self) -> RenameResult:
        """Work out the moves and the edits.

        Raises:
            UserError: there is such a module, or it is found by its name.
        """
        moves = module_moves(self.rule, self.names, self.paths, self.tree)
        proposals: list[Proposal] = []
        taken: list[Place] = []
        for path in self.names.files_with(self.rule.name):
            found = self.names.names(path, self.rule.name)
            ours = [each for each in found.occurrences if self._is_ours(each)]
            proposals += (propose(each, self._words[1], Evidence.IMPORT) for each in ours)
            proposals += self._in_paths(path, {each.place[0] for each in ours})
            proposals += self._in_strings(path)
            taken += clashes(found, self.names.names(path, self._words[1]), ours)
        if taken:
            raise conflict(self.rule, taken)
        proposals += self._in_configs(moves)
        return RenameResult(proposals=tuple(proposals), moves=moves)

    # ------------------------------------------------------------------------------- code

    def _is_ours(self, each: Occurrence) -> bool:
        """Whether a name that stands for a value is the module."""
        if each.role == "import":
            return self._is_module(self.names.resolve_import(each))
        if each.role == "member":
            attribute = each.node.parent()
            return attribute is not None and self._is_module(
                self.names.resolve(each.path, attribute)
            )
        if each.role == "use":
            return self._is_module(self.names.resolve(each.path, each.node))
        return False

    def _is_module(self, entities: frozenset[object]) -> bool:
        return any(isinstance(one, Module) and one.path in self.paths for one in entities)

    def _in_paths(self, path: str, known: set[int]) -> Iterator[Proposal]:
        """Find the module in the paths of imports: `import shop.cart`, `from .cart import x`."""
        for dotted in of_kind(self.names.tree(path), "dotted_name"):
            statement = next((n for n in dotted.ancestors() if n.kind() in _IMPORTS), None)
            if statement is None or self.rule.name not in dotted.text():
                continue
            parent = dotted.parent()
            dots = ""
            if parent is not None and parent.kind() == "relative_import":
                dots = parent.text()[: span(dotted)[0] - span(parent)[0]].replace(" ", "")
            elif (
                statement.kind() == "import_from_statement"
                and statement.field("module_name") != dotted
            ):
                continue  # a name that is taken from the module
            pieces = dotted.named_children()
            for count, piece in enumerate(pieces, start=1):
                home = dots + ".".join(each.text() for each in pieces[:count])
                fits = piece.text() == self.rule.name and span(piece)[0] not in known
                if fits and self.names.modules.find(home, path) in self.paths:
                    yield Proposal(
                        place=Place(path=path, start=span(piece)[0], line=line(piece)),
                        edit=TextEdit(
                            start=span(piece)[0], end=span(piece)[1], text=self._words[1]
                        ),
                        evidence=Evidence.IMPORT,
                    )

    # ------------------------------------------------------------------------------- texts

    def _in_strings(self, path: str) -> Iterator[Proposal]:
        for content in of_kind(self.names.tree(path), "string_content"):
            if self.rule.name in content.text():
                for start, evidence in self._in_string(path, content):
                    at = span(content)[0] + start
                    yield propose_text(path, self.names.texts[path], at, self._words, evidence)

    def _in_string(self, path: str, content: "Node") -> Iterator[tuple[int, Evidence]]:
        text = content.text()
        if text == self.rule.name and is_listed(content):
            if self._is_module(self.names.resolve_export(path, text)):
                yield 0, Evidence.TEXT
        elif _DOTTED.fullmatch(text.replace(":", ".", 1)):
            evidence = is_looked_up(content, text)
            pieces = list(re.finditer(r"\w+", text)) if evidence else []
            yield from ((at, evidence) for at in self._ours_in(path, pieces) if evidence)
        elif text.startswith(".") and "import_module" in _statement_text(content):
            yield text.rfind(self.rule.name), Evidence.UNKNOWN

    def _ours_in(self, path: str, pieces: Sequence[re.Match[str]]) -> Iterator[int]:
        """Give where the module stands in a path whose parts lead to it."""
        for count, piece in enumerate(pieces, start=1):
            dotted = ".".join(each[0] for each in pieces[:count])
            if piece[0] == self.rule.name and self.names.modules.find(dotted, path) in self.paths:
                yield piece.start()

    def _in_configs(self, moves: Mapping[str, str]) -> Iterator[Proposal]:
        """Find the module in configuration files: by its dotted path, or by its file."""
        for path, text in self.configs.items():
            for found in _DOTTED.finditer(text):
                evidence = _config_evidence(path, text, found)
                pieces = list(re.finditer(r"\w+", found[0])) if evidence else []
                for start in self._ours_in(path, pieces):
                    at = found.start() + start
                    yield propose_text(path, text, at, self._words, evidence or Evidence.UNKNOWN)
            for old in sorted({_root(path) for path in moves.keys() & self.paths}):
                for found in re.finditer(rf"(?<![\w./-]){re.escape(old)}(?![\w-])", text):
                    start = found.start() + len(old.rpartition("/")[0])
                    at = text.index(self.rule.name, start)
                    yield propose_text(path, text, at, self._words)


def _root(path: str) -> str:
    """Return the path that names a module: its file, or the folder of a package."""
    return dirname(path) if is_package(path) else path


def _config_evidence(path: str, text: str, found: re.Match[str]) -> Evidence | None:
    """Say how it is known that a word of a configuration names a module; None when it does not.

    A single word does where packages are listed; a project may well be called as its package.
    """
    if "." in found[0]:
        return Evidence.TEXT
    line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
    if _RUN.search(line):
        return Evidence.TEXT
    if COMMAND_FILES.search(path):
        return None
    quoted = text[found.start() - 1 : found.start()] in ("'", '"')
    if not quoted or re.match(r"\s*(?:name|title|description)\s*=", line):
        return None
    return Evidence.TEXT if _LISTING.match(line) else Evidence.UNKNOWN


def _statement_text(node: "Node") -> str:
    call = next((each for each in node.ancestors()[:3] if each.kind() == "call"), None)
    return call.text() if call else ""
