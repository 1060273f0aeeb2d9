"""The same report whenever and however it is asked for."""

import json
from dataclasses import replace

import pytest

from codeorch.cli import main
from codeorch.report import record
from codeorch.report.markdown import markdown

FILES = {
    "shop/prices.py": "def total(items):\n    return sum(items)\n",
    "shop/till.py": "from shop.prices import total\n\n\ndef pay(items):\n    return total(items)\n",
    "test_shop.py": (
        "import unittest\n\nfrom shop.till import pay\n\n\nclass ShopTest(unittest.TestCase):\n"
        "    def test_pay(self):\n        self.assertEqual(pay([1, 2]), 3)\n"
    ),
}


@pytest.fixture
def call(make_repo, monkeypatch, capsys):
    monkeypatch.chdir(make_repo(FILES).root)

    def run(*args):
        code = main(args)
        return code, capsys.readouterr().out

    return run


def test_show_prints_what_apply_printed(call, tmp_path):
    file = tmp_path / "report.md"
    request = "rename function total to sum_of"
    code, applied = call("apply", request, "--unsafe-tests", "--report", str(file))
    assert code == 0
    assert call("show")[1] == applied
    assert call("show", "--markdown")[1] == file.read_text(encoding="utf-8")
    value = json.loads(call("show", "--json")[1])
    told = record.load(value)
    assert markdown(told) == file.read_text(encoding="utf-8")
    assert call("show", "--diff")[1] == "".join(one.diff for one in told.files)
    assert "Complete and verified: tests passed: 1, as before" in applied
    assert "protection while they ran: " in applied


def test_a_diff_on_a_terminal_shows_what_would_move_the_cursor(call, monkeypatch):
    call("apply", "rename function total to sum_of", "--no-test")
    value = json.loads(call("show", "--json")[1])
    told = record.load(value)
    odd = replace(told.files[0], diff=told.files[0].diff.replace("sum(items)", "sum(\x1b[2J)"))
    monkeypatch.setattr("codeorch.cli.runs.load_record", lambda _: replace(told, files=(odd,)))
    assert "\x1b[2J" in call("show", "--diff")[1]
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = call("show", "--diff")[1]
    assert "\x1b[2J" not in shown
    assert "sum(\\x1b[2J)" in shown


def test_what_apply_prints_as_json_is_what_is_kept(call):
    applied = json.loads(call("apply", "rename function total to sum_of", "--no-test", "--json")[1])
    assert json.loads(call("show", applied["run"], "--json")[1]) == applied
    assert [turn["untested_files"] for turn in applied["rounds"]] == [["shop/prices.py"]]


def test_a_dry_run_says_that_no_branch_was_made(call):
    _, out = call("apply", "rename function total to sum_of", "--dry-run")
    assert "-def total(items):\n+def sum_of(items):\n" in out
    assert "No branch was made; the result is commit " in out
