"""Measure what workers are shown of other files, against what Python's own parser says.

  python benchmarks/context.py PACKAGE [PACKAGE ...] [--files N]

PACKAGE is the folder of an installed or checked-out Python package. For each name that a file
imports from another file of the package: is the definition found, and the right one? For each
function or class that other files import and use: are those files shown as its users?
"""

import argparse
import ast
import random
from collections import defaultdict
from pathlib import Path

from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.domain import Plan, Request, Snapshot, SourceFile, Task
from codeorch.languages.python.imports import PythonModules
from codeorch.source.files import source_file
from codeorch.workers import Scene, related_code
from codeorch.workers.context import Views


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("packages", nargs="+", type=Path)
    options.add_argument("--files", type=int, default=60, help="files, and functions, a package")
    chosen = options.parse_args()
    print(f"{'package':20} {'right':>6} {'wrong':>6} {'missed':>7} {'users':>6} {'missed':>7}")
    sums = [0] * 5
    for package in chosen.packages:
        row = Package(package.resolve(), chosen.files).measured()
        sums = [total + part for total, part in zip(sums, row, strict=True)]
        print(f"{package.name:20} {row[0]:6} {row[1]:6} {row[2]:7} {row[3]:6} {row[4]:7}")
    print(f"{'all':20} {sums[0]:6} {sums[1]:6} {sums[2]:7} {sums[3]:6} {sums[4]:7}")


class Package:
    """The files of a package, and the truth about who imports what from where."""

    def __init__(self, root, limit):
        read = {
            str(path.relative_to(root.parent)): source_file(
                str(path.relative_to(root.parent)), path.read_bytes()
            )
            for path in sorted(root.rglob("*.py"))
        }
        self.files = {path: file for path, file in read.items() if isinstance(file, SourceFile)}
        self.snapshot = Snapshot(commit="", files=self.files)
        self.names = SnapshotIndex(self.snapshot)
        self.limit = limit
        self.imports = defaultdict(set)  # path -> {(name, the path that it is imported from)}
        self.users = defaultdict(set)  # (path, name) -> the paths that import and use it
        self._read_imports()

    def measured(self):
        """Count names found right, wrong and not at all; users shown and missed."""
        shuffled = random.Random(1)
        right = wrong = missed = shown = unseen = 0
        for path in shuffled.sample(sorted(self.imports), min(self.limit, len(self.imports))):
            view = self.view(path, "change it")
            sight = related_code.Sight(self.files[path])
            for name, target in self.imports[path]:
                found = related_code.definition(name, sight, view)
                right += found is not None and found[0].path == target
                wrong += found is not None and found[0].path != target
                missed += found is None
        for path, name in shuffled.sample(sorted(self.users), min(self.limit, len(self.users))):
            callers = {
                caller.path for caller in related_code.callers(self.view(path, f"`{name}`")).shown
            }
            shown += len(self.users[path, name] & callers)
            unseen += len(self.users[path, name] - callers)
        return right, wrong, missed, shown, unseen

    def view(self, path, goal):
        plan = Plan(tasks=(Task(id="t", path=path, goal=goal),))
        scene = Scene(request=Request(text="", base=""), plan=plan, snapshot=self.snapshot)
        return Views(plan, self.names).view(plan.tasks[0], scene)

    def _read_imports(self):
        modules = PythonModules.of(self.files)
        defined = {
            (path, symbol.name): symbol.kind
            for path, file in self.files.items() for symbol in file.symbols if not symbol.parent
        }  # fmt: skip
        for path, file in self.files.items():
            try:
                tree = ast.parse(file.text)
            except (SyntaxError, ValueError):
                continue
            loaded = {
                node.id for node in ast.walk(tree)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            }  # fmt: skip
            for node in (each for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)):
                target = modules.find("." * node.level + (node.module or ""), path)
                for name in (alias.name for alias in node.names if not alias.asname):
                    kind = defined.get((target, name))
                    if kind is None or target == path or (path, name) in defined:
                        continue
                    self.imports[path].add((name, target))
                    if name in loaded and kind in ("function", "class"):
                        self.users[target, name].add(path)


if __name__ == "__main__":
    main()
