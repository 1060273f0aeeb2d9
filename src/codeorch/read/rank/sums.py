"""Signals -> one order: brought to a common scale, then summed."""

from collections import defaultdict
from collections.abc import Mapping

from codeorch.domain import RankedFile

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
