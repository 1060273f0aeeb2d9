"""Two states of a few files, and what the gate says of the step between them."""

import pytest

from codeorch.domain import Snapshot
from codeorch.references import references
from codeorch.source import parse_file


def snapshot_of(texts):
    files = {path: parse_file(path, text.encode()) for path, text in texts.items()}
    return Snapshot(commit="0" * 40, files=files)


@pytest.fixture
def gate():
    """Check the step from some texts to others; a text of None is a deleted file."""

    def check(before, changed, waivers=(), engines=None):
        after = {path: text for path, text in {**before, **changed}.items() if text is not None}
        return references(snapshot_of(before), snapshot_of(after), changed, waivers, engines)

    return check


@pytest.fixture
def gaps(gate):
    """Give the gaps as `path:line certainty`, in order."""

    def check(before, changed, waivers=()):
        found = gate(before, changed, waivers).gaps
        return [f"{gap.path}:{gap.line} {gap.certainty}" for gap in found]

    return check
