"""Each stage with what it needs of the others, handed over as values and callables."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from itertools import chain

from codeorch import merge, references, verify, workers
from codeorch.config import Settings
from codeorch.domain import (
    ChangeSet,
    Done,
    FilePatch,
    NothingToDo,
    Plan,
    Round,
    Skipped,
    Snapshot,
    SourceFile,
    TaskResult,
    Verdict,
    VerdictStatus,
    Waiver,
)
from codeorch.engines import Engines, FoundPrograms, PythonEnvironment, choose_engines
from codeorch.errors import NoSuchModel, ServiceError, UserError
from codeorch.events import Notice
from codeorch.hardening import trusted_search_path
from codeorch.invisible import named_characters
from codeorch.languages import family_of, language_of
from codeorch.llm import Model, Prompt, Reply
from codeorch.pipeline.job import Clock, Job
from codeorch.pipeline.state import RunState
from codeorch.retrieval import CodeNames, read_snapshot
from codeorch.sandbox import NoSandbox, Sandbox, choose_sandbox
from codeorch.source import TextCheck, is_test

_NEAR = 20  # of the ranked files, whose languages are likely to be those of the change


def open_run(job: Job, *, plans_only: bool = False) -> RunState:
    """Return the state that a run begins with: the files read, and known how it will be checked.

    How the project is tested is found out here, before money is spent; not when it `plans_only`.

    Raises:
        UserError: the branch cannot be made, or a named tool or sandbox is missing.
    """
    settings = job.settings
    landing = merge.prepare_landing(
        job.repo, job.request, job.run_id, name=job.branch, squash=settings.squash
    )
    clock = Clock(job.listener)
    with clock.stage("read"):
        whole = read_snapshot(job.repo, job.request.base)
        base = _without_excluded(whole, settings.exclude)
        tests = precommit = None
        if not (plans_only or settings.no_test or job.dry_run):
            tests = verify.prepare_tests(
                job.repo, base.files, settings, job.variables,
                lambda text: job.listener(Notice(text=text)),
            )  # fmt: skip
        if not (plans_only or job.dry_run or job.replayed):
            precommit = verify.prepare_precommit(job.repo, base.files, settings, job.variables)
    compiler = verify.PythonCompiler()
    check = TextCheck(
        named_characters(job.request.text), compiler,
        for_newer_python=verify.needs_newer_python(base.files),
    )  # fmt: skip
    return RunState(
        job=job, clock=clock, landing=landing, tests=tests, precommit=precommit,
        whole=whole, base=base, snapshot=base, compiler=compiler, check=check,
        script_sandbox=_script_sandbox(job, tests), engines=_engines(job, tests),
    )  # fmt: skip


def _engines(job: Job, tests: verify.TestSetup | None) -> Engines:
    """Return the type checkers of a run, and what they may know of the project's packages."""

    def find_sandbox() -> Sandbox | None:
        return _sandbox(job, tests)

    packages = verify.site_packages(job.repo.root, job.variables)
    search_path = trusted_search_path(job.variables.get("PATH", ""), job.repo.root)
    engines = Engines(
        environment=PythonEnvironment(site_packages=packages),
        cache=job.repo.git_dir / "codeorch" / "diagnostics",
        time_limit_s=job.settings.engine_timeout_s,
    )
    found = FoundPrograms(search_path=search_path, variables=job.variables)
    return choose_engines(job.settings.engines, job.repo.root, find_sandbox, found, engines)


def _script_sandbox(job: Job, tests: verify.TestSetup | None) -> Sandbox | None:
    """Return what confines scripts of the planner; None when they are off, or nothing works."""
    if job.settings.scripts == "off" or job.model is None:
        return None
    return _sandbox(job, tests)


def _sandbox(job: Job, tests: verify.TestSetup | None) -> Sandbox | None:
    """Return the sandbox of the tests, or one that works; None = there is none."""
    if tests is not None:
        return None if isinstance(tests.sandbox, NoSandbox) else tests.sandbox
    try:
        return choose_sandbox(job.variables, job.repo.root)
    except UserError:
        return None


def _without_excluded(snapshot: Snapshot, globs: Sequence[str]) -> Snapshot:
    """Leave out the files that the user has excluded."""
    hidden: dict[str, SourceFile | None] = {
        path: None for path in snapshot.files if any(fnmatch(path, glob) for glob in globs)
    }
    return snapshot.with_files(hidden) if hidden else snapshot


# ------------------------------------------------------------------------------- work and merge


async def do_work(
    state: RunState, context: workers.RoundContext
) -> tuple[tuple[TaskResult, ...], Snapshot]:
    """Have the workers carry out a plan; return their results, and the files afterwards."""
    if not context.plan.tasks:
        return (), state.snapshot
    job, change = state.job, state.change
    paths = [task.old_path or task.path for task in context.plan.tasks]
    files = merge.ChangedFiles(job.repo, change, paths)
    checks = workers.EditChecks(
        parse=job.parser,
        bytes_of=files.bytes_of,
        mode_of=files.mode_of,
        allowed=job.settings.allow,
        check=state.check,
    )
    model = _ModelThatMustExist(state.model, job.settings) if state.model else None
    deps = workers.WorkerDeps(
        model=model, settings=job.settings, checks=checks, listener=job.listener,
        keep_talk=state.keep_talk,
    )  # fmt: skip
    answer = await workers.run(context, deps)
    # What only forks are told is no part of the planner's conversation where nobody has forked it.
    if context.fork is not None and state.talk is not None and has_fork(answer[0]):
        state.talk = replace(state.talk, conversation=context.fork.conversation)
    return answer


