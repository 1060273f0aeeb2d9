"""The second job: the request of an issue -> a bundle with one commit, and a manifest.

It holds the model's key (in a process of its own) and nothing else, and runs no code of the
repository: no tests, no hooks, no formatter, no script of a planner, no found type checker. What
models read of the repository comes out of git's objects; files of this machine have no way in.
"""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from codeorch.config import Settings
from codeorch.domain import Estimate, Outcome, OutcomeStatus, Plan, Request
from codeorch.edits import autorun_kind
from codeorch.errors import BudgetReached, CodeorchError
from codeorch.events import Event, Notice, PlanReady, TaskFinished, TaskRetried
from codeorch.git import Repo
from codeorch.github.bundle import changed_files
from codeorch.github.commit_form import EMAIL, NAME, expected_commit
from codeorch.github.inputs import policy_of
from codeorch.github.proposal import Manifest, PlanLine
from codeorch.github.request import IssueRequest, branch_name, read_request
from codeorch.github.step import Step, log, plain_line
from codeorch.report import markdown, record
from codeorch.report.record import Record, TaskRecord
from codeorch.report.sections.costs import usage_text
from codeorch.session import Session, run_to_end

_MOST_LINES = 200
_GRACE_S = 120.0  # of the job's time, to write down what there is
# What a repository may say in its own settings, and the Action does not do: each runs its code.
_NO_CODE = {
    "engines": "own", "scripts": "off", "no_test": True, "verify": False, "format": False,
    "squash": True,
}  # fmt: skip


def run(step: Step, folder: Path) -> int:
    """Carry out `request.json` in the repository at `folder`; write `proposal/` beside it.

    Raises:
        UserError: the workflow is wired wrongly.
    """
    request = read_request((step.folder / "request.json").read_bytes())
    target = step.folder / "proposal"
    target.mkdir(exist_ok=True)
    step.set_identity(NAME, EMAIL)
    session = Session.open(folder)
    base = session.repo.resolve("HEAD")
    branch = branch_name(request.number, step.required("GITHUB_RUN_ID"))
    blank: dict[str, Any] = {"request": request.digest, "base": base, "branch": branch}
    try:
        with _deadline(step):
            manifest = _propose(step, session, request, target, blank)
    except (CodeorchError, KeyboardInterrupt) as error:
        failure = f"{plain_line(getattr(error, 'message', '') or error, 1000)}{_limit(error)}"
        usage = getattr(error, "usage_of_run", None)
        spending = (
            {"cost": usage_text(usage), "cost_usd": usage.cost_usd} if usage and usage.calls else {}
        )
        manifest = Manifest(**blank, status="failed", headline=failure, **spending)
    (target / "manifest.json").write_bytes(manifest.to_json())
    log(f"proposal: {manifest.status}: {manifest.headline}")
    return 0


def _limit(error: BaseException) -> str:
    """Name the input that raises a limit which was reached."""
    if isinstance(error, KeyboardInterrupt):
        return "the time ran out (input timeout)"
    return " (input max-cost)" if isinstance(error, BudgetReached) else ""


class _deadline:  # noqa: N801 - a context, read as a word
    """Ends the run, as Ctrl-C does, while there is time to write down what it came to."""

    def __init__(self, step: Step) -> None:
        whole = 60 * step.number("INPUT_TIMEOUT", 45)
        self._timer = threading.Timer(
            max(whole - _GRACE_S, whole / 2), os.kill, (os.getpid(), signal.SIGTERM)
        )
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _propose(
    step: Step, session: Session, request: IssueRequest, target: Path, blank: dict[str, Any]
) -> Manifest:
    settings = _settings(step, session, request)
    wanted_change = Request(text=request.text, base=blank["base"], origin="issue")
    if request.mode == "plan":
        draft = run_to_end(session.draft_plan(wanted_change, settings, listener=_Progress()))
        plan = draft.draft.plan
        codemods = draft.draft.codemods
        rules = tuple(PlanLine(path="", action="rule", goal=one, ending="") for one in codemods)
        return Manifest(
            **blank, status="planned", headline="a plan, not carried out",
            plan=(*rules, *_plan_lines(plan, {})), price=_price(draft.estimate),
            cost=usage_text(draft.usage), cost_usd=draft.usage.cost_usd,
        )  # fmt: skip
    folder = session.create_run(
        wanted_change, settings, branch=f"codeorch/draft-{step.get('GITHUB_RUN_ID')}"
    )
    outcome = run_to_end(session.carry_out(folder, listener=_Progress()))
    report = record.record(outcome)
    (target / "record.json").write_text(record.to_json(report, indent=1), encoding="utf-8")
    text = markdown.markdown(report)
    (target / "report.md").write_text(text, encoding="utf-8")
    step.summarize(text)
    return _manifest(session.repo, request, target, outcome, report, blank)


