"""Examples in documents are tests that are called by their lines."""

import pytest

from codeorch.domain import TestRun
from codeorch.verify.compare import compare
from codeorch.verify.renamed_tests import move_line_ids

P, F = "passed", "failed"
PAGE = "".join(f"line {n}\n" for n in range(1, 101)).encode()
LONGER = PAGE.replace(b"line 20\n", b"line 20\n" + b"new\n" * 7)


def run(**tests):
    named = {f"tests/test_docs.py::test_docs[docs/{place}]": outcome
             for place, outcome in tests.items()}  # fmt: skip
    failed = sum(outcome == F for outcome in named.values())
    return TestRun(exit_code=int(bool(failed)), seconds=1, failed=failed,
                   passed=len(named) - failed, tests=named)  # fmt: skip


def moved(before, page=LONGER, path="docs/index.md"):
    return move_line_ids(before, {path: PAGE}, {path: page})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("index.md:5-9", "index.md:5-9"),
        ("index.md:30-40", "index.md:37-47"),
        ("index.md:30", "index.md:37"),
        ("index.md:18-25", "index.md:18-25"),  # its own lines changed
        ("other.md:30-40", "other.md:30-40"),
    ],
)
def test_a_test_is_called_by_where_its_lines_are_now(old, new):
    assert moved(run(**{old: P})) == run(**{new: P})


def test_a_file_is_known_by_the_end_of_its_path():
    assert moved(run(**{"index.md:30": P}), path="package/docs/index.md") == run(
        **{"index.md:37": P}
    )


def test_what_failed_before_and_stands_elsewhere_is_not_broken():
    before = run(**{"index.md:30-40": F, "index.md:50-60": P})
    after = run(**{"index.md:37-47": F, "index.md:57-67": P})
    assert compare(before, after).broken
    verdict = compare(moved(before), after)
    assert (verdict.broken, verdict.missing, verdict.status) == ((), (), "no_worse")


def test_what_passed_and_fails_now_is_broken_wherever_it_stands():
    verdict = compare(moved(run(**{"index.md:30-40": P})), run(**{"index.md:37-47": F}))
    assert verdict.status == "broken"


def test_a_name_that_another_test_has_now_is_marked():
    page = PAGE.replace(b"line 37\n", b"LINE 37\n").replace(b"line 1\n", b"new\n" * 7 + b"line 1\n")
    before = run(**{"index.md:30-33": P, "index.md:37-40": P})
    finding = moved(before, page)
    assert [test.partition("[")[2] for test in finding.tests] == [
        "docs/index.md:37-40]", "docs/index.md:37-40] (as it was)",
    ]  # fmt: skip


def test_a_deleted_page_leaves_names_alone():
    before = run(**{"index.md:30-40": P})
    assert move_line_ids(before, {"docs/index.md": PAGE}, {"docs/index.md": None}) == before
