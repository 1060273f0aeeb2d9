"""A match and a rewrite -> the text that takes its place, made of as much of the old as can stay.

The atoms of the rewrite are aligned with those of the pattern. Between two that were neighbours and
are so still, the file's own text stays: line breaks, comments, a last comma. What a capture stands
for is never laid out anew.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from typing import Final

from codeorch.analysis.syntax_tree import SyntaxNode
from codeorch.analysis.text_edits import TextEdit
from codeorch.refactoring.pattern.match import Match
from codeorch.refactoring.pattern.match_set import Key, MatchSet
from codeorch.refactoring.pattern.template import Atom, Template

OUTER: Final = -1  # the place of the parentheses around a whole rewrite
# Kinds of what ends a statement, in braces or not, that a semicolon has to follow.
_VALUE: Final = re.compile(r"expression|declarator|literal|object|arrow|dictionary|composite")
Wraps = frozenset[int]  # places of the rewrite's atoms that get parentheses, OUTER included
_Slice = tuple[int, int]  # a piece of the file that stays
_Piece = _Slice | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """What takes the place of a match."""

    start: int
    end: int
    pieces: tuple[_Piece, ...]

    def edits(self) -> Iterator[TextEdit]:
        """Yield the edits: what stands between the pieces that stay."""
        at, new = self.start, ""
        for piece in self.pieces:
            if isinstance(piece, str):
                new += piece
            elif piece[0] < piece[1]:  # an empty one parts no edit: two in one place would clash
                if new or piece[0] > at:
                    yield TextEdit(start=at, end=piece[0], text=new)
                at, new = piece[1], ""
        if new or self.end > at:
            yield TextEdit(start=at, end=self.end, text=new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
    """Renders the matches of one file with one rewrite; matches in captures are rendered, too."""

    text: str
    rewrite: Template
    matches: MatchSet
    wraps: Mapping[Key, Wraps] = field(default_factory=dict)  # by the key of a match

    def edits(self) -> list[TextEdit]:
        """Return the edits of the whole file."""
        outermost = self.matches.outermost(0, len(self.text))
        return [edit for match in outermost for edit in self.render(match).edits()]

    def render(self, match: Match) -> Rendering:
        """Render one match, and those that its captures hold."""
        if not self.rewrite.atoms:
            return self._deletion(match)
        old = _old_atoms(match)
        new = live_atoms(self.rewrite, match)
        start, end = old[0].start, old[-1].end
        end = self._end_with_terminator(match, new, end)
        pieces = list(self._pieces(match, old, new))
        if OUTER in self.wraps.get(match.root.key, ()):
            pieces = ["(", *pieces, ")"]
        return Rendering(start=start, end=end, pieces=tuple(pieces))

    def lost_comments(self, match: Match) -> bool:
        """Whether a comment of the match would not be in the result."""
        rendering = self.render(match)
        kept = [each for each in rendering.pieces if not isinstance(each, str)]
        kept += [
            (nodes[0].start, nodes[-1].end)
            for place, nodes in self._capture_nodes(match).items()
            if nodes and place
        ]
        return any(
            not any(low <= each.start and each.end <= high for low, high in kept)
            for each in match.root.walk()
            if each.is_comment and rendering.start <= each.start < rendering.end
        )

    def _capture_nodes(self, match: Match) -> Mapping[str, tuple[SyntaxNode, ...]]:
        names = {atom.key for atom in self.rewrite.atoms if atom.capture}
        return {name: nodes for name, nodes in match.captures.items() if name in names}

    # --------------------------------------------------------------------------- pieces

    def _pieces(
        self, match: Match, old: Sequence["_OldAtom"], new: Sequence["NewAtom"]
    ) -> Iterator[_Piece]:
        place = _alignment(tuple(a.key for a in old), tuple(a.atom.key for a in new))
        last = -2  # the old atom before, if it stayed
        inserted = True
        for number, each in enumerate(new):
            at = place.get(number, -2)
            between = (old[at - 1].end, old[at].start) if at > 0 else (0, 0)
            stays = at > 0 and at - 1 == last and (not inserted or self._is_layout(between))
            if stays:
                yield (
                    self._after_comma(between)
                    if inserted and new[number - 1].atom.text == ","
                    else between
                )
            elif number:
                yield self._laid_out(each.atom.lead, match)
            yield from self._atom(match, each, old[at] if at >= 0 else None)
            if at >= 0:
                last, inserted = at, False
            else:
                inserted = True

    def _after_comma(self, between: _Slice) -> _Slice:
        """Leave out a last comma where the rewrite has just written one."""
        found = re.match(r"\s*,", self.text[between[0] : between[1]])
        return (between[0] + len(found[0]), between[1]) if found else between

    def _is_layout(self, between: _Slice) -> bool:
        """Whether text between two atoms has to stay although something new stands before it."""
        return bool(re.search(r"[^ \t]", self.text[between[0] : between[1]]))

    def _atom(self, match: Match, new: "NewAtom", old: "_OldAtom | None") -> Iterator[_Piece]:
        wrapped = new.place in self.wraps.get(match.root.key, ())
        yield "(" if wrapped else ""
        if old is not None and new.atom.capture is None:
            yield (old.start, old.end)
        elif new.atom.capture is None:
            yield new.atom.text
        elif nodes := match.captures.get(new.atom.key, ()):
            pieces = self._range(nodes[0].start, nodes[-1].end)
            is_here = old is not None and old.start == nodes[0].start
            yield from pieces if is_here else [self._copy(pieces)]
        yield ")" if wrapped else ""

    def _range(self, start: int, end: int) -> list[_Piece]:
        """Render a part of the file."""
        pieces: list[_Piece] = []
        at = start
        for match in self.matches.outermost(start, end):
            inner = self.render(match)
            pieces += [(at, inner.start), *inner.pieces]
            at = inner.end
        return [*pieces, (at, end)]

    def _copy(self, pieces: Iterable[_Piece]) -> str:
        return "".join(p if isinstance(p, str) else self.text[p[0] : p[1]] for p in pieces)

    def _laid_out(self, space: str, match: Match) -> str:
        """Give the lines of a rewrite the indentation and the line ends of the place."""
        if "\n" not in space:
            return space
        start = self.text.rfind("\n", 0, match.root.start) + 1
        line = self.text[start:]
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        end = "\r\n" if "\r\n" in self.text else "\n"
        lines = space.split("\n")
        uses_tabs = "\t" in indent or (not indent and "\n\t" in self.text)
        if uses_tabs:
            lines = [re.sub(r" {4}|  ", "\t", line) for line in lines]
        return end.join([lines[0], *(f"{indent}{line}" for line in lines[1:])])

    # --------------------------------------------------------------------------- statements

    def _end_with_terminator(self, match: Match, new: Sequence["NewAtom"], end: int) -> int:
        """Let a rewrite that ends its own statement take the place of the semicolon as well."""
        found = re.match(r"[ \t]*;", self.text[end:])
        is_old = match.template.atoms[-1].text == ";"
        if found is None or is_old or not new or not self._ends_statement(new[-1].atom):
            return end
        if OUTER in self.wraps.get(match.root.key, ()):
            return end
        if statement_of(match.root) is match.root:  # an expression within something else
            return end
        return end + len(found[0])

    def _ends_statement(self, last: Atom) -> bool:
        """Whether a rewrite needs no semicolon: it has one, or is a statement with a body."""
        part = self.rewrite.roots[-1]
        while part.parts and _VALUE.search(part.kind) is None:
            part = part.parts[-1]
        return last.text == ";" or (last.text == "}" and not part.parts)

    def _deletion(self, match: Match) -> Rendering:
        """Take a statement away, and its line with it where nothing else stands there."""
        node = statement_of(match.root)
        start, end = node.start, node.end
        if self.text[end : end + 1] == ";":
            end += 1
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        behind = re.match(r"[ \t]*(?:\r?\n|\Z)", self.text[end:])
        if behind and not before.strip():
            start, end = start - len(before), end + len(behind[0])
        elif not before.strip():
            end += len(self.text[end:]) - len(self.text[end:].lstrip(" \t"))
        return Rendering(start=start, end=end, pieces=())


@dataclass(frozen=True, slots=True, kw_only=True)
class _OldAtom:
    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAtom:
    """An atom of a rewrite that is written, and its place among all of them."""

    place: int
    atom: Atom


def _old_atoms(match: Match) -> list[_OldAtom]:
    """Return the atoms of the pattern that the file has."""
    return [
        _OldAtom(key=atom.key, start=nodes[0].start, end=nodes[-1].end)
        for place, atom in enumerate(match.template.atoms)
        if (nodes := match.atoms.get(place, ()))
    ]


def live_atoms(rewrite: Template, match: Match) -> list[NewAtom]:
    """Return the atoms of the rewrite without captures that stand for nothing, and their commas."""
    dead: set[int] = set()
    atoms = rewrite.atoms
    for place, atom in enumerate(atoms):
        if atom.capture is None or match.captures.get(atom.key):
            continue
        dead.add(place)
        if place + 1 < len(atoms) and atoms[place + 1].text == ",":
            dead.add(place + 1)
        elif place and atoms[place - 1].text == ",":
            dead.add(place - 1)
    return list(_closed_up(atoms, dead))


def _closed_up(atoms: Sequence[Atom], dead: Collection[int]) -> Iterator[NewAtom]:
    """Yield what is left; it moves up to where the first of the others stood."""
    lead: str | None = None
    for place, atom in enumerate(atoms):
        if place in dead:
            lead = atom.lead if lead is None else lead
            continue
        moved = Atom(text=atom.text, lead=atom.lead if lead is None else lead, capture=atom.capture)
        yield NewAtom(place=place, atom=moved)
        lead = None


def statement_of(node: SyntaxNode) -> SyntaxNode:
    """Return the statement that is nothing but this node; the node itself where there is none."""
    parent = node.parent
    while parent is not None and parent.parent is not None and len(parent.pieces) == 1:
        node, parent = parent, parent.parent
    return node


@cache
def _alignment(old: tuple[str, ...], new: tuple[str, ...]) -> Mapping[int, int]:
    """Return for the atoms of the rewrite that stay which ones of the pattern they are."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {b.b + i: b.a + i for b in blocks for i in range(b.size)}
