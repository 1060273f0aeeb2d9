"""A fact about a language stands in languages/ and nowhere else."""

import ast
import re
from pathlib import Path

import pytest

import codeorch
from codeorch.languages import LANGUAGES

ROOT = Path(codeorch.__file__).parent
ALLOWED = {
    "edits/autorun.py": "files that Python, package managers and test runners run by themselves",
    "engines/typescript_server.py": "what the server's protocol calls a file of each suffix",
    "edits/paths.py": "files that Python's start-up and package managers execute are protected",
    "retrieval/test_files.py": "what all frameworks add to a source's name, whatever the language",
    "source/roles.py": "folders of tests, and tests in languages that no grammar is at hand for",
    "verify/test_sandbox.py": "packages of a checkout, in which an installation may build files",
    "verify/failure_excerpt.py": "what runners of tests print",
    "verify/linters.py": "which files a linter or formatter takes: a fact of the tool",
    "verify/results/formats.py": "what runners of tests print",
}
CODE = sorted(
    {suffix.lstrip(".") for each in LANGUAGES.values() if each.family for suffix in each.suffixes}
)
SIGNS = {
    "a suffix": re.compile(
        rf"(?<![\w.)\]*])\\?\.(?:{'|'.join(map(re.escape, CODE))})(?![\w.(-])|\[jt\]s|\bpyi\?"
    ),
    "a package file": re.compile(r"__init__"),
    "a receiver": re.compile(r"^\W*(?:(?:self|Self|cls|this|super)\b\W*)+$"),
    "a test file": re.compile(
        r"(?<![A-Za-z])_test\b(?!_)|\.spec\b|test\|spec|tests\?\||\btest_\W|__tests__"
    ),
}


def strings(source):
    """Give the strings of a module with their lines, without what documents it."""
    tree = ast.parse(source)
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value


def strays(source):
    return [
        (line, sign, text)
        for line, text in strings(source)
        for sign, pattern in SIGNS.items()
        if pattern.search(text)
    ]


def modules():
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith("languages/"):
            yield name, path.read_text("utf-8")


def test_no_module_knows_a_language_by_itself_and_who_may_does():
    found = {name: strays(source) for name, source in modules()}
    assert {name for name, places in found.items() if places} == ALLOWED.keys()


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ('if path.endswith(".py"): pass', "a suffix"),
        ('X = re.compile(r"\\.[cm]?[jt]sx?$")', "a suffix"),
        ('X = r"(^|/)[^/]*\\.go$"', "a suffix"),
        ('X = ("__init__", "index")', "a package file"),
        ('X = frozenset({"self", "cls"})', "a receiver"),
        ('X = words("self cls this")', "a receiver"),
        ('X = re.compile(r"_test\\.go$")', "a test file"),
        ('X = r"[.-](test|spec)\\."', "a test file"),
    ],
)
def test_a_stray_is_recognised(code, sign):
    assert sign in {found for _, found, _ in strays(code)}
