"""Measure what workers are shown of other files, against what Python's own parser says.

    PYTHONPATH=src python benchmarks/context.py PACKAGE [PACKAGE ...] [--files N] [--json]

PACKAGE is the folder of an installed or checked-out Python package. For each name that a file
imports from another file of the package: is the definition found, and the right one? For each
function or class that other files import and use: are those files shown as its users?
`--json` gives a list of rows with the same columns.
"""

import argparse
import ast
import json
import random
from collections import Counter, defaultdict
from pathlib import Path

from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.domain import Plan, Request, Snapshot, SourceFile, Task
from codeorch.languages.python.imports import PythonModules
from codeorch.source import parse_file
from codeorch.workers import RoundContext, related_code
from codeorch.workers.context import ContextBuilder

COLUMNS = ("right", "wrong", "missed", "users", "users missed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("packages", nargs="+", type=Path)
    parser.add_argument("--files", type=int, default=60, help="files, and functions, a package")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()
    rows = {}
    for package in options.packages:
        rows[package.name] = Package(package.resolve(), options.files).counts()
    rows["all"] = {key: sum(row[key] for row in rows.values()) for key in COLUMNS}
    if options.json:
        print(json.dumps([{"package": name} | counts for name, counts in rows.items()], indent=1))
        return
    for name, cells in {"package": {key: key for key in COLUMNS}, **rows}.items():
        print(f"{name:20}", *(f"{cells[key]:>{len(key) + 2}}" for key in COLUMNS))


class Package:
    """The files of a package, and the truth about who imports what from where."""

    def __init__(self, root, limit):
        files = {
            str(path.relative_to(root.parent)): parse_file(
                str(path.relative_to(root.parent)), path.read_bytes()
            )
            for path in sorted(root.rglob("*.py"))
        }
        self.files = {path: file for path, file in files.items() if isinstance(file, SourceFile)}
        self.snapshot = Snapshot(commit="", files=self.files)
        self.names = SnapshotIndex(self.snapshot)
        self.limit = limit
        self.imports = defaultdict(set)  # path -> {(name, the path that it is imported from)}
        self.users = defaultdict(set)  # (path, name) -> the paths that import and use it
        self._read_imports()

    def counts(self):
        """Return how many names are found right, wrong and not at all; users shown and missed."""
        rng = random.Random(1)
        counts = Counter(dict.fromkeys(COLUMNS, 0))
        for path in rng.sample(sorted(self.imports), min(self.limit, len(self.imports))):
            context = self.context_of(path, "change it")
            sight = related_code.Sight(self.files[path])
            for name, target in self.imports[path]:
                match = related_code.definition(name, sight, context)
                counts["right"] += match is not None and match[0].path == target
                counts["wrong"] += match is not None and match[0].path != target
                counts["missed"] += match is None
        for path, name in rng.sample(sorted(self.users), min(self.limit, len(self.users))):
            context = self.context_of(path, f"`{name}`")
            callers = {caller.path for caller in related_code.callers(context).shown}
            counts["users"] += len(self.users[path, name] & callers)
            counts["users missed"] += len(self.users[path, name] - callers)
        return counts

    def context_of(self, path, goal):
        plan = Plan(tasks=(Task(id="t", path=path, goal=goal),))
        request = Request(text="", base="")
        round_context = RoundContext(request=request, plan=plan, snapshot=self.snapshot)
        return ContextBuilder(plan, self.names).context_of(plan.tasks[0], round_context)

    def _read_imports(self):
        modules = PythonModules.of(self.files)
        kinds = {
            (path, symbol.name): symbol.kind
            for path, file in self.files.items() for symbol in file.symbols if not symbol.parent
        }  # fmt: skip
        for path, file in self.files.items():
            try:
                tree = ast.parse(file.text)
            except (SyntaxError, ValueError):
                continue
            names = {
                node.id for node in ast.walk(tree)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            }  # fmt: skip
            for node in ast.walk(tree):
                if not isinstance(node, ast.ImportFrom):
                    continue
                target = modules.find("." * node.level + (node.module or ""), path)
                for name in (alias.name for alias in node.names if not alias.asname):
                    kind = kinds.get((target, name))
                    if kind is None or target == path or (path, name) in kinds:
                        continue
                    self.imports[path].add((name, target))
                    if name in names and kind in ("function", "class"):
                        self.users[target, name].add(path)


if __name__ == "__main__":
    main()
