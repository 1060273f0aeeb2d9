"""Request -> ranked files: a first look, then one step from the best files to those near them."""

from collections.abc import Sequence

from codeorch.domain import RankedFile, Snapshot
from codeorch.read.corpus import Corpus, Past, corpus_of, past_of
from codeorch.read.rank import near, signals
from codeorch.read.rank.mentions import mentions
from codeorch.read.rank.query import query_of
from codeorch.read.rank.sums import best_of, ranked_by, scaled, total, weighed
from codeorch.repo import LogEntry

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
        "together": scaled(near.together(seeds, past, corpus), _TOGETHER),
        "uses": scaled(near.users(seeds, query.words, corpus), _USES),
        "folder": scaled(near.folder(seeds, corpus), _FOLDER),
    }
    return ranked_by(first | second)[:limit]
