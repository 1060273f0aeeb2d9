"""What a worker looks up: as it was granted, in what it builds on, and not for ever."""

from dataclasses import replace

import pytest

from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.domain import Task, Usage, WorkerSpec
from codeorch.llm import Call, Reply
from codeorch.retrieval import Codebase, LookUps

SHOP = {
    "shop/cart.py": (
        "class Cart:\n    def total(self):\n        return 1\n\n\nclass Bag:\n"
        "    def total(self):\n        return 2\n"
    ),
    "shop/bill.py": "from shop.cart import Cart\n\nprint(Cart().total())\n",
}
BILL = "print(Cart().total())"


def task(*tools, **fields):
    worker = WorkerSpec(tools=tools)
    return Task(**{"id": "t", "path": "shop/bill.py", "goal": "g", "worker": worker, **fields})


def looking(*places, tool="read", text="", **more):
    name = "name" if tool == "references" else "places"
    value = places[0] if tool == "references" else list(places)
    call = Call(id=f"c-{tool}", name=tool, input={name: value})
    return Reply(text=text, stop="tool_use", calls=(call,), **more)


def returned(prompt):
    return [one.text for one in prompt.conversation.messages[-1].returned]


@pytest.fixture(params=[False, True], ids=["fresh", "forked"])
def begin(request, stage):
    """Set the stage for workers that begin anew, or fork."""

    def make(*tasks, files=SHOP, read=()):
        here = stage(files, *tasks)
        return here.forked(read=read) if request.param else here

    return make


def test_a_worker_looks_around_and_answers(begin, script, edit):
    answers = {
        "work/t/1": looking("Bag.total", text="let me see"),
        "work/t/1/2": looking("Cart", tool="references"),
        "work/t/1/3": edit("shop/bill.py", BILL, "print(2)"),
    }
    model = script(answers)
    (result,), _ = begin(task()).run(model)
    assert result.patch.after.endswith(b"print(2)\n")
    first, second, third = model.prompts
    sent = first.conversation.messages
    assert second.conversation.messages[: len(sent)] == sent
    assert second.conversation.messages[len(sent)].calls == answers["work/t/1"].calls
    assert "return 2" in returned(second)[0]
    assert "Look-ups left: 2 turns" in second.conversation.last_text
    assert "shop/bill.py" in returned(third)[0]
    talk = third.conversation
    assert talk.messages[: len(second.conversation.messages)] == second.conversation.messages
    assert (talk.system, talk.tools) == (first.conversation.system, first.conversation.tools)


def test_only_what_the_task_is_granted_is_answered(begin, script, edit):
    answers = {
        "work/t/1": looking("Bag.total"),
        "work/t/1/2": looking("Cart", tool="references"),
        "work/t/1/3": edit("shop/bill.py", BILL, "print(2)"),
    }
    model = script(answers)
    (result,), _ = begin(task("references")).run(model)
    _, second, third = model.prompts
    assert returned(second) == ["`read` is not granted to this task. Granted are: references."]
    assert "Cart" in returned(third)[0]
    assert result.attempts[0].kind == ""


@pytest.mark.parametrize(
    ("tools", "settings", "is_granted"),
    [
        ((), {}, True),
        ((), {"worker_tools": ("outline",)}, False),
        (("read",), {"worker_tools": ("outline",)}, True),
    ],
    ids=["all", "the user's default", "the plan wins"],
)
def test_who_grants_a_look_up(begin, script, edit, tools, settings, is_granted):
    answers = {
        "work/t/1": looking("Bag.total"),
        "work/t/1/2": edit("shop/bill.py", BILL, "print(2)"),
    }
    model = script(answers)
    begin(task(*tools)).run(model, **settings)
    assert ("not granted" in returned(model.prompts[1])[0]) is not is_granted


