"""Schedules: a real plan, a scripted model, the real applier."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch import workers
from codeorch.config import Settings
from codeorch.domain import (
    DeadLetter,
    Done,
    NeedsMore,
    NothingToDo,
    Plan,
    Request,
    Skipped,
    Snapshot,
    SourceFile,
    Task,
    Usage,
)
from codeorch.errors import ServiceError
from codeorch.events import TaskFinished, TaskRetried, TaskStarted
from codeorch.llm import Call, Reply
from codeorch.source import parse_file
from codeorch.workers import RESULT_TOOL

DONE = {"status": "done", "summary": "did it", "reason": "", "paths": []}


def diff(path, old, new):
    return f"```diff\n--- a/{path}\n+++ b/{path}\n@@\n-{old}\n+{new}\n```\n"


def filled(text="", **form):
    call = Call(id="r", name="result", input={**DONE, **form})
    return Reply(text=text, stop="tool_use", calls=(call,))


def done(path, old="x = 1", new="x = 2", **form):
    return filled(diff(path, old, new), **form)


class Script:
    """A model that answers by prompt key after some turns of the loop, and keeps count."""

    def __init__(self, answers, delays=None):
        self.answers = answers
        self.delays = delays or {}
        self.prompts = []
        self.running = 0
        self.most = 0

    async def ask(self, prompt):
        self.prompts.append(prompt)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for _ in range(self.delays.get(prompt.key, 0)):
                await asyncio.sleep(0)
        finally:
            self.running -= 1
        answer = self.answers[prompt.key]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def keys(self):
        return [prompt.key for prompt in self.prompts]


def run(plan, files, model, **given):
    events = []
    parsed = {path: parse_file(path, data) for path, data in files.items()}
    checks = workers.EditChecks(
        parse=parse_file, bytes_of=files.__getitem__, mode_of=lambda _path: 0o100644
    )
    deps = workers.WorkerDeps(
        model=model, settings=Settings(**given), checks=checks, listener=events.append
    )
    round_context = workers.RoundContext(
        request=Request(text="change x", base="b"),
        plan=plan,
        snapshot=Snapshot(commit="b", files=parsed),
        edits={},
        diffs={},
    )
    results, snapshot = asyncio.run(workers.run(round_context, deps))
    return results, snapshot, events


def plan_of(**needs):
    return Plan(
        tasks=tuple(
            Task(id=name, path=f"{name}.py", goal=f"change {name}", needs=tuple(wanted))
            for name, wanted in needs.items()
        )
    )


def files_of(plan):
    return {task.path: b"x = 1\n" for task in plan.tasks}


def test_a_dependent_sees_what_was_done_before_it():
    plan = plan_of(a=[], b=["a"])
    model = Script({"work/a/1": done("a.py"), "work/b/1": done("b.py")})
    results, snapshot, _ = run(plan, files_of(plan), model)
    assert [type(r) for r in results] == [Done, Done]
    said = model.prompts[1].conversation.last_text
    assert "+x = 2" in said
    assert "did it" in said
    assert snapshot.files["b.py"].text == "x = 2\n"


def test_what_all_fresh_workers_share_is_byte_identical_and_first():
    plan = plan_of(a=[], b=["a"], c=[])
    model = Script({f"work/{n}/1": done(f"{n}.py") for n in "abc"})
    run(plan, files_of(plan), model)
    talks = [prompt.conversation for prompt in model.prompts]
    assert (
        len(
            {
                (talk.system, tuple(tool.name for tool in talk.tools), talk.messages[0])
                for talk in talks
            }
        )
        == 1
    )
    assert "change x" in talks[0].messages[0].text


def test_a_retry_carries_what_was_wrong_and_the_last_one_changes_dialect_and_model():
    plan = plan_of(a=[])
    model = Script(
        {
            "work/a/1": Reply(text="Sure! I have changed the file.", stop="end_turn"),
            "work/a/2": done("a.py", old="y = 1"),
            "work/a/3": filled("```python\nx = 2\n```"),
        }
    )
    (result,), _, events = run(plan, files_of(plan), model)
    assert isinstance(result, Done), result.attempts
    assert result.patch.after == b"x = 2\n"
    assert [a.number for a in result.attempts] == [1, 2, 3]
    first, second, third = model.prompts
    assert "cannot be used" in second.conversation.last_text
    assert "Sure! I have changed the file." in [m.text for m in second.conversation.messages]
    assert "x = 1" in third.conversation.last_text  # the nearest place, as it really is
    assert "complete new text" in third.conversation.last_text
    assert third.effort == "high"
    assert third.model != first.model
    assert [type(e) for e in events].count(TaskRetried) == 2
    assert [type(e) for e in events].count(TaskStarted) == 3


def test_after_three_failures_a_task_is_a_dead_letter_and_its_dependents_are_skipped():
    plan = plan_of(a=[], b=["a"], c=["b"], d=[])
    rubbish = Reply(text="no idea", stop="end_turn", usage=Usage(calls=1, output_tokens=2))
    model = Script({**{f"work/a/{n}": rubbish for n in (1, 2, 3)}, "work/d/1": done("d.py")})
    results, _, events = run(plan, files_of(plan), model)
    assert [type(r) for r in results] == [DeadLetter, Skipped, Skipped, Done]
    assert len(results[0].attempts) == 3
    assert sum((a.usage for a in results[0].attempts), Usage()).output_tokens == 6
    assert sum(isinstance(e, TaskFinished) for e in events) == 4


def test_an_empty_answer_is_asked_again():
    plan = plan_of(a=[])
    empty = Reply(text="", stop="end_turn")
    model = Script({"work/a/1": empty, "work/a/2": done("a.py")})
    (result,), _, _ = run(plan, files_of(plan), model)
    assert isinstance(result, Done)
    assert "it is empty" in model.prompts[1].conversation.last_text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"text": "", "reasoning": "Hm."}, "holds reasoning alone"),
        ({"text": diff("a.py", "x = 1", "x = 2"), "fault": "The JSON is cut off."}, "is cut off"),
    ],
)
def test_reasoning_alone_and_a_form_that_cannot_be_read_are_asked_again(said, words):
    plan = plan_of(a=[])
    model = Script({"work/a/1": Reply(stop="end_turn", **said), "work/a/2": done("a.py")})
    (result,), _, _ = run(plan, files_of(plan), model)
    assert isinstance(result, Done)
    assert words in model.prompts[1].conversation.last_text


def test_nobody_has_to_fill_in_what_does_not_concern_the_answer():
    """Empty reasons and paths were once required of every edit: output, the dearest tokens."""
    assert RESULT_TOOL.schema["required"] == ["status"]
    plan = plan_of(a=[])
    call = Call(id="r", name="result", input={"status": "done"})
    reply = Reply(text=done("a.py").text, stop="tool_use", calls=(call,))
    (result,), _, _ = run(plan, files_of(plan), Script({"work/a/1": reply}))
    assert isinstance(result, Done)


def test_nothing_to_do_needs_a_reason():
    plan = plan_of(a=[], b=["a"])
    nothing = {"status": "nothing_to_do"}
    model = Script(
        {
            "work/a/1": filled(**nothing),
            "work/a/2": filled(**nothing, reason="is so"),
            "work/b/1": done("b.py"),
        }
    )
    results, _, _ = run(plan, files_of(plan), model)
    assert [type(r) for r in results] == [NothingToDo, Done]
    assert results[0].reason == "is so"


def test_a_worker_may_ask_for_files_outside_of_the_plan_only():
    plan = plan_of(a=[], b=[])
    need = {"status": "needs_other_files", "reason": "r"}
    model = Script(
        {
            "work/a/1": filled(**need, paths=["b.py"]),
            "work/a/2": filled(**need, paths=["z.py", "b.py"]),
            "work/b/1": done("b.py"),
        }
    )
    results, _, _ = run(plan, files_of(plan), model)
    assert isinstance(results[0], NeedsMore)
    assert results[0].paths == ("z.py",)
    (second,) = [p for p in model.prompts if p.key == "work/a/2"]
    assert "other workers of this plan change already" in second.conversation.last_text


def test_an_edit_that_breaks_the_syntax_goes_back():
    plan = plan_of(a=[])
    model = Script({"work/a/1": done("a.py", new="x = ("), "work/a/2": done("a.py")})
    (result,), _, _ = run(plan, files_of(plan), model)
    assert isinstance(result, Done)
    assert result.attempts[0].kind == "syntax"


def test_an_answer_for_another_file_is_refused():
    plan = plan_of(a=[])
    model = Script({"work/a/1": done("../../etc/passwd"), "work/a/2": done("a.py")})
    (result,), _, _ = run(plan, files_of(plan), model)
    assert isinstance(result, Done)
    assert result.attempts[0].kind


def test_a_cut_off_answer_gets_more_room():
    plan = plan_of(a=[])
    cut = Reply(text=diff("a.py", "x = 1", "x = 2")[:30], stop="max_tokens")
    model = Script({"work/a/1": cut, "work/a/2": done("a.py")})
    run(plan, files_of(plan), model)
    assert model.prompts[1].max_tokens > model.prompts[0].max_tokens


def test_a_timeout_is_tried_with_less_effort_and_a_wrong_key_not_at_all():
    plan = plan_of(a=[], b=[])
    slow = ServiceError("too slow", kind="timeout", retryable=True)
    key = ServiceError("bad key", kind="auth", retryable=False)
    model = Script({"work/a/1": slow, "work/a/2": done("a.py"), "work/b/1": key})
    results, _, _ = run(plan, files_of(plan), model)
    assert [type(r) for r in results] == [Done, DeadLetter]
    assert [p.effort for p in model.prompts if p.key == "work/a/2"] == ["low"]
    assert len(results[1].attempts) == 1


def test_a_ready_answer_asks_no_model():
    task = Task(id="a", path="a.py", goal="g", answer=diff("a.py", "x = 1", "x = 2"))
    (result,), _, _ = run(Plan(tasks=(task,)), {"a.py": b"x = 1\r\n"}, None)
    assert isinstance(result, Done)
    assert result.patch.after == b"x = 2\r\n"


def test_the_most_urgent_task_starts_first():
    plan = plan_of(short=[], long=[], after=["long"])
    model = Script({f"work/{n}/1": done(f"{n}.py") for n in ("short", "long", "after")})
    run(plan, files_of(plan), model, max_parallel=1)
    assert model.keys == ["work/long/1", "work/short/1", "work/after/1"]


def test_a_deleted_file_needs_no_diff():
    task = Task(id="a", path="a.py", goal="g", action="delete")
    model = Script({})
    (result,), snapshot, _ = run(Plan(tasks=(task,)), {"a.py": b"x = 1\n"}, model)
    assert result.patch.after is None
    assert "a.py" not in snapshot.files


MOVE = {"id": "a", "path": "b.py", "old_path": "a.py", "action": "rename", "goal": "move it so"}


@pytest.mark.parametrize(
    "reply",
    [
        filled(""),
        filled("", status="nothing_to_do", reason="r"),
        filled("```diff\nrename from a.py\nrename to b.py\n```"),
    ],
)
def test_a_move_without_a_diff_is_a_move(reply):
    (result,), snapshot, _ = run(
        Plan(tasks=(Task(**MOVE),)), {"a.py": b"x = 1\n"}, Script({"work/a/1": reply})
    )
    assert (result.patch.before, result.patch.after) == (b"x = 1\n", b"x = 1\n")
    assert set(snapshot.files) == {"b.py"}


def test_a_move_that_changes_nothing_asks_no_model_and_any_bytes_go_along():
    task = Task(**MOVE, moves_only=True)
    (result,), _, _ = run(Plan(tasks=(task,)), {"a.py": b"x = 1\r\n"}, Script({}))
    assert (result.patch.old_path, result.patch.after) == ("a.py", b"x = 1\r\n")
    assert result.parsed.text == "x = 1\r\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```diff\n--- a/a.py\n+++ /dev/null\n@@\n-x = 1\n```", "nothing of a.py is left"),
        ("```diff\n--- a/a.py\n+++ b/a.py\n@@\n-x = 1\n+\n```", "nothing of a.py is left"),
        (diff("a.py", "x = 1", "x = 2").replace("a/a.py", "a/z.py"), "it is for 'z.py'"),
    ],
)
def test_an_edit_that_empties_its_file_or_names_another_goes_back(text, words):
    plan = plan_of(a=[])
    wrong = filled(text)
    model = Script({"work/a/1": wrong, "work/a/2": done("a.py")})
    (result,), _, _ = run(plan, files_of(plan), model)
    assert isinstance(result, Done)
    assert words in model.prompts[1].conversation.last_text


@pytest.mark.parametrize("path", ["./b.py", "b//../b.py", ".\\b.py"])
def test_slips_in_the_paths_that_a_worker_names_are_undone(path):
    plan = plan_of(a=[], b=[])
    need = {**DONE, "status": "needs_other_files", "reason": "r", "paths": [path, "./z.py"]}
    model = Script({"work/a/1": filled("", **need), "work/b/1": done("b.py")})
    results, _, _ = run(plan, files_of(plan), model)
    assert results[0].paths[-1] == "z.py"
    assert (len(results[0].paths) == 1) is (".." not in path)


names = st.sampled_from("abcdefg")


@st.composite
def schedules(draw):
    chosen = sorted(draw(st.sets(names, min_size=1)))
    needs = {n: [m for m in chosen if m < n and draw(st.booleans())] for n in chosen}
    failing = draw(st.sets(st.sampled_from(chosen)))
    delays = {f"work/{n}/{i}": draw(st.integers(0, 5)) for n in chosen for i in (1, 2, 3)}
    return needs, failing, delays, draw(st.integers(1, 4))


@given(schedules())
def test_no_task_runs_before_its_needs_and_no_cap_is_passed(schedule):
    needs, failing, delays, most = schedule
    plan = plan_of(**needs)
    answers = {
        f"work/{n}/{i}": Reply(text="no", stop="end_turn") if n in failing else done(f"{n}.py")
        for n in needs
        for i in (1, 2, 3)
    }
    model = Script(answers, delays)
    results, _, events = run(plan, files_of(plan), model, max_parallel=most)
    outcome = {r.task.id: type(r) for r in results}
    for name, wanted in needs.items():
        if all(outcome[w] is Done for w in wanted):
            assert outcome[name] is (DeadLetter if name in failing else Done)
        else:
            assert outcome[name] is Skipped
    finished = set()
    for event in events:
        if isinstance(event, TaskStarted):
            assert set(needs[event.task.id]) <= finished
        elif isinstance(event, TaskFinished):
            finished.add(event.result.task.id)
    assert model.most <= most
    assert max((model.keys.count(k) for k in model.keys), default=0) <= 1


def test_cancelling_a_run_cancels_the_calls_under_way():
    plan = plan_of(a=[])
    stopped = []

    class Endless:
        async def ask(self, prompt):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                stopped.append(prompt.key)
                raise

    async def scenario():
        round_context = workers.RoundContext(
            request=Request(text="t", base="b"),
            plan=plan,
            snapshot=Snapshot(commit="b", files={"a.py": SourceFile(path="a.py", text="x = 1\n")}),
            edits={},
            diffs={},
        )
        checks = workers.EditChecks(
            parse=parse_file, bytes_of=lambda _: b"x = 1\n", mode_of=lambda _: 0
        )
        deps = workers.WorkerDeps(
            model=Endless(), settings=Settings(), checks=checks, listener=lambda _event: None
        )
        running = asyncio.create_task(workers.run(round_context, deps))
        await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(scenario())
    assert stopped == ["work/a/1"]


def test_many_ready_edits_do_not_pile_up():
    """Each edit lays its file over the others; a thousand layers are too deep."""
    tasks = tuple(
        Task(id=f"c{n}", path=f"f{n}.py", goal="g", answer=diff(f"f{n}.py", "x = 1", "x = 2"))
        for n in range(1_200)
    )
    files = {task.path: b"x = 1\n" for task in tasks}
    results, snapshot, _ = run(Plan(tasks=tasks), files, None)
    assert {type(result) for result in results} == {Done}
    assert snapshot.files["f0.py"].text == snapshot.files["f1199.py"].text == "x = 2\n"
