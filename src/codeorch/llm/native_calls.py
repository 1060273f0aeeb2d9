r"""Calls in a model's own marks, where a server passes them on as text -> `name:` and an object.

Hermes and Qwen: `<tool_call>{"name": "result", "arguments": {}}</tool_call>`; Mistral:
`[TOOL_CALLS] [{...}]` and `[TOOL_CALLS]result[ARGS]{}`; Llama: `<|python_tag|>{...}`; DeepSeek:
the same with tokens of its own around `function`, the name and a fence; Kimi:
`<|tool_call_begin|>functions.result:0<|tool_call_argument_begin|>{}`; Gemma:
`<|tool_call>call:result{}`. The marks are special tokens of the models' chat templates.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from codeorch.llm.text_layout import TextLine, lines_of

NAME_KEYS = ("name", "tool", "tool_name", "function", "recipient_name")
INPUT_KEYS = ("arguments", "parameters", "input", "args", "tool_input")

_OPENING = re.compile(
    r"<tool_call>|<function_call>|<\|tool_call_begin\|>|<\uff5ctool▁call▁begin\uff5c>"
    r"|<\|python_tag\|>|<\|tool_call>|\[TOOL_CALLS\]"
)
_SPECIAL = r"(?:<\|[\w/]+\|>|<\uff5c[^\uff5c\n]{1,40}\uff5c>|\[(?:ARGS|CALL_ID)\])"
# What may stand between the opening and the object: a name, its number, tokens, a fence.
_HEAD = re.compile(
    rf"\s*(?:(?:call:|functions?[.\s]\s*|function(?=<))\s*)?(?:{_SPECIAL}\s*)*"
    rf"(?P<name>[A-Za-z_][\w.]*)?(?::\d+)?\s*(?:(?:{_SPECIAL}|[A-Za-z0-9]{{9}}(?=\[ARGS\]))\s*)*"
    r"(?P<fence>```\w*\n\s*)?(?=\{)"
)
_CLOSING = re.compile(
    r"\s*(?:</(?:tool_call|function_call)>|<\|(?:tool_call_end|eom_id|eot_id)\|>|<tool_call\|>"
    r"|<\uff5ctool▁call▁end\uff5c>)"
)
_AROUND = re.compile(
    r"<\|tool_calls_section_(?:begin|end)\|>|<\uff5ctool▁calls▁(?:begin|end)\uff5c>|\[/TOOL_CALLS\]"
)
_STOP = re.compile(
    r"(?:\s*(?:<\|(?:im_end|eot_id|eom_id|end_of_text|endoftext|end|return)\|>|</s>|<end_of_turn>"
    r"|<\uff5cend▁of▁sentence\uff5c>))+\s*$"
)
_QUOTE = '<|"|>'  # as Gemma writes one


def plain_calls(text: str) -> str:
    r"""Write each call that stands in a model's own marks behind a line that names it.

    What stands in a diff or in a fence stays as it is, and so does everything else but the marks.

    >>> plain_calls('<tool_call>{"name": "read", "arguments": {"path": "a"}}</tool_call>')
    'read:\n{"path": "a"}'
    """
    text = _without_stop(text)
    if not _OPENING.search(text):
        return text
    lines = lines_of(text)
    parts: list[str] = []
    behind = 0
    for mark in _OPENING.finditer(text):
        if mark.start() < behind or _line_at(lines, mark.start()).is_quoted:
            continue
        found = _call_at(text, mark.end())
        if found is None:
            continue
        written, end = found
        parts += [_AROUND.sub("", text[behind : mark.start()]).rstrip(), written]
        behind = end
    if not parts:
        return text
    return "\n\n".join(filter(str.strip, [*parts, _AROUND.sub("", text[behind:]).strip()])).strip()


def name_of(raw: str) -> str:
    """Return the name of a tool without what models put around it: a space, a channel, a number.

    >>> name_of("functions.read:0"), name_of("read<|channel|>commentary")
    ('read', 'read')
    """
    bare = re.split(r"<[|\uff5c]", raw.strip())[0]
    bare = re.sub(r":\d+$", "", bare.strip())
    return re.split(r"[.:/]", bare)[-1].strip()


def _call_at(text: str, at: int) -> tuple[str, int] | None:
    """Return the call behind an opening mark, written plainly, and its end."""
    if many := _list_at(text, at):
        return many
    head = _HEAD.match(text, at)
    if head is None:
        return None
    name, start = name_of(head["name"] or ""), head.end()
    try:
        found, length = json.JSONDecoder(strict=False).raw_decode(text[start:])
    except (ValueError, RecursionError):  # whoever reads forms mends it, or says what is wrong
        rest = text[start:].replace(_QUOTE, '"')
        closing = _CLOSING.search(rest)
        body = rest[: closing.start()] if closing else rest
        end = start + (text[start:].find(closing[0]) + len(closing[0]) if closing else len(rest))
        return (f"{name}:\n{body.strip()}" if name else body.strip()), min(end, len(text))
    end = start + length
    if head["fence"] and (fence := re.compile(r"\s*```").match(text, end)):
        end = fence.end()
    if closing := _CLOSING.match(text, end):
        end = closing.end()
    if name:
        return f"{name}:\n{json.dumps(found, ensure_ascii=False)}", end
    return _written(found), end


def _list_at(text: str, at: int) -> tuple[str, int] | None:
    """Return the calls of a list, as Mistral writes them."""
    opening = re.compile(r"\s*(?=\[\s*\{)").match(text, at)
    if opening is None:
        return None
    try:
        found, length = json.JSONDecoder(strict=False).raw_decode(text[opening.end() :])
    except (ValueError, RecursionError):
        return None
    return "\n\n".join(map(_written, found)), opening.end() + length


def _written(call: Any) -> str:  # noqa: ANN401 - JSON
    """Write an object that names its tool; any other one stays."""
    if isinstance(call, Mapping):
        name = next((call[key] for key in NAME_KEYS if isinstance(call.get(key), str)), "")
        given = next((call[key] for key in INPUT_KEYS if key in call), None)
        if name and isinstance(given, Mapping | str):
            body = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
            return f"{name_of(name)}:\n{body}"
    return json.dumps(call, ensure_ascii=False)


def _without_stop(text: str) -> str:
    """Leave out the token that ends an answer, which some servers let through."""
    found = _STOP.search(text)
    if found is None:
        return text
    at = text.index("<", found.start())
    line = _line_at(lines_of(text), at)
    before = text[line.start : at].strip()
    is_fence = len(before) >= len("```") and set(before) in ({"`"}, {"~"})
    return text[: found.start()] if is_fence or not line.is_quoted else text


def _line_at(lines: list[TextLine], at: int) -> TextLine:
    return next(line for line in reversed(lines) if line.start <= at)
