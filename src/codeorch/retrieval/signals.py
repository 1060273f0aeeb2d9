"""Query -> scores by path, of any scale: one function for each first look at a request."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from operator import mul

from codeorch.retrieval.corpus import Corpus, Past, Texts
from codeorch.retrieval.words import words

K1, B = 1.2, 0.75


def bm25(query: Mapping[str, float], texts: Texts) -> dict[int, float]:
    """Return a score for each text that holds a word of the query, each word with its weight.

    Okapi BM25 (Robertson, Zaragoza: The Probabilistic Relevance Framework, 2009), with K1 and B as
    they are common.
    """
    scores: dict[int, float] = defaultdict(float)
    mean = texts.mean_length or 1.0
    for word, weight in query.items():
        postings = list(texts.postings(word))
        gain = (K1 + 1) * weight * rarity(len(postings), texts.size)
        for text, count in postings:
            norm = K1 * (1 - B + B * texts.length(text) / mean)
            scores[text] += gain * count / (count + norm)
    return scores


def rarity(holders: int, size: int) -> float:
    """Return the inverse document frequency of a word that `holders` of `size` texts hold."""
    return math.log(1 + (size - holders + 0.5) / (holders + 0.5))


LARGEST_COMMIT = 30  # files; larger ones say little about any of them
_MESSAGES = 100
_HALVED_AFTER = 1_500  # commits
_IN_PATH = 2.0  # about the most that BM25 gives for a word


def score_chunks(query: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    """Return scores of files by their best chunk and, less, by the next two."""
    chunk_scores: dict[str, list[float]] = defaultdict(list)
    for chunk, score in bm25(query, corpus.chunks).items():
        chunk_scores[corpus.chunks.owner(chunk)].append(score)
    return {
        path: sum(map(mul, sorted(scores, reverse=True), (1, 0.4, 0.2)))
        for path, scores in chunk_scores.items()
    }


def score_names(query: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    """Return scores of files by the words of the names they define, and of their path."""
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
    """Yield each path with the words of the query in it."""
    folders: dict[str, set[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder not in folders:
            folders[folder] = {*words(folder)} & query.keys()
        yield path, folders[folder] | ({*words(name)} & query.keys())


def score_messages(query: Mapping[str, float], past: Past, corpus: Corpus) -> dict[str, float]:
    """Return scores of the files that the commits with the most similar messages changed."""
    scores = bm25(query, past.messages)
    best = sorted(scores, key=lambda message: (-scores[message], message))[:_MESSAGES]
    spread: dict[str, float] = defaultdict(float)
    for message in best:
        paths = past.touched(past.messages.owner(message))
        if len(paths) <= LARGEST_COMMIT:
            known = [path for path in paths if path in corpus.paths]
            share = scores[message] ** 4 / (1 + message / _HALVED_AFTER)
            for path in known:
                spread[path] += share / math.sqrt(len(known))
    return {path: math.sqrt(score) for path, score in spread.items()}


def score_definitions(names: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    """Return scores of files that define a name of the query; a rare name counts more."""
    scores: dict[str, float] = defaultdict(float)
    for name, sureness in names.items():
        paths = corpus.definers(name)
        for path in paths:
            scores[path] += sureness / len(paths)
    return scores


def score_identifiers(names: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    """Return scores of files that hold a name of the query which surely is code."""
    scores: dict[str, float] = defaultdict(float)
    for name in (name for name, sureness in names.items() if sureness == 1):
        holders = {*corpus.users(name), *corpus.definers(name)}
        for path in holders:
            scores[path] += rarity(len(holders), len(corpus.paths))
    return scores
