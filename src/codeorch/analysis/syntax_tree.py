"""Text -> a syntax tree that accounts for every character: for those who compare trees.

ast-grep's nodes leave out text that a grammar has no node for, and hold comments among the rest.
Here each piece of code is a node, and comments are apart.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import parse, span

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

CLOSERS: Final = frozenset(")]}>")
# What the grammars call code that may act: calls, assignments, what waits.
_ACTS: Final = re.compile(
    r"call|invocation|await|yield|assignment|named_expression|update|creation|new_expression|inc_|dec_"
)
_PARENTHESIZED: Final = frozenset({"parenthesized_expression", "parenthesized_statements"})


class SyntaxNode:
    """One node: its kind, its place in characters, and its parts without comments."""

    def __init__(self, node: "Node", text: str, parent: "SyntaxNode | None" = None) -> None:
        self._node = node
        self._text = text
        self.parent = parent
        self.kind = node.kind()
        self.is_named = node.is_named()
        self.start, self.end = span(node)

    def __repr__(self) -> str:
        """Show the kind and the text."""
        return f"<{self.kind} {self.text!r}>"

    @property
    def text(self) -> str:
        """The code of the node, as it stands in the file."""
        return self._text[self.start : self.end]

    @property
    def key(self) -> tuple[int, int, str]:
        """What tells it from other nodes of its tree."""
        return self.start, self.end, self.kind

    @property
    def line(self) -> int:
        """The line it begins on, from 1."""
        return self._text.count("\n", 0, self.start) + 1

    @cached_property
    def children(self) -> tuple["SyntaxNode", ...]:
        """All nodes directly below, comments included; text without a node is one as well."""
        found: list[SyntaxNode] = []
        at = self.start
        for node in self._node.children():
            child = SyntaxNode(node, self._text, self)
            found += self._unnamed(at, child.start)
            found.append(child)
            at = max(at, child.end)
        return tuple([*found, *self._unnamed(at, self.end)] if found else ())

    @cached_property
    def parts(self) -> tuple["SyntaxNode", ...]:
        """The nodes directly below that mean something: no comments, no joined lines."""
        return tuple(each for each in self.children if not each.is_trivia)

    @cached_property
    def pieces(self) -> tuple["SyntaxNode", ...]:
        """The parts without the `;` that ends a statement."""
        parts = self.parts
        return parts[:-1] if len(parts) > 1 and parts[-1].text == ";" else parts

    @property
    def is_comment(self) -> bool:
        """Whether it is a comment."""
        return "comment" in self.kind

    @property
    def is_trivia(self) -> bool:
        """Whether the program means the same without it."""
        return self.is_comment or self.kind == "line_continuation"

    @property
    def is_broken(self) -> bool:
        """Whether the grammar could not read it, or missed something here."""
        return self.kind == "ERROR" or (self.start == self.end and not self.children)

    @property
    def may_act(self) -> bool:
        """Whether it does something when it is run, besides having a value."""
        return self.is_named and (bool(_ACTS.search(self.kind)) or self.text.startswith("<-"))

    @property
    def is_parenthesized(self) -> bool:
        """Whether it is an expression in parentheses of its own."""
        parts = self.parts
        return self.kind in _PARENTHESIZED and len(parts) == 3

    def walk(self) -> Iterator["SyntaxNode"]:
        """Yield the node and all below, in the order of the text."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def ancestors(self) -> Iterator["SyntaxNode"]:
        """Yield the nodes around it, from the inside out."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def leaves(self) -> Iterator["SyntaxNode"]:
        """Yield the pieces of code that have no parts, comments left out."""
        for node in self.walk():
            if not node.children and not node.is_trivia and node.start < node.end:
                yield node

    def space_from(self, end: int) -> str:
        """Return the text between another piece of code and this one."""
        return self._text[end : self.start]

    def _unnamed(self, start: int, end: int) -> list["SyntaxNode"]:
        gap = self._text[start:end]
        inner = gap.strip()
        if not inner:
            return []
        first = start + gap.index(inner)
        return [_TextNode(self._node, self._text, self, (first, first + len(inner)))]


class _TextNode(SyntaxNode):
    """Text that the grammar has no node for, such as the inside of a literal."""

    def __init__(self, node: "Node", text: str, parent: SyntaxNode, place: tuple[int, int]) -> None:
        super().__init__(node, text, parent)
        self.kind = ""
        self.is_named = False
        self.start, self.end = place

    @cached_property
    def children(self) -> tuple[SyntaxNode, ...]:
        """It has none."""
        return ()


def syntax_tree(text: str, grammar: str) -> SyntaxNode:
    """Parse a text by one of ast-grep's grammars."""
    return SyntaxNode(parse(text, grammar), text)
