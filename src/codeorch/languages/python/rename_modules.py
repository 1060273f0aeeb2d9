"""Rename of a module -> files that get another path, and edits of what imports or names them."""

import keyword
import re
import sys
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
    place_of,
    propose,
    propose_text,
)
from codeorch.analysis.renaming import Rename, clashes, conflict
from codeorch.analysis.scopes import Definer, Module, Occurrence
from codeorch.analysis.text_edits import TextEdit
from codeorch.errors import UserError
from codeorch.languages.python.imports import PythonNames, dotted_path
from codeorch.languages.python.nodes import is_listed
from codeorch.languages.python.string_paths import is_looked_up

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_FIXED: Final = ("__init__", "__main__", "conftest", "setup", "manage")  # found by these names
_DOTTED: Final = re.compile(r"(?<![\w./-])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?![\w/-])")
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

    @property
    def _words(self) -> tuple[str, str]:
        return self.rule.name, self.rule.new.rpartition(".")[2]

    def rename(self) -> RenameResult:
        """Work out the moves and the edits.

        Raises:
            UserError: there is such a module, or it is found by its name.
        """
        moves = dict(self._moves())
        self._refuse(moves)
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

    # ------------------------------------------------------------------------------- files

    def _moves(self) -> Iterator[tuple[str, str]]:
        old, new = self._words
        for path in sorted(self.paths):
            if path.endswith(("/__init__.py", "/__init__.pyi")):
                folder = dirname(path)
                moved = f"{dirname(folder)}/{new}".lstrip("/")
                for each in sorted(self.names.modules.paths):
                    if each.startswith(f"{folder}/"):
                        yield each, moved + each[len(folder) :]
            else:
                head, _, name = path.rpartition("/")
                suffix = name[len(old) :]
                yield path, f"{head}/{new}{suffix}".lstrip("/")

    def _refuse(self, moves: Mapping[str, str]) -> None:
        old, new = self._words
        if self.rule.new.rpartition(".")[0] != self.rule.qualifier:
            raise UserError(
                f"`{self.rule.new}` is in another package than `{self.rule.old}`",
                "a module is renamed in its package; moving it to another one needs a model",
            )
        if old in _FIXED or new in _FIXED:
            raise UserError(f"`{old if old in _FIXED else new}` is found by its name", "")
        if keyword.iskeyword(new):
            raise UserError(f"`{new}` is a reserved word of python", "choose another name")
        taken = [path for path in moves.values() if path in self.names.texts]
        homes = {
            dirname(path) for path in (dirname(p) if _is_package(p) else p for p in self.paths)
        }
        taken += [
            path
            for path in sorted(self.names.modules.paths)
            for home in homes
            if path.startswith(f"{home}/{new}/".lstrip("/"))
            or path.rpartition(".")[0] == f"{home}/{new}".lstrip("/")
        ]
        for home in homes:
            package = next(
                (
                    f"{home}/__init__{s}"
                    for s in (".py", ".pyi")
                    if f"{home}/__init__{s}" in self.names.texts
                ),
                "",
            )
            if package:
                given = self.names.names(package, new).bindings()
                taken += [
                    str(place_of(each)) for each in given if each.owner and each.owner[2] == "top"
                ]
            elif new in sys.stdlib_module_names:
                raise UserError(
                    f"`{new}` is a module of Python's own library, which it would hide",
                    "choose another name",
                )
        if taken:
            raise conflict(self.rule, taken)

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
                if "." in found[0] or f'"{found[0]}"' in text[found.start() - 1 : found.end() + 1]:
                    pieces = list(re.finditer(r"\w+", found[0]))
                    for start in self._ours_in(path, pieces):
                        yield propose_text(path, text, found.start() + start, self._words)
            for old in moves:
                for found in re.finditer(rf"(?<![\w./-]){re.escape(old)}(?![\w/-])", text):
                    folder = old.rpartition("/")[0]
                    start = found.start() + (len(folder) + 1 if folder else 0)
                    if old in self.paths and not _is_package(old):
                        yield propose_text(path, text, start, self._words)


def _is_package(path: str) -> bool:
    return path.rpartition("/")[2].startswith("__init__.")


def _statement_text(node: "Node") -> str:
    call = next((each for each in node.ancestors()[:3] if each.kind() == "call"), None)
    return call.text() if call else ""
