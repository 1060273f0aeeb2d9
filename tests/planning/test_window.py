"""A planner in a small window: asked with less to read, and once more when it was slow."""

import asyncio
from dataclasses import replace

import pytest

from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm import CallFailed, Prompt, Reply
from codeorch.planning.faults import Limits
from codeorch.planning.request_plan import ask_for_plan
from codeorch.planning.window import ask_within_window

PROMPT = Prompt(key="plan/1", model="m", user="go", system="s" * 3_000)
FULL = 100_000


def write(share):
    return replace(PROMPT, shared="x" * int(FULL * share))


def too_large(context=0):
    return ServiceError("no", kind="too_large", retryable=False, context_tokens=context)


class Window:
    """A model that takes prompts of so many characters."""

    def __init__(self, chars, context=0):
        self.chars, self.context, self.sizes = chars, context, []

    async def ask(self, prompt):
        size = len(prompt.system) + len(prompt.shared) + len(prompt.user)
        self.sizes.append(size)
        if size > self.chars:
            raise too_large(self.context)
        return "plan"


def ask(window):
    return asyncio.run(ask_within_window(write, window.ask))


def test_a_question_that_fits_is_asked_whole():
    window = Window(200_000)
    assert ask(window) == ("plan", Usage())
    assert len(window.sizes) == 1


@pytest.mark.parametrize("context", [8_192, 16_384, 32_768])
def test_a_known_window_is_met_at_the_second_try(context):
    window = Window(context * 3 - context // 4 * 3, context)
    ask(window)
    assert len(window.sizes) == 2
    assert window.sizes[1] > 0.5 * (window.chars - 3_000)


def test_an_unknown_window_is_met_by_halves_or_not_at_all():
    window = Window(30_000)
    ask(window)
    assert len(window.sizes) == 3
    with pytest.raises(ServiceError, match="no"):
        ask(Window(1_000))


def test_other_failures_are_not_about_the_window():
    async def fails(_prompt):
        raise ServiceError("down", kind="server", retryable=True)

    with pytest.raises(ServiceError, match="down"):
        asyncio.run(ask_within_window(write, fails))


class Script:
    """Answers one after the other; failures are raised."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    async def ask(self, prompt):
        self.asked.append(prompt)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


USED = Usage(calls=1, input_tokens=10)
SLOW = CallFailed("slow", kind="timeout", retryable=True, usage=USED)
PLAN = Reply(text="", stop="tool_use", form={"rationale": "r", "tasks": []}, usage=USED)


def plan(model):
    limits = Limits(paths=(), max_tasks=1)
    return asyncio.run(ask_for_plan(replace(PROMPT, timeout_s=30), model, limits))


def test_a_planner_that_was_too_slow_is_asked_again_with_twice_the_time():
    model = Script(SLOW, PLAN)
    found = plan(model)
    assert found.usage.calls == 2
    assert [(one.key, one.timeout_s) for one in model.asked] == [
        ("plan/1", 30), ("plan/1/again", 60),
    ]  # fmt: skip


def test_what_failed_calls_of_a_planner_used_is_told_with_the_failure():
    with pytest.raises(CallFailed) as failed:
        plan(Script(SLOW, SLOW))
    assert failed.value.usage.calls == 2
    bad = replace(PLAN, form=None)
    with pytest.raises(CallFailed) as failed:
        plan(Script(bad, ServiceError("down", kind="server", retryable=True)))
    assert failed.value.usage.calls == 1
