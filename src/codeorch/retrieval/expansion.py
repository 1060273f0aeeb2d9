"""Confirmed files -> files that probably change with them."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from codeorch.domain import RankedFile
from codeorch.retrieval import proximity
from codeorch.retrieval.corpus import Corpus, Past
from codeorch.retrieval.fusion import rank_by_parts, scale, weigh

# Of a score that is 0.5 where about every fourth file does belong to the change.
_REQUEST, _TOGETHER, _USES, _NAMESAKE, _FOLDER = 0.5, 0.4, 0.1, 0.1, 0.025


def expand(
    confirmed: Collection[str], ranked: Sequence[RankedFile], corpus: Corpus, past: Past
) -> tuple[RankedFile, ...]:
    """Return the files that are not confirmed yet, best first, once some are known to change.

    The request's own ranking counts on; to it comes what was changed together with the confirmed
    files, what uses their definitions, is called like them or lies beside them. The best of these
    score near 1.
    """
    seeds = {path: 1.0 for path in confirmed if path in corpus.paths}
    parts = {
        "request": scale({file.path: file.score for file in ranked}, _REQUEST),
        "together": weigh(_chance_of_co_change(seeds, past, corpus), _TOGETHER),
        "uses": scale(proximity.score_users(seeds, {}, corpus), _USES),
        "namesake": weigh(proximity.score_namesakes(seeds, corpus), _NAMESAKE),
        "folder": scale(proximity.score_folders(seeds, corpus), _FOLDER),
    }
    return tuple(file for file in rank_by_parts(parts) if file.path not in seeds)


def _chance_of_co_change(seeds: Collection[str], past: Past, corpus: Corpus) -> dict[str, float]:
    """Return the chance that a file changes with any seed, as if these were independent."""
    never: dict[str, float] = defaultdict(lambda: 1.0)
    for seed in seeds:
        for path, share in proximity.score_co_changes({seed: 1.0}, past, corpus).items():
            never[path] *= 1 - min(1.0, share)
    return {path: 1 - chance for path, chance in never.items()}
