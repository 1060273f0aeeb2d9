"""What a reviewer may ask although no use is broken: tests, options, changelog, leftovers."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from codeorch.prereview.finding import Finding
from codeorch.prereview.notes.change import Change
from codeorch.prereview.notes.changelog import untouched_changelog
from codeorch.prereview.notes.leftovers import leftovers
from codeorch.prereview.notes.options import undocumented_options
from codeorch.prereview.notes.tests import untouched_tests

_LOOKS = {
    "CO201": untouched_tests,
    "CO202": undocumented_options,
    "CO203": untouched_changelog,
    "CO401": leftovers,
}

__all__ = ["Change", "notes"]


def notes(change: Change, chosen: AbstractSet[str]) -> Iterator[Finding]:
    """Yield what the chosen rules have to say of a change."""
    for rule, look in _LOOKS.items():
        if rule in chosen:
            yield from look(change)
