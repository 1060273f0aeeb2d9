"""codeorch from Python: an orchestrator with workers of your own, and a callback for each event."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from codeorch.domain import Effort, Outcome, Request, Task, TaskResult, WorkerKind
from codeorch.events import Event
from codeorch.llm import Model
from codeorch.report import markdown, record
from codeorch.session import Session

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
        self._session = Session.open(Path(repository))
        self._model = model
        self._on_event = on_event
        given = self._session.settings(settings)
        self._settings = replace(given, workers={**given.workers, **_kinds(workers)})

    async def run(
        self, request: str, *, base: str = "HEAD", branch: str = "", dry_run: bool = False
    ) -> Result:
        """Carry out one request on a new branch; the working tree is not touched.

        Raises:
            CodeorchError: nothing was changed; see `codeorch.errors` for what to do.
        """
        start = time.monotonic()
        commit = self._session.repo.resolve(base)
        folder = self._session.create_run(
            Request(text=request, base=commit, origin="api"),
            self._settings,
            branch=branch,
            dry_run=dry_run,
        )
        return Result(
            await self._session.carry_out(
                folder,
                listener=lambda event: self._on_event(event, time.monotonic() - start),
                model=self._model,
            )
        )


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
