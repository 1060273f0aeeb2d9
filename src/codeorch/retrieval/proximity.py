"""Good files -> scores of those near: changed together, users, of like name, in one folder."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping

from codeorch.retrieval.corpus import Corpus, Past
from codeorch.retrieval.signals import LARGEST_COMMIT
from codeorch.retrieval.words import words

_SHORTEST_NAME = 4
_NAMES = 50  # of a file; those most like the request, as each one costs two look-ups


def score_co_changes(seeds: Mapping[str, float], past: Past, corpus: Corpus) -> dict[str, float]:
    """Return scores of files that past commits changed together with the seeds.

    `seeds` are paths with weights; a file's share is the cosine of both files' commits.
    """
    scores: dict[str, float] = defaultdict(float)
    for seed, weight in seeds.items():
        commits = past.commits(seed)
        changes = [paths for key in commits if len(paths := past.touched(key)) <= LARGEST_COMMIT]
        shared = Counter(path for paths in changes for path in paths)
        for path, count in shared.items():
            if path != seed and path in corpus.paths:
                either = len(commits) * len(past.commits(path)) + 4
                scores[path] += weight * count / math.sqrt(either)
    return scores


def score_users(
    seeds: Mapping[str, float], query: Mapping[str, float], corpus: Corpus
) -> dict[str, float]:
    """Return scores of files that use what the seeds define, and no other file does.

    One step of a PageRank from the seeds along references, against their direction: each seed
    gives its weight away in equal parts to its names, and these to the files that hold them.
    """
    scores: dict[str, float] = defaultdict(float)
    for seed, weight in seeds.items():
        names = sorted(
            (name for name in corpus.defined(seed) if len(name) >= _SHORTEST_NAME),
            key=lambda name: -sum(query.get(word, 0.0) for word in words(name)),
        )[:_NAMES]
        own = [name for name in names if len(corpus.definers(name)) == 1]
        holders = [users for name in own if (users := {*corpus.users(name)} - {seed})]
        for users in holders:
            for path in users:
                scores[path] += weight / len(holders) / len(users)
    return scores


def score_folders(seeds: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    """Return scores of files that lie in the folder of a seed."""
    weights: dict[str, float] = defaultdict(float)
    for seed, weight in seeds.items():
        weights[seed.rpartition("/")[0]] += weight
    return {
        path: weights[folder]
        for path in corpus.paths
        if (folder := path.rpartition("/")[0]) in weights and folder
    }
