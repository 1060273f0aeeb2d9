"""What lies near the first good files: changed together, used by each other, in one folder."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping

from codeorch.read.corpus import Corpus, Past
from codeorch.read.rank.signals import LARGEST_COMMIT

_FEW = 3  # definers of a name; a name with more says little about any of them


def together(seeds: Mapping[str, float], past: Past, corpus: Corpus) -> dict[str, float]:
    """Score files that past commits changed together with the best ones."""
    scores: dict[str, float] = defaultdict(float)
    for seed, weight in seeds.items():
        commits = past.commits(seed)
        touched = [paths for one in commits if len(paths := past.touched(one)) <= LARGEST_COMMIT]
        shared = Counter(path for paths in touched for path in paths)
        for path, count in shared.items():
            if path != seed and path in corpus.paths:
                either = len(commits) * len(past.commits(path)) + 4
                scores[path] += weight * count / math.sqrt(either)
    return scores


def uses(seeds: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    """Score files that define what the best ones use, and files that use what they define."""
    scores: dict[str, float] = defaultdict(float)
    for seed, weight in seeds.items():
        for name in corpus.used(seed):
            definers = _definers(name, corpus)
            for path in () if seed in definers else definers:
                scores[path] += weight / len(definers)
        users = {
            path
            for name in corpus.defined(seed)
            if len(_definers(name, corpus)) == 1
            for path in corpus.users(name)
        }
        for path in users - {seed}:
            scores[path] += weight / 6
    return {path: math.log1p(score) for path, score in scores.items()}


def _definers(name: str, corpus: Corpus) -> tuple[str, ...]:
    found = tuple(corpus.definers(name)) if len(name) > 3 else ()
    return found if len(found) <= _FEW else ()


def folder(seeds: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    """Score files that lie in the folder of good ones."""
    places: dict[str, float] = defaultdict(float)
    for seed, weight in seeds.items():
        places[seed.rpartition("/")[0]] += weight
    return {
        path: places[place]
        for path in corpus.paths
        if (place := path.rpartition("/")[0]) in places and place
    }
