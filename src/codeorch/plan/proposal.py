"""A plan that the user may look at, edit or reject before workers are paid for it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from codeorch.domain import Estimate, Plan
from codeorch.plan import manual
from codeorch.plan.faults import Limits
from codeorch.plan.form import Draft

_NAME = "the plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A plan, the draft that it was made of, and how another draft would become one."""

    plan: Plan
    draft: Draft
    limits: Limits
    join: Callable[[Draft], Plan]

    @classmethod
    def of(cls, draft: Draft, limits: Limits, join: Callable[[Draft], Plan]) -> "Proposal":
        """Join a draft into the plan that is proposed."""
        return cls(plan=join(draft), draft=draft, limits=limits, join=join)

    def written(self, request: str) -> str:
        """Write the plan as a file to edit."""
        return manual.write(self.draft, request)

    def edited(self, text: str) -> "Proposal":
        """Read the plan from such a file.

        Raises:
            UserError: it is no valid plan.
            PlanInvalid: one of its codemods cannot be done.
        """
        draft = manual.read_text(text, _NAME, self.limits)
        return replace(self, plan=self.join(draft), draft=draft)


# Gives the plan to be carried out, the proposed one or an edited one; None rejects it. The second
# argument says what the workers of a plan will cost.
Approve = Callable[[Proposal, Callable[[Plan], Estimate | None]], Plan | None]