def test_look_ups_see_what_the_task_builds_on_and_nothing_else(begin, script, edit):
    """Else the same question would get another answer when others finish in another order."""
    tasks = (
        task(id="needed", path="shop/cart.py", weight=9),
        task(id="other", path="shop/new.py", action="create", weight=8),
        task(needs=("needed",)),
    )
    answers = {
        "work/needed/1": edit("shop/cart.py", "        return 2", "        return 3"),
        "work/other/1": edit("shop/new.py", "", "x = 1"),
        "work/t/1": looking("shop/cart.py:6-8", "shop/new.py"),
        "work/t/1/2": edit("shop/bill.py", BILL, "print(2)"),
    }
    model = script(answers)
    begin(*tasks, read=[("shop/cart.py", 1, 8)]).run(model, max_parallel=1)
    (told,) = returned(model.prompts[-1])
    assert "return 3" in told
    assert "x = 1" not in told


def test_a_fork_is_not_shown_again_what_the_planner_has_read(stage, script, edit):
    answers = {
        "work/t/1": looking("shop/cart.py:6-8"),
        "work/t/1/2": edit("shop/bill.py", BILL, "print(2)"),
    }
    model = script(answers)
    here = stage(SHOP, task()).forked(read=[("shop/cart.py", 1, 8)])
    here.run(model)
    assert "return 2" not in returned(model.prompts[1])[0]
    assert not here.round.fork.look_ups.shown.has("shop/bill.py", 1, 1)  # forks share nothing new


def test_a_fork_is_not_shown_again_what_its_own_block_shows(stage, script, edit):
    answers = {
        "work/t/1": looking("shop/bill.py:1-3"),
        "work/t/1/2": edit("shop/bill.py", BILL, "print(2)"),
    }
    model = script(answers)
    stage(SHOP, task()).forked().run(model)
    assert BILL in model.prompts[0].conversation.last_text
    assert "shown above" in returned(model.prompts[1])[0]


def test_a_fork_on_edits_finds_the_best_ranked_files_first(stage, script, edit):
    files = {**SHOP, **{f"shop/a{n}.py": "# cart\n" for n in range(3)}, "zoo/best.py": "# cart\n"}
    look = Call(id="c", name="search", input={"text": "# cart"})
    answers = {
        "work/needed/1": edit("shop/cart.py", "        return 2", "        return 3"),
        "work/t/1": Reply(text="", stop="tool_use", calls=(look,)),
        "work/t/1/2": edit("shop/bill.py", BILL, "print(2)"),
    }
    model = script(answers)
    here = stage(files, task(id="needed", path="shop/cart.py"), task(needs=("needed",))).forked()
    codebase = Codebase(
        snapshot=here.round.snapshot, names=SnapshotIndex(here.round.snapshot),
        ranked=["zoo/best.py"],
    )  # fmt: skip
    fork = replace(here.round.fork, look_ups=LookUps(codebase))
    here.round = replace(here.round, fork=fork)
    here.run(model)
    (told,) = returned(model.prompts[-1])
    assert told.index("zoo/best.py") < told.index("shop/a0.py")


def test_a_worker_that_only_looks_is_told_and_then_its_attempt_ends(begin, script):
    model = script(lambda _: looking("Bag.total"))
    (result,), _ = begin(task()).run(model, retry_ladder=())
    assert [attempt.kind for attempt in result.attempts] == ["no_answer"]
    assert "No look-ups are left" in returned(model.prompts[-1])[0]
    assert len(model.prompts) < 10


def test_the_cost_of_all_questions_is_the_attempt_s(begin, script, edit):
    cost = Usage(calls=1, input_tokens=10)
    done = edit("shop/bill.py", BILL, "print(2)")
    answers = {
        "work/t/1": looking("Bag.total", usage=cost),
        "work/t/1/2": Reply(text=done.text, stop="tool_use", calls=done.calls, usage=cost),
    }
    (result,), _ = begin(task()).run(script(answers))
    assert (result.attempts[0].usage.calls, result.attempts[0].usage.input_tokens) == (2, 20)
