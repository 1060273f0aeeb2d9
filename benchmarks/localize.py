"""How well does `rank` find the files that a change request is about?

    PYTHONPATH=src python benchmarks/localize.py --mirror DIR [--limit 8] [--only zod] [--json]

Each line of the data set is a request, a base commit and the source files that were changed for
it. DIR holds the repositories as owner+name/repo. Commits are read from git's objects, so no
checkout is needed; files are parsed once, however many commits hold them. Without the data set
(in ../shared, beside the project) there is nothing to measure, and a line says so. `--json` gives
the means of each repository and of all requests: rates from 0 to 1, `cpu` in seconds.
"""

import argparse
import gzip
import json
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

from codeorch.domain import Snapshot, SourceFile
from codeorch.errors import ServiceError
from codeorch.git import Repo
from codeorch.retrieval import rank_in_memory, read_snapshot

DATA = Path(__file__).parents[2] / "shared" / "bench" / "localize" / "dev.jsonl.gz"
HISTORY = 5_000


class FileCache(dict):
    """Files by path and blob id, shared by the snapshots of a repository."""


def snapshot_of(repo: Repo, commit: str, cache: FileCache) -> Snapshot:
    snapshot = read_snapshot(repo, commit)
    blobs = {entry.path: entry.blob for entry in repo.tree(commit)}
    files: dict[str, SourceFile] = {}
    for path in snapshot.files:
        key = (path, blobs[path])
        if key not in cache:
            cache[key] = snapshot.files[path]
        files[path] = cache[key]
    return Snapshot(commit=commit, files=files, skipped=snapshot.skipped)


def scores_of(paths: list[str], gold: set[str]) -> dict[str, float]:
    scores = {f"recall@{k}": len(gold & set(paths[:k])) / len(gold) for k in (1, 5, 10, 20)}
    scores |= {f"all@{k}": float(gold <= set(paths[:k])) for k in (10, 20)}
    scores["mrr"] = next((1 / i for i, path in enumerate(paths, 1) if path in gold), 0.0)
    return scores


def rows_by_repository(limit: int, only: str) -> dict[str, list[dict]]:
    rows = defaultdict(list)
    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if only in row["repo"] and (not limit or len(rows[row["repo"]]) < limit):
                rows[row["repo"]].append(row)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=0, help="requests a repository; 0 = all")
    parser.add_argument("--only", default="", help="repositories with this in their name")
    parser.add_argument("--json", action="store_true", help="print the means as JSON")
    options = parser.parse_args()
    if not DATA.is_file():
        print(f"skipped: the data set is not at {DATA}")
        return 0
    scores: dict[str, list[dict[str, float]]] = {}
    for name, rows in rows_by_repository(options.limit, options.only).items():
        folder = options.mirror / name.replace("/", "+") / "repo"
        if not folder.is_dir():
            print(f"{name}: skipped, no copy in {options.mirror}", file=sys.stderr)
            continue
        git_dir = folder / ".git" if (folder / ".git").is_dir() else folder
        repo, cache = Repo(folder, git_dir), FileCache()
        try:
            scores[name] = [measure(repo, row, cache) for row in rows]
        except ServiceError as error:
            print(f"{name}: skipped, its copy is not whole ({error})", file=sys.stderr)
            continue
        if not options.json:
            show(name, scores[name])
    scores["all"] = [row for rows in scores.values() for row in rows]
    if options.json:
        means = {name: means_of(rows) for name, rows in scores.items() if rows}
        print(json.dumps(means, indent=1))
    else:
        show("all", scores["all"])
    return 0


def measure(repo: Repo, row: dict, cache: FileCache) -> dict[str, float]:
    snapshot = snapshot_of(repo, row["base"], cache)
    history = tuple(repo.log(row["base"], HISTORY))
    start = time.process_time()
    ranked = rank_in_memory(row["request"], snapshot, history)
    seconds = time.process_time() - start
    return scores_of([file.path for file in ranked], set(row["gold"])) | {"cpu": seconds}


def means_of(scores: list[dict[str, float]]) -> dict[str, float]:
    means = {key: statistics.mean(row[key] for row in scores) for key in scores[0]}
    return {"n": len(scores)} | means


def show(name: str, scores: list[dict[str, float]]) -> None:
    if not scores:
        return
    means = means_of(scores)
    rates = "  ".join(f"{key} {100 * means[key]:.1f}" for key in means if key not in ("n", "cpu"))
    print(f"{name} (n={means['n']}): {rates}  cpu {means['cpu']:.2f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
