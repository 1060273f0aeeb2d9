"""Does the reference gate find what a worker left out, and is it silent when nothing is?

    PYTHONPATH=src python benchmarks/references.py --mirror DIR [--seeds 50] [--history 30] \
        [--skip 0] [--seed x] [--only click]

DIR holds repositories as owner+name/repo. Two measurements a repository, on commits read from
git's objects (no checkout is needed):

seeds: a definition whose name occurs nowhere else is renamed, moved, removed or given a required
parameter, and every file that uses it is changed accordingly, by the text alone. A method that a
class and those that derive from it define is renamed in all of them (`override`). The whole change
must leave no open gap. Then the output of one worker, chosen at random, is dropped: an open gap
must show.

history: the last commits that change what is defined are checked as they are. What was merged
works, so an open gap is a false alarm. Commits that only change what stands inside of functions are
checked on the way, and told apart.
"""

import argparse
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from seeds import KINDS, MAKE, Change, Seed, candidates, is_code

from codeorch.domain import Completeness, Files, Snapshot, SourceFile
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
    given = parser.parse_args()
    all_seeds, all_commits = Counter[str](), Counter[str]()
    for name in REPOSITORIES:
        folder = given.mirror / name.replace("/", "+") / "repo"
        if given.only not in name:
            continue
        if not folder.is_dir():
            print(f"{name}: skipped, no copy in {given.mirror}")
            continue
        repo = Repo(folder, folder / ".git" if (folder / ".git").is_dir() else folder)
        try:
            seeds = seeded(repo, name, given)
            commits = history(repo, given)
        except ServiceError as error:
            print(f"{name}: skipped, its copy is not whole ({error})")
            continue
        print(row(name, seeds, commits), flush=True)
        all_seeds.update(seeds)
        all_commits.update(commits)
    print(row("all", all_seeds, all_commits))
    return 0


def row(name: str, seeds: Counter[str], commits: Counter[str]) -> str:
    parts = [f"{kind} {seeds[f'{kind} caught']}/{seeds[kind]}" for kind in KINDS if seeds[kind]]
    total = sum(seeds[kind] for kind in KINDS)
    return (
        f"{name}: dropped and caught {', '.join(parts)}; "
        f"whole changes with a false alarm {seeds['alarmed']}/{total}; "
        f"commits with an open gap {commits['open'] - commits['inner']}/{commits['changes']} of "
        f"those that change definitions, {commits['inner']}/{commits['all'] - commits['changes']} "
        f"of the others ({commits['gaps']} gaps, "
        f"{commits['maybe']} maybe; {commits['ms'] // max(1, commits['all'])} ms each)"
    )


# ------------------------------------------------------------------------------- seeds


