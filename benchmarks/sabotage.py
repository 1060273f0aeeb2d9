"""Changes of lines that no test runs: how many a report names, and how many it must not.

    python benchmarks/sabotage.py [--codeorch PROGRAM] [--python PYTHON]

One small project; each case changes one line of it, marked in the text, by a plan file and without
a model, and its tests pass all the same. A case that is run by no test must end with `Tests pass; 1
changed line is run by no test: PATH:LINE` and exit code 0; one that is run, or is no statement,
with `Complete and verified`. `--python` runs the project's tests, with unittest.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A line with `OLD: kind` is run by no test, one with `RUN: kind` is, or is no statement.
SHOP = '''\
"""A shop. RUN: docstring of a module"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal  # RUN: import for types alone

RATE = 19  # RUN: constant of a module


class Cart:  # RUN: head of a class
    """A cart. RUN: docstring"""

    size: int  # RUN: annotation alone
    limit = 10  # RUN: attribute of a class

    def __init__(self, items):
        self.items = items  # RUN: statement

    @property
    def first(self):
        return self.items[0]  # OLD: property that is never read

    def clear(self):
        self.items = []  # OLD: method that is never called

    def total(self, factor=1):  # RUN: head of a function that is called
        # RUN: comment
        if not self.items:
            return 0  # OLD: branch not taken
        elif self.items == [0]:  # RUN: condition that is tried
            return 1  # OLD: branch of elif
        else:
            pass
        result = [
            item * factor  # RUN: part of a statement
            for item in self.items
        ]
        return sum(result)


def ship(cart, country="DE"):  # OLD: head of a function that is never called
    return cart, country


def parse(text):
    if text == "0":
        return 0  # RUN: branch that is taken
    elif text.startswith("-"):  # OLD: condition that is never tried
        raise ValueError(text)
    return int(text)


def safe(text):
    try:
        return parse(text)
    except KeyError:  # OLD: handler that is never tried
        return None
    finally:
        RATE.bit_length()  # RUN: finally


def careful(text):
    try:
        return int(text)
    except TypeError:  # RUN: handler that is tried
        return -1  # OLD: handler that is not entered
    except ValueError:
        return -2  # RUN: handler that is entered


def each(items):
    for item in items:
        print(item)  # OLD: body of a loop over nothing
    else:
        return 5  # RUN: else of a loop


def look(items):
    for item in items:
        if item:
            break
    else:
        return 6  # OLD: else of a loop that breaks
    return 7


def lazy(items):
    for item in items:
        yield item * 3  # OLD: generator that is never asked


async def fetch(url):
    return url + "/"  # OLD: coroutine that is never awaited


def outer():
    def inner():
        return 8  # OLD: function inside of one that is called

    return inner


def logged(function):
    def wrapper(*args):
        print("called")  # OLD: wrapper of a decorator that nothing calls
        return function(*args)

    return wrapper


@logged
def deploy():
    return 9


def kind_of(value):
    match value:
        case int():
            return "number"  # RUN: case that is taken
        case str():
            return "text"  # OLD: body of a case that is not taken


def swallow():
    with contextlib.suppress(ZeroDivisionError):
        1 / 0
        return 10  # OLD: statement behind one that raises
    return 11


def guard(value):
    if value < 0:
        raise ValueError(
            "negative",
            value,  # OLD: later line of a long statement
        )
    return value


def retry(times):
    while times:
        times -= 1
        continue
        times += 1  # OLD: statement that nothing reaches
    return times


def make():
    class Local:
        name = "local"  # OLD: class in a function that is never called

    return Local


def use():
    global RATE  # RUN: declaration
    RATE = RATE
    return RATE


if __name__ == "__main__":
    print(use())  # OLD: script part of a module
