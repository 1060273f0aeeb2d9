r"""Small renames in TypeScript and Go: with and without an engine, what is edited, rightly or not?

    PYTHONPATH=src python benchmarks/engine_cases.py [--typescript FOLDER] [--json]

The cases are in engine_material/, our own: `=== NAME: REQUEST | OLD | NEW`, and `--- PATH` before
each file. In these `@name@` marks the uses that a rename has to edit, `~name~` those
of the same name that mean something else, and `?name?` those that nobody can tell without running
the program. FOLDER has a node_modules with a TypeScript; gopls and go are looked for on the PATH.
Counted are uses: proven (marked, and edited), wrong (foreign, or nobody's, and edited), named
(to look at, of marked ones), silent (marked, and neither edited nor named), alarm (foreign, and
named). What the gate finds besides is not counted. `--json` prints the counts by case.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from codeorch.domain import Snapshot
from codeorch.engines import Engines, FoundPrograms, choose_engines
from codeorch.errors import UserError
from codeorch.refactoring import parse_rule, plan_rule
from codeorch.sandbox import choose_sandbox
from codeorch.source import parse_file

MATERIAL = Path(__file__).parent / "engine_material"
GO_MODULE = {"go.mod": "module example.org/yard\n\ngo 1.17\n"}
MARK = re.compile(r"([@~?])(\w+)\1")
KINDS = {"@": "ours", "~": "foreign", "?": "unknown"}
COUNTS = ("proven", "wrong", "named", "silent", "alarm", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A small repository, and a rename in it."""

    name: str
    language: str
    request: str
    old: str
    new: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One marked use."""

    path: str
    line: int
    nth: int  # of the old name in its line, from 0
    kind: str


def read_cases() -> list[Case]:
    """Return the cases of all languages."""
    cases: list[Case] = []
    for file in sorted(MATERIAL.glob("*.txt")):
        for text in re.split(r"^=== ", file.read_text(), flags=re.MULTILINE)[1:]:
            head, _, rest = text.partition("\n")
            name, _, rename = head.partition(": ")
            request, old, new = rename.split(" | ")
            parts = re.split(r"^--- (.+)\n", rest, flags=re.MULTILINE)[1:]
            files = dict(zip(parts[::2], parts[1::2], strict=True))
            cases.append(Case(
                name=name, language=file.stem, request=request, old=old, new=new,
                files={**(GO_MODULE if file.stem == "go" else {}), **files},
            ))  # fmt: skip
    return cases


def read_marks(case: Case) -> tuple[dict[str, str], list[Use]]:
    """Return the files without marks, and the marked uses."""
    texts: dict[str, str] = {}
    uses: list[Use] = []
    for path, text in case.files.items():
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            marks = [match for match in MARK.finditer(line) if match[2] == case.old]
            uses += [
                Use(path=path, line=number, nth=nth, kind=KINDS[match[1]])
                for nth, match in enumerate(marks)
            ]
        texts[path] = MARK.sub(lambda match: match[2], text)
    return texts, uses


def judge(case: Case, engines: Engines) -> Counter[str]:
    """Plan a case, and count what becomes of its uses."""
    texts, uses = read_marks(case)
    files = {path: parse_file(path, text.encode()) for path, text in texts.items()}
    rule = parse_rule(case.request)
    assert rule is not None, case.request
    try:
        plan = plan_rule(rule, Snapshot(commit="0" * 40, files=files), lambda *_: (), engines)
    except UserError:
        return Counter(refused=1)
    after = apply_diffs(texts, "".join(task.answer for task in plan.tasks))
    places = {(each.path, each.line) for each in plan.unproven_uses}
    counts = Counter[str]()
    for use in uses:
        edited = is_edited(case, after[use.path].split("\n")[use.line - 1], use)
        named = (use.path, use.line) in places
        if use.kind == "ours":
            counts["proven" if edited else "named" if named else "silent"] += 1
        elif edited:
            counts["wrong"] += 1
        elif named and use.kind == "foreign":
            counts["alarm"] += 1
    return counts


def apply_diffs(texts: dict[str, str], diff: str) -> dict[str, str]:
    """Return the texts as git leaves them."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, text in texts.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        if diff:
            subprocess.run(["git", "apply", "-"], cwd=root, input=diff.encode(), check=True)
        return {path: (root / path).read_text() for path in texts}


def found_engines(typescript: Path) -> Engines:
    """Return the engines that a project would find with a folder's node_modules."""
    found = FoundPrograms(search_path=os.environ["PATH"], variables=dict(os.environ))
    sandbox = choose_sandbox(dict(os.environ), typescript)
    limits = Engines(time_limit_s=600.0)  # the machine may be busy
    return choose_engines("found", typescript, lambda: sandbox, found, limits)


def is_edited(case: Case, line: str, use: Use) -> bool:
    """Whether the nth of the old and new names of a line is the new one."""
    # A shorthand keeps its key: `{total: sum}` and `total as sum` hold both names, as one use.
    line = re.sub(rf"\b{case.old}(?:: | as ){case.new}\b", case.new, line)
    line = re.sub(rf"\b{case.new}(?:: | as ){case.old}\b", case.new, line)
    names = re.findall(rf"\b(?:{case.old}|{case.new})\b", line)
    return use.nth < len(names) and names[use.nth] == case.new


def main() -> None:
    """Judge all cases with each choice of engines, and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--typescript", type=Path, metavar="FOLDER", default=Path())
    parser.add_argument("--language", default="", help="go or typescript")
    parser.add_argument("--only", default="", help="cases whose name begins so")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    choices = {"off": Engines(), "found": found_engines(args.typescript)}
    rows: dict[str, dict[str, Counter[str]]] = {}
    for case in read_cases():
        if case.name.startswith(args.only) and case.language.startswith(args.language):
            row = {choice: judge(case, engines) for choice, engines in choices.items()}
            rows[f"{case.language} {case.name}"] = row
            print(f"{case.language} {case.name}: {row}", file=sys.stderr)
    if args.json:
        print(json.dumps(rows, indent=1))
        return
    print(f"| case | engines | {' | '.join(COUNTS)} |")
    print(f"|---|---|{'---:|' * len(COUNTS)}")
    totals: dict[tuple[str, str], Counter[str]] = {}
    for name, row in rows.items():
        for choice, counts in row.items():
            totals.setdefault((name.split()[0], choice), Counter()).update(counts)
            print(f"| {name} | {choice} | {' | '.join(str(counts[key]) for key in COUNTS)} |")
    for (language, choice), counts in totals.items():
        print(f"| **{language}** | {choice} | {' | '.join(str(counts[key]) for key in COUNTS)} |")


if __name__ == "__main__":
    main()
