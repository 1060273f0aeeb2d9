"""RawAnswer -> Reply: its text, form and calls, why it ended, and what it used."""

from collections.abc import Mapping
from typing import Any

from codeorch.domain import Usage
from codeorch.errors import ServiceError
from codeorch.llm.client import RawAnswer
from codeorch.llm.model import Prompt, Reply, Stop
from codeorch.llm.parse_answer import ParsedAnswer, parse_answer

# How services name what ended an answer; any other word ends a whole answer, too.
_STOPS: Mapping[str, Stop] = {
    "max_tokens": "max_tokens",
    "length": "max_tokens",
    "max_length": "max_tokens",
    "max_output_tokens": "max_tokens",
    "refusal": "refusal",
    "content_filter": "refusal",
    "safety": "refusal",
    "model_context_window_exceeded": "context_overflow",
}
_FAILED = ("error", "abort", "aborted", "cancelled")  # the server says that it broke off
CHARS_A_TOKEN = 3.6  # for servers that count nothing


def read_answer(raw: RawAnswer, prompt: Prompt, seconds: float) -> Reply:
    """Read a whole answer to a prompt that took so many seconds.

    Raises:
        ServiceError: the server says that the answer broke off.
    """
    ended = raw.stop.casefold()
    if ended in _FAILED:
        raise ServiceError(
            f"the service broke the answer off ({raw.stop})", kind="cut_stream", retryable=True
        )
    parsed = parse_answer(prompt, raw.content, raw.calls, raw.reasoning)
    stop = _STOPS.get(ended, "tool_use" if raw.calls else "end_turn")
    return Reply(
        text=parsed.text,
        stop=stop,
        calls=parsed.calls,
        fault="" if stop == "max_tokens" else parsed.fault,
        reasoning=parsed.reasoning,
        thinking=raw.thinking,
        usage=_usage(raw, prompt, parsed, seconds),
        model=raw.model,
    )


def guess_usage(prompt: Prompt, characters: int, seconds: float) -> Usage:
    """Guess what a call used of whose answer so many characters came."""
    return Usage(
        calls=1,
        input_tokens=_question_tokens(prompt),
        output_tokens=tokens_of(characters),
        seconds=seconds,
    )


def tokens_of(characters: int) -> int:
    """Guess how many tokens so many characters are."""
    return round(characters / CHARS_A_TOKEN)


def _usage(raw: RawAnswer, prompt: Prompt, parsed: ParsedAnswer, seconds: float) -> Usage:
    """Count tokens as the service does; what it does not tell, or not as a number, is guessed."""
    counts = raw.counts
    read = _count(counts, "cache_read_input_tokens") or _cache_reads(counts) or 0
    written = _count(counts, "cache_creation_input_tokens") or 0
    asked = _count(counts, "input_tokens")
    if asked is None and (whole := _count(counts, "prompt_tokens")) is not None:
        asked = max(0, whole - read)
    if not asked and not read and not written:
        asked = _question_tokens(prompt)
    answered = _count(counts, "output_tokens")
    if answered is None:
        answered = _count(counts, "completion_tokens")
    if not answered:
        said = f"{parsed.text}{parsed.reasoning}{parsed.calls or ''}"
        answered = tokens_of(len(said))
    return Usage(
        calls=1,
        input_tokens=asked or 0,
        output_tokens=answered,
        cache_read_tokens=read,
        cache_write_tokens=written,
        seconds=seconds,
    )


def _cache_reads(counts: Mapping[str, Any]) -> int | None:
    """Return how many tokens of a question OpenAI's servers read from their cache."""
    details = counts.get("prompt_tokens_details")
    return _count(details, "cached_tokens") if isinstance(details, Mapping) else None


def _count(counts: Mapping[str, Any], name: str) -> int | None:
    """Read a number of tokens, also from a text; None when there is none."""
    value = counts.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
        return int(number) if 0 <= number < 1e12 else None
    except ValueError:
        return None


def _question_tokens(prompt: Prompt) -> int:
    return tokens_of(prompt.conversation.length)
