r"""What does reading a repository cost, beside a bare parse of the same files?

    PYTHONPATH=src python benchmarks/reading.py REPOSITORY... [--hostile] [--json] \
        [--write docs/FILE.md]

Each figure is of a process of its own, with all processes it starts: CPU seconds, seconds on the
clock, and the most memory that they held together. `bare` reads the blobs and parses them with
tree-sitter, and nothing else; it gets the list of files for nothing. `bare sources` leaves the
tests out. `cold` reads a commit without an index, `warm` with one. `rank` and `map` are the whole
commands, the first time and again. Of several rounds the one with the least CPU counts, as a busy
machine only adds. With `--hostile`, a repository of everything that is unpleasant is made and read
as well. `--json` prints a list of repositories with these figures, `ratio` being cold by bare.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from codeorch.git import Repo
from codeorch.languages import LANGUAGES
from codeorch.retrieval import index_of
from codeorch.source.syntax.grammars import queries

REQUEST = "a request that times out should be tried again, and the log should name its cause"
BARE = """
import json, sys
from pathlib import Path
from tree_sitter import Parser
from codeorch.source.syntax.grammars import grammar
from codeorch.git import Repo
repo = Repo(Path(sys.argv[1]), Path(sys.argv[2]))
files = json.load(open(sys.argv[3]))
parsers = {}
for (language, _), (_, data) in zip(files, repo.blobs([blob for _, blob in files])):
    if language not in parsers:
        parsers[language] = Parser(grammar(language))
    parsers[language].parse(data)
"""
READ = """
import sys
from pathlib import Path
from codeorch.retrieval import read_snapshot
from codeorch.git import Repo
repo = Repo(Path(sys.argv[1]), Path(sys.argv[2]))
print(len(read_snapshot(repo, repo.resolve("HEAD")).files))
"""
STEPS = {
    "bare": "bare parse",
    "bare sources": "bare parse, without tests",
    "cold": "cold index",
    "warm": "warm index",
    "first rank": "`codeorch rank`, first after the index",
    "rank": "`codeorch rank`, warm",
    "first map": "`codeorch map`, first after the index",
    "map": "`codeorch map`, warm",
}
PAGE = """# What reading costs

CPU seconds (seconds on the clock; memory of all processes together, at most) of
`benchmarks/reading.py`. The bare parse reads the blobs through `git cat-file` and parses them with
tree-sitter; the cold index reads the same files and all others, and writes down roles, languages,
identifiers and words, and what sources define. Tests are parsed when somebody looks at them; and
symbols, references and imports of a file are written down then.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    cpu_s: float
    wall_s: float
    memory_mb: float  # of all its processes at once, sampled

    def cheaper(self, other: "Cost | None") -> "Cost":
        return self if other is None or self.cpu_s < other.cpu_s else other

    def __str__(self) -> str:
        return f"{self.cpu_s:.2f} ({self.wall_s:.1f}; {self.memory_mb:.0f} MB)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One repository."""

    name: str
    files: int
    parsed: int
    mb: float  # of what is parsed
    cache_mb: float
    costs: dict[str, Cost]

    @property
    def ratio(self) -> float:
        return self.costs["cold"].cpu_s / self.costs["bare"].cpu_s


