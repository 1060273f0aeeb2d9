"""A stage for workers: files as text, a plan, and a model that answers by key."""

import asyncio
from dataclasses import replace

import pytest

from codeorch import workers
from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.config import Settings
from codeorch.domain import Plan, Request, Snapshot
from codeorch.llm import Call, Conversation, Reply
from codeorch.retrieval import Codebase, LookUps
from codeorch.source import parse_file
from codeorch.workers.context import ContextBuilder
from codeorch.workers.fork_or_fresh import first_approach
from codeorch.workers.prompt import prompt_for

DONE = {"status": "done", "summary": "did it", "reason": "", "paths": []}


def finish(text, **form):
    call = Call(id="r", name="result", input={**DONE, **form})
    return Reply(text=text, stop="tool_use", calls=(call,))


class Stage:
    def __init__(self, files, *tasks, request="change x", **plan):
        self.bytes = {path: text.encode() for path, text in files.items()}
        self.plan = Plan(tasks=tasks, **plan)
        self.settings = {}
        self.keep_talk = lambda _: None
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
        builder = ContextBuilder(self.plan, SnapshotIndex(self.round.snapshot))
        return builder.context_of(self.plan.tasks[number], self.round)

    def forked(self, *messages, read=(), model="planner-model"):
        """Have workers fork a conversation with a planner, in which some lines were read."""
        talk = Conversation(system="You change files.")
        for text in messages or ("The request.", "The plan is accepted."):
            talk = talk.say(text, cache_mark=True)
        snapshot = self.round.snapshot
        look_ups = LookUps(Codebase(snapshot=snapshot, names=SnapshotIndex(snapshot)))
        for path, first, last in read:
            look_ups.shown.add(path, first, last)
        fork = workers.ForkPoint(conversation=talk, model=model, look_ups=look_ups)
        self.round = replace(self.round, fork=fork)
        self.settings = {"worker_start": "fork"}
        return self

    def prompt(self, number=0, room=None, **settings):
        context, options = self.context(number), Settings(**{**self.settings, **settings})
        approach = first_approach(context, options)
        return prompt_for(context, replace(approach, room=room or approach.room), options)

    def own(self, number=0, room=None, **settings):
        """What a worker is told of its own task."""
        return self.prompt(number, room, **settings).conversation.last_text

    def shared(self, number=0, **settings):
        """What all fresh workers are told first."""
        return self.prompt(number, **settings).conversation.messages[0].text

    def run(self, model, listener=lambda _: None, **settings):
        """Carry the plan out; return the results and the files afterwards."""
        deps = workers.WorkerDeps(
            model=model,
            settings=Settings(**{**self.settings, **settings}),
            checks=self.checks,
            listener=listener,
            keep_talk=self.keep_talk,
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
def finished():
    """An answer with a text and the form, fields of which can be given."""
    return finish


@pytest.fixture
def edit():
    """An answer with a diff of one hunk and the form, fields of which can be given."""

    def make(path, old="x = 1", new="x = 2", **form):
        body = "".join(f"-{line}\n" for line in old.split("\n") if old)
        body += "".join(f"+{line}\n" for line in new.split("\n"))
        text = f"```diff\n--- a/{path}\n+++ b/{path}\n@@\n{body}```\n"
        return finish(text, **form)

    return make
