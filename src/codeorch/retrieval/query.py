"""Request -> words with weights, names that look like code, and the files it mentions."""

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
_CALL = re.compile(r"\b([A-Za-z_]\w{2,}+)\(")
# Chinese, Japanese and Korean stand beside a name without a space.
_BESIDE = re.compile(rf"(?<=[{UNSPACED}])(?=[A-Za-z0-9_.])|(?<=[A-Za-z0-9_])(?=[{UNSPACED}])")
_MAX_COUNT = 3  # of a word; above, it does not weigh more
_PLAIN = 0.3  # a name that may be an ordinary word


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A request in the form that signals look for."""

    text: str  # without noise
    words: Mapping[str, float]  # in the form of `words`, with their weights
    names: Mapping[str, float]  # as written; 1 = surely code, less = perhaps


def query_of(request: str) -> Query:
    """Return a request as a query; a repeated word weighs more, by the root of its count.

    >>> query_of("Round `net_total` up").names
    {'Round': 0.3, 'net_total': 1.0}
    """
    text = _BESIDE.sub(" ", _NOISE.sub(" ", _without_comments(request)))
    weights = {word: min(count, _MAX_COUNT) ** 0.5 for word, count in words(text).items()}
    return Query(text=text, words=weights, names=_names(text))


def _without_comments(text: str) -> str:
    """Return a text without the comments of its template, `<!-- ... -->`."""
    *parts, last = text.split("-->")
    return " ".join([*(part.partition("<!--")[0] for part in parts), last])


def _names(text: str) -> dict[str, float]:
    names = _IDENTIFIER.findall(text)
    code = {name for part in _QUOTED.findall(text) for name in _IDENTIFIER.findall(part)}
    code.update(_CALL.findall(text))
    code.update(name for name in names if _SHAPED.search(name))
    return {name: 1.0 if name in code else _PLAIN for name in names if name.lower() not in STOP}


_TOKEN = re.compile(r"[\w.@/\\:+-]+")
_NO_END = "/\\.:@+-"
_LONGEST = 1_000  # characters of a token; what is longer is data
_SEPARATORS = re.compile(r"[/\\.:]+")
_PATH, _MODULE, _FILE_NAME, _FOLDER = 1.0, 0.8, 0.6, 0.4

_Folders = Mapping[str, Mapping[str, list[str]]]  # by the last part of a folder, by folder: paths
_NamedPaths = list[tuple[str, list[str], str]]  # path, its parts without the suffix, the suffix


def score_mentions(text: str, paths: Iterable[str]) -> dict[str, float]:
    """Return a score from 0 to 1 for each path that a text mentions: the more of it, the higher."""
    by_name: dict[str, _NamedPaths] = defaultdict(list)
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
    for parts in _path_candidates(text):
        matches = _match_files(parts, by_name) or dict(_match_folders(parts, by_folder))
        for path, score in matches.items():
            scores[path] = max(score, scores.get(path, 0.0))
    return scores


def _path_candidates(text: str) -> Iterator[list[str]]:
    """Yield the parts of whatever may be a path or a module, or begin with one."""
    for token in sorted({token.rstrip(_NO_END) for token in _TOKEN.findall(text)}):
        if len(token) <= _LONGEST and _SEPARATORS.search(token):
            yield [part for part in _SEPARATORS.split(token) if part]


def _match_files(mention: list[str], by_name: dict[str, _NamedPaths]) -> dict[str, float]:
    """Return the files whose path agrees longest with a mention that ends with their name."""
    for end in range(len(mention), 0, -1):
        matches = [
            (score, shared, path)
            for path, parts, suffix in by_name.get(mention[end - 1], ())
            if (shared := _common_ending(mention[:end], parts))
            and (score := _mention_score(shared, names_suffix=mention[end : end + 1] == [suffix]))
        ]
        if matches:
            best = max(matches)[:2]
            return {path: score for score, shared, path in matches if (score, shared) == best}
    return {}


def _mention_score(shared: int, *, names_suffix: bool) -> float:
    if shared > 1:
        return _PATH if names_suffix else _MODULE
    return _FILE_NAME if names_suffix else 0.0


def _common_ending(left: list[str], right: list[str]) -> int:
    """Return how many parts two paths have in common at their end."""
    count = 0
    for a, b in zip(reversed(left), reversed(right), strict=False):
        if a != b:
            break
        count += 1
    return count


def _match_folders(mention: list[str], by_folder: _Folders) -> Iterator[tuple[str, float]]:
    if len(mention) > 1:
        ending = "/".join(mention)
        for folder, paths in by_folder.get(mention[-1], {}).items():
            if f"/{folder}".endswith(f"/{ending}"):
                yield from ((path, _FOLDER / len(paths)) for path in paths)
