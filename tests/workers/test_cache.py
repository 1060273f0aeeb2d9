"""What workers share is paid for once: real SDK, a server that counts as the provider does."""

import re
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
def counted(stage, serve, answer):
    """Carry the plan out against a counting server; gives its counts and what was asked."""

    def run(max_parallel, **settings):
        def brain(request, _):
            said = request["messages"][0]["content"][-1]["text"]
            path = re.search(r"# Your task\nedit (\S+)", said)[1]
            number = PATHS.index(path)
            diff = f"--- a/{path}\n+++ b/{path}\n@@\n-VALUE_{number} = 1\n+VALUE_{number} = 2\n"
            time.sleep(0.1)  # nobody reads what an answer that has not begun brings
            form = {"status": "done", "summary": "s", "reason": "", "paths": []}
            return answer(text=f"```diff\n{diff}```", tool={"name": "result", "input": form})

        with serve(brain, counting=True) as api:
            model = open_service("anthropic", url=api.url, key="sk-ant-test")
            results, _ = stage(FILES, *TASKS, contracts=CONTRACTS).run(
                model, max_parallel=max_parallel, **settings
            )
        assert {type(result).__name__ for result in results} == {"Done"}
        return api.cache.counts, api.requests, results

    return run


@pytest.mark.parametrize("max_parallel", [1, 8])
def test_later_calls_read_the_shared_beginning_from_the_cache(counted, max_parallel):
    counts, requests, results = counted(max_parallel)
    shared = {
        (request["system"][0]["text"], request["messages"][0]["content"][0]["text"])
        for request in requests
    }
    assert len(shared) == 1
    (first, read), *later = counts
    assert (len(requests), read) == (10, 0)
    assert first > 1_024
    assert min(read / whole for whole, read in later) >= 0.7
    told = [result.attempts[0].usage for result in results]
    assert sum(usage.cache_write_tokens for usage in told) == first


def test_look_ups_do_not_break_the_shared_beginning(counted):
    counts, _, _ = counted(8, worker_tools=True)
    assert all(read > 1_024 for _, read in counts[1:])
