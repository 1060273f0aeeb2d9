"""One value along the pipeline: what a run is given, and what has become of it so far."""

from dataclasses import dataclass, field

from codeorch import merge, planning, references, verify, workers
from codeorch.answers import RecordedModel, Tally
from codeorch.domain import ChangeSet, RankedFile, Round, Snapshot, TestRun, Usage
from codeorch.engines import Engines
from codeorch.events import Stage
from codeorch.llm import Model
from codeorch.pipeline.job import Clock, Job
from codeorch.sandbox import Sandbox
from codeorch.source import TextCheck


@dataclass(slots=True, kw_only=True)
class RunState:
    """A run on its way. What `open_run` fills in stays; the others grow."""

    job: Job
    clock: Clock
    landing: merge.Landing  # how commits and branch are made
    tests: verify.TestSetup | None  # None = there are none, or none are wanted
    precommit: verify.PrecommitSetup | None  # None = pre-commit is not wanted
    compiler: verify.PythonCompiler  # for `check`; to be closed at the end
    check: TextCheck  # what a new text must be
    engines: Engines = field(default_factory=Engines)  # who judges renames, and what is left
    script_sandbox: Sandbox | None = None  # for scripts of the planner; None = they are off
    whole: Snapshot  # all files; those that are excluded may use what is changed
    base: Snapshot  # the files that the request is about
    snapshot: Snapshot  # the same with the edits of all rounds
    ranked: tuple[RankedFile, ...] = ()  # for the request, the best first
    talk: planning.PlannerTalk | None = None  # of the plan in force; None = no planner made it
    worker_talks: dict[str, workers.WorkerTalk] = field(default_factory=dict)  # by task id
    base_run: verify.BaseRun | None = None  # of the tests, while the change is planned and made
    base_check: references.BaseCheck | None = None  # by type checkers, meanwhile as well
    base_tests: TestRun | None = None  # what came of it
    rounds: list[Round] = field(default_factory=list)
    usage_by_stage: dict[str, Usage] = field(default_factory=dict)  # plan, work, revise

    @property
    def number(self) -> int:
        """The number of the round that comes next, from 1."""
        return len(self.rounds) + 1

    @property
    def excluded(self) -> frozenset[str]:
        """The files that nobody is shown, and nobody changes."""
        return frozenset(self.whole.files.keys() - self.base.files.keys())

    def keep_talk(self, talk: workers.WorkerTalk) -> None:
        """Keep a worker's conversation: a repair goes on with it."""
        self.worker_talks[talk.task.id] = talk

    def add_usage(self, stage: Stage, usage: Usage) -> None:
        """Add what a stage has asked of models."""
        self.usage_by_stage[stage] = self.usage_by_stage.get(stage, Usage()) + usage

    @property
    def change(self) -> ChangeSet:
        """What the rounds so far have changed."""
        if self.rounds:
            return self.rounds[-1].change
        return ChangeSet(base=self.job.request.base, patches=())

    @property
    def model(self) -> Model | None:
        """The model for the next round, so that its questions can be told apart."""
        model = self.job.model
        return model.at(f"{self.number}/") if isinstance(model, RecordedModel) else model

    @property
    def tally(self) -> Tally:
        """The answers that were there already, and those that were asked for."""
        return self.job.model.tally if isinstance(self.job.model, RecordedModel) else Tally()
