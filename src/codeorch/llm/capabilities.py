"""What a server can do with a model, and what of it a refusal teaches.

A request begins with all that its provider is known for. A server that refuses a part of it by
name is not asked for that part again: strict schema, tool, JSON object, plain text; the name and
the size of the answer's limit; the window; anything that can be left out. A step down is only made
where the server says so, never for a gateway that failed or a line that broke off.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from codeorch.llm.context_limits import context_of
from codeorch.llm.service_errors import Problem

Form = Literal["strict", "tool", "json", "text"]
LimitName = Literal["max_tokens", "max_completion_tokens", ""]

_TEACHES = frozenset({400, 404, 405, 413, 415, 422, 500, 501})
_REFUSES = re.compile(
    r"not (?:\w+ )?(?:support|permit|allow|availab|recogni|implement|enabl|known|valid|accept|found"
    r"|compatible)|n't (?:support|allow|accept|recogni|exist)|unsupported|unknown|unrecogni"
    r"|unexpected"
    r"|extra (?:inputs?|fields?)|additional propert|forbidden|invalid|illegal|require|no endpoints"
    r"|incompatible|must be|only|does not exist|cannot|can't|too many|disabled|\bno\b",
    re.IGNORECASE,
)
# What can be left out, the narrower before what holds it, and how servers speak of it.
_PARTS: Mapping[str, str] = {
    "strict": r"strict|invalid schema|json.?schema|additionalProperties",
    "cache_control": r"cache_control|prompt caching",
    "parallel_tool_calls": r"parallel.{0,6}(?:tool|function).{0,6}calls?",
    "tool_choice": r"tool_choice|tool choice",
    "stream_options": r"stream_options|include_usage",
    "thinking": r"thinking|reasoning_content|reasoning_details|[`'\"]reasoning[`'\"]",
    "reasoning_effort": r"reasoning_effort|reasoning\.effort|reasoning effort",
    "output_config": r"output_config|effort",
    "response_format": r"response_format|json_object|json mode|text\.format",
    "temperature": r"temperature",
    "user_after_tool": r"role '?\"?user'?\"? after role '?\"?tool",
    "call_ids": r"tool.?call.?id was|call.?ids?[^.]{0,60}(?:length|characters|pattern)",
    "null_content": r"content\W.{0,60}(?:null|string|none|empty|blank)",
    "tools": r"tools?|function.?call(?:s|ing)?|functions?|tool.?(?:use|calls?|calling)",
    "system": r"system (?:role|message|prompt)s?|role.{0,9}system",
    "stream": r"stream(?:ing|ed)?",
}
_PATTERNS = {
    name: re.compile(rf"(?<![A-Za-z])(?:{words})(?![A-Za-z])", re.IGNORECASE)
    for name, words in _PARTS.items()
}
# vLLM without its parser of tool calls: to leave the choice to the model helps nothing.
_NO_TOOLS = re.compile(r"enable-auto-tool-choice|tool-call-parser|--jinja", re.IGNORECASE)
_LIMIT = re.compile(
    r"max_(?:completion_|output_|new_)?tokens|(?:output|completion) tokens|maximum tokens",
    re.IGNORECASE,
)
_ROLE = re.compile(r"messages\W{1,2}(\d+)\W{1,3}role\b")
_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?![\w,])|(?<![\w.])\d+(?![\w])")
_LEAST_RATIO = 1.2  # characters; with fewer to a token nothing is left to be guessed
_LEAST_LIMIT = 16  # tokens; smaller numbers in a message are no limit of an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a server is known to do with a model; 0 is a number that is not known."""

    form: Form = "tool"  # how a form is asked for, at best
    limit_name: LimitName = "max_tokens"  # of the answer's limit; empty = it takes none
    longest_answer: int = 0  # tokens
    context: int = 0  # tokens of question and answer together
    chars_a_token: float = 3.0  # of a question on the wire; low, until an error tells
    refused: frozenset[str] = frozenset()  # parts of a request that are left out

    def takes(self, part: str) -> bool:
        """Tell whether a part of a request may be sent."""
        return part not in self.refused

    @property
    def has_tools(self) -> bool:
        """Whether forms and look-ups can be called."""
        return self.form in ("strict", "tool")


def step_down(
    known: Capabilities, problem: Problem, request: Mapping[str, Any], chars: int
) -> Capabilities | None:
    """Return what is known after a refusal; None when it teaches nothing new.

    `request` is what was sent, `chars` the size of its question on the wire.
    """
    lower = _step_down(known, problem, request, chars) if problem.status in _TEACHES else None
    return lower if lower != known else None


