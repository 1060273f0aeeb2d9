"""Places as a model writes them -> the lines of the commit, none of them twice."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from codeorch.analysis.symbol_index import SymbolIndex
from codeorch.domain import Snapshot, SourceFile
from codeorch.retrieval.look_ups.definitions import (
    Defined,
    find_definitions,
    head_of,
    imports_of,
    join_ranges,
    owners_of,
    signature_of,
    span_of,
    split_place,
)
from codeorch.retrieval.look_ups.file_outline import file_outline
from codeorch.retrieval.look_ups.places import LookUpError, file_at, lines_of, plural, shown_line
from codeorch.retrieval.look_ups.shown_lines import ShownLines

_WHOLE_LINES, _WHOLE = 400, 9_000  # lines and characters of a file that is shown without asking
_WHOLE_CLASS = 160  # lines of a class; of a longer one the members are listed
_OUTLINE = 5_000  # characters
_DEFINITIONS = 3  # of one name, that are shown; more are listed
_LISTED = 20
_GAP = 3  # lines between two definitions that are shown with them: a new header is no shorter
_AGAIN = 15  # lines shown before that come again between others: code is read as one piece
_RANGE = re.compile(r"(\d{1,8})(?:\s*(?:-|\u2013|to|\.\.)\s*(\d{1,8}))?")
_VALID = "Ask for `a/b.py`, `a/b.py:120-180`, `a/b.py:Cart.total` or `Cart.total`."


@dataclass(kw_only=True)
class CodeReader:
    """Shows lines of files, and notes which ones; `room` is what is left, in characters."""

    snapshot: Snapshot
    names: SymbolIndex
    shown: ShownLines
    room: int
    _parts: list[str] = field(default_factory=list)

    def read(self, places: Sequence[str]) -> str:
        """Return the code at some places.

        Raises:
            LookUpError: none of them can be shown.
        """
        slips = 0
        for place in places:
            try:
                self._read(place)
            except LookUpError as error:
                slips += 1
                self._add(str(error))
        if slips == len(places):
            raise LookUpError("\n\n".join(self._parts) or _VALID)
        return "\n\n".join(self._parts)

    def _read(self, place: str) -> None:
        path, rest = split_place(place, self.snapshot)
        if not path:
            found = find_definitions(rest, self.snapshot, self.names, exact=False)
            self._definitions(found, rest)
        elif not rest:
            self._file(file_at(self.snapshot, path))
        elif not re.search(r"[^\W\d]", rest.replace("to", "")):
            self._ranges(file_at(self.snapshot, path), rest)
        else:
            self._definitions(find_definitions(rest, self.snapshot, self.names, path), rest)

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self.room -= len(text) + 2

    # --------------------------------------------------------------------------- files

    def _file(self, file: SourceFile) -> None:
        lines = lines_of(file)
        if not lines:
            self._add(f"{file.path} is empty.")
        elif len(lines) <= _WHOLE_LINES and len(file.text) <= min(_WHOLE, max(self.room, 400)):
            self._lines(file, 1, len(lines))
        else:
            self._add(file_outline(file, min(_OUTLINE, max(self.room, 400))))
            self._add(f"It is too long to show whole. Ask for `{file.path}:1-120` or a name in it.")

    def _ranges(self, file: SourceFile, written: str) -> None:
        """Show `120-180, 300`."""
        for part in re.split(r"\s*[,;]\s*", written.strip(" ,;")):
            wanted = _RANGE.fullmatch(part)
            if wanted is None:
                raise LookUpError(f"{part!r} is no range of lines. {_VALID}")
            first = int(wanted[1])
            self._range(file, first, int(wanted[2] or first))

    def _range(self, file: SourceFile, first: int, last: int) -> None:
        count = len(lines_of(file))
        if not 1 <= first <= count or last < first:
            raise LookUpError(
                f"{file.path} has {plural(count, 'line')}; {first}-{last} is no range of it."
            )
        self._lines(file, first, min(last, count))

    # --------------------------------------------------------------------------- definitions

    def _definitions(self, found: Sequence[Defined], written: str) -> None:
        groups: dict[tuple[str, str], list[Defined]] = {}  # overloads stand together
        for one in found:
            groups.setdefault((one.file.path, one.symbol.qualified), []).append(one)
        if len(groups) > _DEFINITIONS:
            some = [same[0] for same in groups.values()]
            listed = "\n".join(
                f"{one.place}: {signature_of(one)} [{one.symbol.qualified}]"
                for one in some[:_LISTED]
            )
            more = f"\n[and {len(some) - _LISTED} more]" if len(some) > _LISTED else ""
            self._add(
                f"{written} is defined in {len(some)} places; ask for one with its path:\n"
                f"{listed}{more}"
            )
            return
        for same in groups.values():
            for one in same:
                first, last = span_of(one)
                if self._is_long(one):
                    self._long_class(one, first)
                else:
                    self._context(one, first, last)
            short = [span for one in same if not self._is_long(one) for span in [span_of(one)]]
            for first, last in join_ranges(short, gap=_GAP):
                self._lines(same[0].file, first, last)

    @staticmethod
    def _is_long(one: Defined) -> bool:
        return one.is_class and one.symbol.end_line - one.symbol.line >= _WHOLE_CLASS

    def _long_class(self, one: Defined, first: int) -> None:
        """Show the head of a class to its first method, and list its members."""
        symbol = one.symbol
        inner = [
            each
            for each in one.file.symbols
            if each.parent == symbol.qualified and each.kind not in ("field", "variable")
        ]
        last = min((each.line - 1 for each in inner), default=symbol.end_line)
        self._lines(one.file, first, min(last, first + _WHOLE_CLASS))
        listed = [
            f"  {each.line}-{each.end_line}: {signature_of(Defined(file=one.file, symbol=each))}"
            for each in inner
        ]
        text = "\n".join(listed)
        if len(text) > self.room:
            text = text[: max(0, self.room - 40)].rpartition("\n")[0] + "\n  [more left out]"
        self._add(f"{symbol.qualified} goes to line {symbol.end_line}; its members:\n{text}")

    def _context(self, one: Defined, first: int, last: int) -> None:
        """Show what a definition is read with and was not shown: imports, heads of classes."""
        path, lines = one.file.path, lines_of(one.file)
        around = [head_of(each) for each in owners_of(one)]
        some = [
            (a, b)
            for a, b in join_ranges([*imports_of(one), *around], gap=0)
            if not self.shown.has(path, a, b) and not first <= a <= last
        ]
        text = [shown_line(line) for a, b in some for line in lines[a - 1 : b]]
        if text and sum(map(len, text)) < self.room // 2:
            self._add("\n".join([f"{path}, {_line_label(some)}:", *text]))
            for a, b in some:
                self.shown.add(path, a, b)

    # --------------------------------------------------------------------------- lines

    def _lines(self, file: SourceFile, first: int, last: int) -> None:
        """Show lines of a file; of what was shown before, only the numbers."""
        lines, path = lines_of(file), file.path
        missing = _bridge_gaps(first, last, self.shown.missing(path, first, last))
        above = _ranges_between(first, last, missing)
        for (a, b), is_new in sorted(
            [*((one, True) for one in missing), *((one, False) for one in above)]
        ):
            if is_new:
                self._show(path, lines, a, b)
            else:
                self._add(f"{path}, {_line_label([(a, b)])}: shown above")

    def _show(self, path: str, lines: Sequence[str], first: int, last: int) -> None:
        """Show lines as far as there is room."""
        text: list[str] = []
        room = self.room - 150
        for line in lines[first - 1 : last]:
            shown = shown_line(line)
            room -= len(shown) + 1
            if room < 0:
                break
            text.append(shown)
        end = first + len(text) - 1
        if text:
            self._add("\n".join([f"{path}, {_line_label([(first, end)])}:", *text]))
            self.shown.add(path, first, end)
        if end < last:
            self._add(f"[no room for lines {end + 1} to {last} of {path}; ask for them next]")


def _line_label(ranges: Sequence[tuple[int, int]]) -> str:
    parts = [str(a) if a == b else f"{a} to {b}" for a, b in ranges]
    noun = "line" if len(ranges) == 1 and ranges[0][0] == ranges[0][1] else "lines"
    return f"{noun} {', '.join(parts)}"


def _bridge_gaps(
    first: int, last: int, missing: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Join what is missing over short pieces that were shown, also at both ends."""
    found = join_ranges(missing, gap=_AGAIN)
    if found and found[0][0] - first <= _AGAIN:
        found[0] = (first, found[0][1])
    if found and last - found[-1][1] <= _AGAIN:
        found[-1] = (found[-1][0], last)
    return found


def _ranges_between(
    first: int, last: int, missing: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    found, at = [], first
    for a, b in missing:
        if at < a:
            found.append((at, a - 1))
        at = b + 1
    return [*found, (at, last)] if at <= last else found
