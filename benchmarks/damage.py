"""Damage real edits as models do, and count what the applier makes of them.

    PYTHONPATH=src python benchmarks/damage.py --mirror DIR [--seed 2] [--cases 200] [--json]
        [--only KIND] [--show N]

Ten repositories that are in no other corpus here, at least 200 cases a kind. DIR holds each
repository as owner+name/repo. Exit code 1 where a bar is missed.
"""

import argparse
import collections
import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from damage_cases import KINDS, edits_of

from codeorch.edits import Refusal, apply_answer

BARS = {"wrong": 0.10, "exact": 98.7, "kind_wrong": 1.0, "kind_exact": 92.0, "refuse_right": 99.0}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--cases", type=int, default=200, help="of each kind")
    parser.add_argument("--only", choices=sorted(KINDS), help="one kind")
    parser.add_argument("--show", type=int, default=0, help="print so many that went wrong")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    edits = edits_of(options.mirror, options.seed)
    began = time.process_time()
    rows = [run_kind(name, edits, options) for name in KINDS if options.only in {None, name}]
    figures = sum_up(rows) | {"seed": options.seed, "edits": len(edits)}
    figures["cpu_seconds"] = round(time.process_time() - began, 1)
    missed = [] if options.only else bars_missed(figures)
    if options.json:
        print(json.dumps({"figures": figures, "rows": rows, "missed": missed}, indent=1))
    else:
        print_table(rows, figures, missed)
    return bool(missed)


def run_kind(name, edits, options):
    counts = collections.Counter()
    for case in cases_of(name, edits, options):
        outcome, why = outcome_of(case)
        counts[outcome] += 1
        if outcome in {"wrong", "refused"} and counts["shown"] < options.show:
            counts["shown"] += 1
            print(f"== {name}: {outcome} {why}\n{case.path}\n{case.answer}", file=sys.stderr)
    total = sum(counts[key] for key in ("exact", "refused", "right", "wrong"))
    return {
        "kind": name,
        "cases": total,
        **{key: counts[key] for key in ("exact", "right", "refused", "wrong")},
    }


def cases_of(name, edits, options):
    """Give the cases of a kind: as many as are asked for, of edits as they come."""
    taken = 0
    for number, edit in enumerate(edits):
        chance = random.Random(f"{options.seed}:{name}:{number}")
        case = KINDS[name](chance, edit, chance.choice(edits))
        if case:
            taken += 1
            yield case
        if taken == options.cases:
            return


def outcome_of(case):
    """Tell exact (or right, where a refusal is wanted), refused (needlessly), wrong; and why."""
    try:
        text = apply_answer(case.base, case.answer, case.path)
    except Refusal as refusal:
        return ("right" if case.refusable else "refused"), str(refusal)
    if text in case.right:
        return ("right" if case.refusable else "exact"), ""
    return "wrong", ""


def sum_up(rows):
    wanted = [row for row in rows if not row["right"]]
    refusals = [row for row in rows if row["right"]]
    total = sum(row["cases"] for row in rows)

    def share(part, whole):
        return round(100 * part / whole, 3) if whole else 0.0

    return {
        "cases": total,
        "wrong": share(sum(row["wrong"] for row in rows), total),
        "exact": share(sum(r["exact"] for r in wanted), sum(r["cases"] for r in wanted)),
        "kind_wrong": max(share(row["wrong"], row["cases"]) for row in rows),
        "kind_exact": min((share(row["exact"], row["cases"]) for row in wanted), default=100.0),
        "refuse_right": share(sum(r["right"] for r in refusals), sum(r["cases"] for r in refusals)),
        "fewest": min(row["cases"] for row in rows),
    }


def bars_missed(figures):
    most, least = ("wrong", "kind_wrong"), ("exact", "kind_exact", "refuse_right")
    return [key for key in most if figures[key] > BARS[key]] + [
        key for key in least if figures[key] < BARS[key]
    ]


def print_table(rows, figures, missed):
    print("| kind | cases | exact | right | refused | wrong |\n|---|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(str(value) for value in row.values()) + " |")
    print(json.dumps(figures))
    print("missed: " + ", ".join(missed) if missed else "every bar is met")


if __name__ == "__main__":
    sys.exit(main())
