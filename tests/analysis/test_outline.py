import pytest

from codeorch.analysis.outline import bodies, excerpt, outline, tree
from codeorch.source import parse_file

CODE = '''LIMIT = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]


class Cart:
    """Holds books."""

    def total(self):
        """Add it up."""
        return 1


def helper():
    """Help."""
    return 2
'''
FILE = parse_file("a.py", CODE.encode())


def test_an_outline_shows_signatures_by_nesting():
    lines = outline(FILE).split("\n")
    assert lines[1:] == [
        "class Cart:  # Holds books.",
        "    def total(self):  # Add it up.",
        "def helper():  # Help.",
    ]
    assert lines[0].endswith("...")


def test_what_the_request_names_stays_longest():
    short = outline(FILE, limit=45, words={"helper"})
    assert "def helper():" in short
    assert "LIMIT" not in short
    assert short.endswith("more definitions")


def test_bodies_of_named_functions_are_given_whole():
    assert "return 1" in bodies(FILE, {"total"}, 500)
    assert "return 2" not in bodies(FILE, {"total"}, 500)
    assert bodies(FILE, {"total"}, 10) == ""


def test_a_tree_is_grouped_by_folder_and_says_what_is_left_out():
    assert tree(["b/x.py", "a.py", "b/y.py"]) == "./: a.py\nb/: x.py y.py"
    assert tree([f"d{i}/x" for i in range(100)], limit=50).endswith("more folders")


def test_a_large_tree_lists_what_is_near_and_counts_the_rest():
    paths = [f"src/part{d}/file_number_{n}.py" for d in range(12) for n in range(20)]
    shown = tree(["setup.py", *paths], limit=900, near=["src/part7/file_number_3.py"]).split("\n")
    assert len("\n".join(shown)) <= 900
    assert shown[0] == "./: setup.py"
    near = next(line for line in shown if line.startswith("src/part7/"))
    assert "file_number_3.py" in near
    assert "src/part11/: 20 files" in shown


def test_small_folders_are_listed_before_large_ones_take_the_room():
    paths = [f"app/module_with_a_long_name_{n}.py" for n in range(15)]
    paths += [f"testing/{name}.py" for name in ("client", "helpers")]
    shown = tree(paths, limit=120).split("\n")
    assert shown == ["app/: 15 files", "testing/: client.py helpers.py"]


def test_a_tree_that_is_too_deep_keeps_the_outer_folders():
    paths = [f"{'/'.join(f'level{i}' for i in range(depth))}/x.py" for depth in range(1, 30)]
    shown = tree(paths, limit=300).split("\n")
    assert shown[0].startswith("level0/:")
    assert shown[-1].endswith("more folders")


def test_an_excerpt_keeps_the_class_around_a_named_method():
    body = "    def m{0}(self):\n" + "        x = 1\n" * 30
    text = "import os\n\n\n" + "".join(
        f"class C{c}:\n" + "".join(body.format(n) for n in range(10)) for c in range(5)
    )
    shown = excerpt(parse_file("a.py", text.encode()), {"C3.m4"}, limit=3_000)
    kept = shown.split("\n")
    assert "class C3:" in kept
    assert "class C2:" not in kept
    assert len(shown) <= 3_300


def test_of_a_named_function_that_is_too_long_the_beginning_is_kept():
    text = "import os\n" + "def long():\n" + "    x = 1\n" * 2000 + "def short():\n    pass\n"
    shown = excerpt(parse_file("a.py", text.encode()), {"long"}, limit=2_000)
    assert shown.count("x = 1") > 100
    assert len(shown) <= 2_200


def test_an_excerpt_counts_lines_as_the_parser_does():
    text = 'PAGE = "a\x0cb"\n' * 300 + "def last():\n    return 41\n" + "x = 1\n" * 300
    shown = excerpt(parse_file("a.py", text.encode()), {"last"}, limit=1_500)
    assert "def last():\n    return 41\n" in shown


def test_an_excerpt_names_the_lines_it_leaves_out():
    long = parse_file("a.py", (CODE + "\n" + "x = 1\n" * 400 + "def last():\n    pass\n").encode())
    shown = excerpt(long, {"last"}, limit=2_000)
    assert "def last():" in shown
    assert "class Cart" in shown
    assert "are left out ...]" in shown
    assert excerpt(FILE, set()) == CODE


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"T{n} = '{'x' * 900}'\n" for n in range(80)),
        "X = '" + "y" * 50_000 + "'\n",
        "".join(f"import {'m' * 90}_{n}\n" for n in range(300)),
        "words of no language\n" * 3_000,
        "def f():\n" + "    call()\n" * 5_000,
        "class A:\n" + "".join(f"    def m{n}(self): pass\n\n\n\n\n\n\n" for n in range(900)),
    ],
)
@pytest.mark.parametrize("limit", [1_500, 9_000])
def test_an_excerpt_keeps_to_its_limit_and_uses_it(text, limit):
    shown = excerpt(parse_file("a.py", text.encode()), {"T70", "f", "m800"}, limit)
    assert len(shown) <= limit
    assert "are left out ...]" in shown
    lines = [line for line in text.split("\n") if len(line) < limit / 4]
    assert len(shown) > limit / 2 or len(lines) < 5


def test_an_excerpt_shows_the_lines_around_rare_words_inside_of_what_is_too_long():
    text = "def long():\n" + "".join(f"    call_{n}(rate)\n" for n in range(5_000))
    shown = excerpt(parse_file("a.py", text.encode()), {"long", "call_3777"}, limit=3_000)
    assert shown.startswith("def long():")
    assert "    call_3776(rate)\n    call_3777(rate)\n    call_3778(rate)\n" in shown


MANUAL = """# The shop

```sh
# no heading
```
Some words.

## Prices
Setext
======
a
---
| a | b |
|---|---|
"""
RST = """.. _label:

====
Shop
====

Prices
~~~~~~~

short
--
"""


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("manual.md", MANUAL, ["# The shop", "## Prices", "Setext", "a"]),
        ("manual.rst", RST, ["Shop", "Prices"]),
        ("LICENSE", "All rights.\n", []),
    ],
)
def test_an_outline_of_a_document_is_its_headings(path, text, found):
    lines = outline(parse_file(path, text.encode())).split("\n")
    assert [line.partition("  (")[0] for line in lines if line] == found
    for line in filter(None, lines):
        heading, _, number = line.partition("  (line ")
        assert text.split("\n")[int(number[:-1]) - 1].strip() == heading


def test_headings_keep_to_the_limit_and_are_counted():
    many = parse_file("a.md", "".join(f"# Heading {n}\n" for n in range(99)).encode())
    short = outline(many, limit=100)
    assert short.endswith("... and 95 more headings")
