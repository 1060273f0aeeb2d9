r"""Run the patch benchmark on this applier and write its table into docs/patch-benchmark.md.

    PYTHONPATH=src python benchmarks/patch.py [--bench ../shared/bench/patch] [--split dev] \
        [--limit N] [--no-git] [--json]

The corpus lies outside of this repository. Besides the benchmark's own outcomes, the result of
every answer that applies is rendered and given to `git apply --check` and `read_diff`. `--json`
prints the figures and writes no page.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from codeorch.domain import FilePatch
from codeorch.edits import Refusal, apply_answer, render
from codeorch.report.diff_view import read_diff

ROOT = Path(__file__).resolve().parent.parent
GATE = (
    "apply_exact>=98,apply_exact_macro>=98,class_exact_min>=90,class_wrong_max<=2,wrong<=0.15,"
    "must_refuse_right>=99,class_right_min>=96,cpu_ms_p95<=60"
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench" / "patch")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--no-git", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "patch-benchmark.md")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    if not (options.bench / "run.py").exists():
        raise SystemExit(f"no benchmark in {options.bench}: name its folder with --bench")
    process = run(options)
    lines = process.stdout.strip().split("\n")
    table = [line for line in lines if line.startswith("|")]
    figures = json.loads(next(line for line in lines if line.startswith("{")))
    proofs = "" if options.no_git else count_canonical(options)
    if options.json:
        print(json.dumps(figures | {"gate_missed": process.returncode != 0, "canonical": proofs}))
        return process.returncode
    options.out.write_text(
        page(table, figures, proofs, missed=process.returncode), encoding="utf-8"
    )
    print(f"wrote {options.out}", *lines[len(table) :], proofs, sep="\n")
    return process.returncode


def run(options):
    limit = ["--limit", str(options.limit)] if options.limit else []
    command = [
        sys.executable, options.bench / "run.py", "--split", options.split,
        "--jobs", str(options.jobs), "--callable", "codeorch.edits:apply_answer",
        "--gate", GATE, *limit,
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment
    )


def count_canonical(options):
    """Prove the rendered form of every result with git and `read_diff`."""
    sys.path.insert(0, str(options.bench))
    import run as bench  # noqa: PLC0415 - it is where --bench says

    files, cases = bench.load(options.split, str(options.bench))
    if options.limit:
        cases = cases[:: max(1, len(cases) // options.limit)]
    edits = set()
    for case in cases:
        base, answer, path, _ = bench.resolve(case, files)
        try:
            edits.add((path, base, apply_answer(base, answer, path)))
        except Refusal:
            continue
    odd = [edit for edit in sorted(edits) if not is_canonical(*edit)]
    for path, *_ in odd[:10]:
        print("not canonical:", path, file=sys.stderr)
    return f"{len(edits) - len(odd)} of {len(edits)} distinct results"


def is_canonical(path, base, text):
    patch = FilePatch(path=path, before=base.encode() if base else None, after=text.encode())
    diff = render(patch)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, path)
        if base:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(patch.before)
        environment = os.environ | {"GIT_CEILING_DIRECTORIES": str(Path(folder).parent)}
        for check in (["--check"], []):
            command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", *check]
            process = subprocess.run(
                command, input=diff.encode(), cwd=folder, env=environment, check=False,
                capture_output=True,
            )  # fmt: skip
            if process.returncode:
                return False
        if file.read_bytes() != patch.after:
            return False
    (view,) = read_diff(diff)
    return view.new_path == path and all(
        line.text == lines[number - 1]
        for lines, side in ((base.split("\n"), "old_number"), (text.split("\n"), "new_number"))
        for hunk in view.hunks
        for line in hunk.lines
        if (number := getattr(line, side)) is not None
    )


def page(table, figures, proofs, *, missed):
    keys = (
        "cases", "apply_cases", "apply_exact", "apply_exact_macro", "apply_wrong", "apply_refused",
        "must_refuse_cases", "must_refuse_right", "wrong", "class_exact_min", "class_wrong_max",
        "class_right_min", "cpu_ms_p95", "cpu_ms_max",
    )  # fmt: skip
    rows = [f"| {key} | {figures[key]} |" for key in keys]
    classes = [line.rsplit("|", 2)[0] + "|" for line in table]
    proof_line = (
        f"Rendered again, accepted by `git apply` with the same bytes: {proofs}.\n"
        if proofs
        else ""
    )
    return "\n".join(
        [
            "# Patch benchmark",
            "",
            "Answers with diffs that are slightly wrong, as models write them, and answers that",
            f"must be refused. Written by `benchmarks/patch.py`, split `{figures['split']}`. Rates",
            "are in per cent, times in milliseconds of CPU.",
            "",
            f"Gate `{GATE}`: {'missed' if missed else 'passed'}.",
            "",
            "| figure | value |",
            "|---|---|",
            *rows,
            "",
            *([proof_line] if proofs else []),
            "## By class",
            "",
            *classes,
            "",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
