"""What each first look at a request says about the files: a score by path, of any scale."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from codeorch.retrieval.corpus import Corpus, Past, Texts
from codeorch.retrieval.words import words

K1, B = 1.2, 0.75


def bm25(query: Mapping[str, float], texts: Texts) -> dict[int, float]:
    """Score the texts that hold a word of the query, each word with its weight."""
    scores: dict[int, float] = defaultdict(float)
    mean = texts.mean_length or 1.0
    for word, weight in query.items():
        found = list(texts.postings(word))
        gain = (K1 + 1) * weight * rarity(len(found), texts.size)
        for text, count in found:
            norm = K1 * (1 - B + B * texts.length(text) / mean)
            scores[text] += gain * count / (count + norm)
    return scores


def rarity(found: int, size: int) -> float:
    """Give the inverse document frequency of a word that `found` of `size` texts hold."""
    return math.log(1 + (size - found + 0.5) / (found + 0.5))


LARGEST_COMMIT = 30  # files; larger ones say little about any of them
_MESSAGES = 100
_HALVED_AFTER = 1_500  # commits
_IN_PATH = 2.0  # about the most that BM25 gives for a word


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
    """Score a file by the words of the names it defines, and of its path."""
    scores = {corpus.names.owner(text): score for text, score in bm25(query, corpus.names).items()}
    holders: dict[str, list[str]] = defaultdict(list)
    for path, hits in _hits(query, corpus.paths):
        for word in hits:
            holders[word].append(path)
    for word, paths in holders.items():
        gain = _IN_PATH * query[word] * rarity(len(paths), len(corpus.paths))
        for path in paths:
            scores[path] = scores.get(path, 0.0) + gain
    return scores


def _hits(query: Mapping[str, float], paths: Iterable[str]) -> Iterator[tuple[str, set[str]]]:
    """Give the words of the query that stand in each path."""
    folders: dict[str, set[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder not in folders:
            folders[folder] = {*words(folder)} & query.keys()
        yield path, folders[folder] | ({*words(name)} & query.keys())


def past_messages(query: Mapping[str, float], past: Past, corpus: Corpus) -> dict[str, float]:
    """Spread the scores of the most similar commit messages over the files they touched."""
    scores = bm25(query, past.messages)
    best = sorted(scores, key=lambda message: (-scores[message], message))[:_MESSAGES]
    spread: dict[str, float] = defaultdict(float)
    for message in best:
        touched = past.touched(past.messages.owner(message))
        if len(touched) <= LARGEST_COMMIT:
            known = [path for path in touched if path in corpus.paths]
            share = scores[message] ** 4 / (1 + message / _HALVED_AFTER)
            for path in known:
                spread[path] += share / math.sqrt(len(known))
    return {path: math.sqrt(score) for path, score in spread.items()}


def definitions(said: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    """Score files that define a name which the request says; a rare name counts more."""
    scores: dict[str, float] = defaultdict(float)
    for name, sureness in said.items():
        paths = corpus.definers(name)
        for path in paths:
            scores[path] += sureness / len(paths)
    return scores


def identifiers(said: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    """Score files that hold a name which the request says and which surely is code."""
    scores: dict[str, float] = defaultdict(float)
    for name in (name for name, sureness in said.items() if sureness == 1):
        holders = {*corpus.users(name), *corpus.definers(name)}
        for path in holders:
            scores[path] += rarity(len(holders), len(corpus.paths))
    return scores
