"""Does a run that is killed at a random moment leave the user's repository as it was?

    PYTHONPATH=src python benchmarks/kills.py [--kills 200] [--seed 1] [--more 120] [--json]

A real `codeorch apply` renames a function in a copy of fixtures/demo, whose repository is as
untidy as real ones: unsaved and staged edits, an untracked file, a stash, branches, a tag. The
run is killed with SIGKILL, either its whole process group or only its main process, and then:
every file of the user's, inside and outside of .git, must have the bytes and the mode it had,
`git fsck --strict` must be clean, a branch must be whole or absent, and no process may be left.
Now and then, and at the end, a run that nobody kills must succeed. With `--more` so many further
files change, and above a hundred git is given a pack instead of single objects.

Moments are chosen from outside, by what appears in the temporary folder, with random delays: at
any time, around the merge, while tests run, and around the landing. The counts are printed as a
table, or with `--json` as JSON.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
REQUEST = "rename function `format_money` to `format_price`"
MOMENTS = ("any", "merge", "check", "landing")
# What is codeorch's own in a git directory; objects are looked at by fsck.
OWN = tuple(
    f".git/{folder}/"
    for folder in ("objects", "codeorch", "refs/heads/codeorch", "logs/refs/heads/codeorch")
)


@dataclass
class Arena:
    """A repository, a temporary folder for its runs, and a mark by which to know processes."""

    repo: Path
    temporary: Path
    mark: str
    seconds: float = 0.0  # that a run takes
    tree: str = ""  # that a whole branch has
    counts: Counter = field(default_factory=Counter)
    damage: list[str] = field(default_factory=list)

    def git(self, *args: str) -> str:
        process = subprocess.run(
            ["git", *args], cwd=self.repo, capture_output=True, text=True, check=True
        )
        return process.stdout.strip()

    def start(self) -> subprocess.Popen:
        # The mark makes the test's own process known, wherever it runs.
        tests = f"sleep 0.{self.mark}; python3 -m unittest -q"
        argv = [sys.executable, "-m", "codeorch", "apply", REQUEST, "--json",
                "--unsafe-tests", "--test-cmd", tests]  # fmt: skip
        return subprocess.Popen(
            argv,
            cwd=self.repo,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def branches(self) -> dict[str, str]:
        rows = self.git("for-each-ref", "--format=%(refname) %(tree)", "refs/heads/codeorch")
        return dict(row.split() for row in rows.splitlines())

    def state(self) -> dict[str, tuple[bytes, int]]:
        """Return bytes and mode of every file of the user's, by path."""
        files = {}
        for path in sorted(self.repo.rglob("*")):
            inside = path.relative_to(self.repo).as_posix()
            if path.is_file() and not inside.startswith(OWN):
                files[inside] = (path.read_bytes(), path.stat().st_mode)
        return files

    def processes(self) -> list[str]:
        """Return the command lines of all processes that belong to a run."""
        commands = []
        for folder in Path("/proc").iterdir():
            try:
                words = (folder / "cmdline").read_bytes() if folder.name.isdigit() else b""
            except OSError:
                continue
            if self.mark.encode() in words or os.fsencode(self.temporary) in words:
                commands.append(words.replace(b"\0", b" ").decode("utf-8", "replace")[:100])
        return commands


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--more", type=int, default=0, help="further files that change")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        arena = prepare(Path(folder), f"7{os.getpid():07}", options.more)
        run_whole(arena)
        kills = tries = 0
        while kills < options.kills and tries < 2 * options.kills:  # some end first
            kills += kill_one(arena, MOMENTS[tries % len(MOMENTS)], rng)
            tries += 1
            if tries % 20 == 0:
                run_whole(arena)
        run_whole(arena)
        folders = len(list(arena.temporary.iterdir()))
    figures = {"kills": kills, "seed": options.seed, **dict(sorted(arena.counts.items()))}
    figures |= {"temporary folders left": folders, "damage": arena.damage}
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        print(*(f"{name:50} {value}" for name, value in figures.items()), sep="\n")
    sys.exit(bool(arena.damage))


def prepare(folder: Path, mark: str, more: int) -> Arena:
    arena = Arena(repo=folder / "project", temporary=folder / "tmp", mark=mark)
    arena.temporary.mkdir()
    shutil.copytree(ROOT / "fixtures" / "demo", arena.repo)
    for number in range(more):
        text = f"from bookshop.money import format_money\n\nSHELF_{number} = format_money\n"
        (arena.repo / "bookshop" / f"shelf_{number}.py").write_text(text)
    arena.git("init", "-q", "-b", "main")
    for key, value in {"user.name": "Ada", "user.email": "ada@example.org", "gc.auto": "0"}.items():
        arena.git("config", key, value)
    arena.git("add", "-A")
    arena.git("commit", "-q", "-m", "The shop")
    arena.git("branch", "other")
    arena.git("tag", "v1")
    readme, cart = arena.repo / "README.md", arena.repo / "bookshop" / "cart.py"
    readme.write_text("put away\n")
    arena.git("stash")
    readme.write_text("staged\n")
    arena.git("add", "README.md")
    readme.write_text("staged, and then edited\n")
    cart.write_text(cart.read_text() + "# not saved\n")
    (arena.repo / "notes.txt").write_text("untracked\n")
    return arena


