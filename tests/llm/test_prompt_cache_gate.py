import asyncio

import pytest

from codeorch.llm import Conversation, Prompt
from codeorch.llm.prompt_cache_gate import CacheGate


def prompt(number, beginning="s" * 5_000, *, marked=True, **settings):
    """A fork of its own that begins as others do."""
    talk = Conversation().say(beginning, cache_mark=marked).say(f"## Task {number}")
    return Prompt(key=f"k{number}", model="m", conversation=talk, **settings)


def play(*prompts, patience_s=5.0, fail=False):
    """Answer prompts side by side; gives what happened, in order."""
    told = []

    async def call(number, one, gate):
        async with gate.turn(one) as answering:
            told.append(f"{number} asks")
            await asyncio.sleep(0.01)
            if fail:
                raise OSError
            answering()
            told.append(f"{number} reads")
            await asyncio.sleep(0.01)

    async def scenario():
        gate = CacheGate(patience_s)
        calls = [call(n, one, gate) for n, one in enumerate(prompts)]
        await asyncio.gather(*calls, return_exceptions=True)

    asyncio.run(scenario())
    return told


def test_the_first_call_is_answered_before_the_others_ask():
    told = play(*map(prompt, range(3)))
    assert told[:2] == ["0 asks", "0 reads"]
    assert sorted(told[2:4]) == ["1 asks", "2 asks"]


@pytest.mark.parametrize(
    "prompts",
    [
        (prompt(0), prompt(1, "t" * 5_000)),
        (prompt(0, "s"), prompt(1, "s")),
        (prompt(0, marked=False), prompt(1, marked=False)),
        (prompt(0), prompt(1, effort="low")),
    ],
    ids=["other words", "short", "not kept", "another effort"],
)
def test_what_the_cache_cannot_serve_does_not_wait(prompts):
    assert play(*prompts)[:2] == ["0 asks", "1 asks"]


def test_a_first_call_that_fails_or_hangs_holds_nobody():
    assert play(*map(prompt, range(2)), fail=True) == ["0 asks", "1 asks"]
    assert play(*map(prompt, range(2)), patience_s=0.001)[:2] == ["0 asks", "1 asks"]


def test_a_service_that_is_slow_to_begin_is_not_waited_for_again():
    told = []

    async def call(name, one, gate):
        async with gate.turn(one) as answering:
            told.append(f"{name} asks")
            await asyncio.sleep(0.05)
            answering()
            told.append(f"{name} reads")

    async def scenario():
        gate = CacheGate(patience_s=0.02)
        await call("plan", prompt(0, "p" * 5_000), gate)
        await asyncio.gather(*(call(n, prompt(n), gate) for n in (1, 2)))

    asyncio.run(scenario())
    assert told == ["plan asks", "plan reads", "1 asks", "2 asks", "1 reads", "2 reads"]
