"""The sum of the signals."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from codeorch.domain import RankedFile, Snapshot
from codeorch.read.corpus import Corpus, Past, corpus_of, past_of
from codeorch.read.rank import near, signals
from codeorch.read.rank.mentions import mentions
from codeorch.read.rank.query import query_of
from codeorch.repo import LogEntry

_SEEDS = 8
_WEIGHTS = {
    "text": 1.0,
    "names": 0.7,
    "history": 0.7,
    "defines": 0.3,
    "identifiers": 0.5,
}
_MENTION = 1.1  # of a score that has its scale already
_NEAR = {"together": 0.3, "uses": 0.2, "folder": 0.1}


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
        "text": signals.best_chunks(query.words, corpus),
        "names": signals.names(query.words, corpus),
        "history": signals.past_messages(query.words, past, corpus),
        "defines": signals.definitions(query.names, corpus),
        "identifiers": signals.identifiers(query.names, corpus),
    }
    parts = {name: _scaled(scores, _WEIGHTS[name]) for name, scores in first.items()}
    parts["mention"] = {
        path: _MENTION * score for path, score in mentions(query.text, corpus.paths).items()
    }
    score = _sum(parts)
    seeds = {path: score[path] for path in _best(score)[:_SEEDS]}
    second = {
        "together": near.together(seeds, past, corpus),
        "uses": near.uses(seeds, corpus),
        "folder": near.folder(seeds, corpus),
    }
    parts |= {name: _scaled(scores, _NEAR[name]) for name, scores in second.items()}
    score = _sum(parts)
    return tuple(
        RankedFile(
            path=path,
            score=score[path],
            why=tuple((name, part[path]) for name, part in parts.items() if path in part),
        )
        for path in _best(score)[:limit]
    )


def _best(score: Mapping[str, float]) -> list[str]:
    return sorted(score, key=lambda path: (-score[path], path))


def _scaled(scores: Mapping[str, float], weight: float) -> dict[str, float]:
    most = max(scores.values(), default=0.0)
    return {path: weight * score / most for path, score in scores.items()} if most > 0 else {}


def _sum(parts: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for part in parts.values():
        for path, score in part.items():
            total[path] += score
    return total
