"""An error -> how many tokens question and answer may have, in the words of many servers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from codeorch.llm.service_errors import Problem

_INPUT = r"(?:messages|prompt|input|text)"
_N = r"(\d[\d,]*)"
# The window, in the words of vLLM, OpenAI, OpenRouter, llama.cpp, LM Studio, Anthropic, SGLang,
# TGI, Mistral, Google and Cohere; the first that fits counts.
_WINDOWS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"context limit: *{_N} *\+ *\d[\d,]* *> *{_N}",
        rf"too long: *{_N} tokens? *> *{_N}",
        rf"()maximum context (?:length|size|window)[^\d]{{0,20}}{_N}",
        rf"()context (?:length|size|window|limit)[^\d.]{{0,24}}{_N}",
        rf"(){_N}[- ]tokens? (?:maximum )?context",
        rf"(){_N} maximum context",
        rf"(){_N}[^\d.]{{0,30}}context (?:length|size|window)",
        rf"()limit:? {_N},? requested",
        rf"()max_new_tokens`? must be <= *{_N}",
        rf"()maximum number of (?:input )?tokens allowed[^\d]{{0,4}}{_N}",
        rf"()(?:prompt|input)[^.]{{0,40}}(?:cannot|can't|must not) exceed {_N}",
    )
)
_QUESTIONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_N} (?:tokens? )?(?:in|from|of|for) (?:the |your )?(?:input )?{_INPUT}",
        rf"{_N} input tokens",
        rf"{_N} `?inputs`? tokens",
        rf"resulted in {_N}",
        rf"request \({_N} tokens?\)",
        rf"too long: *{_N}",
        rf"context limit: *{_N} *\+",
        rf"prompt contains {_N}",
        rf"input \({_N} tokens?\)",
        rf"input token count \({_N}\)",
    )
)
_TOO_LONG = re.compile(
    r"context.{0,12}(?:length|size|window|limit)|(?:prompt|input|request|messages?)"
    r"[^.]{0,40}(?:too long|too large|exceeds?\b)|reduce the length|too many (?:input )?tokens"
    r"|exceed context|input length",
    re.IGNORECASE,
)
_CODES = frozenset({"context_length_exceeded", "exceed_context_size_error"})
_FIELDS = ("n_ctx", "max_context_length", "context_length", "max_model_len", "max_input_tokens")
_ASKED_FIELDS = ("n_prompt_tokens", "prompt_tokens", "input_tokens")
_LEAST = 256  # tokens; less is no window
_USUAL = tuple(1 << power for power in range(21, 11, -1))  # windows that servers are started with


@dataclass(frozen=True, slots=True)
class Window:
    """How many tokens question and answer may have; `question` is what it had, 0 = not told."""

    tokens: int
    question: int = 0
    is_guess: bool = False


def context_of(problem: Problem, answer: int, question: int) -> Window | None:
    """Return the window that an error tells; None when it is about something else, or none is left.

    A server that tells no number is taken to have the next smaller window that is usual, below
    what was asked of it: `question` tokens at a guess, and `answer` tokens of room.
    """
    message = problem.message
    if not is_too_large(problem):
        return None
    told = _field(problem, _ASKED_FIELDS) or next(_first(_QUESTIONS, message, 1), 0)
    window = _field(problem, _FIELDS)
    for tokens in _first(_WINDOWS, message, 2):
        window = window or (tokens if tokens >= _LEAST and tokens != told else 0)
    if window:
        return Window(window, told)
    asked = (told or question) + answer
    usual = next((usual for usual in _USUAL if usual < asked), 0)
    return Window(usual, told, is_guess=True) if usual else None


def is_too_large(problem: Problem) -> bool:
    """Tell whether a server says that question and answer have more than it takes."""
    return problem.code in _CODES or bool(_TOO_LONG.search(problem.message))


def _first(patterns: tuple[re.Pattern[str], ...], text: str, group: int) -> Iterator[int]:
    for pattern in patterns:
        if found := pattern.search(text):
            yield int(found[group].replace(",", ""))


def _field(problem: Problem, names: tuple[str, ...]) -> int:
    for name in names:
        value = problem.fields.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= _LEAST:
            return value
    return 0
