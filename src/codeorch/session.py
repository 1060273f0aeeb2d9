"""The one lifecycle of a run, for the command line and for Python.

settings, keys -> run folder -> model -> Job -> pipeline -> record -> close
"""

import asyncio
import os
import secrets
import signal
import threading
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from codeorch import pipeline, planning
from codeorch.answers import (
    Answers,
    AnswerStore,
    ModelListener,
    RecordedModel,
    RunFolder,
    RunLog,
    RunSpec,
    StoredModel,
    address_of,
    all_runs,
    open_model,
    store_file,
    with_service,
    worker_of,
)
from codeorch.api_keys import keys_in_environment
from codeorch.config import Settings, load_settings
from codeorch.domain import Outcome, Request
from codeorch.errors import CodeorchError, UserError
from codeorch.events import AnswerArrival, Event, Listener, Notice, ignore
from codeorch.git import Repo
from codeorch.invisible import count_by_name, without_invisible
from codeorch.llm import Arrival, Model, Prompt
from codeorch.report import record

T = TypeVar("T")

_ENDINGS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInput:
    """Somebody who is there to answer questions and to approve the plan."""

    ask: planning.Ask
    approve: planning.Approve


@dataclass(frozen=True, slots=True)
class Session:
    """A repository and the user's environment: all that runs are started from."""

    repo: Repo
    variables: Mapping[str, str]  # of the user's shell; tests get only harmless ones

    @classmethod
    def open(cls, folder: Path) -> "Session":
        """Open the repository that a folder belongs to, with the environment of this process.

        Raises:
            UserError: there is none, or git refuses it.
        """
        return cls(Repo.open(folder), dict(os.environ))

    @property
    def folder(self) -> Path:
        """Where everything of runs stands, inside the git directory."""
        return self.repo.git_dir / "codeorch"

    @property
    def runs_folder(self) -> Path:
        """Where the folders of the runs stand."""
        return self.folder / "runs"

    def open_store(self) -> AnswerStore:
        """Return the store of answers; its file is made when it is first used."""
        return AnswerStore(store_file(self.folder))

    def settings(self, flags: Mapping[str, Any], user_file: Path | None = None) -> Settings:
        """Merge the user's and the project's files, the environment's base URL, and flags.

        Raises:
            UserError: a setting is unknown, wrong, or not the project's to set; or no provider
                and address follow from them.
        """
        settings = load_settings(self.repo.root, user_file or Path(os.devnull), flags)
        return with_service(settings, self.variables)

    def find_run(self, name: str, fits: Callable[[dict[str, Any] | None], bool]) -> RunFolder:
        """Return a run by id, or the newest whose record fits when no name is given.

        Raises:
            UserError: there is none.
        """
        for folder in all_runs(self.runs_folder):
            if folder.run_id == name or (not name and fits(folder.record())):
                return folder
        raise UserError(f"no run {name}" if name else "no such run", "see `codeorch runs`")

    # --------------------------------------------------------------------------- runs

    def create_run(
        self,
        request: Request,
        settings: Settings,
        *,
        branch: str = "",
        dry_run: bool = False,
        fresh: bool = False,
        plan_file: Path | None = None,
    ) -> RunFolder:
        """Make the folder of a new run; from here on it can be carried out, or resumed.

        `fresh` leaves the answers of other runs aside; `plan_file` takes the place of planning.

        Raises:
            UserError: the request is too long, the folder cannot be written, or the plan file
                cannot be read.
        """
        _visible(request)  # one that is too long makes no run
        spec = RunSpec(
            run_id=secrets.token_hex(4), request=request, settings=settings,
            branch=branch, dry_run=dry_run, fresh=fresh,
        )  # fmt: skip
        return RunFolder.create(self.runs_folder, spec, plan_file)

    async def carry_out(
        self,
        folder: RunFolder,
        *,
        listener: Listener = ignore,
        dialogue: UserInput | None = None,
        model: Model | None = None,
        offline: bool = False,
        branch: str = "",
    ) -> Outcome:
        """Carry out a run, the first time or again, and save its record.

        What is stored is not paid again. Offline, nothing is asked, saved or tested, and without
        a name no branch is made. A `model` of the caller's takes the place of the configured one;
        its answers are kept in memory only. A run that fails before anything was asked or planned
        leaves no folder; one that fails later leaves a record that says why, unless it has a better
        one of an earlier time.

        Raises:
            CodeorchError: nothing was changed; `UserError` also when another process carries the
                run out.
        """
        spec, log = folder.spec(), folder.log()
        listen = listener if offline else _logged(listener, log)
        with folder.lock():
            answers: Answers = "stored" if offline else "own" if spec.fresh else "all"
            asked = self._open_model(spec.settings, log, listen, model, answers)
            job = replace(
                self._job(folder, spec, asked, listen, log),
                branch=branch or ("" if offline else spec.branch),
                replayed=offline,
                ask=dialogue.ask if dialogue else None,
                approve=dialogue.approve if dialogue else None,
            )
            outcome = await _run_job(job, asked, folder, spec)
            if not offline:
                outcome = _keep_record(outcome, folder)
        return outcome

    def _job(
        self,
        folder: RunFolder,
        spec: RunSpec,
        model: RecordedModel | None,
        listener: Listener,
        log: RunLog,
    ) -> pipeline.Job:
        """Return the run that a folder describes, with nobody to be asked."""
        request, cleaned = _visible(spec.request)
        url = address_of(spec.settings)
        where = [f"the model is asked at {url}"] if url and model else []
        return pipeline.Job(
            repo=self.repo,
            request=request,
            settings=spec.settings,
            run_id=spec.run_id,
            model=model,
            plan_file=folder.plan_file,
            plan_name=spec.plan_name,
            variables=self.variables,
            dry_run=spec.dry_run,
            listener=listener,
            log=log,
            notices=(*cleaned, *where),
        )

    async def draft_plan(
        self,
        request: Request,
        settings: Settings,
        *,
        listener: Listener = ignore,
        ask: planning.Ask | None = None,
    ) -> pipeline.PlanDraft:
        """Only plan; there is no run to resume, but answers are stored.

        Raises:
            CodeorchError: there is no plan.
        """
        model = self._open_model(settings, RunLog(), listener, None, "all")
        request, cleaned = _visible(request)
        for text in cleaned:
            listener(Notice(text=text))
        job = pipeline.Job(
            repo=self.repo,
            request=request,
            settings=settings,
            run_id=secrets.token_hex(4),
            model=model,
            listener=listener,
            ask=ask,
        )
        return await _run_and_close(pipeline.draft_plan(job), model)

    def _open_model(
        self,
        settings: Settings,
        log: RunLog,
        listener: Listener,
        model: Model | None,
        answers: Answers,
    ) -> RecordedModel | None:
        if model is not None:
            memory = AnswerStore(None)
            return RecordedModel(StoredModel(model, memory, log.run_id), memory, log)
        hears = ModelListener(
            alert=lambda text: listener(Notice(text=text)),
            on_arrival=lambda prompt, arrival: listener(_arrival_event(prompt, arrival)),
        )
        return open_model(settings, keys_in_environment(), self.folder, log, hears, answers=answers)


