"""Request -> the files it is about, best first. No model, no training: a sum of scaled signals.

The signals and their order of worth come from a study of 1,127 real requests: text of the best
chunks, words of path and definitions, messages of past commits, paths that the request mentions,
names that it mentions and a file defines, then one step to files that are changed together with
the best ones or define what they use. BM25 is that of Robertson and Zaragoza (2009).
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from codeorch.domain import RankedFile, Snapshot, SourceFile
from codeorch.repo import LogEntry

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_CHUNK = 60  # lines
_STOP = frozenset(
    re.findall(
        r"\w+",
        "the a an and or of to in on is are be for with that this it as by from not if when then "
        "else should must can will we you they its have has was were do does but so all any use "
        "used using",
    )
)
_WEIGHTS = {"text": 1.0, "names": 0.7, "history": 0.7, "mention": 1.0, "defines": 0.4}
_NEAR = {"together": 0.25, "uses": 0.2, "folder": 0.1}
_SEEDS = 8
_LARGEST_COMMIT = 30  # files; larger ones say little about any of them


def rank(
    text: str, snapshot: Snapshot, history: Sequence[LogEntry] = (), limit: int | None = None
) -> tuple[RankedFile, ...]:
    """Rank the source files of a snapshot for a request; `why` holds each signal's part."""
    files = {
        path: file for path in snapshot.files if (file := snapshot.files[path]).role == "source"
    }
    words = _words(text)
    signals = {
        "text": _best_chunks(words, files),
        "names": _bm25(words, {path: _name_words(file) for path, file in files.items()}),
        "history": _past_commits(words, history, files),
        "mention": _mentions(text, files),
        "defines": _definitions(text, files),
    }
    parts = {name: _scaled(scores, _WEIGHTS[name]) for name, scores in signals.items()}
    first = _sum(parts)
    seeds = sorted(first, key=lambda path: (-first[path], path))[:_SEEDS]
    near = {
        "together": _together(seeds, first, history, files),
        "uses": _uses(seeds, first, files),
        "folder": _folder(seeds, first, files),
    }
    parts |= {name: _scaled(scores, _NEAR[name]) for name, scores in near.items()}
    total = _sum(parts)
    best = sorted(total, key=lambda path: (-total[path], path))[:limit]
    return tuple(
        RankedFile(
            path=path,
            score=total[path],
            why=tuple((name, part[path]) for name, part in parts.items() if path in part),
        )
        for path in best
    )


def tests_of(paths: Sequence[str], snapshot: Snapshot) -> tuple[str, ...]:
    """Name the test files that belong to some sources, those that mention most of them first."""
    stems = {path.rpartition("/")[2].split(".")[0].strip("_") for path in paths}
    stems -= {"", "init", "main", "index", "mod"}
    found: dict[str, int] = {}
    for path in snapshot.files:
        if snapshot.files[path].role == "test":
            name = path.rpartition("/")[2].lower()
            hits = sum(1 for stem in stems if stem.lower() in name)
            if hits:
                found[path] = hits
    return tuple(sorted(found, key=lambda path: (-found[path], path)))


# ------------------------------------------------------------------------------- words


def _words(text: str) -> Counter[str]:
    """Count the words of a text: identifiers whole, and the parts they are made of."""
    counts: Counter[str] = Counter()
    for word in _WORD.findall(text):
        lower = word.lower()
        if len(lower) > 1 and lower not in _STOP:
            counts[_stem(lower)] += 1
        parts = [part.lower() for part in _PARTS.findall(word)]
        if len(parts) > 1:
            counts.update(_stem(p) for p in parts if len(p) > 1 and p not in _STOP)
    return counts


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _name_words(file: SourceFile) -> Counter[str]:
    words = _words(file.path.replace("/", " ").replace("-", "_"))
    for word in list(words):
        words[word] *= 3
    for symbol in file.symbols:
        words.update(_words(symbol.name))
    return words


# ------------------------------------------------------------------------------- signals


def _bm25(query: Counter[str], documents: Mapping[str, Counter[str]]) -> dict[str, float]:
    lengths = {name: sum(words.values()) for name, words in documents.items()}
    mean = sum(lengths.values()) / max(1, len(lengths)) or 1.0
    postings: dict[str, list[str]] = defaultdict(list)
    for name, words in documents.items():
        for word in words.keys() & query.keys():
            postings[word].append(name)
    scores: dict[str, float] = defaultdict(float)
    for word, names in postings.items():
        idf = math.log(1 + (len(documents) - len(names) + 0.5) / (len(names) + 0.5))
        weight = idf * min(query[word], 3) ** 0.5
        for name in names:
            count = documents[name][word]
            scores[name] += (
                weight * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * lengths[name] / mean))
            )
    return scores


def _best_chunks(query: Counter[str], files: Mapping[str, SourceFile]) -> dict[str, float]:
    """Score a file by its best chunk and, less, by the next two."""
    chunks: dict[str, Counter[str]] = {}
    for path, file in files.items():
        lines = file.text.split("\n")
        for start in range(0, len(lines), _CHUNK):
            chunks[f"{path}\0{start}"] = _words("\n".join(lines[start : start + _CHUNK]))
    by_file: dict[str, list[float]] = defaultdict(list)
    for name, score in _bm25(query, chunks).items():
        by_file[name.partition("\0")[0]].append(score)
    return {
        path: sum(s * w for s, w in zip(sorted(found, reverse=True), (1, 0.4, 0.2), strict=False))
        for path, found in by_file.items()
    }


