"""What is written on GitHub: the one comment, and the pull request. All foreign text is escaped.

Nothing that an issue, a model or a program of the repository wrote becomes a link, an image, a
mention, a reference or a closing word: it stands in blocks and spans of code, or is escaped as
`report.markdown` does it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from codeorch.github.bundle import ProvenChange
from codeorch.github.proposal import Manifest, PlanLine
from codeorch.github.request import IssueRequest
from codeorch.github.step import plain_line
from codeorch.github.test_verdict import TestVerdict
from codeorch.report.document import visible
from codeorch.report.markdown import code, opening

_LIMIT = 60_000  # characters; GitHub takes 65,536
_MOST = 60  # lines of a list
_FEW = 15
_WAITS = (
    "Workflow runs on this pull request wait for *Approve and run*, at every push: it was opened "
    "with the workflow's own token."
)


def queue_comment(request: IssueRequest, run_url: str) -> str:
    """Return the comment of a run that has begun."""
    what = "the plan and its price" if request.mode == "plan" else "this change"
    lines = [
        f"**Queued**: {what}, asked for by {code(request.asker)} ([run]({run_url})).",
        *_hidden(request),
    ]
    return "\n\n".join(lines) + "\n"


def stop_comment(request: IssueRequest, reason: str, run_url: str) -> str:
    """Return the comment of a run that was not started."""
    lines = [f"**Not started**: {plain(reason)} ([run]({run_url})).", *_hidden(request)]
    return "\n\n".join(lines) + "\n"


def failure_comment(reason: str, run_url: str, manifest: Manifest | None, hint: str = "") -> str:
    """Return the comment of a run that came to no pull request."""
    lines = [f"**No pull request**: {plain(reason)} ([run]({run_url}))."]
    if manifest:
        lines += [*_plan(manifest, _FEW), *_notices(manifest.notices, _FEW), *_cost(manifest)]
    lines.append(hint or "To try again, take the label off and put it on again.")
    return _fit(lines)


def plan_comment(manifest: Manifest, run_url: str) -> str:
    """Return the comment of a run that was to plan alone."""
    lines = [
        f"**Plan**, not carried out ([run]({run_url})).",
        *_plan(manifest, _MOST), *_cost(manifest),
        "To carry it out, comment `/codeorch apply`; it is planned anew.",
    ]  # fmt: skip
    return _fit(lines)


def result_comment(
    manifest: Manifest, verdict: TestVerdict, run_url: str, place: str, more: Sequence[str]
) -> str:
    """Return the comment of a run that came to a branch; `place` says where it is."""
    lines = [
        f"**{place}** ([run]({run_url})).",
        f"{plain(manifest.headline)}.",
        *_tests(verdict), *_plan(manifest, _FEW), *_cost(manifest), *more,
    ]  # fmt: skip
    return _fit(lines)


def pull_request(
    request: IssueRequest, manifest: Manifest, verdict: TestVerdict, change: ProvenChange,
    notes: Sequence[str], *, waits: bool,
) -> str:  # fmt: skip
    """Return the text of a pull request; it `waits` where its workflow runs need approval."""
    lines = [
        f"For #{request.number}, asked for by {code(request.asker)} ([run]({request.run_url})).",
        *notes,
        *_block("Request", request.text, 60),
        *_tests(verdict),
        *_plan(manifest, _MOST),
        "### Files\n\n" + _list(_file_lines(change), _MOST),
        *_notices(manifest.notices, _MOST),
        *_hidden(request),
        *_cost(manifest),
        *([_WAITS] if waits else []),
        "Written by codeorch; nobody has read it yet.",
    ]
    return _fit(lines)


def pull_request_title(request: IssueRequest) -> str:
    """Return the title of a pull request."""
    return plain_line(request.title, 200)


def _file_lines(change: ProvenChange) -> Iterator[str]:
    for file in change.files:
        kind = "new" if not file.before else "deleted" if not file.after else "changed"
        yield f"{code(file.path)}: {kind}"


def _plan(manifest: Manifest, most: int) -> Iterator[str]:
    if not manifest.plan:
        return
    done = sum(one.ending == "done" for one in manifest.plan)
    how = "" if manifest.status == "planned" else f", {done} of {len(manifest.plan)} tasks done"
    price = f"\n\nExpected of its workers: {plain(manifest.price)}." if manifest.price else ""
    yield f"### Plan{how}\n\n" + _list(map(_plan_line, manifest.plan), most) + price


def _plan_line(one: PlanLine) -> str:
    where = f"{code(one.path)}: " if one.path else ""
    ending = "" if one.ending in ("", "done") else f" (**not done**: {plain(one.ending)})"
    return f"{plain(one.action)} {where}{plain(one.goal)}{ending}"


def _tests(verdict: TestVerdict) -> Iterator[str]:
    rows = [f"verdict: **{plain(verdict.status)}**: {plain(verdict.reason)}"]
    if verdict.before or verdict.after:
        rows += [f"before: {plain(verdict.before)}", f"after: {plain(verdict.after)}"]
    if verdict.protection:
        rows.append(f"sandbox: {plain(verdict.protection)}")
    rows += [f"breaks {code(test)}" for test in verdict.broken]
    rows += [plain(note) for note in verdict.notes]
    yield "### Tests\n\n" + _list(rows, _MOST)


def _notices(notices: Sequence[str], most: int) -> Iterator[str]:
    if notices:
        yield "### To know\n\n" + _list(map(plain, notices), most)


def _hidden(request: IssueRequest) -> Iterator[str]:
    if request.hidden:
        rows = ", ".join(plain(row) for row in request.hidden)
        yield f"Taken out of the issue's text, as nobody sees it there: {rows}."


def _cost(manifest: Manifest) -> Iterator[str]:
    if manifest.cost:
        yield f"Cost: {plain(manifest.cost)}."


def _list(rows: Iterable[str], most: int) -> str:
    every = list(rows)
    more = [f"and {len(every) - most} more"] if len(every) > most else []
    return "\n".join(f"- {row}" for row in (*every[:most], *more))


def _block(title: str, text: str, most: int) -> Iterator[str]:
    """Return foreign text in a block of code that nothing in it can end."""
    lines = visible(text).split("\n")
    more = [f"[{len(lines) - most} more lines]"] if len(lines) > most else []
    shown = "\n".join(line[:1000] for line in (*lines[:most], *more))
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    yield f"### {title}\n\n{fence}text\n{shown}\n{fence}"


def plain(text: str) -> str:
    """Return foreign text as one line in which nothing is Markdown."""
    return opening(plain_line(text, 1_000))


def foreign_block(text: str) -> str:
    """Return what a program said, as a block of code."""
    return next(_block("What git says", text, 20))


def _fit(lines: Sequence[str]) -> str:
    """Join paragraphs, and leave out the last ones that do not fit."""
    parts: list[str] = []
    room = _LIMIT
    for at, line in enumerate(lines):
        if len(line) + 2 > room:
            parts.append(f"… {len(lines) - at} more parts do not fit here; the run has them all.")
            break
        parts.append(line)
        room -= len(line) + 2
    return "\n\n".join(parts) + "\n"