async def _run_job(
    job: pipeline.Job, model: RecordedModel | None, folder: RunFolder, spec: RunSpec
) -> Outcome:
    """Carry a run out; one that fails drops its folder, or leaves a record there."""
    try:
        return await _run_and_close(pipeline.run(job), model)
    except CodeorchError as error:
        error.usage_of_run = model.tally.usage if model else None
        if not folder.drop_if_empty() and not job.replayed:
            _save_failure(folder, spec, error)
        raise


def _logged(listener: Listener, log: RunLog) -> Listener:
    """Return a listener that keeps what it hears in the run's log, too."""

    def listen(event: Event) -> None:
        listener(event)
        if not isinstance(event, AnswerArrival):  # too many, for a live view
            log.add_event(event)

    return listen


def _arrival_event(prompt: Prompt, arrival: Arrival) -> AnswerArrival:
    task, attempt = worker_of(prompt.key)
    return AnswerArrival(
        place=prompt.key, task=task, attempt=attempt,
        seconds=arrival.seconds, tokens=arrival.tokens,
    )  # fmt: skip


def _keep_record(outcome: Outcome, folder: RunFolder) -> Outcome:
    """Save the record of a run; if that fails, its result stands all the same, and says so."""
    try:
        record.save(record.record(outcome), folder.path)
    except OSError as error:
        lost = f"the record of this run could not be kept: {error.strerror}"
        return replace(outcome, notices=(*outcome.notices, lost))
    return outcome


_LONGEST_REQUEST = 65_536  # characters, as many as an issue of GitHub may have


def _visible(request: Request) -> tuple[Request, tuple[str, ...]]:
    """Return a request without characters that nobody sees, and a notice when it had some.

    Raises:
        UserError: it is too long.
    """
    text, counts = without_invisible(request.text)
    if len(text) > _LONGEST_REQUEST:
        raise UserError(
            f"the request has {len(text):,} characters; at most {_LONGEST_REQUEST:,} are taken",
            "say what to change, and leave logs and listings to files of the repository",
        )
    notice = f"invisible characters were taken out of the request: {count_by_name(counts)}"
    return (replace(request, text=text), (notice,)) if counts else (request, ())


# ------------------------------------------------------------------------------- to the end


def _save_failure(folder: RunFolder, spec: RunSpec, error: CodeorchError) -> None:
    if not (folder.record() or {}).get("rounds"):
        record.save(record.failure_record(spec.run_id, spec.request, error), folder.path)


async def _run_and_close(run: Coroutine[Any, Any, T], model: RecordedModel | None) -> T:
    try:
        return await run
    finally:
        if model is not None:
            await model.aclose()


def run_to_end(run: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, however it ends.

    Ctrl-C and SIGTERM end the run wherever it is. While answers are awaited the run is cancelled,
    which ends all calls in good order, and some seconds are given to those that have begun to
    arrive; while the repository is read or tests run there is nothing to cancel, and the interrupt
    is raised on the spot. So it is at a second signal.
    """
    tasks: list[asyncio.Task[Any]] = []

    async def whole() -> T:
        tasks.extend(filter(None, [asyncio.current_task()]))
        return await run

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not tasks or asyncio.current_task(loop) is not None:
            signal.default_int_handler(number, frame)
        loop.call_soon_threadsafe(tasks.pop().cancel)

    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        if threading.current_thread() is not threading.main_thread():
            return runner.run(whole())
        before = {number: signal.signal(number, interrupt) for number in _ENDINGS}
        try:
            return runner.run(whole())
        except asyncio.CancelledError as error:
            raise KeyboardInterrupt from error
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
