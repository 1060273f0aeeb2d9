import pytest

from codeorch.domain import TestRun
from codeorch.verify.run_tests import load_run, run_key, store_run

RUN = TestRun(exit_code=0, seconds=1.5, passed=1, failed=0, tests={"a": "passed"}, log="\udc80 ä")
KEY = run_key("c0ffee", ("make", "test"), ("python 3",))


def test_a_kept_run_comes_back_whole(tmp_path):
    store_run(tmp_path / "new", KEY, RUN)
    assert load_run(tmp_path / "new", KEY) == RUN


@pytest.mark.parametrize(
    "other",
    [
        ("beef", ("make", "test"), ("python 3",)),
        ("c0ffee", ("make test",), ("python 3",)),
        ("c0ffee", ("make", "test"), ("python 4",)),
    ],
)
def test_another_commit_command_or_circumstance_is_another_run(tmp_path, other):
    store_run(tmp_path, KEY, RUN)
    assert load_run(tmp_path, run_key(*other)) is None


@pytest.mark.parametrize("text", ["", "[]", '{"exit_code": 0', '{"unknown": 1}', "null"])
def test_a_damaged_record_is_none(tmp_path, text):
    (tmp_path / f"{KEY}.json").write_text(text)
    assert load_run(tmp_path, KEY) is None


def test_a_folder_that_cannot_be_written_costs_only_the_record(tmp_path):
    (tmp_path / "file").touch()
    store_run(tmp_path / "file/below", KEY, RUN)
    assert load_run(tmp_path / "file/below", KEY) is None
