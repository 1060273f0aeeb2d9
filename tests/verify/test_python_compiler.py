"""Python is compiled where nothing of it can hurt us, and all files of a run in one process."""

import os
from pathlib import Path

import pytest

from codeorch.domain import SourceFile
from codeorch.sandbox import HelperProcess
from codeorch.verify import PythonCompiler, needs_newer_python


@pytest.fixture
def compiler():
    compiler = PythonCompiler()
    yield compiler
    compiler.close()


def children():
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


GOOD = (
    b"def f(): ...\n",
    b"\xef\xbb\xbfx = 1\n",
    b"# coding: latin-1\nx = '\xe9'\n",
    b"x = 1 is 1, '\\d'\n",  # a SyntaxWarning each
    b"import surely_not_there\nraise SystemExit\n",  # nothing is run
    b"\r\nx = 1\r\n",
    b"x = [" + b"1, " * 100_000 + b"]\n",
)
BAD = (
    b"def f(:\n",
    b"return 1\n",
    b"def f(a, a): ...\n",
    b"def f():\n    x = 1\n    global x\n",
    b"print 'x'\n",
    b"x = 1\0\n",
    b"x = '\xe9'\n",  # no UTF-8, and it declares nothing else
    b"# coding: nonesuch\n",
    b"(" * 100_000 + b")" * 100_000,
    b"-" * 1_000_000 + b"1",
    b"x = " + b"9" * 5_000 + b"\n",
    b"if 1:\n        x = 1\n    y = 2\n",
    b"f(a=1, 2)\n",
)


def test_each_file_is_judged_and_all_by_one_process(compiler):
    before = children()
    assert [compiler(source) for source in GOOD] == [""] * len(GOOD)
    assert all(compiler(source) for source in BAD[:8])
    assert len(children() - before) == 1


@pytest.mark.parametrize("source", BAD, ids=lambda source: repr(source[:24]))
def test_what_does_not_compile_says_why_and_spoils_nothing(compiler, source):
    fault = compiler(source)
    assert fault
    assert "\n" not in fault
    assert compiler(b"x = 1\n") == ""


def test_a_fault_names_its_line(compiler):
    assert compiler(b"x = 1\nreturn 2\n").startswith("line 2: ")


PROGRAM = """
import os, time
def answer(question):
    if question == b"end":
        os._exit(3)
    if question == b"spin":
        while True:
            pass
    if question == b"eat":
        try:
            return str(len(bytearray(1 << 34))).encode()
        except MemoryError:
            return b"full"
    return question + str(os.getpid()).encode()
"""


def test_a_crash_costs_one_question():
    with HelperProcess(PROGRAM, cpu_s=1, memory_bytes=1 << 30) as helper:
        first = helper.ask(b"a")
        assert helper.ask(b"a") == first
        assert helper.ask(b"eat") == b"full"
        assert helper.ask(b"end") is None
        second = helper.ask(b"a")
        assert second
        assert second != first
        assert helper.ask(b"spin") is None
        assert helper.ask(b"") not in (None, first, second)


@pytest.mark.parametrize(
    ("path", "text", "newer"),
    [
        ("pyproject.toml", '[project]\nrequires-python = ">=3.99"\n', True),
        ("pyproject.toml", '[project]\nrequires-python = ">=3.8,<3.99"\n', False),
        ("setup.cfg", "[options]\npython_requires = ~=3.99\n", True),
        ("pyproject.toml", "project = 1\n", False),
        ("README.md", "needs >=3.99\n", False),
    ],
)
def test_a_project_may_be_for_a_later_python(path, text, newer):
    assert needs_newer_python({path: SourceFile(path=path, text=text)}) is newer