'''
UNUSED = "def orphan():\n    return 12  # OLD: module that nothing imports\n"
TEST = """\
import unittest

import shop


class ShopTest(unittest.TestCase):
    def test_all(self):
        self.assertEqual(shop.Cart([1, 2]).total(2), 6)
        self.assertEqual(shop.parse("0"), 0)
        self.assertEqual(shop.safe("0"), 0)
        self.assertEqual(shop.careful("x"), -2)
        self.assertEqual(shop.each([]), 5)
        self.assertEqual(shop.look([1]), 7)
        self.assertTrue(shop.lazy([1]))
        self.assertTrue(shop.outer())
        self.assertEqual(shop.kind_of(3), "number")
        self.assertEqual(shop.swallow(), 11)
        self.assertEqual(shop.guard(3), 3)
        self.assertEqual(shop.retry(2), 0)
        self.assertTrue(shop.use())
"""
FILES = {"shop.py": SHOP, "unused.py": UNUSED, "tests/__init__.py": "", "tests/test_shop.py": TEST}
# What takes a line's place, where another comment would be no other statement.
_CHANGED = (
    ("return 5", "return 2 + 3"), ("return 0", "return 3 - 3"), ("return -2", "return 1 - 3"),
    ("return", "return 0 or"), ('"number"', '"num" + "ber"'),
    ("class Cart:", "class Cart(object):"),
    ("size: int", "size: float"), ("limit = 10", "limit = 11"),
    ("factor=1", "factor=2 - 1"),
    ("item * factor", "factor * item"), ("self.items = items", "self.items = list(items)"),
    ("self.items = []", "self.items = list()"), ('country="DE"', 'country="FR"'),
    ("RATE = 19", "RATE = 20"), ("self.items == [0]", "[0] == self.items"),
    ('text.startswith("-")', 'text[:1] == "-"'), ("except KeyError", "except LookupError"),
    ("except TypeError", "except (TypeError, OSError)"), ("print(item)", "print(item, item)"),
    ("yield item * 3", "yield 3 * item"), ('print("called")', 'print("run")'),
    ("value,  #", "-value,  #"), ("times += 1", "times += 2"),
    ('name = "local"', 'name = "other"'), ("global RATE", "global RATE, OTHER"),
    ("print(use())", "print(use(), use())"), ("RATE.bit_length()", "RATE.conjugate()"),
    ("import Decimal", "import Decimal, Context"), ("A cart.", "The cart."),
    ("A shop.", "The shop."), ("# RUN: comment", "# RUN: other comment"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One changed line."""

    kind: str
    path: str
    line: int
    runs: bool  # or it is no statement
    before: str
    after: str


def cases() -> Iterator[Case]:
    """Yield the cases in the order of the texts."""
    for path, text in FILES.items():
        lines = text.split("\n")
        for number, line in enumerate(lines, start=1):
            mark = next((m for m in ("OLD: ", "RUN: ") if m in line), "")
            if mark:
                old, new = next(pair for pair in _CHANGED if pair[0] in line)
                changed = [*lines[: number - 1], line.replace(old, new, 1), *lines[number:]]
                kind = line.partition(mark)[2].rstrip('"')
                yield Case(kind, path, number, mark == "RUN: ", text, "\n".join(changed))


def plan_of(case: Case) -> str:
    """Return a plan file whose one edit makes the change."""
    old, new = (text.split("\n")[case.line - 1] for text in (case.before, case.after))
    above = case.before.split("\n")[max(0, case.line - 4) : case.line - 1]
    body = "".join([*(f" {one}\n" for one in above), f"-{old}\n+{new}\n"])
    start = case.line - len(above)
    head = f"@@ -{start},{len(above) + 1} +{start},{len(above) + 1} @@\n"
    diff = f"--- a/{case.path}\n+++ b/{case.path}\n{head}{body}"
    task = {"id": "t", "path": case.path, "goal": f"change: {case.kind}", "diff": diff}
    return json.dumps({"request": "sabotage", "rationale": "sabotage", "tasks": [task]})


def make_project(folder: Path) -> None:
    """Write the project and commit it."""
    for path, text in FILES.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    who = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
    for args in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "first")):
        subprocess.run(("git", *who, *args), cwd=folder, check=True)
    for name in ("name", "email"):
        subprocess.run(("git", "config", f"user.{name}", "bench"), cwd=folder, check=True)


def run(case: Case, codeorch: str, python: str) -> str:
    """Carry one change out; return the headline, and the exit code if it is not 0."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_project(folder)
        plan = folder.parent / f"{folder.name}.json"
        plan.write_text(plan_of(case), "utf-8")
        command = f"{python} -m unittest -q"
        argv = (codeorch, "apply", "--plan", str(plan), "--json", "--test-cmd", command)
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
        plan.unlink()
    reason = json.loads(done.stdout).get("reason", done.stderr) if done.stdout else done.stderr
    return f"{reason}" if not done.returncode else f"exit {done.returncode}: {reason}"


def main() -> None:
    """Carry all out and print what does not end as it must, and the sum."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codeorch", default="codeorch")
    parser.add_argument("--python", default=sys.executable)
    given = parser.parse_args()
    right = {True: 0, False: 0}
    every = list(cases())
    for case in every:
        headline = run(case, given.codeorch, given.python)
        named = f"1 changed line is run by no test: {case.path}:{case.line}"
        wanted = "Complete and verified" if case.runs else f"Tests pass; {named}"
        if headline.startswith(wanted):
            right[case.runs] += 1
        else:
            print(f"{case.kind} ({case.path}:{case.line}): {headline}")
    for runs, what in ((False, "run by no test, and named"), (True, "run, and not named")):
        print(f"{what}: {right[runs]} of {sum(case.runs is runs for case in every)}")


if __name__ == "__main__":
    main()
