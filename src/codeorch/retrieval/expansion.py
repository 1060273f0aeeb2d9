"""Confirmed files -> files that probably change with them."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from codeorch.domain import RankedFile
from codeorch.retrieval import proximity
from codeorch.retrieval.corpus import Corpus, Past
from codeorch.retrieval.fusion import ranked_by, scaled, weighed

# Of a score that is 0.5 where about every fourth file does belong to the change.
_REQUEST, _TOGETHER, _USES, _NAMESAKE, _FOLDER = 0.5, 0.4, 0.1, 0.1, 0.025


def expand(
    confirmed: Collection[str], ranked: Sequence[RankedFile], corpus: Corpus, past: Past
) -> tuple[RankedFile, ...]:
    """Rank what is not confirmed yet, once somebody has seen that some files must change.

    The request's own ranking counts on; to it comes what was changed together with the confirmed
    files, what uses their definitions, is called like them or lies beside them. The best of these
    score near 1.
    """
    seeds = {path: 1.0 for path in confirmed if path in corpus.paths}
    parts = {
        "request": scaled({one.path: one.score for one in ranked}, _REQUEST),
        "together": weighed(_together_with_any(seeds, past, corpus), _TOGETHER),
        "uses": scaled(proximity.users(seeds, {}, corpus), _USES),
        "namesake": weighed(proximity.namesakes(seeds, corpus), _NAMESAKE),
        "folder": scaled(proximity.folder(seeds, corpus), _FOLDER),
    }
    return tuple(one for one in ranked_by(parts) if one.path not in seeds)


def _together_with_any(seeds: Collection[str], past: Past, corpus: Corpus) -> dict[str, float]:
    """Join how often a file changed with each seed as if these were independent chances."""
    never: dict[str, float] = defaultdict(lambda: 1.0)
    for seed in seeds:
        for path, share in proximity.together({seed: 1.0}, past, corpus).items():
            never[path] *= 1 - min(1.0, share)
    return {path: 1 - chance for path, chance in never.items()}
