r"""What does the second opinion of a type checker cost and change in a rename?

    PYTHONPATH=src python benchmarks/engines.py CASE... [--engines own] [--rounds 1] [--json]

A CASE is `REPOSITORY:KIND NAME to NEW`, e.g. `/tmp/werkzeug:method Response.get_data to read`. Each
is carried out twice as a dry run without tests, with `--engines own` (or `found`, for what the
project and the machine bring) and with `--engines off`. CPU
seconds and memory are of codeorch with all that it starts; of several rounds the one with the least
CPU counts, as a busy machine only adds. `edits` are changed lines, `left` the places to look at.
`--json` prints a list of cases with these figures.
"""

import argparse
import json
import shlex
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from reading import Cost, cost_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One rename with one choice of engines."""

    cost: Cost
    status: str
    edits: int
    files: int
    left: int
    notes: list[str]  # what the engine was asked, and said


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case."""

    name: str
    rename: str
    runs: dict[str, Run]


def run_of(repository: Path, rename: str, choice: str) -> Run:
    """Carry out a rename; return what it cost and what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        record_file = Path(folder, "record.json")
        command = [
            *(sys.executable, "-m", "codeorch", "apply", f"rename {rename}"),
            *("--dry-run", "--no-test", "--json", "--engines", choice),
        ]
        script = f"{shlex.join(command)} > {shlex.quote(str(record_file))}; true"
        cost = cost_of(("/bin/sh", "-c", script), repository)
        record = json.loads(record_file.read_text())
    rounds = record.get("rounds") or [{}]
    plan = rounds[0].get("plan") or {}
    answers = [task.get("answer", "") for task in plan.get("tasks", ())]
    edits = sum(
        line.startswith("+") and not line.startswith("+++")
        for answer in answers
        for line in answer.split("\n")
    )
    gaps = (rounds[0].get("completeness") or {}).get("gaps", ())
    notes = [note for note in plan.get("notes", ()) if ", asked about" in note]
    return Run(
        cost=cost,
        status=record.get("status", "") or record["error"]["message"],
        edits=edits,
        files=len(answers),
        left=len({(gap["path"], gap["line"]) for gap in gaps}),
        notes=notes,
    )


def measure(case: str, engines: str, rounds: int) -> Row:
    """Carry out a case with each choice of engines, and return the cheapest of the rounds."""
    repository, _, rename = case.partition(":")
    path = Path(repository).resolve()
    run_of(path, rename, "off")  # builds the index, which a user has, too
    runs = {
        choice: min(
            (run_of(path, rename, choice) for _ in range(rounds)), key=lambda run: run.cost.cpu_s
        )
        for choice in (engines, "off")
    }
    return Row(name=path.name, rename=rename, runs=runs)


def main() -> None:
    """Measure all cases and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("cases", nargs="+", metavar="CASE")
    parser.add_argument("--engines", choices=("own", "found"), default="own")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = [measure(case, args.engines, args.rounds) for case in args.cases]
    if args.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
        return
    print("| repository | rename | engines | CPU s | MB | edits | files | to look at | status |")
    print("|---|---|---|---:|---:|---:|---:|---:|---|")
    for row in rows:
        for choice, run in row.runs.items():
            print(
                f"| {row.name} | {row.rename} | {choice} | {run.cost.cpu_s:.1f}"
                f" | {run.cost.memory_mb:.0f} | {run.edits} | {run.files} | {run.left}"
                f" | {run.status} |"
            )
        for note in (note for run in row.runs.values() for note in run.notes):
            print(f"\n{row.name}: {note}")


if __name__ == "__main__":
    main()