def _step_down(
    known: Capabilities, problem: Problem, request: Mapping[str, Any], chars: int
) -> Capabilities | None:
    limit = request.get("max_completion_tokens") or request.get("max_tokens") or 0
    window = context_of(problem, int(limit), int(chars / known.chars_a_token))
    is_limit = bool(_LIMIT.search(f"{problem.param} {problem.message}"))
    if window is not None and window.is_guess and is_limit:  # a number that is told goes before
        limited = _with_limit(known, problem, request, int(limit))
        if limited is not None and limited.longest_answer != known.longest_answer:
            return limited
    if window is not None:
        ratio = chars / window.question if window.question else known.chars_a_token
        lower = replace(known, context=window.tokens, chars_a_token=round(ratio, 2))
        if window.is_guess and known.context and window.tokens >= known.context:
            return None
        if lower == known and ratio > _LEAST_RATIO:  # our guess of its tokens was too low
            lower = replace(known, chars_a_token=round(ratio * 0.8, 2))
        return lower
    if is_limit:
        limited = _with_limit(known, problem, request, int(limit))
        if limited not in (None, known):
            return limited
    return _without_part(known, problem, request)


def _with_limit(
    known: Capabilities, problem: Problem, request: Mapping[str, Any], sent: int
) -> Capabilities | None:
    """Learn the name of the answer's limit, or how high it may be."""
    message = problem.message
    if "max_tokens" in request and "max_completion_tokens" in message:
        return replace(known, limit_name="max_completion_tokens")
    numbers = [int(one.replace(",", "")) for one in _NUMBER.findall(message)]
    lower = [number for number in numbers if _LEAST_LIMIT <= number < sent]
    if lower:
        highest = max(lower)
        is_below = re.search(
            rf"(?:lower|less|fewer|smaller) than {highest}\b|below {highest}\b", message
        )
        return replace(known, longest_answer=highest - bool(is_below))
    if not _REFUSES.search(message):
        return None
    if "max_completion_tokens" in request:
        return replace(known, limit_name="max_tokens")
    return replace(known, limit_name="") if "max_tokens" in request else None


def _without_part(
    known: Capabilities, problem: Problem, request: Mapping[str, Any]
) -> Capabilities | None:
    """Leave out what the server names: by its parameter, else in words that refuse it."""
    named = [*_role_in(problem, request), *_parts_in(problem.param, known, request)]
    if not named and _REFUSES.search(problem.message):
        named = [*_parts_in(problem.message, known, request)]
    if not named:
        return None
    part = "tools" if _NO_TOOLS.search(problem.message) else named[0]
    match part:
        case "strict":
            return replace(known, form="tool")
        case "tools":
            return replace(known, form="json")
        case "response_format":
            return replace(known, form="text")
        case _:
            return replace(known, refused=known.refused | {part})


def _role_in(problem: Problem, request: Mapping[str, Any]) -> Iterator[str]:
    """Yield the part of a request whose messages have a role that the server does not know.

    It names the message by its number, and may list the roles that it knows.
    """
    place = _ROLE.search(f"{problem.param} {problem.message}")
    messages = request.get("messages", ())
    if place is not None and int(place[1]) < len(messages):
        role = str(messages[int(place[1])].get("role"))
        yield from {"system": ("system",), "tool": ("tools",)}.get(role, ())


def _parts_in(text: str, known: Capabilities, request: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parts of a request that a text names."""
    for part, pattern in _PATTERNS.items():
        if text and _is_sent(part, known, request) and pattern.search(text):
            yield part


def _sends_thinking(request: Mapping[str, Any]) -> bool:
    """Whether a request holds thinking of earlier answers, in any API's form."""
    for message in request.get("messages", ()):
        content = message.get("content")
        blocks = [one.get("type") for one in content] if isinstance(content, list) else []
        if {"thinking", "redacted_thinking"} & {*blocks, *message}:
            return True
        if {"reasoning", "reasoning_content", "reasoning_details"} & message.keys():
            return True
    return False


def _is_sent(part: str, known: Capabilities, request: Mapping[str, Any]) -> bool:
    match part:
        case "strict":
            return known.form == "strict" and "tools" in request
        case "cache_control":
            return known.takes(part) and "cache_control" in str(request)[:200_000]
        case "thinking":
            return known.takes(part) and _sends_thinking(request)
        case "system":
            return known.takes(part) and "messages" in request
        case "user_after_tool" | "call_ids" | "null_content":
            return known.takes(part) and any("tool_calls" in one for one in request["messages"])
        case _:
            return part in request
