"""What is asked of a model and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from codeorch.domain import Effort, Usage
from codeorch.errors import ServiceError
from codeorch.llm.conversation import Call, Conversation, Message, Tool

Stop = Literal["end_turn", "tool_use", "max_tokens", "refusal", "context_overflow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question: a conversation whose last word is ours, and the settings of the answer.

    `key` names its place in the run, e.g. `work/t1/2`; replays answer by it. `answer_tool` is the
    tool that a whole answer ends with: a server without tools is asked to write that form as text.
    """

    key: str
    model: str
    conversation: Conversation
    question_id: str = ""  # under which the answer is stored; empty = by the content
    answer_tool: str = ""
    form_alone: bool = False  # the form is the whole answer, there is no text beside it
    max_tokens: int = 16_000
    effort: Effort | None = None
    temperature: float | None = None  # only for services that have such a thing
    timeout_s: float = 30.0  # to the first byte, between bytes, and for each 2,000 tokens

    @property
    def look_ups(self) -> tuple[Tool, ...]:
        """The tools that end no answer: they can be called before it."""
        return tuple(tool for tool in self.conversation.tools if not tool.is_form)

    @property
    def form(self) -> Tool | None:
        """The tool that the answer ends with."""
        tools = self.conversation.tools
        return next((tool for tool in tools if tool.name == self.answer_tool), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer: free text, the tools that were called, and what it cost.

    `fault` says for the model why a form or call that came cannot be read.
    """

    text: str  # without reasoning
    stop: Stop
    calls: tuple[Call, ...] = ()  # in the order of calling
    fault: str = ""
    reasoning: str = ""  # never an edit, a form or a plan
    thinking: tuple[Mapping[str, Any], ...] = ()  # as the service gave it, to be sent back
    usage: Usage = field(default_factory=Usage)
    model: str = ""

    def call_of(self, tool: str) -> Call | None:
        """Return the last call of a tool; None when it was not called."""
        return next((call for call in reversed(self.calls) if call.name == tool), None)

    def form_of(self, tool: str) -> Mapping[str, Any] | None:
        """Return what the model filled into a tool; None when it did not call it."""
        call = self.call_of(tool)
        return call.input if call else None

    @property
    def message(self) -> Message:
        """The answer as a message of its conversation."""
        empty = "" if self.calls or self.text.strip() else "(empty)"
        return Message(
            role="assistant",
            text=self.text.rstrip() or empty,
            calls=self.calls,
            thinking=self.thinking,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How much of an answer has come, `seconds` after its question; `tokens` are a guess."""

    seconds: float
    tokens: int = 0


class CallFailed(ServiceError):
    """A call whose answer began to arrive, or came whole and is of no use: it is paid for.

    `fields` are those of `ServiceError`.
    """

    def __init__(self, message: str, *, usage: Usage, **fields: Any) -> None:  # noqa: ANN401
        super().__init__(message, **fields)
        self.usage = usage


def usage_of(error: Exception) -> Usage:
    """Return what a failed call used, as far as the service had begun to answer."""
    return error.usage if isinstance(error, CallFailed) else Usage()


def with_usage(error: ServiceError, usage: Usage) -> ServiceError:
    """Return a failure with what was used for it in all."""
    if not usage.calls:
        return error
    return CallFailed(str(error), usage=usage, **error.fields)


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