def _settings(step: Step, session: Session, request: IssueRequest) -> Settings:
    policy = policy_of(step, request)
    # What steers CI, editors and git stays closed, whatever the input says.
    allow = tuple(path for path in policy.allowed if autorun_kind(path) and not policy.fault(path))
    flags: dict[str, Any] = {
        **_NO_CODE,
        "allow": allow,
        "max_cost": step.number("INPUT_MAX_COST", 2.0),
        "max_tasks": int(step.number("INPUT_MAX_FILES", 100)),
    }
    for name, value in (("default_model", "INPUT_MODEL"), ("base_url", "INPUT_BASE_URL")):
        if text := step.get(value):
            flags[name] = text
    return session.settings(flags)


def _manifest(
    repo: Repo, request: IssueRequest, target: Path, outcome: Outcome, report: Record,
    blank: dict[str, Any],
) -> Manifest:  # fmt: skip
    change: dict[str, Any] = {}
    if outcome.last.commit:
        tree = repo.tree_of(outcome.last.commit)
        head = write_bundle(repo, request, tree, blank["branch"], target / "change.bundle")
        rows = tuple(changed_files(repo, blank["base"], head))
        change = {"head": head, "tree": tree, "files": rows}
    last = outcome.last
    over = " (input max-cost)" if report.status == OutcomeStatus.OVER_BUDGET else ""
    endings = {result.task: result for result in report.last.results}
    failed = sum(result.is_open for result in report.last.results)
    notices = [*report.notices, *(f"{one.path}: {one.why}" for one in report.rejected)]
    return Manifest(
        **blank, **change, status=str(report.status),
        headline=f"{plain_line(report.reason, 1000)}{over}",
        plan=_plan_lines([one.plan for one in outcome.rounds], endings),
        price=_price(next((one.estimate for one in outcome.rounds if one.estimate), None)),
        cost=usage_text(report.usage), cost_usd=report.usage.cost_usd,
        tasks_failed=failed + len(last.change.rejected),
        notices=tuple(plain_line(text, 1000) for text in notices[:_MOST_LINES]),
    )  # fmt: skip


def write_bundle(repo: Repo, request: IssueRequest, tree: str, branch: str, file: Path) -> str:
    """Write a tree as one commit on HEAD into a bundle with one branch; return the commit.

    Raises:
        ServiceError: git failed.
    """
    base = repo.resolve("HEAD")
    time = int(repo.git.run("log", "-1", "--format=%ct", base).stdout)
    raw = expected_commit(tree, base, time + 1, request)
    out = repo.git.run("hash-object", "-w", "-t", "commit", "--stdin", stdin=raw).stdout
    head = out.decode().strip()
    ref = f"refs/heads/{branch}"
    repo.git.run("update-ref", "--no-deref", ref, head)
    repo.git.run("bundle", "create", "--quiet", str(file.absolute()), ref, f"^{base}")
    return head


def _plan_lines(
    plans: Plan | Sequence[Plan], endings: dict[str, TaskRecord]
) -> tuple[PlanLine, ...]:
    tasks = (
        task for plan in ([plans] if isinstance(plans, Plan) else plans) for task in plan.tasks
    )
    lines = (
        PlanLine(
            path=plain_line(task.path, 300), action=task.action, goal=plain_line(task.goal, 600),
            ending="\n".join(_ending(endings.get(task.id))),
        )
        for task in tasks
    )  # fmt: skip
    return tuple(lines)[:_MOST_LINES]


def _ending(result: TaskRecord | None) -> Iterator[str]:
    if result is None:
        return
    if not result.is_open:
        yield "done"
        return
    yield plain_line(result.error or result.reason or result.because or result.result, 300)


def _price(estimate: Estimate | None) -> str:
    return "" if estimate is None else plain_line(estimate.text, 300)


class _Progress:
    """Tells of a run in the log: the plan, its price, and how many tasks are done."""

    def __init__(self) -> None:
        self._tasks = 0
        self._done = 0

    def __call__(self, event: Event) -> None:
        match event:
            case PlanReady():
                self._tasks += len(event.plan.tasks)
                log(f"plan: {len(event.plan.tasks)} tasks; {_price(event.estimate)}")
            case TaskFinished():
                self._done += 1
                log(f"task {self._done} of {self._tasks}: {event.result.task.path}")
            case TaskRetried():
                log(f"again: {event.task.path}")
            case Notice():
                log(f"note: {event.text}")
            case _:
                pass
