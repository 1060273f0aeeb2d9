"""Job -> Outcome. `run` has the order of work on one page; the stages hand over what each needs."""

from codeorch.pipeline.job import EditParser, Job
from codeorch.pipeline.plan_stage import PlanDraft, draft_plan
from codeorch.pipeline.run import run

__all__ = ["EditParser", "Job", "PlanDraft", "draft_plan", "run"]
