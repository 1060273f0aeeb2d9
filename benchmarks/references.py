"""Does the reference gate find what a worker left out, and is it silent when nothing is?

    PYTHONPATH=src python benchmarks/references.py --mirror DIR [--seeds 50] [--history 30] \
        [--skip 0] [--seed x] [--only click] [--json]

DIR holds repositories as owner+name/repo. Two measurements a repository, on commits read from
git's objects (no checkout is needed):

seeds: a definition whose name occurs nowhere else is renamed, moved, removed or given a required
parameter, and every file that uses it is changed accordingly, by the text alone. A method that a
class and those that derive from it define is renamed in all of them (`override`). The whole change
must leave no open gap. Then the output of one worker, chosen at random, is dropped: an open gap
must show.

history: the last commits that change what is defined are checked as they are. What was merged
works, so an open gap is a false alarm. Commits that only change what stands inside of functions are
checked on the way, and counted apart. `--json` prints the counts of each repository and of all.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from seeds import KINDS, MAKE, Change, Seed, candidates, is_code

from codeorch.domain import Completeness, Files, MissedUse, Snapshot, SourceFile
from codeorch.errors import ServiceError
from codeorch.git import Repo
from codeorch.references import references
from codeorch.retrieval import read_snapshot
from codeorch.source import decode_file, parse_file

REPOSITORIES = (
    "pallets/click", "pre-commit/pre-commit", "Kludex/starlette", "simonw/sqlite-utils",
    "pydantic/pydantic-settings", "honojs/hono", "vitejs/vite", "colinhacks/zod",
    "gin-gonic/gin", "go-chi/chi", "gofiber/fiber", "pydantic/pydantic-ai", "tailscale/tailscale",
)  # fmt: skip
_MOST_FILES = 40  # that a commit of the history may change


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=50, help="seeded changes a repository")
    parser.add_argument(
        "--history", type=int, default=30, help="commits a repository that change definitions"
    )
    parser.add_argument("--skip", type=int, default=0, help="commits, the youngest, to leave out")
    parser.add_argument("--seed", default="", help="chooses other definitions")
    parser.add_argument("--only", default="", help="repositories with this in their name")
    parser.add_argument("--verbose", action="store_true", help="show what went wrong")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    options = parser.parse_args()
    counts: dict[str, tuple[Counter[str], Counter[str]]] = {}
    for name in REPOSITORIES:
        folder = options.mirror / name.replace("/", "+") / "repo"
        if options.only not in name:
            continue
        if not folder.is_dir():
            print(f"{name}: skipped, no copy in {options.mirror}", file=sys.stderr)
            continue
        repo = Repo(folder, folder / ".git" if (folder / ".git").is_dir() else folder)
        try:
            counts[name] = check_seeds(repo, name, options), check_history(repo, options)
        except ServiceError as error:
            print(f"{name}: skipped, its copy is not whole ({error})", file=sys.stderr)
            continue
        if not options.json:
            print(row(name, *counts[name]), flush=True)
    counts["all"] = tuple(sum((row[side] for row in counts.values()), Counter()) for side in (0, 1))
    if options.json:
        sides = {name: {"seeds": seeds, "history": past} for name, (seeds, past) in counts.items()}
        print(json.dumps(sides, indent=1))
    else:
        print(row("all", *counts["all"]))
    return 0


def row(name: str, seeds: Counter[str], commits: Counter[str]) -> str:
    parts = [f"{kind} {seeds[f'{kind} caught']}/{seeds[kind]}" for kind in KINDS if seeds[kind]]
    total = sum(seeds[kind] for kind in KINDS)
    return (
        f"{name}: dropped and caught {', '.join(parts)}; "
        f"whole changes with a false alarm {seeds['alarms']}/{total}; "
        f"commits with an open gap {commits['open'] - commits['inner']}/{commits['changes']} of "
        f"those that change definitions, {commits['inner']}/{commits['all'] - commits['changes']} "
        f"of the others ({commits['gaps']} gaps, "
        f"{commits['maybe']} maybe; {commits['ms'] // max(1, commits['all'])} ms each)"
    )


# ------------------------------------------------------------------------------- seeds


def check_seeds(repo: Repo, name: str, options: argparse.Namespace) -> Counter[str]:
    """Check seeded changes, whole and with one worker's output dropped."""
    counts: Counter[str] = Counter()
    if not options.seeds:
        return counts
    before = read_snapshot(repo, repo.resolve("HEAD"))
    rng = random.Random(name + options.seed)
    seeds = list(candidates(before))
    rng.shuffle(seeds)
    per_kind = max(1, options.seeds // len(KINDS))
    for candidate in seeds:
        kinds = [kind for kind in KINDS if counts[kind] < per_kind]
        rng.shuffle(kinds)
        for kind in kinds:
            if (kind == "override") != (candidate.kind == "override"):
                continue
            seed = replace(candidate, kind=kind)
            change = MAKE[kind](seed, before)
            if change and is_code(change, before):
                counts[kind] += 1
                counts.update(check_seed(seed, before, change, rng, options))
                break
    return counts


def check_seed(
    seed: Seed, before: Snapshot, change: Change, rng: random.Random, options: argparse.Namespace
) -> Iterator[str]:
    whole = check(before, change)
    if whole.open:
        yield "alarms"
        if options.verbose:
            print_gaps(f"alarm: {seed.kind} {seed.path} {seed.symbol.qualified}", whole.open[:5])
    workers = sorted(path for path in change if seed.spots.get(path) and is_worker(seed, path))
    if seed.kind == "remove":  # what stays and is not used does no harm
        workers.remove(seed.path)
    lost = rng.choice(workers)
    partial = {path: text for path, text in change.items() if path != lost}
    if seed.kind == "move" and lost == seed.path:  # one worker moves: takes out and puts in
        partial = {path: text for path, text in partial.items() if path in seed.spots}
    rest = check(before, partial)
    alarms = {str(gap) for gap in whole.open}
    if any(str(gap) not in alarms for gap in rest.open):
        yield f"{seed.kind} caught"
    elif options.verbose:
        name = f"{seed.path} {seed.symbol.qualified}"
        print_gaps(f"missed: {seed.kind} {name} without {lost}", rest.gaps[:5])


def print_gaps(title: str, gaps: Sequence[MissedUse]) -> None:
    print(f"  {title}", *(f"    {gap}" for gap in gaps), sep="\n", file=sys.stderr, flush=True)


def is_worker(seed: Seed, path: str) -> bool:
    """Whether a file is one whose change may be dropped: of several definitions, one of them."""
    return not seed.homes or path in seed.homes


def check(before: Snapshot, change: Change) -> Completeness:
    files: dict[str, SourceFile | None] = {}
    for path, text in change.items():
        file = parse_file(path, text.encode()) if text is not None else None
        files[path] = None if isinstance(file, str) else file
    return references(before, before.with_files(files), change)


# ------------------------------------------------------------------------------- history


class Store:
    """The files of a repository by path and blob, decoded and parsed once."""

    def __init__(self, repo: Repo) -> None:
        self.repo, self.data = repo, {}
        self.bare: dict[tuple[str, str], SourceFile] = {}
        self.whole: dict[tuple[str, str], SourceFile] = {}

    def load(self, blobs: set[str]) -> None:
        missing = sorted(blobs - self.data.keys())
        for blob, (_, data) in zip(missing, self.repo.blobs(missing), strict=True):
            self.data[blob] = data


class StoredFiles(Files):
    """The files of one commit, out of the store."""

    def __init__(self, store: Store, entries: Mapping[str, str]) -> None:
        self.store, self.entries = store, entries

    def bare(self, path: str) -> SourceFile:
        return self._file(path, self.store.bare, decode_file)

    def __getitem__(self, path: str) -> SourceFile:
        return self._file(path, self.store.whole, parse_file)

    def _file(self, path, cache, read) -> SourceFile:
        key = (path, self.entries[path])
        if key not in cache:
            file = read(path, self.store.data[key[1]])
            plain = not isinstance(file, str)
            cache[key] = file if plain else SourceFile(path=path, text="", role="data")
        return cache[key]

    def __contains__(self, path: object) -> bool:
        return path in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def check_history(repo: Repo, options: argparse.Namespace) -> Counter[str]:
    """Check commits as they were merged, along the first parents."""
    counts: Counter[str] = Counter()
    store = Store(repo)
    for commit, parent in commits(repo, 20 * options.history, options.skip):
        if counts["changes"] >= options.history:
            break
        trees = [repo.tree(revision) for revision in (parent, commit)]
        left_out = [{e.path: "no plain file" for e in tree if not is_plain(e)} for tree in trees]
        sides = [{e.path: e.blob for e in tree if is_plain(e)} for tree in trees]
        old, new = sides
        paths = [path for path in {*old, *new} if old.get(path) != new.get(path)]
        code = [p for p in paths if re.search(r"\.(py|tsx?|[cm]?js|go)$", p)]
        if not code or len(paths) > _MOST_FILES:
            continue
        store.load({*old.values(), *new.values()})
        before, after = (
            Snapshot(commit=commit, files=StoredFiles(store, side), skipped=skipped)
            for side, skipped in zip(sides, left_out, strict=True)
        )
        start = time.process_time()
        result = references(before, after, paths)
        seconds = time.process_time() - start
        counts["all"] += 1
        counts["changes"] += bool(result.changes)
        counts["open"] += bool(result.open)
        counts["inner"] += bool(result.open) and not result.changes
        counts["gaps"] += len(result.open)
        counts["maybe"] += len(result.gaps) - len(result.open)
        counts["ms"] += int(1000 * seconds)
        if options.verbose and result.gaps:
            title = f"{commit[:9]} {seconds:.1f} s, {len(result.gaps)} gaps"
            print_gaps(title, (*result.open[:5], *result.gaps[:2]))
    return counts


def is_plain(entry) -> bool:
    return entry.mode in (0o100644, 0o100755) and 0 <= entry.size < 1_000_000


def commits(repo: Repo, limit: int, skip: int) -> Iterator[tuple[str, str]]:
    limits = [f"--max-count={limit}", f"--skip={skip}", "--format=%H %P"]
    argv = ["git", "log", "--first-parent", *limits]
    process = subprocess.run(argv, cwd=repo.git_dir, capture_output=True, text=True, check=True)
    for line in process.stdout.splitlines():
        commit, *parents = line.split()
        if parents:
            yield commit, parents[0]


if __name__ == "__main__":
    sys.exit(main())
