"""Signals -> one order of files: scaled and summed, then one step from the best to those near."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from codeorch.domain import RankedFile, Snapshot
from codeorch.git import LogEntry
from codeorch.retrieval import proximity, signals
from codeorch.retrieval.corpus import Corpus, Past, corpus_of, past_of
from codeorch.retrieval.query import query_of, score_mentions

Scores = Mapping[str, float]  # by path


def scale(scores: Scores, weight: float) -> dict[str, float]:
    """Return scores scaled so that the best one is the weight."""
    best = max(scores.values(), default=0.0)
    return weigh(scores, weight / best) if best > 0 else {}


def weigh(scores: Scores, weight: float) -> dict[str, float]:
    """Return scores, on a common scale already, times the weight."""
    return {path: weight * score for path, score in scores.items()}


def sum_scores(parts: Mapping[str, Scores]) -> dict[str, float]:
    """Return the sum of the parts of each path's score."""
    sums: dict[str, float] = defaultdict(float)
    for part in parts.values():
        for path, score in part.items():
            sums[path] += score
    return sums


def paths_by_score(scores: Scores) -> list[str]:
    """Return the paths by their scores, best first; equal ones by name."""
    return sorted(scores, key=lambda path: (-scores[path], path))


def rank_by_parts(parts: Mapping[str, Scores]) -> tuple[RankedFile, ...]:
    """Return the files by the sum of their parts; `why` holds a file's parts, the largest first."""
    score = sum_scores(parts)
    return tuple(
        RankedFile(path=path, score=score[path], why=_why(path, parts))
        for path in paths_by_score(score)
    )


def _why(path: str, parts: Mapping[str, Scores]) -> tuple[tuple[str, float], ...]:
    shares = [(name, part[path]) for name, part in parts.items() if path in part]
    return tuple(sorted(shares, key=lambda share: -share[1]))


_SEEDS = 8  # files from which the second step is taken
_TEXT, _NAMES, _HISTORY, _DEFINES, _IDENTIFIERS, _MENTION = 1.0, 0.7, 0.7, 0.3, 0.5, 1.1
_TOGETHER, _USES, _FOLDER = 0.3, 0.3, 0.1


def rank_in_memory(
    text: str, snapshot: Snapshot, log: Sequence[LogEntry] = (), limit: int | None = None
) -> tuple[RankedFile, ...]:
    """Return the source files of a snapshot for a request, best first, without an index.

    The whole snapshot is parsed. `log` holds past commits, newest first; `limit` is a number of
    files, None for all.
    """
    return rank_corpus(text, corpus_of(snapshot), past_of(log), limit)


def rank_corpus(
    text: str, corpus: Corpus, past: Past, limit: int | None = None
) -> tuple[RankedFile, ...]:
    """Return the files of a corpus for a request, best first; `why` holds each signal's part."""
    query = query_of(text)
    first = {
        "text": scale(signals.score_chunks(query.words, corpus), _TEXT),
        "names": scale(signals.score_names(query.words, corpus), _NAMES),
        "history": scale(signals.score_messages(query.words, past, corpus), _HISTORY),
        "mention": weigh(score_mentions(query.text, corpus.paths), _MENTION),
        "defines": scale(signals.score_definitions(query.names, corpus), _DEFINES),
        "identifiers": scale(signals.score_identifiers(query.names, corpus), _IDENTIFIERS),
    }
    score = sum_scores(first)
    seeds = {path: score[path] for path in paths_by_score(score)[:_SEEDS]}
    second = {
        "together": scale(proximity.score_co_changes(seeds, past, corpus), _TOGETHER),
        "uses": scale(proximity.score_users(seeds, query.words, corpus), _USES),
        "folder": scale(proximity.score_folders(seeds, corpus), _FOLDER),
    }
    return rank_by_parts(first | second)[:limit]
