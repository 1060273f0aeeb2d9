"""What a run needs of an engine."""

import hashlib
import json
from dataclasses import dataclass
from typing import Protocol

from codeorch.engine.values import fields
from codeorch.llm import Prompt, Reply

_NOT_ASKED = ("key", "timeout_s", "news")  # fields of a prompt that no answer should depend on


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A prompt and the id under which its answer is kept."""

    id: str
    prompt: Prompt


def content_id(prompt: Prompt, salt: str = "") -> str:
    """Name a question by what is asked: the same question has the same name in every run.

    `salt` sets apart what only looks the same: another service, or a wish to be asked anew.
    """
    asked = {name: value for name, value in fields(prompt).items() if name not in _NOT_ASKED}
    raw = json.dumps([asked, salt], sort_keys=True, ensure_ascii=False, default=fields)
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:40]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, and whether it was kept from before."""

    reply: Reply
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question as it was sent, and its answer; `reply` is None when none came."""

    prompt: Prompt
    reply: Reply | None = None
    error: str = ""


class Engine(Protocol):
    """Asks each question once and keeps the answer."""

    async def start(self) -> None:
        """Get ready to answer. Takes a second or two, best spent while something else is read."""
        ...

    async def answered(self, question_id: str) -> Reply | None:
        """Give a kept answer, None when there is none."""
        ...

    async def asked(self, question_id: str) -> tuple[Exchange, ...]:
        """Give what was asked under an id and what came back, each time it was asked."""
        ...

    async def ask(self, question: Question) -> Answer:
        """Give the kept answer, or ask and keep what comes back. Cancelling stops the call.

        Raises:
            ServiceError: no answer came. Failures are not kept: asking again asks again.
        """
        ...

    async def forget(self, before_s: float) -> int:
        """Drop answers older than a time in seconds since 1970; give how many."""
        ...

    async def aclose(self) -> None:
        """Stop what is running and let go of everything."""
        ...
