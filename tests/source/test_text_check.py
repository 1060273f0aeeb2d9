"""A text is refused for what it makes worse, and for nothing that was so before."""

import pytest

from codeorch.edits import Refusal
from codeorch.source import TextCheck, parse_file
from codeorch.verify import PythonCompiler


@pytest.fixture
def check():
    compiler = PythonCompiler()
    yield TextCheck((), compiler)
    compiler.close()


def file(text, path="a.py"):
    return parse_file(path, text if isinstance(text, bytes) else text.encode())


def refusal(check, before, after, path="a.py"):
    old = None if before is None else file(before, path)
    with pytest.raises(Refusal) as raised:
        check(old, file(after, path))
    return raised.value


CLEAN = "def f():\n    return 1\n"


@pytest.mark.parametrize(
    "after",
    [
        "return 1\n",  # all of these parse by the grammar
        "def f(a, a):\n    return 1\n",
        "def f():\n    await x\n",
        "print 'x'\n",
        "for x in y:\n    pass\nbreak\n",
        "def f():\n    x = 1\n    nonlocal x\n",
    ],
)
def test_what_compiled_has_to_compile(check, after):
    assert file(after).syntax_errors == 0
    for before in (CLEAN, None):
        fault = refusal(check, before, after)
        assert fault.code == "syntax"
        assert "line " in fault.brief
    assert list(check.notices) == []


def test_what_never_compiled_is_compared_by_the_grammar(check):
    before = "print 'x'\nexec 'y'\n"
    check(file(before), file(before + "print 'z'\n"))
    (notice,) = check.notices
    assert notice.startswith("a.py is written for another Python than the one that runs codeorch")
    assert refusal(check, before, before + "def f(:\n").code == "syntax"


def test_errors_that_were_there_are_no_reason(check):
    before = "{{ cookiecutter.head }}\nx = {{ 1 }\ny = )\n"
    old = file(before)
    assert old.syntax_errors
    check(old, file(before.replace("1", "2")))


def test_an_edit_may_mend_a_file(check):
    check(file("def f(:\n"), file(CLEAN))
    assert list(check.notices) == []


def test_a_project_for_a_later_python_is_not_held_to_this_one():
    compiler = PythonCompiler()
    check = TextCheck((), compiler, for_newer_python=True)
    check(file(CLEAN), file("print 'x'\n"))
    assert list(check.notices)
    assert refusal(check, CLEAN, "def f(:\n").code == "syntax"
    compiler.close()


def test_the_bytes_are_compiled_in_the_encoding_of_the_file(check):
    before = b"# coding: latin-1\nx = '\xe9'\n"
    check(file(before), file(before + b"y = '\xe8'\n"))
    assert refusal(check, b"x = 1\n", b"x = '\xe9'\n").code == "syntax"


def test_other_languages_go_by_their_grammar(check):
    check(file("let x = 1;\n", "a.js"), file("let x = 2;\n", "a.js"))
    assert refusal(check, "let x = 1;\n", "let x = ;\n", "a.js").code == "syntax"
    check(file("let x = ;\n", "a.js"), file("let x = ;;\nlet\n", "a.js"))
