import pytest

from codeorch.domain import Request
from codeorch.planning.prompt import question

CORE = (
    "def area(width, height):\n    return width * height\n\n\ndef edge(width):\n    return width\n"
)
TEST = (
    "from calc.core import area, edge\n\n\ndef test_area():\n    assert area(2, 3) == 6\n"
    "    assert area(1, 1) == 1\n\n\ndef test_edge():\n    assert edge(2) == 2\n"
)


@pytest.fixture
def tests_told(findings_of):
    """Give the lines of the section about tests."""

    def tell(request, files, *ranked):
        asked = question(Request(text=request, base="0"), findings_of(*ranked, files=files), "")
        found = (part for part in asked if part.startswith("# Tests that use"))
        return next(found, "").split("\n")[1:]

    return tell


def test_tests_of_the_best_files_are_named_with_lines(tests_told):
    files = {"calc/core.py": CORE, "tests/test_core.py": TEST}
    assert tests_told("take a unit", files, "calc/core.py") == [
        "- tests/test_core.py: area (lines 5, 6), edge (line 10)"
    ]


def test_a_test_that_no_import_links_is_found_by_a_name_of_the_request(tests_told):
    files = {
        "calc/core.py": "class Room:\n    def spare_area(self):\n        return 1\n",
        "tests/test_room.py": "def test_it(room):\n    assert room.spare_area() == 1\n",
        "tests/test_mock.py": 'def test_it(mocker):\n    mocker.patch("calc.core.spare_area")\n',
        "tests/test_other.py": "def test_it(room):\n    assert room.size() == 1\n",
    }
    assert tests_told("spare_area takes a unit", files, "calc/core.py") == [
        "- tests/test_room.py: spare_area (line 2)"
    ]


def test_tests_of_what_is_named_come_first_and_the_rest_is_counted(tests_told):
    files = {"calc/core.py": "def get_area(): pass\n", "calc/shop.py": "def buy_it(): pass\n"}
    using = "from calc.core import get_area\nget_area()\n"
    files |= {f"tests/test_{n:02}.py": using for n in range(16)}
    files["tests/test_shop.py"] = "from calc.shop import buy_it\nbuy_it()\n" + "buy_it()\n" * 6
    told = tests_told("buy_it takes a unit", files, "calc/core.py", "calc/shop.py")
    assert told[0] == "- tests/test_shop.py: buy_it (lines 2, 3, 4, 5, 6 and 2 more)"
    assert told[-1] == "- and 2 more"
    assert len(told) == 16


def test_names_that_most_files_hold_are_left_out(tests_told):
    files = {"calc/core.py": "def run(): pass\n\n\ndef run_slowly(): pass\n"}
    files |= {f"tests/test_{n}.py": "from calc.core import *\nrun()\n" for n in range(7)}
    files["tests/test_slow.py"] = "from calc.core import run_slowly\nrun_slowly()\n"
    assert tests_told("`run` takes a unit", files, "calc/core.py") == [
        "- tests/test_slow.py: run_slowly (line 2)"
    ]


def test_without_such_tests_there_is_no_section(tests_told):
    assert tests_told("take a unit", {"calc/core.py": CORE}, "calc/core.py") == []
