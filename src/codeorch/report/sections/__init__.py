"""Record -> Page: each statement from a field of the record."""

from codeorch.report.document import Page
from codeorch.report.headline import headline, tone
from codeorch.report.record import Record
from codeorch.report.sections import checks, contracts, costs, files, tasks

__all__ = ["headline", "page"]

# In the order of reading: what there is, what is wrong with it, what it rests on, what it took.
_SECTIONS = (
    tasks.open_tasks,
    files.changed_files,
    contracts.contradictions,
    contracts.broken_contracts,
    contracts.standing_contracts,
    checks.tests,
    files.missed_uses,
    files.mentions,
    tasks.assumptions,
    tasks.reality,
    costs.costs,
    tasks.notes,
)


def page(record: Record) -> Page:
    """Return the report of a run."""
    sections = (section_of(record) for section_of in _SECTIONS)
    return Page(
        headline=headline(record),
        tone=tone(record),
        request=record.request.text.strip(),
        sections=tuple(section for section in sections if section.lines or section.lead),
    )
