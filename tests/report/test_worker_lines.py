"""The live view: a quiet line for each worker, and nothing of it where nobody looks."""

import io

import pytest
from rich.console import Console

from codeorch.domain import NothingToDo, Task
from codeorch.events import AnswerArrival, StageStarted, TaskFinished, TaskStarted
from codeorch.report.console import Progress
from codeorch.report.worker_lines import WorkerLines


def task(number):
    return Task(id=f"t{number}", path=f"[a]{number}.py", action="edit", goal="be better")


@pytest.fixture
def clock():
    return iter([10.0, *[22.4] * 20])


def test_a_worker_has_a_line_with_attempt_seconds_and_tokens(clock):
    lines = WorkerLines(lambda: next(clock))
    lines.start(task(1), 2)
    lines.start(task(2), 1)
    lines.note(AnswerArrival(place="1/work/t1/2", task="t1", attempt=2, seconds=3.0, tokens=340))
    assert lines.below("0 of 2 tasks done").split("\n") == [
        "0 of 2 tasks done",
        "  [a]1.py  attempt 2, 12 s, 340 tokens",
        "  [a]2.py  attempt 1, 0 s, nothing yet",
    ]
    lines.stop(task(1))
    assert "[a]1.py" not in lines.below("1 of 2 tasks done")


def test_many_workers_are_counted_and_not_listed():
    lines = WorkerLines()
    for number in range(20):
        lines.start(task(number), 1)
    assert lines.below("x").count("\n") == 9
    assert lines.below("x").endswith("and 12 more")


def test_a_planners_answer_stands_behind_what_it_does():
    lines = WorkerLines()
    lines.note(AnswerArrival(place="plan/1", seconds=4.2, tokens=1))
    assert lines.below("Planning") == "Planning  4 s, 1 token"
    lines.end_answer()
    assert lines.below("Planning") == "Planning"


EVENTS = (
    StageStarted(stage="work"),
    TaskStarted(task=task(1), attempt=1),
    AnswerArrival(place="1/work/t1/1", task="t1", attempt=1, seconds=1.0, tokens=77),
)


def shown(*, is_terminal):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=is_terminal, width=100)
    with Progress(console) as progress:
        for event in EVENTS:
            progress(event)
        if is_terminal:
            progress._status._live.refresh()
        progress(TaskFinished(result=NothingToDo(task=task(1), reason="it is so")))
    return screen.getvalue()


def test_the_line_is_drawn_on_a_terminal_alone():
    assert "77 tokens" in shown(is_terminal=True)
    assert "[a]1.py" in shown(is_terminal=True)
    assert "77 tokens" not in shown(is_terminal=False)
