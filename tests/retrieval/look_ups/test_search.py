"""Searching lines: counted, by file, the best first, nothing left out silently."""

import pytest

from codeorch.retrieval.look_ups import LookUps


def test_matches_are_counted_and_grouped_by_file(look):
    assert look()("search", text="total(") == (
        "7 matches of `total(` in 3 files:\n"
        "shop/bill.py:\n  6: cart.total(extra=3)\n  7: bag.total()\n"
        "  8: return thing.total(), cart.total()\n"
        "shop/cart.py:\n  13: def total(self, extra=0):\n  17: return self.total()\n"
        "  21: def total(self):\n"
        "tests/test_cart.py:\n  5: assert Cart().total() == 1"
    )


def test_the_best_ranked_files_come_first(look):
    answer = look(ranked=["docs/use.rst", "shop/cart.py"])("search", text="total")
    paths = [line[:-1] for line in answer.split("\n")[1:] if line.endswith(":") and line[0] != " "]
    assert paths == ["docs/use.rst", "shop/cart.py", "shop/bill.py", "tests/test_cart.py"]


def test_expressions_and_globs(look):
    search = look()
    answer = search("search", text=r"^\s+def \w+\(self", regex=True, glob="shop/*.py")
    assert answer.startswith(r"3 matches of `^\s+def \w+\(self` in 1 file of shop/*.py:")
    assert search("search", text="total", glob="*.rst").startswith("1 match of `total` in 1 file")
    assert search("search", text="total", glob="tests/").count("\n") == 2
    assert search("search", text="x", glob="nope/**") == (
        "No file fits the glob 'nope/**'; e.g. `src/**/*.py`, `*.md`, `tests/`."
    )


def test_lines_around_are_shown_as_they_are_and_not_twice(look):
    search = look()
    first = search("search", text="bag.total", context=1)
    assert first.split("\n", 1)[1] == (
        "shop/bill.py, lines 6 to 8 (match in 7):\n    cart.total(extra=3)\n    bag.total()\n"
        "    return thing.total(), cart.total()"
    )
    assert search("read", places=["shop/bill.py:6-8"]).endswith("shown above")
    assert search("search", text="bag.total", context=1).endswith("(match in 7): shown above")


NO_LINE = "No line in the repository holds"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": "nothing"}, f"{NO_LINE} `nothing`."),
        ({"text": "DECIMAL"}, f"{NO_LINE} `DECIMAL`. In another case: shop/cart.py (3 matches)."),
        ({"text": "q+", "regex": True, "glob": "s*/*"}, "No line in the 3 files of s*/* matches"),
        ({"text": "[", "regex": True}, "'[' is no regular expression: "),
        ({"text": " "}, "Give a `text` that stands in one line."),
        ({"text": "x", "glob": "*" * 9 + "a"}, "No file fits the glob '*********a'; e.g. "),
    ],
)  # fmt: skip
def test_nothing_found_is_said_with_what_would_help(look, given, said):
    assert look()("search", **given).startswith(said)


def test_what_there_is_no_room_for_is_counted_by_folder(look):
    files = {
        f"src/p{n // 40}/m{n:03}.py": f"value_{n} = needle  # {'w' * 100}\n" for n in range(200)
    }
    answer = look(files, ranked=["src/p4/m199.py"])("search", text="needle")
    assert answer.startswith("200 matches of `needle` in 200 files:\nsrc/p4/m199.py:\n")
    shown = answer.count("= needle")
    *_, last = answer.split("\n")
    counts = [int(part.split()[0]) for part in last.split("(")[1:]]
    assert last.startswith("[not shown: src/")
    assert shown + sum(counts) == 200
    assert len(answer) < 10_000


def test_many_matches_in_one_file_are_numbered(look):
    files = {"a.py": "x = needle\n" * 500, "b.py": "y = needle\n"}
    answer = look(files)("search", text="needle")
    assert "[and in lines 41, 42," in answer
    assert "b.py:\n  1: y = needle" in answer


def test_generated_and_vendored_files_come_last_and_minified_ones_never(look):
    files = {
        "a_pb2.py": "needle = 1\n", "vendor/x.py": "needle = 2\n", "z.py": "needle = 3\n",
        "lib.min.js": "var needle=4;",
    }  # fmt: skip
    parsed = {path: text for path, text in files.items() if path != "lib.min.js"}
    answer = look(parsed)("search", text="needle")
    order = [line[:-1] for line in answer.split("\n")[1:] if line[0] != " "]
    assert order == ["z.py", "a_pb2.py", "vendor/x.py"]


def test_lines_that_a_pattern_takes_too_long_on_are_counted(look):
    files = {"a.py": f"x = '{'a!' * 400}'\ny = 'ab!'\n"}
    answer = look(files)("search", text=r".*.*.*.*!", regex=True)
    assert "[1 line too long for this pattern, not searched]" in answer
    assert "2: y = 'ab!'" in answer


def test_a_huge_repository_is_searched_within_limits(codebase_of, caller):
    files = {f"d{n % 97}/f{n}.txt": "alpha\n" * 30 for n in range(3_000)}
    look_ups = LookUps(codebase_of(files))
    answer = caller(look_ups)("search", text="alpha")
    assert len(answer) < 10_000
    assert "[not shown: " in answer
