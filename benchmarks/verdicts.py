r"""Judge seeded changes of generated projects and write docs/verdicts-benchmark.md.

    PYTHONPATH=src python benchmarks/verdicts.py [--cases 200] [--seed 1] [--only KIND] \
        [--out FILE] [--json]

Each case is a real repository with a base and a result, whose true verdict is known from how it
was made. What counts: the status and the sets of tests are right, no process is left over, and no
regression is ever called verified or no worse. `--json` prints the counts and writes no page.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from verdict_cases import KINDS

from codeorch.git import Repo
from codeorch.sandbox import choose_sandbox
from codeorch.source import parse_file
from codeorch.verify.run_tests import verify
from codeorch.verify.test_setup import TestSetup

ROOT = Path(__file__).resolve().parent.parent


def write_commit(folder, files):
    for file in folder.rglob("*"):
        if file.is_file() and ".git" not in file.parts:
            file.unlink()
    for path, text in files.items():
        (folder / path).write_text(text)
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for args in (["add", "-A"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run([*git, *args], cwd=folder, check=True)


def verdict_of(case, sandbox):
    with tempfile.TemporaryDirectory(prefix="verdicts-") as name:
        folder = Path(name)
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        write_commit(folder, case.before)
        write_commit(folder, case.after)
        repo = Repo.open(folder)
        base, result = repo.resolve("HEAD^"), repo.resolve("HEAD")
        first = {path: parse_file(path, text.encode()) for path, text in case.before.items()}
        test_setup = TestSetup(
            command=case.flavour.command, sandbox=sandbox, limits=case.limits,
            setup_command=case.setup,
            variables={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
            base_files=first if case.fast else None,
        )  # fmt: skip
        return verify(repo, base, result, test_setup)


def faults(case, verdict):
    """Say what is wrong with a verdict."""
    truth = case.truth
    if verdict.status not in truth.status:
        yield f"is {verdict.status} ({verdict.reason}), not {' or '.join(truth.status)}"
    rows = [("fixed", truth.fixed, verdict.fixed), ("still", truth.still, verdict.still_failing),
            ("lost", truth.lost, verdict.missing)]  # fmt: skip
    if case.fast and truth.broken:
        if not set(verdict.broken) or not set(verdict.broken) <= truth.broken:
            yield f"broken are {sorted(verdict.broken)} of {sorted(truth.broken)}"
        rows = []
    else:
        rows.append(("broken", truth.broken, verdict.broken))
    for word, expected, tests in rows:
        if expected is not None and set(tests) != expected:
            yield f"{word} are {sorted(tests)}, not {sorted(expected)}"
    text = "\n".join((verdict.reason, *verdict.notices))
    if truth.text and truth.text not in text:
        yield f"{truth.text!r} is missing in {text!r}"
    if process_remains():
        yield "a process is left over"


def process_remains():
    for name in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"codeorch-left-over" in name.read_bytes().split(b"\0"):
                return True
        except OSError:
            continue
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "verdicts-benchmark.md")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    options = parser.parse_args()
    sandbox = choose_sandbox(dict(os.environ), Path.cwd())
    kinds = [make for make, count in KINDS.items() for _ in range(count)]
    if options.only:
        kinds = [make for make in kinds if make.__name__ == options.only]
    rng = random.Random(options.seed)
    makes = [kinds[n % len(kinds)] for n in range(options.cases)] if not options.only else kinds
    rows, misses, start = [], [], time.monotonic()
    cases = [make(random.Random(rng.random())) for make in makes]
    for number, case in enumerate(cases):
        verdict = verdict_of(case, sandbox)
        problems = list(faults(case, verdict))
        escaped = case.truth.regression and verdict.status in ("verified", "no_worse")
        rows.append((case, not problems, escaped))
        for problem in problems:
            misses.append(f"{number} {case.kind} ({type(case.flavour).__name__}): {problem}")
            print(misses[-1], file=sys.stderr, flush=True)
    seconds = time.monotonic() - start
    total, right = counts_of(rows)
    escaped = sum(gone for *_, gone in rows)
    if options.json:
        kinds = {kind: {"cases": count, "right": right[kind]} for kind, count in total.items()}
        figures = {
            "cases": len(rows),
            "right": right.total(),
            "called verified or no worse": escaped,
        }
        figures |= {"seconds": round(seconds), "kinds": kinds, "not right": misses}
        print(json.dumps(figures, indent=1))
    else:
        if not options.only:
            text = page(rows, misses, sandbox.name, options)
            options.out.write_text(text, encoding="utf-8")
        print(f"{right.total()} of {len(rows)} right, {escaped} regressions called verified or "
              f"no worse, {seconds:.0f} s")  # fmt: skip
    return 0 if right.total() >= 0.99 * len(rows) and not escaped else 1


def counts_of(rows):
    """Return the cases of each kind, and those of them whose verdict is right."""
    total, right = Counter(), Counter()
    for case, good, _ in rows:
        total[case.kind] += 1
        right[case.kind] += good
    return total, right


def page(rows, misses, sandbox, options):
    total, right = counts_of(rows)
    regressions = sum(case.truth.regression for case, *_ in rows)
    escaped = sum(gone for *_, gone in rows)
    share = 100 * sum(right.values()) / len(rows)
    table = [f"| {kind} | {count} | {right[kind]} |" for kind, count in sorted(total.items())]
    return "\n".join(
        [
            "# Verdicts benchmark",
            "",
            "Changes to small generated projects, each with a verdict that is known from how it",
            f"was made. Written by `benchmarks/verdicts.py`, seed {options.seed}, in the sandbox",
            f'"{sandbox}". Right means: the status, where tests are known by name the sets of',
            "broken, fixed, still failing and missing ones, and that no process is left over.",
            "",
            f"- cases: {len(rows)}, right: {sum(right.values())}, {share:.1f} % (99 wanted)",
            f"- regressions: {regressions}, called verified or no worse: {escaped} (0 wanted)",
            "",
            "| kind | cases | right |",
            "|---|---|---|",
            *table,
            "",
            *(["Not right:", "", *(f"- {miss}" for miss in misses), ""] if misses else []),
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
