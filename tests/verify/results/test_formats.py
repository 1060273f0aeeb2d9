import json

from hypothesis import given
from hypothesis import strategies as st

from codeorch.verify.results import formats


def test_junit_of_pytest_gives_its_own_ids():
    text = """<?xml version="1.0"?><testsuites><testsuite>
      <testcase classname="tests.unit.test_a" name="test_plain" file="tests/unit/test_a.py"/>
      <testcase classname="tests.unit.test_a.TestBox.TestInner" name="test_in[1-x]"
                file="tests/unit/test_a.py"><failure message="no">why</failure></testcase>
      <testcase classname="tests.unit.test_a" name="test_s" file="tests/unit/test_a.py">
        <skipped/></testcase>
      <testcase classname="" name="tests.test_broken"><error message="bad"/></testcase>
    </testsuite></testsuites>"""
    assert dict(formats.junit(text)) == {
        "tests/unit/test_a.py::test_plain": "passed",
        "tests/unit/test_a.py::TestBox::TestInner::test_in[1-x]": "failed",
        "tests/unit/test_a.py::test_s": "skipped",
        "tests.test_broken": "failed",
    }


def test_junit_of_others_joins_class_and_name():
    text = '<testsuite><testcase classname="org.example.BoxTest" name="opens"/></testsuite>'
    assert dict(formats.junit(text)) == {"org.example.BoxTest.opens": "passed"}


def test_a_test_told_twice_keeps_its_worst_outcome():
    rows = [("a", "passed"), ("a", "failed"), ("b", "failed"), ("b", "passed"), ("c", "skipped")]
    assert formats.worst_outcomes(rows) == {"a": "failed", "b": "failed", "c": "skipped"}


def test_a_document_with_entities_is_not_read():
    text = '<!DOCTYPE a [<!ENTITY x "y">]><testsuite><testcase name="&x;"/></testsuite>'
    assert list(formats.junit(text)) == []


def test_json_of_jest_and_vitest():
    text = json.dumps(
        {
            "testResults": [
                {
                    "name": "/work/src/a.test.ts",
                    "status": "failed",
                    "assertionResults": [
                        {"fullName": "box opens", "status": "passed"},
                        {"fullName": "box closes", "status": "failed"},
                        {"fullName": "box later", "status": "todo"},
                    ],
                },
                {"name": "/work/src/b.test.ts", "status": "failed", "assertionResults": []},
            ]
        }
    )
    assert dict(formats.jest(text, "/work")) == {
        "src/a.test.ts > box opens": "passed",
        "src/a.test.ts > box closes": "failed",
        "src/a.test.ts > box later": "skipped",
        "src/b.test.ts": "failed",
    }


def test_json_of_mocha():
    text = json.dumps(
        {
            "passes": [{"file": "/work/test/a.js", "fullTitle": "box opens"}],
            "failures": [{"file": "/work/test/a.js", "fullTitle": "box closes"}],
            "pending": [{"file": None, "fullTitle": "box later"}],
        }
    )
    assert dict(formats.mocha(text, "/work")) == {
        "test/a.js > box opens": "passed",
        "test/a.js > box closes": "failed",
        " > box later": "skipped",
    }


def test_failures_of_mocha_are_written_out():
    failures = [
        {"fullTitle": "box closes", "err": {"stack": "Error: no\n    at test/a.js:1:2"}},
        {"fullTitle": "box opens", "err": {"message": "bad"}},
        {"fullTitle": "box", "err": None},
    ]
    assert formats.mocha_log(json.dumps({"failures": failures})) == (
        "  1) box closes:\nError: no\n    at test/a.js:1:2\n  2) box opens:\nbad\n  3) box:\n\n"
    )
    assert formats.mocha_log("no JSON") == ""


def test_events_of_go():
    events = [
        {"Action": "run", "Package": "m/a", "Test": "TestA"},
        {"Action": "pass", "Package": "m/a", "Test": "TestA"},
        {"Action": "fail", "Package": "m/a", "Test": "TestB/sub_one"},
        {"Action": "skip", "Package": "m/a", "Test": "TestC"},
        {"Action": "fail", "Package": "m/a"},
        {"Action": "fail", "Package": "m/b"},
        {"Action": "pass", "Package": "m/c"},
    ]
    text = "\n".join(["not JSON", *map(json.dumps, events)])
    assert dict(formats.go(text)) == {
        "m/a.TestA": "passed",
        "m/a.TestB/sub_one": "failed",
        "m/a.TestC": "skipped",
        "m/b": "failed",  # it did not compile
    }


def test_lines_of_cargo():
    text = """
     Running unittests src/lib.rs (target/debug/deps/box-0a1b)
test tests::opens ... ok
test tests::closes - should panic ... FAILED
test tests::later ... ignored, not yet
     Running tests/whole.rs (target/debug/deps/whole-0a1b)
test tests::opens ... ok
   Doc-tests box
test src/lib.rs - Box::new (line 12) ... ok
test src/lib.rs - Box::new (line 19) ... FAILED
"""
    assert dict(formats.cargo(text)) == {
        "src/lib.rs tests::opens": "passed",
        "src/lib.rs tests::closes": "failed",
        "src/lib.rs tests::later": "skipped",
        "tests/whole.rs tests::opens": "passed",
        "doc box src/lib.rs - Box::new": "passed",
        "doc box src/lib.rs - Box::new #2": "failed",
    }


@given(st.one_of(st.text(), st.recursive(
    st.none() | st.text() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["testResults", "assertionResults", "passes", "Action", "Test", "x"]),
        inner,
    ),
).map(json.dumps)))  # fmt: skip
def test_rubbish_is_read_as_nothing_known(text):
    readers = (
        formats.junit,
        formats.go,
        formats.cargo,
        lambda text: formats.jest(text, "/"),
        lambda text: formats.mocha(text, "/"),
    )
    for read in readers:
        assert set(dict(read(text)).values()) <= {"passed", "failed", "skipped"}
