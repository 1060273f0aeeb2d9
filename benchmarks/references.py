"""Is the reference gate silent when nothing is left out, and does it find what is?

    PYTHONPATH=src python benchmarks/references.py --mirror DIR [--list A] [--sample 100] \
        [--part merged|omissions|seeds] [--only click] [--verbose] [--json]

DIR holds git directories as owner+name/repo; the commits are those of `merged_commits.json`, chosen
by rule and frozen before anybody looked. `--sample` takes fewer of them, evenly spread. Three parts
a repository:

merged: commits are checked as they were merged. What was merged works, so whatever is sure or
likely counts as an alarm, true or not; `--verbose` prints each, to be judged one by one.

omissions: the same commits, each without one file. A name is looked for that one file alone defined
and does not hold any more, and another file of the commit used, on a line that the commit changed.
That file is left as it was: something that names the place must show (`named`: whatever the
certainty, mentions as well; `open`: sure or likely). One for each commit, `--omissions` in all, the
same number for each repository first.

seeds: a definition whose name occurs nowhere else is renamed, moved, removed or given a required
parameter (or a method in all classes that define it, `override`), and every file that uses it is
changed by the text alone. The whole must leave nothing open. Then the output of one worker, chosen
at random, is dropped: something open must show.
"""

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from commit_snapshots import MergedCommit, Store, definitions
from merged_commits import LISTS, SOURCES, frozen_commits, git_folder, spread
from seeds import KINDS, MAKE, Change, Seed, candidates, is_code

from codeorch.domain import Completeness, Snapshot, SourceFile
from codeorch.engines import Engines, own_checkers
from codeorch.errors import ServiceError
from codeorch.references import references
from codeorch.source import parse_file

_PARTS = ("merged", "omissions", "seeds")
_NAME = 4  # letters at least, of a name that is looked for
Counts = Counter[str]


def main() -> int:
    options = arguments()
    counts: dict[str, Counts] = {}
    for repository, (head, commits) in frozen_commits(options.list).items():
        folder = git_folder(options.mirror, repository)
        if options.only not in repository:
            continue
        if not folder.is_dir():
            print(f"{repository}: skipped, no copy in {options.mirror}", file=sys.stderr)
            continue
        try:
            counts[repository] = check_repository(folder, head, commits, options)
        except ServiceError as error:
            print(f"{repository}: skipped, its copy is not whole ({error})", file=sys.stderr)
            continue
        if not options.json:
            print(row(repository, counts[repository]), flush=True)
    counts["all"] = sum(counts.values(), Counter())
    print(json.dumps(counts, indent=1) if options.json else row("all", counts["all"]))
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--list", choices=sorted(LISTS), default="A")
    parser.add_argument("--sample", type=int, default=100, help="commits a repository")
    parser.add_argument("--part", choices=_PARTS, help="measure this alone")
    parser.add_argument("--omissions", type=int, default=150, help="in all repositories")
    parser.add_argument("--seeds", type=int, default=150, help="in all repositories")
    parser.add_argument("--seed", default="", help="chooses other definitions")
    parser.add_argument("--only", default="", help="repositories with this in their name")
    parser.add_argument("--unchecked", action="store_true", help="ask no type checker")
    parser.add_argument("--verbose", action="store_true", help="print what is said, and missed")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    return parser.parse_args()


def row(name: str, counts: Counts) -> str:
    kinds = ", ".join(f"{k} {counts[f'{k} caught']}/{counts[k]}" for k in KINDS if counts[k])
    return (
        f"{name}: merged commits with something open {counts['open']}/{counts['merged']} "
        f"(sure {counts['sure']}, maybe alone {counts['maybe']}; "
        f"{counts['ms'] // max(1, counts['merged'])} ms each); "
        f"omissions open {counts['omissions open']}, named {counts['omissions named']}, "
        f"of {counts['omissions']}; seeds {kinds or 'none'}, "
        f"whole with an alarm {counts['seed alarms']}"
    )