def run_whole(arena: Arena) -> None:
    """Let a run come to its end; the first one says how long it takes and what it makes."""
    before = arena.state()
    start = time.monotonic()
    run = arena.start()
    out, err = run.communicate()
    record = json.loads(out) if out.startswith(b"{") else {}
    if run.returncode != 0 or record.get("status") != "verified":
        arena.damage.append(f"a whole run failed: {run.returncode} {out[-300:]} {err[-300:]}")
        return
    arena.counts["whole runs verified"] += 1
    tree = arena.git("rev-parse", f"{record['branch']['name']}^{{tree}}")
    arena.tree = arena.tree or tree
    arena.seconds = arena.seconds or time.monotonic() - start
    check_damage(arena, before, "whole run")


def kill_one(arena: Arena, moment: str, rng: random.Random) -> bool:
    """Start a run and kill it; return whether it was still running."""
    if rng.random() < 0.5:  # else the tests of the base need not run again
        shutil.rmtree(arena.repo / ".git" / "codeorch" / "baselines", ignore_errors=True)
    before, branches = arena.state(), arena.branches()
    packs = ".git/objects/pack/*"
    old_objects = {*arena.temporary.glob("codeorch-objects-*"), *arena.repo.glob(packs)}
    check_folders = set(arena.temporary.glob("codeorch-check-*"))
    run = arena.start()
    deadline = time.monotonic() + 10 * arena.seconds + 60

    def wait(pattern: str, old: set[Path], *, gone: int = 0, or_in_repo: str = "") -> None:
        seen: set[Path] = set()
        while run.poll() is None and time.monotonic() < deadline:
            inside = arena.repo.glob(or_in_repo) if or_in_repo else ()
            now = {*arena.temporary.glob(pattern), *inside} - old
            seen |= now
            if len(seen - now) >= gone and (now or gone):
                return
            time.sleep(0.0005)

    if moment == "any":
        time.sleep(rng.uniform(0, arena.seconds))
    elif moment == "merge":
        wait("codeorch-objects-*", old_objects, or_in_repo=packs)
        time.sleep(rng.uniform(0, 0.3))
    elif moment == "check":
        wait("codeorch-check-*", check_folders)
        time.sleep(rng.uniform(0, 0.6 * arena.seconds))
    else:
        # The base's tests run first, unless an earlier run kept their result.
        wait("codeorch-check-*", check_folders, gone=1)
        time.sleep(rng.uniform(0, 0.1))
    main_only = rng.random() < 0.5
    was_over = run.poll() is not None
    if not was_over:
        os.kill(run.pid, signal.SIGKILL) if main_only else os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    how = f"{moment}, {'ended before' if was_over else 'alone' if main_only else 'group'}"
    arena.counts[f"killed: {how}"] += 1
    new = {name: tree for name, tree in arena.branches().items() if name not in branches}
    arena.counts["whole branches after a kill"] += bool(new) and not was_over
    if any(tree != arena.tree for tree in new.values()) or len(new) > 1:
        arena.damage.append(f"{how}: a partial branch: {new}")
    check_damage(arena, before, how)
    return not was_over


def check_damage(arena: Arena, before: dict[str, tuple[bytes, int]], how: str) -> None:
    deadline = time.monotonic() + 5
    while (processes := arena.processes()) and time.monotonic() < deadline:
        time.sleep(0.02)
    if processes:
        arena.damage.append(f"{how}: left running: {processes}")
        arena.counts["processes left"] += len(processes)
    after = arena.state()
    for path in sorted({*before, *after}):
        if before.get(path) != after.get(path):
            arena.damage.append(f"{how}: {path} differs")
    argv = ["git", "fsck", "--strict", "--no-dangling"]
    fsck = subprocess.run(argv, cwd=arena.repo, capture_output=True, text=True, check=False)
    complaints = [line for line in fsck.stderr.splitlines() if not line.startswith("Checking")]
    if fsck.returncode or fsck.stdout or complaints:
        arena.damage.append(f"{how}: fsck: {fsck.returncode} {fsck.stdout} {complaints}")
    locks = list((arena.repo / ".git").rglob("*.lock"))
    arena.counts["locks left"] = len(locks)
    arena.counts["states compared"] += 1


if __name__ == "__main__":
    main()
