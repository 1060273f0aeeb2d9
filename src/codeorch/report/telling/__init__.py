"""Record -> Page: each statement from a field of the record."""

from codeorch.report.headline import headline, tone
from codeorch.report.page import Page
from codeorch.report.record import Record
from codeorch.report.telling import checks, contracts, costs, files, plans, tasks, uses

__all__ = ["headline", "page"]

# In the order of reading: what there is, what is wrong with it, what it rests on, what it took.
_SECTIONS = (
    tasks.unfinished,
    files.changed,
    contracts.contradictions,
    contracts.not_kept,
    contracts.agreed,
    checks.tests,
    uses.left_behind,
    uses.mentions,
    plans.assumptions,
    plans.reality,
    costs.spent,
    plans.notes,
)


def page(record: Record) -> Page:
    """Tell a run."""
    found = (tell(record) for tell in _SECTIONS)
    return Page(
        headline=headline(record),
        tone=tone(record),
        request=record.request.text.strip(),
        sections=tuple(one for one in found if one.lines or one.lead),
    )
