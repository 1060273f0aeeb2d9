"""Matches of one file, found by where they are."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping

from codeorch.analysis.syntax_tree import SyntaxNode
from codeorch.refactoring.pattern.match import Match

Key = tuple[int, int, str]  # of a match's root: start, end, kind


class MatchSet:
    """Matches of which none holds another, but in what its captures stand for."""

    def __init__(self, matches: Mapping[Key, Match]) -> None:
        self.by_key: dict[Key, Match] = {}
        around: list[Match] = []
        for key, match in sorted(matches.items(), key=lambda item: (item[0][0], -item[0][1])):
            while around and around[-1].root.end <= key[0]:
                around.pop()
            if not around or _is_in_capture(around[-1], key):
                self.by_key[key] = match
                around.append(match)
        self._keys = sorted(self.by_key)

    def at(self, node: SyntaxNode) -> Match | None:
        """Return the match whose root is this node."""
        return self.by_key.get(node.key)

    def holds(self, node: SyntaxNode) -> bool:
        """Whether a match is this node, or is in it."""
        return next(self._inside(node.start, node.end), None) is not None

    def outermost(self, start: int, end: int) -> Iterator[Match]:
        """Yield the matches within a range that are in no other one there, in order."""
        last = start
        for key in sorted(self._inside(start, end), key=lambda each: (each[0], -each[1])):
            if key[0] >= last:
                yield self.by_key[key]
                last = key[1]

    def _inside(self, start: int, end: int) -> Iterator[Key]:
        for at in range(bisect_left(self._keys, (start, 0, "")), len(self._keys)):
            key = self._keys[at]
            if key[0] >= end and key[1] > end:
                return
            if key[1] <= end:
                yield key


def _is_in_capture(outer: Match, key: Key) -> bool:
    return any(
        nodes[0].start <= key[0] and key[1] <= nodes[-1].end
        for nodes in outer.captures.values()
        if nodes
    )