def cost_of(argv: Sequence[str], folder: Path) -> Cost:
    """Run a command; return what it and all that it started cost."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(
        argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peak))
    watcher.start()
    _, errors = process.communicate()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{argv}: {errors}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu_s=cpu, wall_s=time.monotonic() - start, memory_mb=peak[0])


def _watch(root: int, peak: list[float]) -> None:
    """Sample what a process and its descendants hold, until it ends."""
    while Path(f"/proc/{root}").exists():
        memory = sum(map(_memory_of, _descendants(root)))
        if not memory:  # it ended, and waits to be asked how
            return
        peak[0] = max(peak[0], memory)
        time.sleep(0.05)


def _descendants(root: int) -> list[int]:
    """Return a process and all it started, directly or not."""
    processes = [root]
    for process in processes:
        try:
            tasks = Path(f"/proc/{process}/task").iterdir()
            for task in tasks:
                processes += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return processes


def _memory_of(process: int) -> float:
    """Return the memory of a process in MB; what it shares with others counts in parts."""
    try:
        rows = Path(f"/proc/{process}/smaps_rollup").read_text().split("\n")
    except OSError:
        return 0.0
    return sum(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024


def measure(folder: Path, rounds: int) -> Row:
    repo = Repo.open(folder)
    cache = repo.git_dir / "codeorch"
    facts = index_of(repo, repo.resolve("HEAD")).facts
    code = [f for f in facts.values() if f.role in ("source", "test") and f.language in LANGUAGES]
    code = [f for f in code if queries(f.language)]
    files = [(f.language, f.blob) for f in code]
    sources = [(f.language, f.blob) for f in code if f.role == "source"]
    size = sum(len(data) for _, data in repo.blobs((blob for _, blob in files), ahead=64))
    costs: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory() as scratch:
        lists = [Path(scratch) / name for name in ("all.json", "sources.json")]
        for file, rows in zip(lists, (files, sources), strict=True):
            file.write_text(json.dumps(rows))
        where = [str(repo.root), str(repo.git_dir)]
        python, command = [sys.executable, "-c"], [sys.executable, "-m", "codeorch"]
        steps: list[tuple[str, list[str]]] = [
            ("bare", [*python, BARE, *where, str(lists[0])]),
            ("bare sources", [*python, BARE, *where, str(lists[1])]),
            ("cold", [*python, READ, *where]),
            ("warm", [*python, READ, *where]),
            ("first rank", [*command, "rank", REQUEST]),
            ("rank", [*command, "rank", REQUEST]),
            ("first map", [*command, "map"]),
            ("map", [*command, "map"]),
        ]
        for number in range(rounds):
            for name, argv in steps if not number else steps[:3]:
                if name == "cold":
                    for file in cache.glob("index-*"):
                        file.unlink()
                costs[name] = cost_of(argv, folder).cheaper(costs.get(name))
                print(f"  {folder.name} {name}: {costs[name]}", file=sys.stderr)
    cache_mb = sum(file.stat().st_size for file in cache.glob("index-*")) / 1e6
    return Row(
        name=folder.name, files=len(facts), parsed=len(files), mb=size / 1e6, cache_mb=cache_mb,
        costs=costs,
    )  # fmt: skip


def make_hostile(folder: Path) -> None:
    """Make a repository of 100,000 files, and of what no tool likes to meet."""
    deep = "/".join(f"d{i}" for i in range(300))
    odd: dict[bytes, bytes] = {
        b"huge.js": b"var a = [1, 2, 3];\n" * 2_700_000,
        b"brackets.py": b"[" * 900_000,
        b"calls.py": b"a.b(" * 200_000,
        b"functions.js": b"f(a=>{" * 100_000,
        b"tree.json": b'{"a":' * 180_000,
        b"list.yaml": b"- " * 450_000,
        b"noise.py": bytes(i * 7919 % 255 + 1 for i in range(900_000)),
        b"token.py": b"x" * 900_000,
        b"lines.py": b"\n" * 900_000,
        b"latin\xe9.py": b"x = 1\n",
        b"latin.py": b"gr\xf6\xdfe = 1\n",
        b"%s/deep.py" % deep.encode(): b"def deep(): pass\n",
        **{b"many/%d/%d/f%d.py" % (i // 10_000, i // 100 % 100, i): MODULE % (i, i, i + 1)
           for i in range(100_000)},
    }  # fmt: skip
    links = {b"loop": b"loop", b"ring/a": b"../ring/b", b"ring/b": b"../ring/a", b"root": b"/"}
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    feed = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=folder, stdin=subprocess.PIPE)
    feed.stdin.write(b"commit refs/heads/main\ncommitter A <a@example.org> 0 +0000\ndata 1\nx\n")
    for mode, entries in ((b"100644", odd), (b"120000", links)):
        for path, data in entries.items():
            feed.stdin.write(b'M %s inline "%s"\ndata %d\n%s\n' % (mode, path, len(data), data))
    for path in (b"sub", b"sub.d/sub/sub"):
        feed.stdin.write(b"M 160000 %s %s\n" % (b"1" * 40, path))
    feed.stdin.close()
    if feed.wait():
        raise SystemExit("the hostile repository could not be made")


MODULE = b"""from many import f%d


def f%d(value):
    \"\"\"Give the value of the next one.\"\"\"
    return value.result or f%d(value)
"""


def table(rows: Sequence[Row]) -> str:
    """Return the figures as a page of Markdown."""
    lines = [PAGE]
    lines += ["| | " + " | ".join(row.name for row in rows) + " |", "|---" * (len(rows) + 1) + "|"]
    facts: dict[str, Callable[[Row], str]] = {
        "files in the commit": lambda row: f"{row.files:,}",
        "of them parsed": lambda row: f"{row.parsed:,}, {row.mb:.1f} MB",
        "index on disk": lambda row: f"{row.cache_mb:.0f} MB",
        "cold index / bare parse": lambda row: f"{row.ratio:.2f}",
    }
    lines += [
        f"| {name} | " + " | ".join(map(text_of, rows)) + " |" for name, text_of in facts.items()
    ]
    for name, label in STEPS.items():
        lines.append(f"| {label} | " + " | ".join(str(row.costs[name]) for row in rows) + " |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="REPOSITORY")
    parser.add_argument(
        "--rounds", type=int, default=3, help="of the bare parse and the cold index"
    )
    parser.add_argument("--hostile", action="store_true", help="make and read an unpleasant one")
    parser.add_argument("--write", type=Path, help="Markdown file for the table")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    rows = [measure(folder.resolve(), options.rounds) for folder in options.folders]
    if options.hostile:
        with tempfile.TemporaryDirectory() as folder:
            make_hostile(Path(folder) / "hostile")
            rows.append(measure(Path(folder) / "hostile", 1))
    page = table(rows)
    print(
        json.dumps([asdict(row) | {"ratio": row.ratio} for row in rows]) if options.json else page
    )
    if options.write:
        options.write.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
