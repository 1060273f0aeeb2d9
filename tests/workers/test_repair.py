"""A repair goes on in the conversation of the worker whose edit it mends."""

from dataclasses import replace

import pytest

from codeorch.domain import Task
from codeorch.llm import Call, Reply

FILES = {"shop/cart.py": "x = 1\n", "shop/bill.py": "from shop.cart import x\n"}
FIRST = Task(id="t", path="shop/cart.py", goal="make x two")
MEND = Task(
    id="r2-mend-t", path="shop/cart.py", goal="Mend what linters find in shop/cart.py",
    continues="t", diagnosis="# New lint findings\nshop/cart.py:1: constant (C1)",
)  # fmt: skip


@pytest.fixture(params=[False, True], ids=["fresh", "forked"])
def repair(request, stage, script):
    """Run a task, then its repair on the files as `text` has them; gives result and prompts."""

    def run(answers, text="x = 2\n", **settings):
        talks = {}
        model = script(answers)
        first = stage(FILES, FIRST)
        if request.param:
            first.forked()
        first.keep_talk = lambda talk: talks.update({talk.task.id: talk})
        first.run(model, **settings)
        second = stage({**FILES, "shop/cart.py": text}, MEND)
        second.round = replace(second.round, talks=talks)
        (result,), _ = second.run(model, **settings)
        return result, model.prompts

    return run


def test_a_repair_adds_only_what_was_found_wrong(repair, edit):
    answers = {
        "work/t/1": edit("shop/cart.py"),
        "work/r2-mend-t/1": edit("shop/cart.py", "x = 2", "x = 3"),
    }
    result, (first, second) = repair(answers)
    assert result.patch.after == b"x = 3\n"
    before, now = first.conversation, second.conversation
    assert now.messages[: len(before.messages)] == before.messages
    assert (now.system, now.tools, second.model) == (before.system, before.tools, first.model)
    assert result.attempts[0].is_fork == (first.model == "planner-model")
    answered, returned, said = now.messages[len(before.messages) :]
    assert [one.id for one in returned.returned] == [call.id for call in answered.calls]
    assert said.text.startswith("## Task\nedit shop/cart.py\n\nMend what linters find")
    assert "shop/cart.py:1: constant (C1)" in said.text
    assert FIRST.goal not in said.text  # that was said before
    assert "changed since" not in said.text


def test_what_others_did_to_the_file_since_is_shown(repair, edit):
    answers = {
        "work/t/1": edit("shop/cart.py"),
        "work/r2-mend-t/1": edit("shop/cart.py", "x = 2", "x = 3"),
    }
    _, (_, second) = repair(answers, text="x = 2\ny = 5\n")
    assert "was changed since your edit:\n```diff" in second.conversation.last_text
    assert "+y = 5" in second.conversation.last_text


def test_a_repair_is_tried_again_with_all_that_it_needs(repair, edit):
    bad = edit("shop/cart.py", "nosuch = 1", "x = 3")
    answers = {
        "work/t/1": edit("shop/cart.py"),
        "work/r2-mend-t/1": bad,
        "work/r2-mend-t/2": bad,
        "work/r2-mend-t/3": edit("shop/cart.py", "x = 2", "x = 3"),
    }
    result, (*_, second, third) = repair(answers)
    assert result.patch.after == b"x = 3\n"
    assert "cannot be used" in second.conversation.last_text
    anew = third.conversation.last_text if len(third.conversation.messages) < 3 else ""
    said = anew or "\n".join(message.text for message in third.conversation.messages)
    assert "An earlier worker's edit is in place. It was to: make x two" in said
    assert "shop/cart.py:1: constant (C1)" in said


def test_a_repair_reads_files_again_that_have_changed_since(repair, edit):
    def look(place):
        call = Call(id=f"c-{place}", name="read", input={"places": [place]})
        return Reply(text="", stop="tool_use", calls=(call,))

    answers = {
        "work/t/1": look("shop/cart.py"),
        "work/t/1/2": edit("shop/cart.py"),
        "work/r2-mend-t/1": look("shop/cart.py"),
        "work/r2-mend-t/1/2": edit("shop/cart.py", "x = 2", "x = 3"),
    }
    _, prompts = repair(answers)
    (returned,) = prompts[-1].conversation.messages[-1].returned
    assert "x = 2" in returned.text


def test_nothing_is_kept_of_a_worker_that_changed_nothing(stage, script, finished):
    talks = []
    here = stage(FILES, FIRST)
    here.keep_talk = talks.append
    here.run(script({"work/t/1": finished("", status="nothing_to_do", reason="it is two")}))
    assert talks == []
