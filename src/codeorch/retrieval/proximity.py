"""What lies near good files: changed together, used by each other, of like name, in one folder."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from codeorch.languages import is_package_file
from codeorch.retrieval.corpus import Corpus, Past
from codeorch.retrieval.signals import LARGEST_COMMIT
from codeorch.retrieval.words import words

_SHORTEST_NAME = 4
_STEM = re.compile(r"_*[^._]*")
_NAMESAKES = 8  # more of them, and the name says nothing
_NAMES = 50  # of a file; those most like the request, as each one costs two look-ups


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


def users(
    seeds: Mapping[str, float], query: Mapping[str, float], corpus: Corpus
) -> dict[str, float]:
    """Score files that use what the best ones define, and no other file does.

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
        holders = [found for name in own if (found := {*corpus.users(name)} - {seed})]
        for found in holders:
            for path in found:
                scores[path] += weight / len(holders) / len(found)
    return scores


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


def namesakes(seeds: Mapping[str, float], corpus: Corpus) -> dict[str, float]:
    """Score files whose name begins like a seed's, as those of `tax.h`, `tax.c` and `tax_us.c`."""
    akin: dict[str, list[str]] = defaultdict(list)
    for path in corpus.paths:
        akin[_stem(path)].append(path)
    scores: dict[str, float] = defaultdict(float)
    for seed, weight in seeds.items():
        found = [path for path in akin[_stem(seed)] if path != seed]
        if len(found) <= _NAMESAKES and not is_package_file(seed):
            for path in found:
                scores[path] = max(scores[path], weight / math.sqrt(len(found)))
    return scores


def _stem(path: str) -> str:
    found = _STEM.match(path.rpartition("/")[2].lower())
    return found[0] if found else ""