def seeded(repo: Repo, name: str, given: argparse.Namespace) -> Counter[str]:
    """Check seeded changes, whole and with one worker's output dropped."""
    told: Counter[str] = Counter()
    if not given.seeds:
        return told
    before = read_snapshot(repo, repo.resolve("HEAD"))
    chance = random.Random(name + given.seed)
    found = list(candidates(before))
    chance.shuffle(found)
    per_kind = max(1, given.seeds // len(KINDS))
    for each in found:
        kinds = [kind for kind in KINDS if told[kind] < per_kind]
        chance.shuffle(kinds)
        for kind in kinds:
            if (kind == "override") != (each.kind == "override"):
                continue
            seed = replace(each, kind=kind)
            change = MAKE[kind](seed, before)
            if change and is_code(change, before):
                told[kind] += 1
                told.update(judged(seed, before, change, chance, given))
                break
    return told


def judged(
    seed: Seed, before: Snapshot, change: Change, chance: random.Random, given: argparse.Namespace
) -> Iterator[str]:
    whole = checked(before, change)
    if whole.open:
        yield "alarmed"
        if given.verbose:
            print(f"  alarm: {seed.kind} {seed.path} {seed.symbol.qualified}", flush=True)
            print("\n".join(f"    {gap}" for gap in whole.open[:5]))
    workers = sorted(path for path in change if seed.spots.get(path) and is_worker(seed, path))
    if seed.kind == "remove":  # what stays and is not used does no harm
        workers.remove(seed.path)
    lost = chance.choice(workers)
    dropped = {path: text for path, text in change.items() if path != lost}
    if seed.kind == "move" and lost == seed.path:  # one worker moves: takes out and puts in
        dropped = {path: text for path, text in dropped.items() if path in seed.spots}
    left = checked(before, dropped)
    known = {str(gap) for gap in whole.open}
    if any(str(gap) not in known for gap in left.open):
        yield f"{seed.kind} caught"
    elif given.verbose:
        print(
            f"  missed: {seed.kind} {seed.path} {seed.symbol.qualified} without {lost}", flush=True
        )
        print("\n".join(f"    {gap}" for gap in left.gaps[:5]))


def is_worker(seed: Seed, path: str) -> bool:
    """Whether a file is one whose change may be dropped: of several definitions, one of them."""
    return not seed.homes or path in seed.homes


def checked(before: Snapshot, change: Change) -> Completeness:
    files: dict[str, SourceFile | None] = {}
    for path, text in change.items():
        made = parse_file(path, text.encode()) if text is not None else None
        files[path] = None if isinstance(made, str) else made
    return references(before, before.with_files(files), change)


# ------------------------------------------------------------------------------- history


class Store:
    """The files of a repository by path and blob, decoded and parsed once."""

    def __init__(self, repo: Repo) -> None:
        self.repo, self.data = repo, {}
        self.bare: dict[tuple[str, str], SourceFile] = {}
        self.parsed: dict[tuple[str, str], SourceFile] = {}

    def load(self, blobs: set[str]) -> None:
        missing = sorted(blobs - self.data.keys())
        for blob, (_, data) in zip(missing, self.repo.blobs(missing), strict=True):
            self.data[blob] = data


class Kept(Files):
    """The files of one commit, out of the store."""

    def __init__(self, store: Store, entries: Mapping[str, str]) -> None:
        self.store, self.entries = store, entries

    def bare(self, path: str) -> SourceFile:
        return self._kept(path, self.store.bare, decode_file)

    def __getitem__(self, path: str) -> SourceFile:
        return self._kept(path, self.store.parsed, parse_file)

    def _kept(self, path, kept, make) -> SourceFile:
        key = (path, self.entries[path])
        if key not in kept:
            made = make(path, self.store.data[key[1]])
            odd = isinstance(made, str)
            kept[key] = SourceFile(path=path, text="", role="data") if odd else made
        return kept[key]

    def __contains__(self, path: object) -> bool:
        return path in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def history(repo: Repo, given: argparse.Namespace) -> Counter[str]:
    """Check commits as they were merged, along the first parents."""
    told: Counter[str] = Counter()
    store = Store(repo)
    for commit, parent in commits(repo, 20 * given.history, given.skip):
        if told["changes"] >= given.history:
            break
        trees = [repo.tree(each) for each in (parent, commit)]
        left_out = [{e.path: "no plain file" for e in tree if not is_plain(e)} for tree in trees]
        sides = [{e.path: e.blob for e in tree if is_plain(e)} for tree in trees]
        old, new = sides
        paths = [path for path in {*old, *new} if old.get(path) != new.get(path)]
        code = [p for p in paths if re.search(r"\.(py|tsx?|[cm]?js|go)$", p)]
        if not code or len(paths) > _MOST_FILES:
            continue
        store.load({*old.values(), *new.values()})
        before, after = (
            Snapshot(commit=commit, files=Kept(store, side), skipped=skipped)
            for side, skipped in zip(sides, left_out, strict=True)
        )
        start = time.process_time()
        found = references(before, after, paths)
        seconds = time.process_time() - start
        told["all"] += 1
        told["changes"] += bool(found.changes)
        told["open"] += bool(found.open)
        told["inner"] += bool(found.open) and not found.changes
        told["gaps"] += len(found.open)
        told["maybe"] += len(found.gaps) - len(found.open)
        told["ms"] += int(1000 * seconds)
        if given.verbose and found.gaps:
            print(f"  {commit[:9]} {seconds:.1f} s, {len(found.gaps)} gaps")
            print("\n".join(f"    {gap}" for gap in (*found.open[:5], *found.gaps[:2])))
    return told


def is_plain(entry) -> bool:
    return entry.mode in (0o100644, 0o100755) and 0 <= entry.size < 1_000_000


def commits(repo: Repo, most: int, skip: int) -> Iterator[tuple[str, str]]:
    chosen = [f"--max-count={most}", f"--skip={skip}", "--format=%H %P"]
    argv = ["git", "log", "--first-parent", *chosen]
    done = subprocess.run(argv, cwd=repo.git_dir, capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        commit, *parents = line.split()
        if parents:
            yield commit, parents[0]


if __name__ == "__main__":
    sys.exit(main())
