"""What is left on purpose, and excuses that are none."""

import pytest

RENAME = {"shop/prices.py": ("read_prices", "load_prices")}
USE = "    return prices.read_prices(path)\n"


@pytest.mark.parametrize(
    "line",
    [
        USE.replace("\n", "  # codeorch: leave CO101 the plugin has it\n"),
        f"    # codeorch: leave CO101: the plugin has it\n{USE}",
        USE.replace("\n", "  # type: ignore  # codeorch: leave CO102, CO101 the plugin has it\n"),
    ],
)
def test_a_reason_on_the_line_or_above_it_excuses(branch, findings, call, line):
    branch({**RENAME, "shop/report.py": (USE, line)})
    assert findings("--select", "CO0,CO101") == []
    code, out, _ = call("--select", "CO101")
    assert code == 0
    assert "1 excused" in out


def test_a_file_excuses_by_path_and_rule(branch, findings):
    rows = "# ours\nshop/rep*.py  CO101  the plugin has it\n"
    branch({**RENAME, ".codeorch-leave": rows})
    assert findings("--select", "CO0,CO101") == []


@pytest.mark.parametrize(
    ("comment", "rule"),
    [("leave CO101", "CO001"), ("leave it is fine", "CO001"), ("leave CO101  -", "CO001")],
)
def test_an_excuse_without_reason_or_rule_is_a_finding_and_excuses_nothing(
    branch, findings, comment, rule
):
    branch({**RENAME, "shop/report.py": (USE, USE.replace("\n", f"  # codeorch: {comment}\n"))})
    assert [(r, level, line) for r, level, _, line in findings("--select", "CO0,CO101")] == [
        (rule, "sure", 5), ("CO101", "sure", 5)
    ]  # fmt: skip


def test_an_excuse_of_another_rule_excuses_nothing_and_is_reported(branch, findings):
    line = USE.replace("\n", "  # codeorch: leave CO102 other reasons\n")
    branch({**RENAME, "shop/report.py": (USE, line)})
    assert [rule for rule, *_ in findings("--select", "CO0,CO1", "--ignore", "CO104")] == [
        "CO101", "CO002"
    ]  # fmt: skip


def test_a_row_that_is_none_is_a_finding(branch, findings):
    branch({".codeorch-leave": "shop/report.py\nshop/*.py CO101 never met\n"})
    assert findings() == [
        ("CO001", "sure", ".codeorch-leave", 1), ("CO002", "likely", ".codeorch-leave", 2),
    ]  # fmt: skip


def test_excuses_of_earlier_changes_are_no_news(branch, findings, run_git, shop):
    branch({**RENAME, ".codeorch-leave": "shop/report.py CO101 the plugin has it\n"})
    run_git(shop.root, "switch", "-q", "main")
    run_git(shop.root, "merge", "-q", "topic")
    branch({"shop/tax.py": ("return 2", "return 3")}, "next")
    assert findings() == []


def test_a_rule_that_is_not_looked_for_makes_no_excuse_useless(branch, findings):
    branch({"shop/tax.py": ("return 2", "return 3  # codeorch: leave CO102 for the plugin")})
    assert findings("--select", "CO0,CO101") == []
    assert [rule for rule, *_ in findings()] == ["CO002"]