class _ModelThatMustExist:
    """A model for workers; a name of the settings that its server does not know ends the run.

    A task that fails with it would be the first of many, and none of them could be mended.
    """

    def __init__(self, model: Model, settings: Settings) -> None:
        self._model = model
        self._names = {settings.planner_model, settings.worker_model, settings.cheap_model}

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt.

        Raises:
            NoSuchModel: the server does not have a model of the settings.
            ServiceError: as the model does.
        """
        try:
            return await self._model.ask(prompt)
        except ServiceError as error:
            if error.kind != NoSuchModel.kind or prompt.model not in self._names:
                raise
            raise NoSuchModel(str(error)) from error

    async def aclose(self) -> None:
        """Close the model."""
        await self._model.aclose()


def has_fork(results: Iterable[TaskResult]) -> bool:
    """Whether a worker forked the planner's conversation; a repair goes on with its own."""
    return any(
        attempt.is_fork
        for result in results if not isinstance(result, Skipped) and not result.task.continues
        for attempt in result.attempts
    )  # fmt: skip


async def resolve_conflicts(
    state: RunState, plan: Plan, results: tuple[TaskResult, ...]
) -> tuple[TaskResult, ...]:
    """Fit edits of one file on each other, with the model's help where nothing else does."""
    job = state.job
    deps = merge.MergeDeps(
        job.repo, job.settings, job.parser, state.model, job.listener, state.check
    )
    return await merge.resolve(state.change, plan, results, deps)


def waivers(
    rounds: Sequence[Round], plan: Plan, results: Iterable[TaskResult]
) -> tuple[Waiver, ...]:
    """Return the reasons that plans and workers wrote down for uses of changed names."""
    plans = [*(past.plan for past in rounds), plan]
    all_results = [*(result for past in rounds for result in past.results), *results]
    by_workers = (r.waivers for r in all_results if isinstance(r, Done | NothingToDo))
    return tuple(chain.from_iterable((*(p.waivers for p in plans), *by_workers)))


# ------------------------------------------------------------------------------- check


def untested_files(state: RunState, change: ChangeSet) -> tuple[str, ...]:
    """Return the changed sources that no test names."""
    after = state.snapshot
    paths = [patch.path for patch in change.patches]
    tests = [path for path in after.files if is_test(path)]
    users = CodeNames(state.job.repo, after, paths).users
    return verify.untested_files(after, paths, tests, users)


def format_commit(state: RunState, commit: str) -> tuple[str, tuple[FilePatch, ...]]:
    """Put what the project's formatters change into a commit on top, if the user wants that."""
    if not commit or state.tests is None:
        return commit, ()
    repo = state.job.repo
    patches = verify.format_changed_files(repo, state.job.request.base, commit, state.tests)
    return merge.write_formatting(repo, commit, patches, state.landing), patches


def start_base_runs(state: RunState) -> None:
    """Test and check the base while the model thinks; what they say is needed at the end."""
    job = state.job
    if state.tests is not None and state.tests.command is not None and not job.replayed:
        state.base_run = verify.BaseRun(job.repo, job.request.base, state.tests)
    near = (family_of(language_of(each.path)) for each in state.ranked[:_NEAR])
    families = references.checkable_families(near, state.engines)
    if families and state.base_check is None:
        state.base_check = references.BaseCheck(state.whole, families, state.engines)


async def finish_base_runs(state: RunState, change: ChangeSet) -> None:
    """Wait for what is known of the base, before anything is compared with it."""
    tests, state.base_run = state.base_run, None
    types, state.base_check = state.base_check, None
    if types is not None:
        await types.finish(family_of(language_of(path)) for path in change.files)
    if tests is not None:
        state.base_tests = await tests.result()


async def cancel_base_runs(state: RunState) -> None:
    """End what is asked about the base: nobody needs it any more."""
    tests, state.base_run = state.base_run, None
    types, state.base_check = state.base_check, None
    if types is not None:
        await types.cancel()
    if tests is not None:
        await tests.cancel()


def judge(state: RunState, commit: str, rounds: Sequence[Round]) -> Verdict:
    """Run the tests on a commit, if it was not judged before, and pre-commit if it is wanted."""
    verdict = _test(state, commit, rounds)
    if state.precommit is None or not commit:
        return verdict
    job = state.job
    return verify.run_precommit(job.repo, job.request.base, commit, state.precommit, verdict)


def _test(state: RunState, commit: str, rounds: Sequence[Round]) -> Verdict:
    job = state.job
    if job.settings.no_test or job.dry_run:
        return Verdict(status=VerdictStatus.NOT_RUN, reason="tests were switched off")
    if not commit:
        return Verdict(status=VerdictStatus.NO_TESTS, reason="nothing was changed")
    if state.tests is None:
        return Verdict(status=VerdictStatus.NO_TESTS, reason="no test command was found")
    tree = job.repo.tree_of(commit)  # a commit's own id tells its time, too
    if (verdict := job.log.verdict(tree)) is not None:
        return verdict
    if job.replayed:
        return Verdict(status=VerdictStatus.NOT_RUN, reason="tests are not run again")
    before = next((past.verdict.before for past in rounds if past.verdict.before), state.base_tests)
    verdict = verify.verify(job.repo, job.request.base, commit, state.tests, before)
    job.log.add_verdict(tree, verdict)
    return verdict
