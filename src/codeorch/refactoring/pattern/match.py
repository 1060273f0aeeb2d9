"""A template and a node -> what each of its atoms stands for, if nothing is left over.

Every leaf of a matched node belongs to the template or to a capture. What means nothing is free:
comments, the comma before a closing bracket, the semicolon at the end of a statement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from codeorch.analysis.language import Language
from codeorch.analysis.syntax_tree import CLOSERS, SyntaxNode
from codeorch.refactoring.pattern.template import Part, Template

Nodes = tuple[SyntaxNode, ...]
_Atoms = Mapping[int, Nodes]  # place of an atom -> the nodes it stands for; none if it is left out
_OPENERS: Final = frozenset("([{")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A node that a template describes, and the nodes of each of its atoms."""

    template: Template
    root: SyntaxNode
    atoms: _Atoms

    @property
    def captures(self) -> Mapping[str, Nodes]:
        """What each capture stands for, by its name."""
        return {
            atom.capture.name: self.atoms.get(place, ())
            for place, atom in enumerate(self.template.atoms)
            if atom.capture
        }


class Matcher:
    """Matches templates of one node with nodes of one language."""

    def __init__(self, template: Template, language: Language, *, is_loose: bool = False) -> None:
        self.template = template
        self._language = language
        self._is_loose = is_loose  # whether a node may have parts that the template has not

    def match(self, node: SyntaxNode) -> Match | None:
        """Match a node; None when it is not what the template says."""
        atoms = self._one(self.template.roots[0], node, {})
        if atoms is None:
            return None
        return Match(template=self.template, root=node, atoms=atoms)

    def match_rest(self, node: SyntaxNode) -> bool:
        """Whether all but the first part of a node is as the template says."""
        return self._row(self.template.roots[0].parts[1:], node.parts[1:], {}) is not None

    def _one(self, part: Part, node: SyntaxNode, atoms: _Atoms) -> _Atoms | None:
        """Match one part with one node."""
        if part.capture is not None and not part.capture.many:
            return self._capture(part, node, atoms)
        if not part.parts:
            return {**atoms, part.atom: (node,)} if is_same_leaf(part, node) else None
        if part.kind != node.kind:
            return self._argument(part, node, atoms)
        return self._row(part.parts, node.parts, atoms)

    def _capture(self, part: Part, node: SyntaxNode, atoms: _Atoms) -> _Atoms | None:
        """Let a capture stand for a node: where both are one in another, for the innermost."""
        if part.parts and part.kind == node.kind:
            if len(node.pieces) == 1:
                return self._capture(part.parts[0], node.pieces[0], atoms)
            if all(each.is_named for each in node.parts):
                return None  # several statements, and the capture is one
        return self._bind(part, (node,), atoms) if node.is_named else None

    def _bind(self, part: Part, nodes: Nodes, atoms: _Atoms) -> _Atoms | None:
        """Let an atom stand for nodes; the same capture stands for the same code everywhere."""
        assert part.capture is not None
        for place, atom in enumerate(self.template.atoms):
            bound = atom.capture == part.capture and atoms.get(place)
            if bound and [*map(_code, bound)] != [*map(_code, nodes)]:
                return None
        return {**atoms, part.atom: nodes}

    def _argument(self, part: Part, node: SyntaxNode, atoms: _Atoms) -> _Atoms | None:
        """Match `f($X)` with `f(x for x in y)`, whose parentheses are the argument's own."""
        if self._language.syntax.bare_arguments.get(node.kind) != part.kind:
            return None
        inner = [each for each in part.parts if each.is_named]
        if len(inner) != 1 or inner[0].capture is None:
            return None
        return self._bind(inner[0], (node,), atoms)

    # --------------------------------------------------------------------------- rows

    def _row(
        self, parts: Sequence[Part], nodes: Sequence[SyntaxNode], atoms: _Atoms
    ) -> _Atoms | None:
        """Match the parts of a node, one after the other."""
        if not parts:
            is_end = self._is_loose or not nodes or [each.text for each in nodes] == [";"]
            return atoms if is_end else None
        part, rest = parts[0], parts[1:]
        node = nodes[0] if nodes else None
        if part.is_many and not (node and self._is_same_sequence(part, node)):
            return self._many(part, rest, nodes, atoms)
        if part.capture and node and self._is_token(node):
            return self._tokens(part, rest, nodes, atoms)
        found = self._try(part, node, atoms)
        done = self._row(rest, nodes[1:], found) if found is not None else None
        goes_with_empty = part.text == "," and bool(rest) and rest[0].is_many
        if done is not None or (found is not None and not goes_with_empty):
            return done
        if goes_with_empty:
            empty = self._bind(rest[0], (), atoms)
            return None if empty is None else self._row(rest[1:], nodes, empty)
        return self._otherwise(parts, nodes, atoms)

    def _otherwise(
        self, parts: Sequence[Part], nodes: Sequence[SyntaxNode], atoms: _Atoms
    ) -> _Atoms | None:
        """Go on where the first part is missing, or nodes may stand before it."""
        part, rest = parts[0], parts[1:]
        if _may_lack(part, rest, nodes[0] if nodes else None):
            return self._row(rest, nodes, atoms)
        for at, node in enumerate(nodes[:-1]):
            if not self._is_free(node, part):
                break
            found = self._try(part, nodes[at + 1], atoms)
            if found is not None:
                return self._row(rest, nodes[at + 2 :], found)
        return None

    def _try(self, part: Part, node: SyntaxNode | None, atoms: _Atoms) -> _Atoms | None:
        if node is None:
            return None
        if part.is_many:  # both are a sequence: the capture stands for what is in it
            return self._row(part.parts, node.parts, atoms)
        return self._one(part, node, atoms)

    def _is_same_sequence(self, part: Part, node: SyntaxNode) -> bool:
        return (
            bool(part.parts)
            and part.kind == node.kind
            and part.kind in self._language.syntax.sequences
        )

    def _many(
        self, part: Part, rest: Sequence[Part], nodes: Sequence[SyntaxNode], atoms: _Atoms
    ) -> _Atoms | None:
        """Let a capture stand for as few nodes as will do."""
        empty = self._bind(part, (), atoms)
        if empty is not None:
            after = rest[1:] if rest and rest[0].text == "," else rest
            found = self._row(after, nodes, empty)
            if found is not None:
                return found
        for count in range(1, len(nodes) + 1):
            last = nodes[count - 1]
            if last.text in CLOSERS or last.text in _OPENERS:
                break
            if nodes[0].text == "," or last.text == ",":
                continue
            bound = self._bind(part, tuple(nodes[:count]), atoms)
            found = self._row(rest, nodes[count:], bound) if bound is not None else None
            if found is not None:
                return found
        return None

    def _is_token(self, node: SyntaxNode) -> bool:
        return node.parent is not None and node.parent.kind in self._language.syntax.tokens

    def _tokens(
        self, part: Part, rest: Sequence[Part], nodes: Sequence[SyntaxNode], atoms: _Atoms
    ) -> _Atoms | None:
        """Let a capture stand for the words and signs up to a comma, where code is no tree."""
        ends = (
            n for n, each in enumerate(nodes) if each.text in (",", ";") or each.text in CLOSERS
        )
        count = next(ends, len(nodes))
        bound = self._bind(part, tuple(nodes[:count]), atoms) if count else None
        return bound and self._row(rest, nodes[count:], bound)

    def _is_free(self, node: SyntaxNode, part: Part) -> bool:
        """Whether a node may stand where the template has another part."""
        if self._is_loose:
            return True
        owner = node.parent
        if node.kind != "," or owner is None or owner.kind in self._language.syntax.meaning_commas:
            return False
        place = owner.parts.index(node)
        before, behind = owner.parts[place - 1], owner.parts[place + 1 :][:1]
        closes = bool(behind) and behind[0].text in CLOSERS and part.text == behind[0].text
        return closes and before.kind != "," and before.text not in _OPENERS


def is_same_leaf(part: Part, node: SyntaxNode) -> bool:
    """Whether a word or sign is that of a template; the quotes of a plain text may be others."""
    if part.text == node.text:
        return part.kind == node.kind
    quotes = "\"'"
    if part.text[-1:] not in quotes or node.text[-1:] not in quotes or node.parent is None:
        return False
    inner = node.parent.text.strip(node.parent.parts[0].text)
    is_plain = not any(sign in inner for sign in "\"'\\")
    return is_plain and part.text[:-1] == node.text[:-1] and len(node.parent.parts) <= 3


def _may_lack(part: Part, rest: Sequence[Part], node: SyntaxNode | None) -> bool:
    """Whether a part of the template may be missing: a last comma or semicolon."""
    if part.text == ";":
        return not rest and node is None
    closes = bool(rest) and rest[0].text in CLOSERS
    return part.text == "," and closes and node is not None and node.text == rest[0].text


def _code(node: SyntaxNode) -> tuple[str, ...]:
    return tuple(leaf.text for leaf in node.leaves())
