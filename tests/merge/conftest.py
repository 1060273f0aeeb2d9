import pytest

from codeorch.domain import Done, FilePatch, Request, SourceFile, Task
from codeorch.merge import Landing
from codeorch.merge.combine import change_of
from codeorch.merge.message import Style


def _step(name, path, before, after, needs=(), goal="", **more):
    task = Task(id=name, path=path, goal=goal or f"change {path}", needs=needs,
                old_path=more.get("old_path", ""))  # fmt: skip
    parsed = None
    if after is not None:
        parsed = SourceFile(path=path, text=after.decode(), syntax_errors=after.count(b"("))
    patch = FilePatch(path=path, before=before, after=after, **more)
    return Done(task=task, patch=patch, parsed=parsed)


@pytest.fixture
def step():
    """Make a finished edit: step(id, path, before, after, needs=, goal=, old_path=)."""
    return _step


@pytest.fixture
def change_on():
    """Make a change of some steps on a repository's HEAD."""

    def make(repo, *steps):
        return change_of(repo.resolve("HEAD"), steps)

    return make


@pytest.fixture
def landing():
    """Make what a landing needs, without looking at a repository."""

    def make(text="Rename the thing", **more):
        request = Request(text=text, base="0" * 40)
        return Landing(
            request=request, run_id="abc", **{"name": "codeorch/x", "style": Style(), **more}
        )

    return make
