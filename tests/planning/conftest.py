import pytest

from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.domain import RankedFile, Snapshot, SourceFile
from codeorch.edits import apply
from codeorch.planning.findings import Findings, Reading
from codeorch.source import parse_file
from codeorch.source.syntax import strings_and_comments

CALC = {
    "calc/core.py": "def area(width, height):\n    return width * height\n",
    "calc/room.py": (
        "from calc.core import area\n\n\nclass Room:\n    def __init__(self, width, height):\n"
        "        self.width = width\n        self.height = height\n\n"
        "    def size(self):\n        return area(self.width, self.height)\n"
    ),
    "calc/house.py": (
        "from calc.room import Room\n\n\ndef total(rooms):\n"
        "    return sum(Room(*room).size() for room in rooms)\n"
    ),
    "docs/use.md": "Call total().\n",
    "tests/test_core.py": (
        "from calc.core import area\n\n\ndef test_it():\n    assert area(2, 3) == 6\n"
    ),
}


@pytest.fixture
def snapshot_of():
    """Make a snapshot of {path: text}, parsed as the real reader does."""

    def make(files=CALC):
        parsed = {path: parse_file(path, text.encode()) for path, text in files.items()}
        assert all(isinstance(file, SourceFile) for file in parsed.values())
        return Snapshot(commit="0" * 40, files=parsed)

    return make


@pytest.fixture
def ranking_of():
    def make(*paths):
        return tuple(RankedFile(path=path, score=1.0) for path in paths)

    return make


@pytest.fixture
def reading():
    """What the pipeline hands to planning about languages."""

    def preview(file, task):
        return parse_file(file.path, apply(file.text, task.answer, file.path).text.encode())

    return Reading(mask=strings_and_comments, preview=preview)


@pytest.fixture
def findings_of(snapshot_of, ranking_of, reading):
    """What reading finds out: files, and the ranked ones among them."""

    def make(*ranked, files=CALC, **more):
        snapshot = snapshot_of(files)
        return Findings(
            snapshot=snapshot,
            ranked=ranking_of(*ranked),
            names=SnapshotIndex(snapshot),
            lines=lambda _: (),  # there is no git here; see test_places.py
            reading=reading,
            **more,
        )

    return make
