"""What each first look at a request says about the files: a score by path, of any scale."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping

from codeorch.read.corpus import Corpus, Past
from codeorch.read.rank.bm25 import bm25, rarity
from codeorch.read.words import STOP, words

LARGEST_COMMIT = 30  # files; larger ones say little about any of them
_MESSAGES = 200
_IDENTIFIER = re.compile(r"[A-Za-z_]\w+")


def weights_of(text: str) -> dict[str, float]:
    """Weigh the words of a request: a repeated one counts more, but less and less."""
    return {word: min(count, 3) ** 0.5 for word, count in words(text).items()}


def best_chunks(query: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    """Score a file by its best chunk and, less, by the next two."""
    found: dict[str, list[float]] = defaultdict(list)
    for chunk, score in bm25(query, corpus.chunks).items():
        found[corpus.chunks.owner(chunk)].append(score)
    return {
        path: sum(s * w for s, w in zip(sorted(scores, reverse=True), (1, 0.4, 0.2), strict=False))
        for path, scores in found.items()
    }


def names(query: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    """Score a file by the words of its path and of the names it defines."""
    scores = {corpus.names.owner(text): score for text, score in bm25(query, corpus.names).items()}
    holders: dict[str, list[str]] = defaultdict(list)
    for path in corpus.paths:
        for word in words(path).keys() & query.keys():
            holders[word].append(path)
    for word, paths in holders.items():
        for path in paths:
            gain = 2 * query[word] * rarity(len(paths), len(corpus.paths))
            scores[path] = scores.get(path, 0.0) + gain
    return scores


def past_messages(query: Mapping[str, float], past: Past, corpus: Corpus) -> dict[str, float]:
    """Spread the scores of the most similar commit messages over the files they touched."""
    scores = bm25(query, past.messages)
    best = sorted(scores, key=lambda message: (-scores[message], message))[:_MESSAGES]
    spread: dict[str, float] = defaultdict(float)
    for message in best:
        touched = past.touched(past.messages.owner(message))
        known = [path for path in touched if path in corpus.paths]
        if len(touched) <= LARGEST_COMMIT:
            for path in known:
                spread[path] += scores[message] ** 3 / len(known) ** 0.5
    return spread


def mentions(text: str, paths: Collection[str]) -> dict[str, float]:
    """Score files that the request names: by path, by file name, or as a dotted module."""
    said = set(re.findall(r"[\w./\\-]+", text.replace("\\", "/")))
    dotted = {word.strip(".") for word in said if "." in word.strip(".")}
    files = {word.rpartition("/")[2].rstrip(".") for word in said}
    scores = {}
    for path in paths:
        stem = path.rpartition(".")[0]
        module = stem.removesuffix("/__init__").replace("/", ".")
        if any(path.endswith(word) and "/" in word for word in said):
            scores[path] = 1.0
        elif any(_names_module(word, module) for word in dotted):
            scores[path] = 0.8
        elif path.rpartition("/")[2] in files:
            scores[path] = 0.6
    return scores


def _names_module(word: str, module: str) -> bool:
    """Whether a dotted word is a module or something in it."""
    return "." in module and f".{module}.".endswith(
        tuple(f".{part}." for part in (word, word.rpartition(".")[0]) if "." in part)
    )


def definitions(text: str, corpus: Corpus) -> dict[str, float]:
    """Score files that define a name which the request mentions; a rare name counts more."""
    said = {
        word for word in _IDENTIFIER.findall(text) if len(word) > 2 and word.lower() not in STOP
    }
    scores: dict[str, float] = defaultdict(float)
    for name in said:
        paths = corpus.definers(name)
        plain = name.islower() and "_" not in name  # may be an ordinary word
        for path in paths:
            scores[path] += (0.3 if plain else 1.0) / len(paths)
    return scores
