"""Which lines of which files a conversation has been shown, so that none is sent twice."""

from collections.abc import Collection, Iterable, Mapping

Range = tuple[int, int]  # first and last line, from 1, both included


class ShownLines:
    """The lines that were shown, by path. It grows; `copy` is what a fork goes on with.

    >>> shown = ShownLines({"a.py": [(1, 10)]})
    >>> shown.missing("a.py", 5, 12)
    ((11, 12),)
    """

    def __init__(self, ranges: Mapping[str, Iterable[Range]] | None = None) -> None:
        self._ranges: dict[str, tuple[Range, ...]] = {}
        for path, some in (ranges or {}).items():
            for first, last in some:
                self.add(path, first, last)

    def add(self, path: str, first: int, last: int) -> None:
        """Note that the lines from `first` to `last` were shown."""
        if last < first:
            return
        before: list[Range] = []
        after: list[Range] = []
        for one in self._ranges.get(path, ()):
            if one[1] < first - 1:
                before.append(one)
            elif one[0] > last + 1:
                after.append(one)
            else:  # they touch
                first, last = min(first, one[0]), max(last, one[1])
        self._ranges[path] = (*before, (first, last), *after)

    def has(self, path: str, first: int, last: int) -> bool:
        """Return whether all lines from `first` to `last` were shown."""
        return any(a <= first and last <= b for a, b in self._ranges.get(path, ()))

    def missing(self, path: str, first: int, last: int) -> tuple[Range, ...]:
        """Return the parts of a range that were not shown, in order."""
        left: list[Range] = []
        for a, b in self._ranges.get(path, ()):
            if b < first or a > last:
                continue
            if first < a:
                left.append((first, a - 1))
            first = max(first, b + 1)
        return (*left, (first, last)) if first <= last else tuple(left)

    @property
    def ranges(self) -> Mapping[str, tuple[Range, ...]]:
        """The shown ranges of each path, in order, none of which touch."""
        return dict(self._ranges)

    def copy(self, *, without: Collection[str] = ()) -> "ShownLines":
        """Return the same, to grow on its own; `without` are paths that have changed since."""
        return ShownLines(
            {path: some for path, some in self._ranges.items() if path not in without}
        )
