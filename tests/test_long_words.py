"""Twice as long a request, or an answer, takes about twice as long to read, whatever is in it."""

import time

import pytest

from codeorch.analysis.symbol_index import SnapshotIndex, code_words, sure_words
from codeorch.domain import Done, FilePatch, Request, Snapshot, Task
from codeorch.edits import Refusal, apply
from codeorch.errors import UserError
from codeorch.merge.message import Style, squash_message, task_message
from codeorch.planning.dependencies import named
from codeorch.planning.named_things import named_files, written_names
from codeorch.planning.occurrences import literals
from codeorch.planning.pure_moves import is_pure_move
from codeorch.refactoring import parse_rule
from codeorch.retrieval.query import query_of, score_mentions

pytestmark = pytest.mark.system

N = 4_000
SHAPES = {
    "one word": "a", "capitals": "Ab", "snake": "_a", "digits": "1",
    "another script": "\u8bed", "dots": ".", "dotted": "a.", "slashes": "/", "path": "a/",
    "backticks": "`", "quotes": '"', "curly quotes": "\u201c", "apostrophes": "'a",
    "spaces": " ", "line ends": "\n", "lines": "\n a", "sigils": "$A", "addresses": "@a",
    "calls": "f()", "not": "not ", "opening": "(", "quoted": "`a` ",
}  # fmt: skip
FORMS = (
    "{}", "rename function {} to x", "rename function a to {}", "replace `{}` with `x`",
    "replace `x` with `{}`", "rename function a to b in {}",
)  # fmt: skip
ANSWERS = (
    "{}", "```python\n{}\n```", "```diff\n@@ f\n def f(x):\n+    # a{}b\n     return x\n```",
    "```diff\n@@ -1,2 +1,3 @@ {}\n def f(x):\n+    y\n     return x\n{}\n```",
    "<<<<<<< SEARCH\n{}\n>>>>>>> REPLACE", "--- a/x{}y\n+++ b/x\n@@\n-a\n+b\n",
)  # fmt: skip
MARKERS = {"ends of blocks": ">>>>>>> REPLACE\n", "fences": "```\n", "stars": "* "}
EMPTY = Snapshot(commit="", files={})


class Codebase:
    snapshot = EMPTY


def rules(text):
    for form in FORMS:
        try:
            parse_rule(form.format(text))
        except UserError:
            continue


def messages(text):
    step = Done(
        task=Task(id="t", path="a.py", goal=text),
        patch=FilePatch(path="a.py", before=b"", after=b"x"),
    )
    request = Request(text=text, base="b")
    task_message([step], request, "r", Style(conventional=True))
    squash_message([step, step], request, "r", Style())


def answers(text):
    for form in ANSWERS:
        try:
            apply("def f(x):\n    return x\n", form.replace("{}", text), "a.py")
        except Refusal:
            continue


READERS = {
    "rules": rules,
    "words": lambda text: (code_words(text), sure_words(text)),
    "names": written_names,
    "files": lambda text: named_files(text, Codebase()),
    "named": lambda text: named(text, EMPTY, SnapshotIndex(EMPTY)),
    "literals": literals,
    "moves": lambda text: is_pure_move(text, "a/b.py", "c/b.py"),
    "query": lambda text: score_mentions(query_of(text).text, ["a/b.py"]),
    "messages": messages,
    "answers": answers,
}


def cpu_s(reader, text):
    start = time.process_time()
    reader(text)
    return time.process_time() - start


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_reading_a_request_is_linear(reader):
    slow = {}
    for name, unit in (SHAPES | MARKERS).items():
        text = unit * (N // len(unit))
        once = min(cpu_s(reader, text) for _ in range(2))
        twice = min(cpu_s(reader, text * 2) for _ in range(2))
        if twice > 3 * once + 0.05:
            slow[name] = (once, twice)
    assert slow == {}
