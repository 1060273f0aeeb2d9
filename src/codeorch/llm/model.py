"""What is asked of a model and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from codeorch.domain import Effort, Usage
from codeorch.errors import ServiceError

Stop = Literal["end_turn", "tool_use", "max_tokens", "refusal", "context_overflow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A form the model fills in: a name, what it is for, and a strict JSON schema."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool as the model called it; `id` is unique in its conversation."""

    id: str
    name: str
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a call gave back; `id` is the call's."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One side of an earlier exchange of the same conversation.

    An assistant's turn may end with calls; the user's turn after it begins with what each of them
    gave back. `thinking` is that of the reply.
    """

    role: Literal["user", "assistant"]
    text: str
    calls: tuple[Call, ...] = ()
    returned: tuple[Returned, ...] = ()
    thinking: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question. `key` names its place in the run, e.g. `work/t1/2`; replays answer by it.

    `system` and `shared` come first and are byte-identical for all workers of a run, so that the
    provider's prompt cache can serve them; `user` is the question's own part. `tools` may be
    called before `tool`, the form to be filled in at the end.

    `news` comes after `shared` and before everything else. It tells which other workers happen to
    be finished: whoever compares prompts of two runs leaves it out.
    """

    key: str
    model: str
    user: str
    question_id: str = ""  # under which the answer is stored; empty = by the content
    system: str = ""
    shared: str = ""
    news: str = ""
    history: tuple[Turn, ...] = ()  # exchanges that come before `user`
    tool: Tool | None = None
    tools: tuple[Tool, ...] = ()
    force_tool: bool = False  # the answer must be the form alone
    max_tokens: int = 16_000
    effort: Effort | None = None
    temperature: float | None = None  # only for services that have such a thing
    timeout_s: float = 30.0  # to the first byte, between bytes, and for each 2,000 tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer: free text, the filled-in form if there is one, and what it cost.

    `fault` says for the model why a form or call that came cannot be read.
    """

    text: str  # without reasoning
    stop: Stop
    form: Mapping[str, Any] | None = None
    calls: tuple[Call, ...] = ()  # of the prompt's `tools`, in the order of calling
    fault: str = ""
    reasoning: str = ""  # never an edit, a form or a plan
    thinking: tuple[Mapping[str, Any], ...] = ()  # as the service gave it, to be sent back
    usage: Usage = field(default_factory=Usage)
    model: str = ""


class CallFailed(ServiceError):
    """A call whose answer began to arrive, or came whole and is of no use: it is paid for."""

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        retryable: bool,
        usage: Usage,
        retry_after_s: float | None = None,
        context_tokens: int = 0,
    ) -> None:
        super().__init__(
            message, kind=kind, retryable=retryable, retry_after_s=retry_after_s,
            context_tokens=context_tokens,
        )  # fmt: skip
        self.usage = usage


def usage_of(error: Exception) -> Usage:
    """Return what a failed call used, as far as the service had begun to answer."""
    return error.usage if isinstance(error, CallFailed) else Usage()


def with_usage(error: ServiceError, usage: Usage) -> ServiceError:
    """Return a failure with what was used for it in all."""
    if not usage.calls:
        return error
    return CallFailed(
        str(error), kind=error.kind, retryable=error.retryable, usage=usage,
        retry_after_s=error.retry_after_s, context_tokens=error.context_tokens,
    )  # fmt: skip


class Model(Protocol):
    """Anything that answers prompts."""

    async def ask(self, prompt: Prompt) -> Reply:
        """Answer one prompt.

        Raises:
            ServiceError: no usable answer came back; says whether asking again can help.
        """
        ...

    async def aclose(self) -> None:
        """Close its connections; asking again opens new ones."""
        ...
