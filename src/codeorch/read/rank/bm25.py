"""BM25, the function of Robertson and Zaragoza (2009), over the postings of a request's words."""

import math
from collections import defaultdict
from collections.abc import Mapping

from codeorch.read.corpus import Texts

K1, B = 1.2, 0.75


def bm25(query: Mapping[str, float], texts: Texts) -> dict[int, float]:
    """Score the texts that hold a word of the query, each word with its weight."""
    scores: dict[int, float] = defaultdict(float)
    mean = texts.mean_length or 1.0
    for word, weight in query.items():
        found = list(texts.postings(word))
        gain = (K1 + 1) * weight * rarity(len(found), texts.size)
        for text, count in found:
            norm = K1 * (1 - B + B * texts.length(text) / mean)
            scores[text] += gain * count / (count + norm)
    return scores


def rarity(found: int, size: int) -> float:
    """Give the inverse document frequency of a word that `found` of `size` texts hold."""
    return math.log(1 + (size - found + 0.5) / (found + 0.5))
