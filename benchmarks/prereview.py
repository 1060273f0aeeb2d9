"""What a pre-review says of merged commits, what it finds of omissions, and what it costs.

    PYTHONPATH=src python benchmarks/prereview.py --mirror DIR [--list A] [--sample 100] \
        [--only click] [--part merged|omissions|seeds|notes|speed] [--verbose] [--json]

Precision and recall are those of the reference gate, measured by `references.py` on its commits:
`merged` (whatever is sure or likely is an alarm, true or not), `omissions` and `seeds`. What only
the command has is measured here, on the same commits:

notes: the share of commits with a note of each rule, and how many notes. No share is right or
wrong; a rule that is on unless ignored should have a small one.

speed (only when asked for, and of any repository in DIR with `--repository owner/name`): CPU
seconds of the command as a user starts it. Each of `--sample` commits is checked out in
a scratch clone and reviewed against its parent (`cold`: nothing is kept but the index); then a
comment is added to a changed file and the working tree is reviewed (`warm`: the base's diagnostics
are kept, those of the result are not). Beside it `pyrefly check` alone, on the same tree.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import references
from commit_snapshots import MergedCommit, Store
from merged_commits import LISTS, freeze, frozen_commits, git_folder, spread

from codeorch.errors import ServiceError
from codeorch.git import hunks
from codeorch.prereview import RULES, Comparison
from codeorch.prereview.notes import Change, notes

_PARTS = ("merged", "omissions", "seeds", "notes", "speed")
_NOTES = frozenset(rule.id for rule in RULES.values() if rule.is_note)


def main() -> int:
    options = arguments()
    counts: dict[str, Counter[str]] = {}
    chosen = frozen_commits(options.list)
    if options.repository:
        frozen = freeze(git_folder(options.mirror, options.repository))
        chosen = {options.repository: (frozen["head"], frozen["commits"])}
    for repository, (head, commits) in chosen.items():
        folder = git_folder(options.mirror, repository)
        if options.only not in repository or not folder.is_dir():
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
    parser.add_argument("--repository", default="", help="this one, chosen by the same rule")
    parser.add_argument("--only", default="", help="repositories with this in their name")
    parser.add_argument("--omissions", type=int, default=150, help="in all repositories")
    parser.add_argument("--seeds", type=int, default=150, help="in all repositories")
    parser.add_argument("--seed", default="", help="chooses other definitions")
    parser.add_argument("--unchecked", action="store_true", help="ask no type checker")
    parser.add_argument("--verbose", action="store_true", help="print what is said, and missed")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    return parser.parse_args()


def check_repository(
    folder: Path, head: str, commits: list[str], options: argparse.Namespace
) -> Counter[str]:
    counts: Counter[str] = Counter()
    if options.part in (None, "merged", "omissions", "seeds"):
        counts.update(references.check_repository(folder, head, commits, options))
    if options.part in (None, "notes"):
        store = Store(folder)
        for name in spread(commits, options.sample):
            counts.update(check_notes(MergedCommit.of(store, name), options))
            store.forget()
    if options.part == "speed":
        counts.update(check_speed(folder, spread(commits, options.sample), options))
    return counts


def row(name: str, counts: Counter[str]) -> str:
    parts = [references.row(name, counts) if counts["merged"] or counts["omissions"] else name]
    if total := counts["notes"]:
        rates = (
            f"{rule} in {counts[f'{rule} commits']}/{total} commits ({counts[rule]} notes)"
            for rule in sorted(_NOTES)
        )
        parts.append(f"notes: {', '.join(rates)}")
    if runs := counts["runs"]:
        parts.append(
            f"CPU ms, medians of {runs}: cold {counts['cold ms']}, warm {counts['warm ms']}, "
            f"pyrefly alone {counts['pyrefly ms']}"
        )
    return "; ".join(parts)


def check_notes(commit: MergedCommit, options: argparse.Namespace) -> Counter[str]:
    repo = commit.store.repo
    base, head = repo.resolve(f"{commit.name}^1"), repo.resolve(commit.name)
    change = Change(
        repo=repo,
        comparison=Comparison(base=base, head=head, base_name="parent", head_name="commit"),
        before=commit.before,
        after=commit.after,
        hunks=hunks(repo, base, head),
    )
    found = list(notes(change, _NOTES))
    if options.verbose and found:
        lines = [f"{each.place} {each.rule} {each.message}" for each in found]
        references.say(f"{repo.git_dir.parent.name} {commit.name}", lines)
    rules = Counter(each.rule for each in found)
    return rules + Counter({f"{rule} commits": 1 for rule in rules}) + Counter(notes=1)


# ------------------------------------------------------------------------------- speed


def check_speed(folder: Path, commits: list[str], options: argparse.Namespace) -> Counter[str]:
    times: dict[str, list[int]] = {"cold": [], "warm": [], "pyrefly": []}
    with tempfile.TemporaryDirectory() as scratch:
        clone = Path(scratch) / "clone"
        git(folder, "clone", "--quiet", "--shared", "--no-checkout", str(folder), str(clone))
        for name in commits:
            git(clone, "checkout", "--quiet", "--force", "--detach", name)
            shutil.rmtree(clone / ".git/codeorch/diagnostics", ignore_errors=True)
            times["cold"].append(review(clone, name))
            path = changed_source(clone, name)
            if path is None:
                continue
            path.write_text(path.read_text("utf-8") + "\n# a comment\n", "utf-8")
            times["warm"].append(review(clone, name, "--dirty"))
            pyrefly = Path(sys.prefix) / "bin" / "pyrefly"
            times["pyrefly"].append(cpu_ms(clone, str(pyrefly), "check", "--summary=none"))
            if options.verbose:
                references.say(name, [f"{key} {values[-1]} ms" for key, values in times.items()])
    medians = {f"{key} ms": int(statistics.median(all_)) for key, all_ in times.items() if all_}
    return Counter(medians) + Counter(runs=len(times["warm"]))


def review(clone: Path, name: str, *more: str) -> int:
    command = ("-m", "codeorch", "prereview", "--base", f"{name}^1", "--fail-on", "never", *more)
    return cpu_ms(clone, sys.executable, *command)


def changed_source(clone: Path, name: str) -> Path | None:
    names = git(clone, "diff", "--name-only", "--diff-filter=M", f"{name}^1", name).split("\n")
    return next((clone / each for each in names if each.endswith(".py")), None)


def cpu_ms(folder: Path, *argv: str) -> int:
    """Run a program, and return the CPU time of it and of all that it starts, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    subprocess.run(argv, cwd=folder, env=environment, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return int(1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))


def git(folder: Path, *args: str) -> str:
    argv = ["git", "-C", str(folder), *args]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
