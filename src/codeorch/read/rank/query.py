"""What a request says: words with weights, and the names in it that look like code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from codeorch.read.words import STOP, UNSPACED, words

# A request may be a log of megabytes: no pattern here looks at a character many times.
# Links, addresses, and who wrote or reviewed it.
_NOISE = re.compile(
    r"https?://\S+|(?<![^\s@])[^\s@]++@[^\s@]+\.\w+|^[A-Z][a-z]+(?:-[a-z]+)*-by:.*$|^Reviewers?:.*$",
    re.MULTILINE,
)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{2,}")
_SHAPED = re.compile(r"[^\W_]_+[^\W_]|[a-z0-9][A-Z]|[A-Za-z]\d|^_")
_QUOTED = re.compile(r"`([^`\n]+)`")
_CALLED = re.compile(r"\b([A-Za-z_]\w{2,}+)\(")
# Chinese, Japanese and Korean stand beside a name without a space.
_BESIDE = re.compile(rf"(?<=[{UNSPACED}])(?=[A-Za-z0-9_.])|(?<=[A-Za-z0-9_])(?=[{UNSPACED}])")
_MOST_OF_A_WORD = 3  # said oftener, it does not count more
_PLAIN = 0.3  # a name that may be an ordinary word


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A request as it is looked for."""

    text: str  # without noise
    words: Mapping[str, float]  # in the form of `words`, with their weights
    names: Mapping[str, float]  # as written; 1 = surely code, less = perhaps


def query_of(request: str) -> Query:
    """Read a request; a repeated word counts more, but less and less."""
    text = _BESIDE.sub(" ", _NOISE.sub(" ", _without_comments(request)))
    weights = {word: min(count, _MOST_OF_A_WORD) ** 0.5 for word, count in words(text).items()}
    return Query(text=text, words=weights, names=_names(text))


def _without_comments(text: str) -> str:
    """Leave out what a template only tells its reader."""
    *parts, last = text.split("-->")
    return " ".join([*(part.partition("<!--")[0] for part in parts), last])


def _names(text: str) -> dict[str, float]:
    said = _IDENTIFIER.findall(text)
    code = {name for quoted in _QUOTED.findall(text) for name in _IDENTIFIER.findall(quoted)}
    code.update(_CALLED.findall(text))
    code.update(name for name in said if _SHAPED.search(name))
    return {name: 1.0 if name in code else _PLAIN for name in said if name.lower() not in STOP}
