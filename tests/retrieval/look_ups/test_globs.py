"""Which paths a glob selects, and in how many steps."""

import re
import sys
from fnmatch import translate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.retrieval.look_ups.globs import glob_matcher, is_glob, select_paths

PATHS = (
    "README.md", "app/[id]/page.tsx", "app/i/page.tsx", "src/a.py", "src/a.pyi", "src/b/c.py",
    "src/b/deep/d.py", "tests/test_a.py", "{{cookiecutter}}/x.py",
)  # fmt: skip


@pytest.mark.parametrize(
    ("glob", "selected"),
    [
        ("*.md", ["README.md"]),
        ("*.py", [path for path in PATHS if path.endswith(".py")]),
        ("/*.py", []),
        ("src/*.py", ["src/a.py"]),
        ("./src/*.py", ["src/a.py"]),
        ("src/**", ["src/a.py", "src/a.pyi", "src/b/c.py", "src/b/deep/d.py"]),
        ("src/", ["src/a.py", "src/a.pyi", "src/b/c.py", "src/b/deep/d.py"]),
        ("src/**/*.py", ["src/a.py", "src/b/c.py", "src/b/deep/d.py"]),
        ("**/b/**/*.py", ["src/b/c.py", "src/b/deep/d.py"]),
        ("src/*/*.py", ["src/b/c.py"]),
        ("src/a.{py,pyi}", ["src/a.py", "src/a.pyi"]),
        ("{src,tests}/*a.py", ["src/a.py", "tests/test_a.py"]),
        ("{src/b,tests}/*.py", ["src/b/c.py", "tests/test_a.py"]),
        ("src/{a,{b,x}/c}.py", ["src/a.py", "src/b/c.py"]),
        ("src/?.py", ["src/a.py"]),
        ("src/[a-c].py", ["src/a.py"]),
        ("src/[!b-z].py", ["src/a.py"]),
        ("src/[z-a].py", []),
        ("src/a**i", ["src/a.pyi"]),
        ("a.py", ["src/a.py"]),
        ("", list(PATHS)),
        ("**", list(PATHS)),
        ("app/[id]/page.tsx", ["app/[id]/page.tsx"]),
        ("app/[id]/*.tsx", ["app/[id]/page.tsx", "app/i/page.tsx"]),
        ("{{cookiecutter}}/x.py", ["{{cookiecutter}}/x.py"]),
        ("{{cookiecutter}}/*.py", ["{{cookiecutter}}/x.py"]),
        ("nothing/**", []),
    ],
)
def test_a_glob_selects(glob, selected):
    assert list(select_paths(glob, PATHS)) == selected


def test_a_path_is_no_glob():
    globs = ["a*", "a?", "[ab]", "{a,b}", "a/**", "a/"]
    plain = ["a.py", "{name}/a.py", "{{cookiecutter}}/a.py", "a-b/c", "{}"]
    assert list(map(is_glob, globs + plain)) == [True] * len(globs) + [False] * len(plain)


@given(st.text("ab*?[!]", max_size=12), st.text("ab!]", max_size=12))
def test_within_one_name_it_is_what_the_shell_reads(glob, name):
    """Python's own translation is the oracle; `[` in a name would be meant as it is."""
    if not glob.strip("*"):
        return
    expected = re.fullmatch(translate(glob), name) is not None or glob == name
    assert glob_matcher(f"/{glob}")(name) == expected


@given(st.text("ab*?[]{},/!^-\\", max_size=30), st.text("ab[]{},/!", max_size=30))
def test_no_glob_fails(glob, path):
    assert glob_matcher(glob)(path) in (True, False)


@given(st.lists(st.sampled_from("ab"), min_size=1).map("/".join))
def test_each_path_selects_itself(path):
    assert select_paths(path, [path, f"{path}/more"])[:1] == (path,)


def steps(glob, path):
    """Count the calls of functions that a match takes; a pattern of no repetition is one."""
    matches = glob_matcher(glob)
    matches(path)
    count = 0

    def note(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        assert not matches(path)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    ("part", "name", "separator"),
    [("*a", "a", ""), ("**/a", "a", "/"), ("*/**/a", "a", "/"), ("*[ab]", "b", "")],
)
def test_many_stars_take_few_steps(part, name, separator):
    glob = separator.join([part] * 8) + f"{separator}c"
    short, long = (steps(glob, separator.join([name] * n) + f"{separator}b") for n in (50, 100))
    assert long <= 2.2 * short
    assert short < 50 * 8 * 10


def test_braces_that_stand_for_too_many_globs_are_read_as_they_are():
    glob = "{a,b}" * 20
    assert steps(glob, "ab" * 10) < 100
    assert select_paths(glob, [glob]) == (glob,)
