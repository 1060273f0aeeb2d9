"""Does a run that is killed at a random moment leave the user's repository as it was?

    PYTHONPATH=src python benchmarks/kills.py [--kills 200] [--seed 1] [--more 120]

A real `codeorch apply` renames a function in a copy of fixtures/demo, whose repository is as
untidy as real ones: unsaved and staged edits, an untracked file, a stash, branches, a tag. The
run is killed with SIGKILL, either its whole process group or only its main process, and then:
every file of the user's, inside and outside of .git, must have the bytes and the mode it had,
`git fsck --strict` must be clean, a branch must be whole or absent, and no process may be left.
Now and then, and at the end, a run that nobody kills must succeed. With `--more` so many further
files change, and above a hundred git is given a pack instead of single objects.

Moments are chosen from outside, by what appears in the temporary folder, with random delays: at
any time, around the merge, while tests run, and around the landing.
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
class Stand:
    """A repository, a temporary folder for its runs, and a mark by which to know processes."""

    repo: Path
    temporary: Path
    mark: str
    seconds: float = 0.0  # that a run takes
    tree: str = ""  # that a whole branch has
    counts: Counter = field(default_factory=Counter)
    damage: list[str] = field(default_factory=list)

    def git(self, *args: str) -> str:
        done = subprocess.run(
            ["git", *args], cwd=self.repo, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

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
        """All that is the user's, byte for byte."""
        kept = {}
        for path in sorted(self.repo.rglob("*")):
            inside = path.relative_to(self.repo).as_posix()
            if path.is_file() and not inside.startswith(OWN):
                kept[inside] = (path.read_bytes(), path.stat().st_mode)
        return kept

    def processes(self) -> list[str]:
        found = []
        for folder in Path("/proc").iterdir():
            try:
                words = (folder / "cmdline").read_bytes() if folder.name.isdigit() else b""
            except OSError:
                continue
            if self.mark.encode() in words or os.fsencode(self.temporary) in words:
                found.append(words.replace(b"\0", b" ").decode("utf-8", "replace")[:100])
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--more", type=int, default=0, help="further files that change")
    args = parser.parse_args()
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        stand = prepare(Path(folder), f"7{os.getpid():07}", args.more)
        run_whole(stand)
        killed = tried = 0
        while killed < args.kills and tried < 2 * args.kills:  # some end before they are killed
            killed += kill_one(stand, MOMENTS[tried % len(MOMENTS)], chance)
            tried += 1
            if tried % 20 == 0:
                run_whole(stand)
        run_whole(stand)
        left = len(list(stand.temporary.iterdir()))
    told = dict(sorted(stand.counts.items()))
    told = {"kills": killed, "seed": args.seed, **told, "temporary folders left": left}
    print(json.dumps({**told, "damage": stand.damage}, indent=1))
    sys.exit(bool(stand.damage))


def prepare(folder: Path, mark: str, more: int) -> Stand:
    stand = Stand(repo=folder / "project", temporary=folder / "tmp", mark=mark)
    stand.temporary.mkdir()
    shutil.copytree(ROOT / "fixtures" / "demo", stand.repo)
    for number in range(more):
        text = f"from bookshop.money import format_money\n\nSHELF_{number} = format_money\n"
        (stand.repo / "bookshop" / f"shelf_{number}.py").write_text(text)
    stand.git("init", "-q", "-b", "main")
    for key, value in {"user.name": "Ada", "user.email": "ada@example.org", "gc.auto": "0"}.items():
        stand.git("config", key, value)
    stand.git("add", "-A")
    stand.git("commit", "-q", "-m", "The shop")
    stand.git("branch", "other")
    stand.git("tag", "v1")
    readme, cart = stand.repo / "README.md", stand.repo / "bookshop" / "cart.py"
    readme.write_text("put away\n")
    stand.git("stash")
    readme.write_text("staged\n")
    stand.git("add", "README.md")
    readme.write_text("staged, and then edited\n")
    cart.write_text(cart.read_text() + "# not saved\n")
    (stand.repo / "notes.txt").write_text("untracked\n")
    return stand


