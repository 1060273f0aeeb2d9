"""How well does `rank` find the files that a change request is about?

    PYTHONPATH=src python benchmarks/localize.py --mirror DIR [--limit 8] [--only zod]

Each line of the data set is a request, a base commit and the source files that were changed for
it. DIR holds the repositories as owner+name/repo. Commits are read from git's objects, so no
checkout is needed; files are parsed once, however many commits hold them. Without the data set
(in ../shared, beside the project) there is nothing to measure, and that is said.
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


class Kept(dict):
    """Files by path and blob id, shared by the snapshots of a repository."""


def snapshot_of(repo: Repo, commit: str, kept: Kept) -> Snapshot:
    fresh = read_snapshot(repo, commit)
    blobs = {entry.path: entry.blob for entry in repo.tree(commit)}
    files: dict[str, SourceFile] = {}
    for path in fresh.files:
        key = (path, blobs[path])
        if key not in kept:
            kept[key] = fresh.files[path]
        files[path] = kept[key]
    return Snapshot(commit=commit, files=files, skipped=fresh.skipped)


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
    given = parser.parse_args()
    if not DATA.is_file():
        print(f"skipped: the data set is not at {DATA}")
        return 0
    found: dict[str, list[dict[str, float]]] = {}
    for name, rows in rows_by_repository(given.limit, given.only).items():
        folder = given.mirror / name.replace("/", "+") / "repo"
        if not folder.is_dir():
            print(f"{name}: skipped, no copy in {given.mirror}")
            continue
        git_dir = folder / ".git" if (folder / ".git").is_dir() else folder
        repo, kept = Repo(folder, git_dir), Kept()
        try:
            found[name] = [measured(repo, row, kept) for row in rows]
        except ServiceError as error:
            print(f"{name}: skipped, its copy is not whole ({error})")
            continue
        show(name, found[name])
    show("all", [one for ones in found.values() for one in ones])
    return 0


def measured(repo: Repo, row: dict, kept: Kept) -> dict[str, float]:
    snapshot = snapshot_of(repo, row["base"], kept)
    history = tuple(repo.log(row["base"], HISTORY))
    start = time.process_time()
    ranked = rank_in_memory(row["request"], snapshot, history)
    seconds = time.process_time() - start
    return scores_of([one.path for one in ranked], set(row["gold"])) | {"cpu": seconds}


def show(name: str, scores: list[dict[str, float]]) -> None:
    if not scores:
        return
    means = {key: statistics.mean(one[key] for one in scores) for key in scores[0]}
    shown = "  ".join(f"{key} {100 * means[key]:.1f}" for key in means if key != "cpu")
    print(f"{name} (n={len(scores)}): {shown}  cpu {means['cpu']:.2f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
