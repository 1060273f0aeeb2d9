"""The changes that `economy.py` makes again: tasks of ../shared/bench/e2e, and two wide ones."""

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared" / "bench"
READ_AROUND = 15  # lines that are read around a change
WIDE = (30, 100)


@dataclass(kw_only=True)
class Change:
    """A change to be made again: the files before and after it, and what is asked."""

    name: str
    request: str
    before: dict[str, str] = field(repr=False)  # of the changed files; missing = new
    after: dict[str, str] = field(repr=False)
    lay_out: object = field(repr=False)  # makes the repository in a folder
    group: dict | None = None  # how a plan says all of it at once
    reads: tuple[str, ...] = ()  # places that the planner reads; else around each change

    def diff(self, path):
        """The edit of a file, without line numbers."""
        return diff_of(path, self.before.get(path, ""), self.after[path])


def changes(mirror):
    """Yield the changes whose repositories are in a folder, if any, and those that are made."""
    if mirror:
        tasks = (SHARED / "e2e" / "tasks.jsonl").read_text().splitlines()
        for task in map(json.loads, tasks):
            repo = mirror / task["repo"].replace("/", "+") / "repo"
            if repo.exists():
                yield real_change(task, repo)
            else:
                print(f"{task['id']}: {repo} is not there", file=sys.stderr)
    for size in WIDE:
        yield wide_change(size)


def real_change(task, mirror):
    def show(commit, path):
        done = subprocess.run(
            ["git", "-C", mirror, "show", f"{commit}:{path}"], capture_output=True, check=False
        )
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None

    def lay_out(folder):
        folder.mkdir(parents=True)
        archive = subprocess.run(
            ["git", "-C", mirror, "archive", task["base"]], capture_output=True, check=True
        )
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        return first_commit(folder)

    before = {path: show(task["base"], path) for path in task["gold_files"]}
    after = {path: show(task["commit"], path) for path in task["gold_files"]}
    return Change(
        name=task["id"],
        request=task["request"],
        before={path: text for path, text in before.items() if text is not None},
        after={path: text for path, text in after.items() if text is not None},
        lay_out=lay_out,
    )


def wide_change(size):
    """Pages that call one function, each in its own way; the function gets a parameter."""
    unit = "def area(width, height):\n    return width * height\n"
    new_unit = "def area(width, height, *, unit):\n    return width * height * factor(unit)\n"
    base = '"""Areas."""\n\nFACTORS = {"m": 1.0, "cm": 0.0001}\n\n\ndef factor(unit):\n'
    base += "    return FACTORS[unit]\n\n\n"
    before, after = {"plots/area.py": base + unit}, {"plots/area.py": base + new_unit}
    rows = []
    for n in range(size - 1):
        path, unit = f"plots/pages/page{n:03}.py", "cm" if n % 3 else "m"
        rest = "".join(
            f"\n\ndef row_{n}_{k}(values):\n"
            f'    """Format the values of row {k} of page {n}."""\n'
            f"    cells = [str(value) for value in values]\n"
            f'    return "{k}: " + ", ".join(cells[:{k + n % 7 + 1}])\n'
            for k in range(18)
        )
        call = f"area(page.w{n}, page.h{n})" if n % 2 else f"area(height=page.h{n}, width={n})"
        text = (
            f'"""Page {n}."""\n\nfrom plots.area import area\n\n\ndef show_{n}(page):\n'
            f"    size = {call}\n    return f'{{size:.{n % 4}f}}'\n" + rest
        )
        before[path] = text
        after[path] = text.replace(call, call[:-1] + f', unit="{unit}")')
        rows.append({"path": path, "values": [unit]})

    def lay_out(folder):
        for path, text in before.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return first_commit(folder)

    goal = 'Hand `unit="{unit}"` to each call of `area`, which requires it now.'
    group = {"id": "pages", "template": goal, "names": ["unit"], "rows": rows}
    request = (
        "`area` in plots/area.py shall take a keyword-only parameter `unit` (m or cm) and multiply "
        "by its factor. Every page hands over its own: those whose number is divisible by three "
        "use m, all others cm."
    )
    reads = ("plots/area.py", "plots/pages/page000.py:1-12", "plots/pages/page001.py:1-12")
    return Change(
        name=f"wide-{size}", request=request, before=before, after=after, lay_out=lay_out,
        group=group, reads=reads,
    )  # fmt: skip


def first_commit(folder):
    for args in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "base"]):
        subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *args],
                       cwd=folder, check=True, capture_output=True)  # fmt: skip
    return folder


def diff_of(path, before, after):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("a", before), ("b", after)):
            (Path(folder) / name).write_text(text)
        command = ["git", "diff", "--no-index", "--no-color", "-U3", "a", "b"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    hunks = done.stdout[done.stdout.index("@@ ") :]
    hunks = re.sub(r"(?m)^@@ -\S+ \+\S+ @@ ?(.*)$", r"@@ \1", hunks)
    return f"--- {'a/' + path if before else '/dev/null'}\n+++ b/{path}\n{hunks}"


def changed_ranges(before, after, around=READ_AROUND):
    """The lines of the text before that a change touches, with some around."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("a", before), ("b", after)):
            (Path(folder) / name).write_text(text)
        command = ["git", "diff", "--no-index", "--no-color", "-U0", "a", "b"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    ranges = []
    for start, count in re.findall(r"(?m)^@@ -(\d+)(?:,(\d+))? ", done.stdout):
        first, last = int(start), int(start) + int(count or 1)
        first, last = max(1, first - around), min(last + around, before.count("\n") or 1)
        if ranges and first <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
    return ranges


def changed_lines(diff):
    return len(re.findall(r"(?m)^[+-](?!--|\+\+)", diff))
