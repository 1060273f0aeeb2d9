"""Job -> Outcome. `run` has the order of work on one page; the stages hand over what each needs."""

from codeorch.pipeline.job import EditParser, Job
from codeorch.pipeline.run import run
from codeorch.pipeline.stages import PlanDraft, draft_plan

__all__ = ["EditParser", "Job", "PlanDraft", "draft_plan", "run"]
