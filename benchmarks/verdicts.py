"""Judge seeded changes of generated projects and write docs/verdicts-benchmark.md.

  PYTHONPATH=src python benchmarks/verdicts.py [--cases 200] [--seed 1] [--only KIND] [--out FILE]

Each case is a real repository with a base and a result, whose true verdict is known from how it
was made. What counts: the status and the sets of tests are right, no process is left over, and no
regression is ever called verified or no worse.
"""

import argparse
import os
import random
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from verdict_cases import KINDS

from codeorch.git import Repo
from codeorch.sandbox import choose
from codeorch.source import parse_file
from codeorch.verify.run_tests import verify
from codeorch.verify.test_setup import Trial

ROOT = Path(__file__).resolve().parent.parent


def commit(folder, files):
    for old in folder.rglob("*"):
        if old.is_file() and ".git" not in old.parts:
            old.unlink()
    for path, text in files.items():
        (folder / path).write_text(text)
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for args in (["add", "-A"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run([*git, *args], cwd=folder, check=True)


def judge(case, sandbox):
    with tempfile.TemporaryDirectory(prefix="verdicts-") as name:
        folder = Path(name)
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        commit(folder, case.before)
        commit(folder, case.after)
        repo = Repo.open(folder)
        base, result = repo.resolve("HEAD^"), repo.resolve("HEAD")
        first = {path: parse_file(path, text.encode()) for path, text in case.before.items()}
        trial = Trial(
            command=case.flavour.command, sandbox=sandbox, limits=case.limits, setup=case.setup,
            variables={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
            first=first if case.fast else None,
        )  # fmt: skip
        return verify(repo, base, result, trial)


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
    for word, wanted, got in rows:
        if wanted is not None and set(got) != wanted:
            yield f"{word} are {sorted(got)}, not {sorted(wanted)}"
    told = "\n".join((verdict.reason, *verdict.notices))
    if truth.said and truth.said not in told:
        yield f"{truth.said!r} is not said, but {told!r}"
    if left_over():
        yield "a process is left over"


def left_over():
    for name in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"codeorch-left-over" in name.read_bytes().split(b"\0"):
                return True
        except OSError:
            continue
    return False


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--cases", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="")
    options.add_argument("--out", type=Path, default=ROOT / "docs" / "verdicts-benchmark.md")
    chosen = options.parse_args()
    sandbox = choose(dict(os.environ))
    kinds = [make for make, often in KINDS.items() for _ in range(often)]
    if chosen.only:
        kinds = [make for make in kinds if make.__name__ == chosen.only]
    rng = random.Random(chosen.seed)
    makes = [kinds[n % len(kinds)] for n in range(chosen.cases)] if not chosen.only else kinds
    rows, missed, started = [], [], time.monotonic()
    cases = [make(random.Random(rng.random())) for make in makes]
    for number, case in enumerate(cases):
        verdict = judge(case, sandbox)
        wrong = list(faults(case, verdict))
        escaped = case.truth.regression and verdict.status in ("verified", "no_worse")
        rows.append((case, not wrong, escaped))
        for fault in wrong:
            missed.append(f"{number} {case.kind} ({type(case.flavour).__name__}): {fault}")
            print(missed[-1], flush=True)
    seconds = time.monotonic() - started
    text = page(rows, missed, sandbox.name, chosen)
    if not chosen.only:
        chosen.out.write_text(text, encoding="utf-8")
    right = sum(good for _, good, _ in rows)
    escaped = sum(gone for *_, gone in rows)
    summary = f"{escaped} regressions called verified or no worse"
    print(f"{right} of {len(rows)} right, {summary}, {seconds:.0f} s")
    return 0 if right >= 0.99 * len(rows) and not escaped else 1


def page(rows, missed, sandbox, chosen):
    total, right = Counter(), Counter()
    for case, good, _ in rows:
        total[case.kind] += 1
        right[case.kind] += good
    regressions = sum(case.truth.regression for case, *_ in rows)
    escaped = sum(gone for *_, gone in rows)
    share = 100 * sum(right.values()) / len(rows)
    table = [f"| {kind} | {count} | {right[kind]} |" for kind, count in sorted(total.items())]
    return "\n".join(
        [
            "# Verdicts benchmark",
            "",
            "Changes to small generated projects, each with a verdict that is known from how it",
            f"was made. Written by `benchmarks/verdicts.py`, seed {chosen.seed}, in the sandbox",
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
            *(["Not right:", "", *(f"- {one}" for one in missed), ""] if missed else []),
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
