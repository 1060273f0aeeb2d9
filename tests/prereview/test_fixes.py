"""`codeorch prereview --fix`: commits by rule on a branch of their own, borne out by tests."""

import json
import sys

import pytest

from codeorch.languages import FAMILIES

RENAME = {"shop/prices.py": ("read_prices", "load_prices")}
TESTED = ("--unsafe-tests", "--test-cmd", f"{sys.executable} -m unittest")
TEST = (
    "import unittest\n\nfrom shop.tax import tax\n\n\nclass TaxTest(unittest.TestCase):\n"
    "    def test_tax(self):\n        self.assertEqual(tax(1), 1)\n"
)


@pytest.fixture
def mend(call, shop, run_git):
    """Run it and give what was mended, with the text of each file on the new branch."""

    def run(*args):
        refs = run_git(shop.root, "for-each-ref")
        out = call("--fix", "--json", *(args or ("--no-test",)))[1]
        fixes = json.loads(out)["fixes"]
        now = run_git(shop.root, "for-each-ref")
        assert [
            row for row in now.splitlines() if fixes["branch"] not in row or not fixes["branch"]
        ] == (refs.splitlines())
        show = lambda path: run_git(shop.root, "show", f"{fixes['branch']}:{path}")  # noqa: E731
        return fixes, show

    return run


def test_a_use_gets_the_new_name(branch, mend, shop, run_git):
    branch(RENAME)
    fixes, show = mend()
    assert "return prices.load_prices(path)" in show("shop/report.py")
    assert [each["title"] for each in fixes["commits"]] == [
        "Use load_prices for read_prices in shop/report.py"
    ]
    head = run_git(shop.root, "rev-parse", "topic")
    assert run_git(shop.root, "rev-parse", f"{fixes['branch']}^") == head
    assert fixes["branch"] == f"codeorch/prereview-{head[:7]}"
    assert run_git(shop.root, "status", "--porcelain") == ""


def test_an_import_takes_all_that_the_file_means_by_it_along(branch, mend):
    user = (
        "from shop.prices import rate\n\n\ndef twice(amount):\n"
        "    rates = {'rate': rate}\n    return rate(amount) + rates['rate'](amount)\n"
    )
    branch({"shop/prices.py": ("def rate(", "def levy("), "shop/two.py": user})
    _, show = mend()
    assert show("shop/two.py") == user.replace("import rate", "import levy").replace(
        ": rate}", ": levy}"
    ).replace("return rate(", "return levy(").rstrip("\n")


def test_an_import_follows_a_moved_name(branch, mend):
    rate = "def rate(amount):\n    return amount\n"
    branch({"shop/prices.py": (f"{rate}\n\n", ""), "shop/rates.py": rate})
    fixes, show = mend()
    assert show("shop/tax.py").startswith(
        "from shop.prices import Base\nfrom shop.rates import rate\n"
    )
    assert len(fixes["commits"]) == 1


def test_each_file_is_a_commit_of_its_own(branch, mend, shop, run_git):
    branch({
        **RENAME,
        "shop/more.py": "from shop import prices\n\n\nX = prices.read_prices('x')\n",
    })  # fmt: skip
    fixes, _ = mend()
    count = run_git(shop.root, "rev-list", "--count", f"topic..{fixes['branch']}")
    assert (len(fixes["commits"]), count) == (2, "2")


def test_tests_bear_a_fix_out(branch, mend):
    branch(
        {
            "shop/prices.py": ("def rate(", "def levy("),
            "tests/__init__.py": "",
            "tests/test_tax.py": TEST,
        }
    )
    fixes, _ = mend(*TESTED)
    assert (fixes["tests"], fixes["dropped"]) == ("green", [])


def test_a_fix_with_which_tests_fail_is_dropped_and_said(branch, mend):
    guard = (
        "import unittest\nfrom pathlib import Path\n\n\nclass KeepTest(unittest.TestCase):\n"
        "    def test_report_stays(self):\n"
        "        self.assertIn('read_prices', Path('shop/report.py').read_text())\n"
        "    def test_else(self):\n        self.assertTrue(1)\n"
    )
    more = "from shop import prices\n\n\ndef more():\n    return prices.read_prices('x')\n"
    branch({
        **RENAME, "tests/__init__.py": "", "tests/test_keep.py": guard, "shop/more.py": more,
    })  # fmt: skip
    fixes, show = mend(*TESTED)
    assert [each["title"].rpartition(" ")[2] for each in fixes["commits"]] == ["shop/more.py"]
    (dropped,) = fixes["dropped"]
    assert dropped["title"].endswith("shop/report.py")
    assert "the tests are broken with it" in dropped["why"]
    assert "read_prices" in show("shop/report.py")


def test_what_no_rule_fits_is_not_mended(branch, mend, call):
    branch({"shop/prices.py": ("def rate(amount):", "def rate(amount, region):")})
    fixes, _ = mend()
    assert (fixes["branch"], fixes["commits"]) == ("", [])
    assert "Nothing was mended" in call("--fix", "--no-test")[1]


def test_a_second_run_takes_another_branch(branch, mend):
    branch(RENAME)
    assert [mend()[0]["branch"].count("-") for _ in range(2)] == [1, 2]


def test_uncommitted_edits_are_not_mended(branch, call, write):
    branch(RENAME)
    code, _, err = call("--fix", "--dirty")
    assert code == 2
    assert "commit them" in err


@pytest.mark.parametrize(
    ("line", "importer", "new", "expected"),
    [
        ("from shop.prices import a", "app.py", "shop/tax.py", "from shop.tax import a"),
        ("from shop.prices import a as b  # x", "app.py", "shop/tax.py",
         "from shop.tax import a as b  # x"),
        ("    from .prices import b, a", "shop/x.py", "shop/sub/tax.py",
         "    from .prices import b\n    from .sub.tax import a"),
        ("from ..prices import a", "shop/sub/x.py", "shop/tax.py", "from ..tax import a"),
        ("from shop import a", "app.py", "shop/tax.py", None),  # it is only handed on there
        ("from shop.prices import b", "app.py", "shop/tax.py", None),
        ("from .prices import a", "shop/x.py", "other/tax.py", None),
        ("import shop.prices", "app.py", "shop/tax.py", None),
    ],
)  # fmt: skip
def test_imports_of_moved_names(line, importer, new, expected):
    moved = FAMILIES["python"].moved_import
    assert moved(line, "a", importer, "shop/prices.py", new) == expected
    in_src = expected  # the folder that imports start from does not matter
    assert moved(line, "a", f"src/{importer}", "src/shop/prices.py", f"src/{new}") == in_src