def check_repository(
    folder: Path, head: str, commits: list[str], options: argparse.Namespace
) -> Counts:
    counts, store = Counter(), Store(folder)
    share = len(LISTS[options.list])
    sample = spread(commits, options.sample)
    if options.part in (None, "merged"):
        for name in sample:
            counts.update(check_merged(MergedCommit.of(store, name), options))
            store.forget()
    if options.part in (None, "omissions"):
        for name in commits:
            if counts["omissions"] >= -(-options.omissions // share):
                break
            counts.update(check_omission(MergedCommit.of(store, name), options))
            store.forget()
    if options.part in (None, "seeds"):
        counts.update(check_seeds(MergedCommit.of(store, head).after, folder.parent.name, options))
    return counts


def check(commit: MergedCommit, options: argparse.Namespace) -> Completeness:
    return references(commit.before, commit.after, commit.paths, engines=engines(options))


def engines(options: argparse.Namespace) -> Engines:
    return Engines(checkers=() if options.unchecked else own_checkers(), time_limit_s=600)


def say(title: str, lines: Iterator[object] | list[object] | tuple[object, ...]) -> None:
    print(f"  {title}", *(f"    {line}" for line in lines), sep="\n", file=sys.stderr, flush=True)


# ------------------------------------------------------------------------------- merged


def check_merged(commit: MergedCommit, options: argparse.Namespace) -> Counts:
    start = time.process_time()
    result = check(commit, options)
    spent = time.process_time() - start
    if options.verbose and result.open:
        say(f"{commit.store.repo.git_dir.parent.name} {commit.name}", result.open)
    sure = [gap for gap in result.open if gap.certainty == "sure"]
    return Counter(
        merged=1, open=bool(result.open), sure=bool(sure), ms=int(1000 * spent),
        maybe=bool(result.gaps) and not result.open,
    )  # fmt: skip


# ------------------------------------------------------------------------------- omissions


def check_omission(commit: MergedCommit, options: argparse.Namespace) -> Counts:
    """Leave one file of a commit as it was, where a name is known to be missing then."""
    chosen = next(omissions(commit), None)
    if chosen is None:
        return Counter()
    name, path = chosen
    whole, result = check(commit, options), check(commit.without(path), options)
    known = {str(each) for each in (*whole.gaps, *whole.mentions)}
    fresh = [gap for gap in result.gaps if str(gap) not in known]
    mentions = [each for each in result.mentions if each.path == path and str(each) not in known]
    is_open = any(gap.certainty != "maybe" for gap in fresh)
    is_named = is_open or bool(fresh) or bool(mentions)
    if options.verbose and not is_open:
        repository = commit.store.repo.git_dir.parent.name
        say(f"{repository} {commit.name} without {path}: {name}", [*fresh, *mentions])
    return Counter({"omissions": 1, "omissions open": is_open, "omissions named": is_named})


def omissions(commit: MergedCommit) -> Iterator[tuple[str, str]]:
    """Give names that a commit took away, each with another file whose use of it was followed."""
    sources = [path for path in commit.paths if path.endswith(SOURCES)]
    homes: Counter[str] = Counter()
    for path in commit.old:
        if path.endswith(SOURCES):
            homes.update(definitions(commit.text(path, new=False)))
    for home in sources:
        after = words(commit.text(home, new=True))
        gone = definitions(commit.text(home, new=False)) - after
        for name in sorted(each for each in gone if homes[each] == 1 and len(each) >= _NAME):
            for path in sources:
                if path != home and path in commit.new and is_followed(commit, path, name):
                    yield name, path


def is_followed(commit: MergedCommit, path: str, name: str) -> bool:
    """Whether a file used a name, and the commit changed the lines that hold it."""
    old, new = (lines_with(name, commit.text(path, new=new)) for new in (False, True))
    return bool(old) and old != new


def lines_with(name: str, text: str) -> list[str]:
    whole = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
    return [line.strip() for line in text.split("\n") if whole.search(line)]


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


# ------------------------------------------------------------------------------- seeds


def check_seeds(before: Snapshot, name: str, options: argparse.Namespace) -> Counts:
    """Check seeded changes, whole and with one worker's output dropped."""
    counts: Counts = Counter()
    rng = random.Random(name + options.seed)
    seeds = list(candidates(before))
    rng.shuffle(seeds)
    per_kind = -(-options.seeds // len(LISTS[options.list]) // len(KINDS))
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
    whole = check_change(before, change, options)
    title = f"{seed.kind} {seed.path} {seed.symbol.qualified}"
    if whole.open:
        yield "seed alarms"
        if options.verbose:
            say(f"alarm: {title}", whole.open[:5])
    workers = sorted(path for path in change if seed.spots.get(path) and is_worker(seed, path))
    if seed.kind == "remove":  # what stays and is not used does no harm
        workers.remove(seed.path)
    lost = rng.choice(workers)
    partial = {path: text for path, text in change.items() if path != lost}
    if seed.kind == "move" and lost == seed.path:  # one worker moves: takes out and puts in
        partial = {path: text for path, text in partial.items() if path in seed.spots}
    rest = check_change(before, partial, options)
    alarms = {str(gap) for gap in whole.open}
    if any(str(gap) not in alarms for gap in rest.open):
        yield f"{seed.kind} caught"
    elif options.verbose:
        say(f"missed: {title} without {lost}", rest.gaps[:5])


def is_worker(seed: Seed, path: str) -> bool:
    """Whether a file is one whose change may be dropped: of several definitions, one of them."""
    return not seed.homes or path in seed.homes


def check_change(
    before: Snapshot, change: Mapping[str, str | None], options: argparse.Namespace
) -> Completeness:
    files: dict[str, SourceFile | None] = {}
    for path, text in change.items():
        file = parse_file(path, text.encode()) if text is not None else None
        files[path] = None if isinstance(file, str) else file
    after = before.with_files(files)
    return references(before, after, change, engines=engines(options))


if __name__ == "__main__":
    sys.exit(main())
