"""codeorch from Python: an orchestrator with workers of your own, and a callback for each event."""

import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from codeorch import pipeline
from codeorch.answers import AnswerStore, RecordedModel, RunFolder, RunLog, RunSpec, StoredModel
from codeorch.config import load_settings
from codeorch.domain import Effort, Outcome, Request, Task, TaskResult, WorkerKind
from codeorch.events import Event, Notice
from codeorch.git import Repo
from codeorch.keys import keys_in_environment
from codeorch.llm import Model
from codeorch.report import markdown, record

# Hears each event, and when it happened: seconds since the run began.
OnEvent = Callable[[Event, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A kind of worker that the planner may choose, besides the predefined ones."""

    name: str
    description: str  # tells the planner when to choose it
    instructions: str
    model: str = "worker"  # a model class or a model's name
    effort: Effort | None = None
    timeout_s: float | None = None  # of one answer; None = as the settings say


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to. `outcome` holds all of it."""

    outcome: Outcome

    @property
    def sub_tasks(self) -> tuple[Task, ...]:
        """The tasks of all rounds, in the order of planning."""
        return tuple(task for one in self.outcome.rounds for task in one.plan.tasks)

    @property
    def worker_results(self) -> tuple[TaskResult, ...]:
        """How each task ended, as of the round that stands."""
        return self.outcome.last.results

    @property
    def final_output(self) -> str:
        """The report in Markdown, as for a pull request."""
        return markdown.markdown(record.record(self.outcome))

    @property
    def record(self) -> Mapping[str, Any]:
        """The record that the report is told from, ready for JSON."""
        return record.plain(record.record(self.outcome))


class Orchestrator:
    """Carries out change requests in one repository.

    `settings` are those of the command line, by their names in docs/settings.md. Without a
    `model`, the one that they and the environment's keys name is asked; a model of your own may
    be given instead (see `codeorch.llm.Model`), and its answers are then kept in memory only.
    """

    def __init__(
        self,
        repository: str | Path = ".",
        *,
        model: Model | None = None,
        workers: Sequence[Worker] = (),
        on_event: OnEvent = lambda _event, _seconds: None,
        **settings: Any,  # noqa: ANN401 - checked like those of the command line
    ) -> None:
        """Open the repository and check the settings.

        Raises:
            UserError: there is no repository, or a setting is unknown or wrong.
        """
        self._repo = Repo.open(Path(repository))
        self._model = model
        self._on_event = on_event
        loaded = load_settings(self._repo.root, Path(os.devnull), settings)
        self._settings = replace(loaded, workers={**loaded.workers, **_kinds(workers)})

    async def run(
        self, request: str, *, base: str = "HEAD", branch: str = "", dry_run: bool = False
    ) -> Result:
        """Carry out one request on a new branch; the working tree is not touched.

        Raises:
            CodeorchError: nothing was changed; see `codeorch.errors` for what to do.
        """
        spec = RunSpec(
            run_id=secrets.token_hex(4),
            request=Request(text=request, base=self._repo.resolve(base), origin="api"),
            settings=self._settings,
            branch=branch,
            dry_run=dry_run,
        )
        store = self._repo.git_dir / "codeorch"
        folder = RunFolder.create(store / "runs", spec)
        with folder.lock():
            outcome = await self._carried_out(spec, folder.log(), store)
            record.save(record.record(outcome), folder.path)
        return Result(outcome)

    async def _carried_out(self, spec: RunSpec, log: RunLog, store: Path) -> Outcome:
        begun = time.monotonic()

        def listen(event: Event) -> None:
            log.add_event(event)
            self._on_event(event, time.monotonic() - begun)

        model = self._recorded_model(store, log, lambda text: listen(Notice(text=text)))
        job = pipeline.Job(
            repo=self._repo,
            request=spec.request,
            settings=spec.settings,
            run_id=spec.run_id,
            model=model,
            variables=dict(os.environ),
            branch=spec.branch,
            dry_run=spec.dry_run,
            listener=listen,
            log=log,
        )
        try:
            return await pipeline.run(job)
        finally:
            if model is not None:
                await model.aclose()

    def _recorded_model(
        self, store: Path, log: RunLog, alert: Callable[[str], None]
    ) -> RecordedModel | None:
        if self._model is not None:
            answers = AnswerStore(None)
            return RecordedModel(StoredModel(self._model, answers, log.run_id), answers, log)
        return pipeline.open_model(self._settings, keys_in_environment(), store, log, alert)


def _kinds(workers: Sequence[Worker]) -> dict[str, WorkerKind]:
    return {
        worker.name: WorkerKind(
            description=worker.description,
            instructions=worker.instructions,
            model=worker.model,
            effort=worker.effort,
            timeout_s=worker.timeout_s,
        )
        for worker in workers
    }
