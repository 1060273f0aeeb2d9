"""Signals -> one order of files: scaled and summed, then one step from the best to those near."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from codeorch.domain import RankedFile, Snapshot
from codeorch.git import LogEntry
from codeorch.retrieval import proximity, signals
from codeorch.retrieval.corpus import Corpus, Past, corpus_of, past_of
from codeorch.retrieval.query import mentions, query_of

Scores = Mapping[str, float]  # by path


def scaled(scores: Scores, weight: float) -> dict[str, float]:
    """Scale scores so that the best one is the weight."""
    most = max(scores.values(), default=0.0)
    return weighed(scores, weight / most) if most > 0 else {}


def weighed(scores: Scores, weight: float) -> dict[str, float]:
    """Multiply scores that have a common scale already."""
    return {path: weight * score for path, score in scores.items()}


def total(parts: Mapping[str, Scores]) -> dict[str, float]:
    """Add up the parts of each path's score."""
    sums: dict[str, float] = defaultdict(float)
    for part in parts.values():
        for path, score in part.items():
            sums[path] += score
    return sums


def best_of(scores: Scores) -> list[str]:
    """Order paths by their scores, best first; equal ones by name."""
    return sorted(scores, key=lambda path: (-scores[path], path))


def ranked_by(parts: Mapping[str, Scores]) -> tuple[RankedFile, ...]:
    """Rank by the sum of the parts; each file keeps its own ones, the largest first."""
    score = total(parts)
    return tuple(
        RankedFile(path=path, score=score[path], why=_why(path, parts)) for path in best_of(score)
    )


def _why(path: str, parts: Mapping[str, Scores]) -> tuple[tuple[str, float], ...]:
    found = [(name, part[path]) for name, part in parts.items() if path in part]
    return tuple(sorted(found, key=lambda each: -each[1]))


_SEEDS = 8  # files from which the second step is taken
_TEXT, _NAMES, _HISTORY, _DEFINES, _IDENTIFIERS, _MENTION = 1.0, 0.7, 0.7, 0.3, 0.5, 1.1
_TOGETHER, _USES, _FOLDER = 0.3, 0.3, 0.1


def rank(
    text: str, snapshot: Snapshot, history: Sequence[LogEntry] = (), limit: int | None = None
) -> tuple[RankedFile, ...]:
    """Rank the source files of a snapshot for a request; `why` holds each signal's part."""
    return rank_in(text, corpus_of(snapshot), past_of(history), limit)


def rank_in(
    text: str, corpus: Corpus, past: Past, limit: int | None = None
) -> tuple[RankedFile, ...]:
    """Rank the files of a corpus for a request; `why` holds each signal's part of the score."""
    query = query_of(text)
    first = {
        "text": scaled(signals.best_chunks(query.words, corpus), _TEXT),
        "names": scaled(signals.names(query.words, corpus), _NAMES),
        "history": scaled(signals.past_messages(query.words, past, corpus), _HISTORY),
        "mention": weighed(mentions(query.text, corpus.paths), _MENTION),
        "defines": scaled(signals.definitions(query.names, corpus), _DEFINES),
        "identifiers": scaled(signals.identifiers(query.names, corpus), _IDENTIFIERS),
    }
    score = total(first)
    seeds = {path: score[path] for path in best_of(score)[:_SEEDS]}
    second = {
        "together": scaled(proximity.together(seeds, past, corpus), _TOGETHER),
        "uses": scaled(proximity.users(seeds, query.words, corpus), _USES),
        "folder": scaled(proximity.folder(seeds, corpus), _FOLDER),
    }
    return ranked_by(first | second)[:limit]
