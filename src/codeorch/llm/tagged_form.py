"""Forms that are written as tags, where a server passes a model's own calls on as text.

Qwen: `<function=result><parameter=status>done</parameter></function>`; MiniMax, DeepSeek and
Claude: `<invoke name="result"><parameter name="status">done</parameter></invoke>`; GLM:
`<tool_call>result<arg_key>status</arg_key><arg_value>done</arg_value></tool_call>`.
"""

import re
from collections.abc import Mapping
from typing import Any

from codeorch.llm.text_layout import lines_of

_CALLS = (
    r"<function={name}>(?P<body>.*?)(?:</function>|(?=</tool_call>))",
    r"<invoke name=\"{name}\"[^>\n]*>(?P<body>.*?)</invoke>",
    r"<tool_call>\s*{name}\s*(?=<arg_key>)(?P<body>.*?)(?=</tool_call>)",
)
_FIELDS = (
    re.compile(r"<parameter=(\w+)>\n?(.*?)\n?</parameter>", re.DOTALL),
    re.compile(r"<parameter name=\"(\w+)\"[^>\n]*>\n?(.*?)\n?</parameter>", re.DOTALL),
    re.compile(r"<arg_key>(\w+)</arg_key>\s*<arg_value>\n?(.*?)\n?</arg_value>", re.DOTALL),
)
_AROUND = re.compile(r"<(?:tool_call|function_calls|minimax:tool_call)>\s*$")
_BEHIND = re.compile(r"\s*</(?:tool_call|function_calls|minimax:tool_call)>")


def split_tagged_form(text: str, name: str) -> tuple[str, Mapping[str, Any] | None]:
    """Part an answer from the last form of some name that is written in tags; all values are texts.

    What stands in a diff, or in a fence, is none.
    """
    if "<" not in text or ("parameter" not in text and "arg_key" not in text):
        return text, None
    for call, field in zip(_CALLS, _FIELDS, strict=True):
        pattern = re.compile(call.format(name=re.escape(name)), re.DOTALL | re.IGNORECASE)
        plain = [match for match in pattern.finditer(text) if not _is_quoted(text, match.start())]
        if plain:
            last = plain[-1]
            before = _AROUND.sub("", text[: last.start()])
            behind = _BEHIND.match(text, last.end())
            after = text[behind.end() if behind else last.end() :]
            return f"{before.rstrip()}{after.rstrip()}", dict(field.findall(last["body"]))
    return text, None


def _is_quoted(text: str, at: int) -> bool:
    line = [line for line in lines_of(text) if line.start <= at][-1]
    return line.is_quoted
