"""What workers share is paid for once: real SDK, a server that counts as the provider does."""

import time

import pytest

from codeorch.domain import Contract, Task
from codeorch.llm import open_service

PATHS = [f"shop/area{n % 7}/module_number_{n}.py" for n in range(60)]
FILES = {
    "AGENTS.md": "".join(f"- Rule {n}: keep the layers apart, and say why in words.\n" * 2
                         for n in range(30)),
    **{path: f"VALUE_{n} = 1\n" for n, path in enumerate(PATHS)},
}  # fmt: skip
TASKS = [
    Task(id=f"t{n}", path=path, goal=f"Set VALUE_{n} to 2.", needs=("t0",) if n == 9 else ())
    for n, path in enumerate(PATHS[:10])
]
CONTRACTS = tuple(
    Contract(symbol=f"VALUE_{n}", signature=f"VALUE_{n} = 2", defined_in=path)
    for n, path in enumerate(PATHS[:10])
)


@pytest.fixture
def counted(stage, serve, answer, task_of):
    """Carry the plan out against a counting server; gives its counts and what was asked."""

    def run(max_parallel, *, forked=False, look_ups=False, **settings):
        def brain(request, _):
            time.sleep(0.1)  # nobody reads what an answer that has not begun brings
            if look_ups and "tool_result" not in str(request["messages"][-1]):
                return answer(calls=({"name": "read", "input": {"places": [PATHS[-1]]}},))
            path = task_of(request)
            number = PATHS.index(path)
            diff = f"--- a/{path}\n+++ b/{path}\n@@\n-VALUE_{number} = 1\n+VALUE_{number} = 2\n"
            form = {"status": "done", "summary": "s", "reason": "", "paths": []}
            return answer(text=f"```diff\n{diff}```", tool={"name": "result", "input": form})

        here = stage(FILES, *TASKS, contracts=CONTRACTS)
        if forked:
            here.forked("The request.\n" * 400, "The plan is accepted.")
        with serve(brain, counting=True) as api:
            model = open_service("anthropic", url=api.url, key="sk-ant-test")
            results, _ = here.run(model, max_parallel=max_parallel, **settings)
        assert {type(result).__name__ for result in results} == {"Done"}
        return api.cache.counts, api.requests, results

    return run


@pytest.mark.parametrize("forked", [False, True], ids=["fresh", "forked"])
@pytest.mark.parametrize("max_parallel", [1, 8])
def test_later_calls_read_the_shared_beginning_from_the_cache(counted, max_parallel, forked):
    start = "fork" if forked else "fresh"
    counts, requests, results = counted(max_parallel, forked=forked, worker_start=start)
    blocks = [request["messages"][0]["content"][:-1] for request in requests]
    assert all(block == blocks[0] for block in blocks)
    (first, read), *later = counts
    assert (len(requests), read) == (10, 0)
    assert first > 1_024
    assert min(read / whole for whole, read in later) >= 0.7
    told = [result.attempts[0].usage for result in results]
    assert sum(usage.cache_write_tokens for usage in told) == first


def test_look_ups_do_not_break_the_shared_beginning(counted):
    counts, requests, _ = counted(8, look_ups=True)
    assert len(requests) == 20
    assert all(read > 1_024 for _, read in counts[1:])