def _past_commits(
    query: Counter[str], history: Sequence[LogEntry], files: Mapping[str, SourceFile]
) -> dict[str, float]:
    """Spread the scores of the most similar commit messages over the files they touched."""
    touched = {
        entry.commit: [path for path in entry.paths if path in files]
        for entry in history
        if len(entry.paths) <= _LARGEST_COMMIT
    }
    messages = {
        entry.commit: _words(entry.message) for entry in history if touched.get(entry.commit)
    }
    scores = _bm25(query, messages)
    best = sorted(scores, key=lambda commit: (-scores[commit], commit))[:200]
    spread: dict[str, float] = defaultdict(float)
    for commit in best:
        for path in touched[commit]:
            spread[path] += scores[commit] ** 3 / len(touched[commit]) ** 0.5
    return spread


def _mentions(text: str, files: Mapping[str, SourceFile]) -> dict[str, float]:
    """Score files that the request names: by path, by file name, or as a dotted module."""
    said = set(re.findall(r"[\w./\\-]+", text.replace("\\", "/")))
    dotted = {word.strip(".") for word in said if "." in word.strip(".")}
    names = {word.rpartition("/")[2].rstrip(".") for word in said}
    scores = {}
    for path in files:
        stem = path.rpartition(".")[0]
        module = stem.removesuffix("/__init__").replace("/", ".")
        if any(path.endswith(word) and "/" in word for word in said):
            scores[path] = 1.0
        elif any(_names_module(word, module) for word in dotted):
            scores[path] = 0.8
        elif path.rpartition("/")[2] in names:
            scores[path] = 0.6
    return scores


def _names_module(word: str, module: str) -> bool:
    """Whether a dotted word is a module or something in it."""
    return "." in module and f".{module}.".endswith(
        tuple(f".{part}." for part in (word, word.rpartition(".")[0]) if "." in part)
    )


def _definitions(text: str, files: Mapping[str, SourceFile]) -> dict[str, float]:
    """Score files that define a name which the request mentions; a rare name counts more."""
    said = {
        word for word in _WORD.findall(text)
        if len(word) > 2 and word.lower() not in _STOP
    }  # fmt: skip
    owners: dict[str, set[str]] = defaultdict(set)
    for path, file in files.items():
        for symbol in file.symbols:
            if symbol.name in said:
                owners[symbol.name].add(path)
    scores: dict[str, float] = defaultdict(float)
    for name, paths in owners.items():
        plain = name.islower() and "_" not in name  # may be an ordinary word
        for path in paths:
            scores[path] += (0.3 if plain else 1.0) / len(paths)
    return scores


def _together(
    seeds: Iterable[str],
    first: Mapping[str, float],
    history: Sequence[LogEntry],
    files: Mapping[str, SourceFile],
) -> dict[str, float]:
    """Score files that past commits changed together with the best ones."""
    changes = Counter(path for entry in history for path in entry.paths)
    scores: dict[str, float] = defaultdict(float)
    chosen = set(seeds)
    for entry in history:
        hits = chosen & set(entry.paths)
        if not hits or len(entry.paths) > _LARGEST_COMMIT:
            continue
        for path in entry.paths:
            for seed in hits - {path}:
                if path in files:
                    share = 1 / math.sqrt(changes[path] * changes[seed] + 4)
                    scores[path] += first[seed] * share
    return scores


def _uses(
    seeds: Sequence[str], first: Mapping[str, float], files: Mapping[str, SourceFile]
) -> dict[str, float]:
    """Score files that define what the best ones use, and files that use what they define."""
    owners: dict[str, set[str]] = defaultdict(set)
    for path, file in files.items():
        for symbol in file.symbols:
            if len(symbol.name) > 3:
                owners[symbol.name].add(path)
    few = {name: paths for name, paths in owners.items() if len(paths) <= 3}
    scores: dict[str, float] = defaultdict(float)
    for seed in seeds:
        defined = [few[name] for name in _names_used(files[seed]) & few.keys()]
        for path, share in ((path, 1 / len(d)) for d in defined if seed not in d for path in d):
            scores[path] += first[seed] * share
    theirs = {name: seed for seed in seeds for name in few if few[name] == {seed}}
    for path, file in files.items():
        used = {theirs[name] for name in _names_used(file) & theirs.keys()} - {path}
        scores[path] += sum(first[seed] for seed in used) / 6
    return {path: math.log1p(score) for path, score in scores.items()}


def _names_used(file: SourceFile) -> set[str]:
    return {reference.name for reference in file.references}


def _folder(
    seeds: Sequence[str], first: Mapping[str, float], files: Mapping[str, SourceFile]
) -> dict[str, float]:
    """Score files that lie in the folder of a good one."""
    best: dict[str, float] = defaultdict(float)
    for seed in seeds:
        folder = seed.rpartition("/")[0]
        best[folder] = max(best[folder], first[seed])
    return {
        path: best[folder] for path in files
        if (folder := path.rpartition("/")[0]) in best and folder
    }  # fmt: skip


# ------------------------------------------------------------------------------- sums


def _scaled(scores: Mapping[str, float], weight: float) -> dict[str, float]:
    most = max(scores.values(), default=0.0)
    return {path: weight * score / most for path, score in scores.items()} if most > 0 else {}


def _sum(parts: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for part in parts.values():
        for path, score in part.items():
            total[path] += score
    return total