def run_whole(stand: Stand) -> None:
    """Let a run come to its end; the first one says how long it takes and what it makes."""
    before = stand.state()
    started = time.monotonic()
    run = stand.start()
    out, err = run.communicate()
    record = json.loads(out) if out.startswith(b"{") else {}
    if run.returncode != 0 or record.get("status") != "verified":
        stand.damage.append(f"a whole run failed: {run.returncode} {out[-300:]} {err[-300:]}")
        return
    stand.counts["whole runs verified"] += 1
    tree = stand.git("rev-parse", f"{record['branch']['name']}^{{tree}}")
    stand.tree = stand.tree or tree
    stand.seconds = stand.seconds or time.monotonic() - started
    judge(stand, before, "whole run")


def kill_one(stand: Stand, moment: str, chance: random.Random) -> bool:
    """Start a run and kill it; tells whether it was still running."""
    if chance.random() < 0.5:  # else the tests of the base need not run again
        shutil.rmtree(stand.repo / ".git" / "codeorch" / "baselines", ignore_errors=True)
    before, branches = stand.state(), stand.branches()
    packs = ".git/objects/pack/*"
    old_objects = {*stand.temporary.glob("codeorch-objects-*"), *stand.repo.glob(packs)}
    check_folders = set(stand.temporary.glob("codeorch-check-*"))
    run = stand.start()
    deadline = time.monotonic() + 10 * stand.seconds + 60

    def wait(pattern: str, old: set[Path], *, gone: int = 0, or_in_repo: str = "") -> None:
        seen: set[Path] = set()
        while run.poll() is None and time.monotonic() < deadline:
            inside = stand.repo.glob(or_in_repo) if or_in_repo else ()
            now = {*stand.temporary.glob(pattern), *inside} - old
            seen |= now
            if len(seen - now) >= gone and (now or gone):
                return
            time.sleep(0.0005)

    if moment == "any":
        time.sleep(chance.uniform(0, stand.seconds))
    elif moment == "merge":
        wait("codeorch-objects-*", old_objects, or_in_repo=packs)
        time.sleep(chance.uniform(0, 0.3))
    elif moment == "check":
        wait("codeorch-check-*", check_folders)
        time.sleep(chance.uniform(0, 0.6 * stand.seconds))
    else:
        # The base's tests run first, unless an earlier run kept their result.
        wait("codeorch-check-*", check_folders, gone=1)
        time.sleep(chance.uniform(0, 0.1))
    alone = chance.random() < 0.5
    ended = run.poll() is not None
    if not ended:
        os.kill(run.pid, signal.SIGKILL) if alone else os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    how = f"{moment}, {'ended before' if ended else 'alone' if alone else 'group'}"
    stand.counts[f"killed: {how}"] += 1
    new = {name: tree for name, tree in stand.branches().items() if name not in branches}
    stand.counts["whole branches after a kill"] += bool(new) and not ended
    if any(tree != stand.tree for tree in new.values()) or len(new) > 1:
        stand.damage.append(f"{how}: a partial branch: {new}")
    judge(stand, before, how)
    return not ended


def judge(stand: Stand, before: dict[str, tuple[bytes, int]], how: str) -> None:
    patience = time.monotonic() + 5
    while (left := stand.processes()) and time.monotonic() < patience:
        time.sleep(0.02)
    if left:
        stand.damage.append(f"{how}: left running: {left}")
        stand.counts["processes left"] += len(left)
    after = stand.state()
    for path in sorted({*before, *after}):
        if before.get(path) != after.get(path):
            stand.damage.append(f"{how}: {path} differs")
    argv = ["git", "fsck", "--strict", "--no-dangling"]
    checked = subprocess.run(argv, cwd=stand.repo, capture_output=True, text=True, check=False)
    said = [line for line in checked.stderr.splitlines() if not line.startswith("Checking")]
    if checked.returncode or checked.stdout or said:
        stand.damage.append(f"{how}: fsck: {checked.returncode} {checked.stdout} {said}")
    locks = list((stand.repo / ".git").rglob("*.lock"))
    stand.counts["locks left"] = len(locks)
    stand.counts["states compared"] += 1


if __name__ == "__main__":
    main()
