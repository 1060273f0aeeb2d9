"""A stage for workers: files as text, a plan, and a model that answers by key."""

import asyncio
from dataclasses import replace

import pytest

from codeorch import workers
from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.config import Settings
from codeorch.domain import Plan, Request, Snapshot
from codeorch.llm import Reply
from codeorch.source import parse_file
from codeorch.workers.context import ContextBuilder
from codeorch.workers.prompt import first_approach, prompt_for
from codeorch.workers.prompt_builder import shared_part

DONE = {"status": "done", "summary": "did it", "reason": "", "paths": []}


class Stage:
    def __init__(self, files, *tasks, request="change x", **plan):
        self.bytes = {path: text.encode() for path, text in files.items()}
        self.plan = Plan(tasks=tasks, **plan)
        sources = {path: parse_file(path, data) for path, data in self.bytes.items()}
        self.round = workers.RoundContext(
            request=Request(text=request, base="b"),
            plan=self.plan,
            snapshot=Snapshot(commit="b", files=sources),
        )
        self.checks = workers.EditChecks(
            parse=parse_file, bytes_of=self.bytes.__getitem__, mode_of=lambda _: 0o100644
        )

    def context(self, number=0):
        round_context = replace(self.round, shared_prompt=shared_part(self.round))
        builder = ContextBuilder(self.plan, SnapshotIndex(round_context.snapshot))
        return builder.context_of(self.plan.tasks[number], round_context)

    def prompt(self, number=0, **settings):
        context, options = self.context(number), Settings(**settings)
        return prompt_for(context, first_approach(context, options), options)

    def run(self, model, listener=lambda _: None, **settings):
        """Carry the plan out; return the results and the files afterwards."""
        deps = workers.WorkerDeps(
            model=model, settings=Settings(**settings), checks=self.checks, listener=listener
        )
        return asyncio.run(workers.run(self.round, deps))


class Script:
    """Answers by key, from a mapping or a function of the prompt; keeps the prompts."""

    def __init__(self, answers):
        self.answers = answers if callable(answers) else lambda prompt: answers[prompt.key]
        self.prompts = []

    async def ask(self, prompt):
        self.prompts.append(prompt)
        await asyncio.sleep(0)
        answer = self.answers(prompt)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def stage():
    return Stage


@pytest.fixture
def script():
    return Script


@pytest.fixture
def edit():
    """An answer with a diff of one hunk and the form, fields of which can be given."""

    def make(path, old="x = 1", new="x = 2", **form):
        body = "".join(f"-{line}\n" for line in old.split("\n") if old)
        body += "".join(f"+{line}\n" for line in new.split("\n"))
        text = f"```diff\n--- a/{path}\n+++ b/{path}\n@@\n{body}```\n"
        return Reply(text=text, stop="tool_use", form={**DONE, **form})

    return make
