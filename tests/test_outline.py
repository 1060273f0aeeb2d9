from codeorch.outline import bodies, excerpt, outline, tree
from codeorch.read.files import source_file

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
FILE = source_file("a.py", CODE.encode())


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


def test_an_excerpt_names_the_lines_it_leaves_out():
    long = source_file("a.py", (CODE + "\n" + "x = 1\n" * 400 + "def last():\n    pass\n").encode())
    shown = excerpt(long, {"last"}, limit=2_000)
    assert "def last():" in shown
    assert "class Cart" in shown
    assert "are left out ...]" in shown
    assert excerpt(FILE, set()) == CODE
