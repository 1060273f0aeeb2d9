"""Which changed sources no test names."""

import re

import pytest

from codeorch.domain import Snapshot
from codeorch.source import parse_file
from codeorch.verify import untested_files

FILES = {
    "shop/prices.py": "def total(items):\n    return sum(items)\n",
    "shop/till.py": "def pay(items):\n    return 1\n",
    "shop/__init__.py": "",
    "web/till.ts": "export function ring() {}\n",
    "notes.md": "# till\n",
}


@pytest.fixture
def named():
    def run(changed, tests):
        texts = FILES | tests
        files = {path: parse_file(path, text.encode()) for path, text in texts.items()}

        def users(name):
            return [path for path, text in texts.items() if name in re.findall(r"\w+", text)]

        return untested_files(Snapshot(commit="c", files=files), changed, tests, users)

    return run


@pytest.mark.parametrize(
    ("test", "left"),
    [
        ("from shop.prices import x\n", ("shop/till.py",)),
        ("assert total([]) == 0\n", ("shop/till.py",)),
        ("totals, my_prices\n", ("shop/prices.py", "shop/till.py")),
        ("prices; pay\n", ()),
        ("", ("shop/prices.py", "shop/till.py")),
    ],
    ids=["by its module", "by a definition", "words are whole", "all", "none"],
)
def test_a_source_is_reached_by_its_module_or_a_definition(named, test, left):
    assert named(["shop/prices.py", "shop/till.py"], {"tests/test_a.py": test}) == left


def test_a_package_goes_by_its_folder(named):
    assert named(["shop/__init__.py"], {"test_a.py": "import shop\n"}) == ()
    assert named(["shop/__init__.py"], {"test_a.py": "x = '__init__'\n"}) == ("shop/__init__.py",)


def test_only_sources_are_looked_at_and_deleted_ones_are_not(named):
    assert named(["notes.md", "gone.py", "test_a.py"], {"test_a.py": "x\n"}) == ()


def test_without_tests_nothing_is_said(named):
    assert named(["shop/prices.py"], {}) == ()


def test_one_test_that_names_it_is_enough(named):
    tests = {"test_a.py": "x\n", "test_b.py": "import till\n", "test_c.py": "y\n"}
    assert named(["shop/till.py", "web/till.ts"], tests) == ()
