"""The log of a run comes back as it was written, also after a kill."""

import json

from codeorch.answers import RunLog
from codeorch.domain import Plan, Task, TestRun, Usage, Verdict


def test_plans_and_verdicts_come_back_as_they_were(tmp_path):
    file = tmp_path / "log"
    task = Task(id="t1", path="ä.py", goal="do", needs=("t0",), weight=2.0)
    plan = Plan(tasks=(task,), rationale="because", notes=("a",))
    after = TestRun(exit_code=0, seconds=1.0, tests={"a": "passed"})
    verdict = Verdict(status="verified", reason="green", after=after)
    log = RunLog(file)
    log.add_plan(1, plan, Usage(calls=2))
    log.add_verdict("tree", verdict)
    again = RunLog(file)
    assert again.plan(1) == (plan, Usage(calls=2))
    assert again.verdict("tree") == verdict


def test_the_conversation_of_a_plan_comes_back_with_it(tmp_path):
    log = RunLog(tmp_path / "log")
    log.add_plan(1, Plan(tasks=()), Usage(), {"model": "m", "shown": {"a.py": [[1, 9]]}})
    log.add_plan(2, Plan(tasks=()), Usage())
    again = RunLog(tmp_path / "log")
    assert again.talk(1) == log.talk(1) == {"model": "m", "shown": {"a.py": [[1, 9]]}}
    assert again.talk(2) is None


def test_a_line_cut_off_by_a_kill_is_left_out(tmp_path):
    file = tmp_path / "log"
    log = RunLog(file)
    log.add_question("1/work/t1/1", "abc")
    log.add_question("1/work/t2/1", "def")
    raw = file.read_bytes()
    file.write_bytes(raw[:-9])
    again = RunLog(file)
    assert again.question("1/work/t1/1") == "abc"
    assert again.question("1/work/t2/1") is None
    again.add_question("1/work/t3/1", "ghi")
    assert RunLog(file).question("1/work/t3/1") == "ghi"


def test_every_line_tells_its_time(tmp_path):
    log = RunLog(tmp_path / "log")
    log.add_question("p", "q")
    assert json.loads((tmp_path / "log").read_text())["at_s"] >= 0


def test_dropped_tasks_take_with_them_what_was_planned_after_them(tmp_path):
    log = RunLog(tmp_path / "log")
    for place in ("1/work/t1/1", "1/work/t2/1", "2/work/t3/1"):
        log.add_question(place, place)
    log.add_plan(1, Plan(tasks=()), Usage())
    log.add_plan(2, None, Usage())
    log.drop_tasks(frozenset({"t1"}))
    again = RunLog(tmp_path / "log")
    places = ("1/work/t1/1", "1/work/t2/1", "2/work/t3/1")
    assert [again.question(place) is None for place in places] == [True, False, True]
    assert [again.plan(number) is None for number in (1, 2)] == [False, True]
