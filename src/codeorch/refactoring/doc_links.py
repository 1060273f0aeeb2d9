"""Links to code in comments: followed where they lead to what is renamed, else named.

`{@link Gate#open}`, ``:meth:`Gate.open` ``, ``[`Gate::open`]``: a tool that makes documentation
resolves them, and warns, or shows nothing, where they lead nowhere.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import of_kind, of_kinds, parse, span, words
from codeorch.analysis.proposals import Evidence, RenameResult, propose_text
from codeorch.analysis.renaming import Rename, Renamer
from codeorch.analysis.scopes import Definer
from codeorch.domain import Snapshot, SourceFile
from codeorch.languages import all_receivers, facts_of, family_of

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node
    from codeorch.analysis.language import Language

_COMMENTS: Final = words("comment line_comment block_comment")
_ROOTS: Final = words("crate super")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """A part of a link that is called as what is renamed, and what stands before it."""

    start: int  # in the file, in characters
    before: tuple[str, ...]  # the parts before, without those that say where to start
    is_relative: bool  # whether it is looked up in the class around


@dataclass(frozen=True, kw_only=True)
class DocLinks:
    """The links of a repository's comments to one group of definitions."""

    rule: Rename
    snapshot: Snapshot
    renamer: Renamer
    group: Sequence[Definer]

    def follow(self, renamed: RenameResult) -> RenameResult:
        """Add the links that lead to the group, and those that may."""
        if self.rule.kind == "parameter" or all(each.local for each in self.group):
            return renamed
        known = {(each.place.path, each.place.start) for each in renamed.proposals}
        names = (self.rule.name, self.rule.new.rpartition(".")[2])
        more = [
            propose_text(file.path, file.text, link.start, names, evidence)
            for file, link in self._links()
            if (file.path, link.start) not in known
            and (evidence := self._evidence(file.path, link, renamed))
        ]
        return renamed.with_proposals(more)

    def _links(self) -> Iterator[tuple[SourceFile, _Link]]:
        family = family_of(self.snapshot.bare(self.group[0].path).language)
        for path in sorted(self.snapshot.files):
            file = self.snapshot.bare(path)
            if family_of(file.language) == family and self.rule.name in file.text:
                for link in _links(file.text, facts_of(file.language), self.rule.name):
                    yield file, link

    # --------------------------------------------------------------------------- whose it is

    def _evidence(self, path: str, link: _Link, renamed: RenameResult) -> Evidence | None:
        proven = frozenset(
            each.place.start
            for each in renamed.proposals
            if each.place.path == path and each.evidence.is_proof
        )
        if link.before:
            return self._of_owner(path, link.before, is_used=bool(proven))
        others = [each for each in self._others if each.path == path]
        if link.is_relative or self.group[0].parent:
            if any(each.path == path for each in self.group):
                return Evidence.UNKNOWN if others else Evidence.TEXT
            return None if others else Evidence.UNKNOWN
        return self._of_bare(path, proven, has_others=bool(others))

    def _of_owner(self, path: str, before: Sequence[str], *, is_used: bool) -> Evidence | None:
        """Judge a link by the class or the module that it names."""
        owner = before[-1]
        if owner not in self._owners:
            return None
        whole = any(
            len(before) > 1 and each.qualified.split(".")[:-1][-len(before) :] == [*before]
            for each in self.group
        )
        near = any(dirname(path) == dirname(each.path) for each in self.group)
        is_sure = (whole or near or is_used) and owner not in self._other_owners
        return Evidence.TEXT if is_sure else Evidence.UNKNOWN

    def _of_bare(self, path: str, proven: frozenset[int], *, has_others: bool) -> Evidence | None:
        """Judge a link that is nothing but the name, by what that means in the code beside it."""
        here = self._occurrences.get(path, frozenset())
        if here and here <= proven:
            return Evidence.TEXT
        language = facts_of(self.snapshot.bare(path).language)
        near = any(dirname(path) == dirname(each.path) for each in self.group)
        if not proven and (has_others or (language.folder_is_module and not near)):
            return None
        return Evidence.UNKNOWN

    @cached_property
    def _others(self) -> Sequence[Definer]:
        ours = {(each.path, span(each.node)) for each in self.group}
        found = self.renamer.definers(self.rule.name)
        return [each for each in found if (each.path, span(each.node)) not in ours]

    @cached_property
    def _owners(self) -> frozenset[str]:
        return frozenset(name for each in self.group for name in _owners(each))

    @cached_property
    def _other_owners(self) -> frozenset[str]:
        return frozenset(name for each in self._others for name in _owners(each))

    @cached_property
    def _occurrences(self) -> Mapping[str, frozenset[int]]:
        """Where code has the name, by path: uses of it as a bare name, and imports."""
        return {
            names.path: frozenset(
                each.place[0]
                for each in names.occurrences
                if each.role in ("binding", "use", "import")
            )
            for names in self.renamer.names_of(self.rule.name)
        }


def _owners(definer: Definer) -> Iterator[str]:
    """Name what a definition belongs to: its class, its module, its package."""
    if definer.parent:
        yield definer.parent
        return
    outer = definer.qualified.split(".")[-2:-1]
    yield from outer
    if outer == [basename(definer.path).partition(".")[0]]:
        yield basename(dirname(definer.path))


def _links(text: str, language: "Language", name: str) -> Iterator[_Link]:
    """Find the links with a name in the comments and docstrings of a text."""
    if language.doc_link is None or language.doc_comment is None:
        return
    root = parse(text, language.ast_grep)
    contents = [each for each in of_kind(root, "string_content") if _is_docstring(each)]
    comments = [
        each for each in of_kinds(root, _COMMENTS, language.ast_grep)
        if language.doc_comment.match(each.text())
    ]  # fmt: skip
    for node in (*contents, *comments):
        for found in language.doc_link.finditer(node.text()):
            for path in (group for group in found.re.groupindex if found[group]):
                yield from _parts(found[path], span(node)[0] + found.start(path), name)


def _parts(path: str, start: int, name: str) -> Iterator[_Link]:
    """Give the parts of a link's path that are called so."""
    before: list[str] = []
    relative = path.startswith("#")
    for piece in re.finditer(r"\w+", path):
        if piece[0] == name:
            yield _Link(start=start + piece.start(), before=tuple(before), is_relative=relative)
        around = piece[0] in all_receivers()  # `Self::open`: the class around
        relative = (relative or around) and not before
        if not around and piece[0] not in _ROOTS:
            before.append(piece[0])


def _is_docstring(content: "Node") -> bool:
    string = content.parent()
    outer = string.parent() if string else None
    return outer is not None and outer.kind() == "expression_statement"
