"""What other programs read of a review."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from codeorch.prereview import Comparison, Finding, Place, Review, fingerprints, formats

RENAME = {"shop/prices.py": ("read_prices", "load_prices")}
HERE = Comparison(base="a" * 40, head="b" * 40, base_name="main", head_name="topic")
SCHEMA = os.environ.get("CODEORCH_SARIF_SCHEMA", "")


def finding(line, level="sure", rule="CO101", text="read()", path="a.py"):
    return Finding(
        rule=rule, level=level, place=Place(path=path, line=line), message="`read` is gone",
        symbol="read", text=text, cause=Place(path="b.py", line=3),
    )  # fmt: skip


def review(*findings, requested=()):
    return Review(comparison=HERE, findings=findings, requested=frozenset(requested))


# ------------------------------------------------------------------------------- fingerprints


def test_fingerprints_stay_when_lines_move_and_tell_equal_lines_apart():
    before = [finding(3), finding(9), finding(20, text="x = read()")]
    moved = [finding(43), finding(49), finding(60, text="  x  =  read()")]
    assert fingerprints(before) == fingerprints(moved)
    assert len(set(fingerprints(before))) == 3
    assert fingerprints(before[::-1]) == fingerprints(before)[::-1]


@pytest.mark.parametrize(
    "other",
    [finding(3, rule="CO102"), finding(3, text="read(1)"), finding(3, path="c.py")],
)
def test_fingerprints_differ_by_what_is_found(other):
    assert fingerprints([finding(3)]) != fingerprints([other])


# ------------------------------------------------------------------------------- SARIF


def sarif(call, tmp_path, *args):
    file = tmp_path / "out.sarif"
    call("--sarif", str(file), *args)
    return json.loads(file.read_text())


def marks(value):
    return {r["partialFingerprints"]["codeorch/v1"] for r in value["runs"][0]["results"]}


def test_sarif_holds_what_is_certain_with_its_cause(branch, call, tmp_path):
    branch(RENAME)
    (run,) = sarif(call, tmp_path)["runs"]
    (result,) = run["results"]  # the document that names it is merely possible
    assert (result["ruleId"], result["level"]) == ("CO101", "error")
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "CO101"
    place, cause = (
        each[0]["physicalLocation"] for each in (result["locations"], result["relatedLocations"])
    )
    assert (place["artifactLocation"]["uri"], place["region"]) == (
        "shop/report.py",
        {"startLine": 5},
    )
    assert (cause["artifactLocation"]["uri"], cause["region"]) == (
        "shop/prices.py",
        {"startLine": 1},
    )


def test_sarif_has_the_same_fingerprints_when_lines_move_by_40(branch, call, tmp_path, write):
    branch({**RENAME, "shop/tax.py": ("rate(amount)\n\n\nclass", "rate()\n\n\nclass")})
    before = marks(sarif(call, tmp_path))
    for path in ("shop/report.py", "shop/tax.py"):
        text = Path(path).read_text()
        write({path: "# a line\n" * 40 + text})
    subprocess.run(["git", "commit", "-qam", "move"], check=True)
    after = sarif(call, tmp_path)
    assert marks(after) == before
    lines = {r["locations"][0]["physicalLocation"]["region"]["startLine"]
             for r in after["runs"][0]["results"]}  # fmt: skip
    assert min(lines) > 40


def test_notes_are_in_sarif_only_where_somebody_selects_them(branch, call, tmp_path):
    branch({"shop/tax.py": ("    return rate", "    breakpoint()\n    return rate")})
    assert sarif(call, tmp_path)["runs"][0]["results"] == []
    (result,) = sarif(call, tmp_path, "--select", "CO4")["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("CO401", "note")


@pytest.mark.skipif(not SCHEMA, reason="CODEORCH_SARIF_SCHEMA names no schema; .ci/run gets one")
@pytest.mark.parametrize("findings", [0, 3])
def test_sarif_is_valid_by_its_schema(findings, tmp_path):
    file = tmp_path / "out.sarif"
    some = review(*(finding(line, path="ä b/[x].py") for line in range(findings)))
    file.write_text(formats.sarif_of(some))
    program = shutil.which("check-jsonschema")
    regex = ("--regex-variant", "nonunicode")  # the schema has a bracket that closes nothing
    subprocess.run([program, *regex, "--schemafile", SCHEMA, str(file)], check=True)


def test_paths_in_sarif_are_uris():
    value = json.loads(formats.sarif_of(review(finding(1, path="a b/#1%.py"))))
    (result,) = value["runs"][0]["results"]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "a%20b/%231%25.py", "uriBaseId": "SRCROOT"}


# ------------------------------------------------------------------------------- the others


def test_rdjson_is_what_reviewdog_reads(branch, call):
    branch(RENAME)
    code, out, _ = call("--rdjson")
    value = json.loads(out)
    (found,) = value["diagnostics"]
    assert (code, value["source"]["name"], found["severity"]) == (1, "codeorch", "ERROR")
    assert found["location"] == {"path": "shop/report.py", "range": {"start": {"line": 5}}}
    assert found["code"] == {"value": "CO101"}


def test_annotations_are_the_ten_most_certain_and_a_count():
    some = [finding(n) for n in range(1, 9)] + [finding(n, "likely") for n in range(1, 7)]
    *lines, last = formats.annotations_of(review(*some, finding(1, "maybe"), finding(1, "note")))
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 8 + ["::warning"] * 2
    assert last.startswith("4 more")


def test_no_text_of_a_repository_becomes_a_command_of_the_workflow():
    name = "a,title=x::\n::stop-commands::y%.py"
    bad = finding(1, path=name)
    (line,) = formats.annotations_of(review(bad))
    assert "\n" not in line
    assert line.startswith(
        "::error file=a%2Ctitle=x%3A%3A%0A%3A%3Astop-commands%3A%3Ay%25.py,line=1,"
    )


def test_control_characters_do_not_reach_the_terminal(branch, call):
    branch({**RENAME, "shop/report.py": ("read_prices(path)", "read_prices(path) # \x1b[2Jgone")})
    out = call()[1]
    assert "\x1b" not in out
    assert "CO101" in out
