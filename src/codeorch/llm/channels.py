r"""The channels of GPT-OSS, where a server passes them on as they are -> answer and reasoning.

`<|channel|>analysis<|message|>...<|end|>` is reasoning, `final` is the answer, and what is sent
`to=functions.NAME` is a call. The form is OpenAI's "harmony"; servers that drop its special tokens
leave their words behind: `analysis...assistantfinal...`.
"""

import re
from dataclasses import dataclass

_MARK = re.compile(
    r"(?:<\|start\|>(?P<from>[^<\n]*))?<\|channel\|>(?P<channel>\w+)"
    r"(?P<head>(?:[^<\n]|<\|constrain\|>)*)<\|message\|>"
)
_END = re.compile(r"<\|(?:end|return|call)\|>\s*$")
_RECIPIENT = re.compile(r"\bto=(?:functions\.)?(\w+)")
_BARE_START = re.compile(r"\s*analysis(?=[A-Z\s\"'`])")
_BARE = re.compile(
    r"assistant(?P<channel>final|commentary|analysis)(?P<head> to=[\w.]+ ?(?:json|code)?)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """What stands in the channels: the answer, with a line and an object for each call."""

    answer: str
    reasoning: str


def split_channels(text: str) -> Channels | None:
    """Part an answer by its channels; None when it has none.

    What stands before the first of them is reasoning where an answer follows, else the answer.
    """
    text = _with_tokens(text)
    marks = list(_MARK.finditer(text)) if "<|channel|>" in text else []
    if not marks or not _is_edge(text, marks[0].start()):
        return None
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    answer: list[str] = []
    reasoning: list[str] = []
    before = text[: marks[0].start()]
    has_final = any(mark["channel"] == "final" for mark in marks)
    (reasoning if has_final else answer).append(_END.sub("", before).strip())
    for mark, end in zip(marks, ends, strict=True):
        body = _END.sub("", text[mark.end() : end]).strip("\n")
        recipient = _RECIPIENT.search(f"{mark['from'] or ''} {mark['head']}")
        if recipient is not None:
            answer.append(f"{recipient[1]}:\n{body}")
        else:
            (answer if mark["channel"] == "final" else reasoning).append(body)
    return Channels(
        answer="\n\n".join(filter(None, answer)), reasoning="\n\n".join(filter(None, reasoning))
    )


def _is_edge(text: str, at: int) -> bool:
    """Whether a mark can only be markup: at the start, or behind the end of a message."""
    before = text[:at]
    return not before.strip() or bool(_END.search(before)) or text.startswith("<|start|>", at)


def _with_tokens(text: str) -> str:
    """Write channels whose tokens were dropped as they should be."""
    start = _BARE_START.match(text)
    if start is None or not _BARE.search(text):
        return text
    rest = _BARE.sub(
        lambda mark: (
            f"<|start|>assistant<|channel|>{mark['channel']}{mark['head'] or ''}<|message|>"
        ),
        text[start.end() :],
    )
    return f"<|channel|>analysis<|message|>{rest}"
