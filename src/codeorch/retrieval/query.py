"""What a request says: words with weights, names that look like code, and the files it names."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from codeorch.languages import is_package_file
from codeorch.retrieval.words import STOP, UNSPACED, words

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


_TOKEN = re.compile(r"[\w.@/\\:+-]+")
_NO_END = "/\\.:@+-"
_LONGEST = 1_000  # characters of a token; what is longer is data
_SEPARATORS = re.compile(r"[/\\.:]+")
_PATH, _MODULE, _FILE_NAME, _FOLDER = 1.0, 0.8, 0.6, 0.4

_Folders = Mapping[str, Mapping[str, list[str]]]  # by the last part of a folder, by folder: paths
_Named = list[tuple[str, list[str], str]]  # path, its parts without the suffix, the suffix


def mentions(text: str, paths: Iterable[str]) -> dict[str, float]:
    """Score the files that a text names: the more of their path it gives, the higher."""
    by_name: dict[str, _Named] = defaultdict(list)
    by_folder: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in paths:
        folder = path.rpartition("/")[0]
        by_folder[folder.rpartition("/")[2]][folder].append(path)
        *parts, suffix = _SEPARATORS.split(path)
        if parts:
            by_name[parts[-1]].append((path, parts, suffix))
        if len(parts) > 1 and is_package_file(path):
            by_name[parts[-2]].append((path, parts[:-1], ""))
    scores: dict[str, float] = {}
    for said in _said(text):
        found = _files(said, by_name) or dict(_in_folder(said, by_folder))
        for path, score in found.items():
            scores[path] = max(score, scores.get(path, 0.0))
    return scores


def _said(text: str) -> Iterator[list[str]]:
    """Give the parts of whatever may be a path or a module, or begin with one."""
    for token in sorted({found.rstrip(_NO_END) for found in _TOKEN.findall(text)}):
        if len(token) <= _LONGEST and _SEPARATORS.search(token):
            yield [part for part in _SEPARATORS.split(token) if part]


def _files(said: list[str], by_name: dict[str, _Named]) -> dict[str, float]:
    """Give the files whose path agrees longest with what is said, the name in it being last."""
    for end in range(len(said), 0, -1):
        found = [
            (score, shared, path)
            for path, parts, suffix in by_name.get(said[end - 1], ())
            if (shared := _shared(said[:end], parts))
            and (score := _worth(shared, names_suffix=said[end : end + 1] == [suffix]))
        ]
        if found:
            best = max(found)[:2]
            return {path: score for score, shared, path in found if (score, shared) == best}
    return {}


def _worth(shared: int, *, names_suffix: bool) -> float:
    if shared > 1:
        return _PATH if names_suffix else _MODULE
    return _FILE_NAME if names_suffix else 0.0


def _shared(one: list[str], other: list[str]) -> int:
    """Count the parts that two paths have in common at their end."""
    count = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        count += 1
    return count


def _in_folder(said: list[str], by_folder: _Folders) -> Iterator[tuple[str, float]]:
    if len(said) > 1:
        ending = "/".join(said)
        for folder, paths in by_folder.get(said[-1], {}).items():
            if f"/{folder}".endswith(f"/{ending}"):
                yield from ((path, _FOLDER / len(paths)) for path in paths)
