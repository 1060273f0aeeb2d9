"""Record -> Page: each statement from a field of the record."""

from codeorch.report.document import Page
from codeorch.report.headline import headline, tone
from codeorch.report.record import Record
from codeorch.report.sections import checks, contracts, costs, files, tasks

__all__ = ["headline", "page"]

# In the order of reading: what there is, what is wrong with it, what it rests on, what it took.
_SECTIONS = (
    tasks.unfinished,
    files.changed,
    contracts.contradictions,
    contracts.not_kept,
    contracts.agreed,
    checks.tests,
    files.left_behind,
    files.mentions,
    tasks.assumptions,
    tasks.reality,
    costs.spent,
    tasks.notes,
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
