"""A review as lines for a terminal: one a finding, and one that sums up."""

from collections.abc import Iterator

from codeorch.prereview.finding import LEVELS, Finding, Review
from codeorch.prereview.fixes import Mending


def text_of(
    review: Review, mending: Mending | None = None, *, shows_all: bool = False
) -> Iterator[str]:
    """Yield the lines; what is merely possible only with `shows_all`."""
    if review.comparison.is_empty:
        yield _nothing_to_review(review)
        return
    shown = review.findings if shows_all else review.of_level("sure", "likely", "note")
    yield from map(_line, shown)
    hidden = len(review.findings) - len(shown)
    yield _summary(review, hidden)
    if mending is not None:
        yield from _mending_lines(mending)


def _mending_lines(mending: Mending) -> Iterator[str]:
    for commit, title in mending.commits:
        yield f"mended  {commit[:7]} {title}"
    for title, why in mending.dropped:
        yield f"dropped  {title}: {why}"
    if not mending.branch:
        yield "Nothing was mended: no rule fits what was found"
        return
    count, take = _count(len(mending.commits), "commit"), f"git merge --ff-only {mending.branch}"
    yield f"{count} on {mending.branch}, tests {mending.tests}; to take: {take}"


def _line(finding: Finding) -> str:
    cause = finding.cause or finding.place
    return (
        f"{finding.place}  {finding.rule} {finding.message}  because {cause} changed  "
        f"({finding.level})"
    )


def _nothing_to_review(review: Review) -> str:
    base = review.comparison
    return (
        f"Nothing to review: {base.head_name} is at {base.head[:7]}, its merge base with "
        f"{base.base_name}; --dirty counts unsaved edits, --base names another branch"
    )


def _summary(review: Review, hidden: int) -> str:
    changed = _count(len(review.changes), "definition") + " changed"
    looked = _count(review.uses, "use") + " looked at"
    left = [each for each in review.findings if each.level in ("sure", "likely")]
    if left:
        counts = ", ".join(
            f"{n} {level}" for level in LEVELS[:2] if (n := len(review.of_level(level)))
        )
        start = f"{len(left)} left behind ({counts}): {changed}, {looked}"
    else:
        start = f"Nothing left behind: {changed}, {looked}"
    more = [f"{hidden} maybe, see --all"] if hidden else []
    if review.excused_findings:
        more.append(f"{len(review.excused_findings)} excused")
    if review.unchecked:
        more.append(f"{', '.join(review.unchecked)} not checked by a type checker")
    return "; ".join((f"{start} ({review.comparison})", *more))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
