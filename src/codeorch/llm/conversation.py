"""What is said between us and a model: append-only, so that what was sent is never sent anew."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from codeorch.invisible import CLEANED, clean_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What the model can call: a name, what it is for, and a strict JSON schema.

    `is_form` is one that ends an answer; all others look something up.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    is_form: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool as the model called it; `id` is unique in its conversation.

    `extra` is what the service put beside it, e.g. a signature, and wants back as it was.
    """

    id: str
    name: str
    input: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a call gave back; `id` is the call's."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one side says.

    A model's message may hold `thinking`, as the service gave it, and end with `calls`. Our
    message after it begins with what each of them gave back. `cache_mark` asks the service to
    keep the conversation up to here.
    """

    role: Literal["user", "assistant"]
    text: str = ""
    calls: tuple[Call, ...] = ()
    returned: tuple[Returned, ...] = ()
    thinking: tuple[Mapping[str, Any], ...] = ()
    cache_mark: bool = False

    @property
    def length(self) -> int:
        """Return how much is said, in characters."""
        calls = _length_once(self.calls, _calls_length) if self.calls else 0
        return len(self.text) + calls + sum(len(one.text) for one in self.returned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """System text, tools and messages. It only grows, and each value may grow in several ways.

    Whatever begins with the same conversation is served from a provider's prompt cache: forks of
    it, and the conversation itself when it goes on.

    >>> planner = Conversation(system="You plan.").say("Rename x.")
    >>> fork = planner.say("## Task")
    >>> fork.messages[:1] == planner.messages
    True
    """

    system: str = ""
    tools: tuple[Tool, ...] = ()
    messages: tuple[Message, ...] = ()

    def say(
        self, text: str = "", *, returned: Iterable[Returned] = (), cache_mark: bool = False
    ) -> "Conversation":
        """Return the conversation with a message of ours at its end.

        Whoever wrote what it quotes: nothing in it that a reader could not see reaches the model.
        """
        message = Message(
            role="user",
            text=clean_text(text),
            returned=tuple(replace(one, text=clean_text(one.text)) for one in returned),
            cache_mark=cache_mark,
        )
        return replace(self, messages=(*self.messages, message))

    def hear(self, message: Message) -> "Conversation":
        """Return the conversation with a model's message at its end."""
        return replace(self, messages=(*self.messages, message))

    @property
    def length(self) -> int:
        """Return how much is said in all, in characters."""
        tools = _length_once(self.tools, _tools_length)
        return len(self.system) + tools + sum(message.length for message in self.messages)

    @property
    def last_text(self) -> str:
        """Return what was said last."""
        return self.messages[-1].text if self.messages else ""

    @property
    def is_cleaned(self) -> bool:
        """Return whether characters that nobody sees were taken out of what was said last."""
        last = self.messages[-1:]
        return any(
            CLEANED in text for m in last for text in (m.text, *(r.text for r in m.returned))
        )

    def marked_prefixes(self) -> Iterator[tuple[int, int]]:
        """Yield a number and the length in characters of what comes up to each cache mark.

        Equal numbers mean the same words, so that a cache that holds one serves the other.
        """
        words = hash((self.system, *(tool.name for tool in self.tools)))
        length = len(self.system) + _length_once(self.tools, _tools_length)
        for message in self.messages:
            calls = (call.id for call in message.calls)
            words = hash((words, message.text, *calls, *(one.text for one in message.returned)))
            length += message.length
            if message.cache_mark:
                yield words, length


# Forks share their beginning: what it measures is worked out once, and known by identity. The
# values are held, so that no other one gets their identity.
_LENGTHS: dict[int, tuple[object, int]] = {}
_MOST_LENGTHS = 1_000
_Rows = TypeVar("_Rows", tuple[Call, ...], tuple[Tool, ...])


def _length_once(rows: _Rows, measure: Callable[[_Rows], int]) -> int:
    value, length = _LENGTHS.get(id(rows), (None, 0))
    if value is rows:
        return length
    if len(_LENGTHS) >= _MOST_LENGTHS:
        _LENGTHS.clear()
    length = measure(rows)
    _LENGTHS[id(rows)] = rows, length
    return length


def _calls_length(calls: tuple[Call, ...]) -> int:
    return sum(len(call.name) + len(str(call.input)) for call in calls)


def _tools_length(tools: tuple[Tool, ...]) -> int:
    return sum(len(tool.description) + len(str(tool.schema)) for tool in tools)
