"""What a reviewer should read first: points for each sign of risk. See docs/reports.md."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from codeorch.report.document import many
from codeorch.report.record import FileChange, Record, TaskRecord

_LINES = 40  # changed lines that make a point
_MOST_BY_LINES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One sign of risk, and what it counts."""

    points: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRisk:
    """A changed file with its signs, and the tasks whose edits it holds."""

    file: FileChange
    signs: tuple[Sign, ...]
    results: tuple[TaskRecord, ...]

    @property
    def points(self) -> int:
        """The sum of its signs."""
        return sum(sign.points for sign in self.signs)


def reading_order(record: Record) -> tuple[FileRisk, ...]:
    """Return the changed files by risk, then by length, then by path."""
    by_path: dict[str, list[TaskRecord]] = {}
    for result in record.landed:
        by_path.setdefault(result.path, []).append(result)
    public = _public_changes(record)
    missed = {gap.symbol for gap in record.last.completeness.open}
    risks = []
    for file in record.files:
        results = (*by_path.get(file.old_path, ()), *by_path.get(file.path, ()))
        signs = [
            *_of_names(public.get(file.old_path or file.path, []), missed),
            *_of_work(results),
            *_of_file(file, record.last.untested_files),
        ]
        risks.append(FileRisk(file=file, signs=tuple(signs), results=results))
    return tuple(sorted(risks, key=_place))


def _place(risk: FileRisk) -> tuple[int, int, str]:
    return -risk.points, -(risk.file.added + risk.file.removed), risk.file.path


def _public_changes(record: Record) -> dict[str, list[str]]:
    """Return the changed definitions of each file that others may use."""
    symbols: dict[str, list[str]] = {}
    for change in record.last.completeness.changes:
        if change.change != "missing" and not change.name.startswith("_"):
            symbols.setdefault(change.path, []).append(change.symbol)
    return symbols


def _of_names(public: Sequence[str], missed: Collection[str]) -> Iterator[Sign]:
    if symbols := [symbol for symbol in public if symbol in missed]:
        yield Sign(points=4, what=f"uses of {_names(symbols)} are missed")
    if public:
        yield Sign(points=3, what=f"changes {_names(public)} for all who use it")


def _of_work(results: Sequence[TaskRecord]) -> Iterator[Sign]:
    if symbols := [one.symbol for result in results for one in result.deviations]:
        yield Sign(points=4, what=f"does not keep the contract of {_names(symbols)}")
    retries = sum(max(0, len(result.attempts) - 1) for result in results)
    if retries:
        yield Sign(points=2, what=f"took {many(retries, 'further attempt')}")
    if repairs := list(dict.fromkeys(name for result in results for name in result.repairs)):
        yield Sign(points=1, what=f"the answer was mended: {_names(repairs)}")


def _of_file(file: FileChange, untested_files: Collection[str]) -> Iterator[Sign]:
    if file.path in untested_files:
        yield Sign(points=2, what="no test names it or what it defines")
    if file.change == "deleted":
        yield Sign(points=2, what="goes away")
    lines = file.added + file.removed
    if lines >= _LINES:
        points = min(_MOST_BY_LINES, lines // _LINES)
        yield Sign(points=points, what=f"{lines:,} changed lines")


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
