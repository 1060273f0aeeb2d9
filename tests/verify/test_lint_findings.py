import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.verify.lint import Finding, new_findings, read_findings


def finding(path="a.py", line=1, rule="F401", message="unused"):
    return Finding(path=path, line=line, rule=rule, message=message)


def test_a_finding_that_only_moved_down_is_not_new():
    assert new_findings([finding(line=3)], [finding(line=30)]) == ()


def test_a_second_one_of_the_same_kind_is_new():
    assert new_findings([finding(line=3)], [finding(line=3), finding(line=9)]) == (finding(line=9),)


def test_lines_named_in_the_message_do_not_count():
    old, new = (finding(message=f"redefined, see line {line}") for line in (3, 7))
    assert new_findings([old], [new]) == ()


def test_a_finding_that_moved_to_another_file_with_its_code_is_not_new():
    assert new_findings([finding(path="old.py")], [finding(path="new.py")]) == ()


def test_the_same_fault_in_a_new_file_is_new_while_the_old_one_stays():
    both = [finding(path="new.py"), finding(path="old.py")]
    assert new_findings([finding(path="old.py")], both) == (finding(path="new.py"),)


findings = st.lists(
    st.builds(
        finding,
        path=st.sampled_from("abc"), rule=st.sampled_from("xy"), message=st.sampled_from("mn"),
    ),
    max_size=8,
)  # fmt: skip


@given(findings, findings)
def test_as_many_are_new_as_there_are_more_of_a_kind(before, after):
    def kinds(some):
        return [(one.rule, one.message) for one in some]

    new = kinds(new_findings(before, after))
    for kind in set(kinds(after)):
        grown = kinds(after).count(kind) - kinds(before).count(kind)
        assert new.count(kind) == max(0, grown)


TEXT = {
    "src/a.py:3:1: F401 'os' imported but unused": ("src/a.py", 3, "F401", "'os' imported"),
    "src/a.py:3:1: error: Name 'x' is not defined  [name-defined]": (
        "src/a.py", 3, "name-defined", "error: Name 'x' is not defined"),
    "./pkg/a.go:5:2: unreachable code": ("pkg/a.go", 5, "", "unreachable code"),
    "vet: ./a.go:5:2: undefined: x": ("a.go", 5, "", "undefined: x"),
    "pkg/a.go:5: ineffectual assignment to err (ineffassign)": (
        "pkg/a.go", 5, "ineffassign", "ineffectual assignment"),
    "src/a.ts(4,7): error TS2304: Cannot find name 'x'.": (
        "src/a.ts", 4, "TS2304", "Cannot find name"),
    "a.c:7:3: warning: unused variable 'x' [-Wunused-variable]": (
        "a.c", 7, "-Wunused-variable", "warning: unused"),
    "/work/a.py:2: W1 spaced": ("a.py", 2, "", "W1 spaced"),
}  # fmt: skip


@pytest.mark.parametrize("line", TEXT)
def test_the_common_form_of_a_line_is_read(line):
    (finding,) = read_findings("text", f"Some words before\n{line}\n1 problem\n", "/work")
    path, number, rule, message = TEXT[line]
    assert (finding.path, finding.line, finding.rule) == (path, number, rule)
    assert finding.message.startswith(message)


def test_json_of_ruff():
    message = [{"code": "F821", "filename": "/work/src/a.py", "location": {"row": 4, "column": 1},
             "message": "Undefined name `x`"}]  # fmt: skip
    assert list(read_findings("ruff", json.dumps(message), "/work")) == [
        finding("src/a.py", 4, "F821", "Undefined name `x`")
    ]


def test_json_of_eslint():
    message = [{"filePath": "/work/a.js", "messages": [
        {"ruleId": "no-undef", "line": 2, "message": "'x' is not defined."},
        {"ruleId": None, "line": 3, "message": "Parsing error"},
    ]}]  # fmt: skip
    assert list(read_findings("eslint", "a warning first\n" + json.dumps(message), "/work")) == [
        finding("a.js", 2, "no-undef", "'x' is not defined."),
        finding("a.js", 3, "", "Parsing error"),
    ]


def test_json_lines_of_clippy():
    message = {"reason": "compiler-message", "message": {
        "message": "this is silly", "code": {"code": "clippy::silly"},
        "spans": [{"file_name": "src/lib.rs", "line_start": 3, "is_primary": True},
                  {"file_name": "src/other.rs", "line_start": 9, "is_primary": False}],
    }}  # fmt: skip
    again = f"{json.dumps(message)}\n{json.dumps(message | {'target': 'tests'})}\n"
    assert list(read_findings("clippy", f"Checking\n{again}{{}}\n", "/work")) == [
        finding("src/lib.rs", 3, "clippy::silly", "this is silly")
    ]


@given(st.one_of(st.text(), st.recursive(
    st.none() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["messages", "message", "spans", "location", "code", "is_primary"]), inner
    ),
).map(json.dumps)))  # fmt: skip
def test_rubbish_is_read_without_harm(text):
    for form in ("ruff", "eslint", "clippy", "text"):
        for finding in read_findings(form, text, "/work"):
            assert isinstance(finding.line, int)
            assert str(finding)
