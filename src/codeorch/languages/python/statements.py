"""Two versions of a Python text -> the statements that differ, and where each is seen to run.

Comments, docstrings, class heads and what has no code of its own are no statements. The head of a
function runs when its module is imported; what counts is whether its body runs.
"""

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_NO_CODE = (ast.Global, ast.Nonlocal, ast.Pass)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LONG = 2_000  # lines, above which frequent ones are no anchors of a diff


@dataclass(frozen=True, slots=True)
class ChangedStatement:
    """A statement that differs: the line to show, and the lines of which one runs with it."""

    line: int
    first: int
    last: int


def changed_statements(before: str, after: str) -> tuple[ChangedStatement, ...] | None:
    """Return the statements of a text that the one before has not; None if it does not parse."""
    try:
        tree = ast.parse(after)
        changed = _changed_lines(_code_lines(before), _code_lines(after))
        return tuple(sorted(_statements(tree.body, changed), key=lambda one: one.line))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _changed_lines(old: Sequence[str], new: Sequence[str]) -> frozenset[int]:
    matcher = SequenceMatcher(None, old, new, autojunk=len(new) > _LONG)
    rows = (range(c, d) for tag, _, _, c, d in matcher.get_opcodes() if tag != "equal")
    return frozenset(row + 1 for part in rows for row in part)


def _code_lines(text: str) -> list[str]:
    """Return the lines of a text without comments; with them if the text has no tokens."""
    lines = text.split("\n")
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return lines
    for token in tokens:
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return [line.rstrip() for line in lines]


def _statements(body: Sequence[ast.stmt], changed: frozenset[int]) -> Iterator[ChangedStatement]:
    """Yield the changed statements of a body and of all bodies in it, with no recursion."""
    bodies = [body]
    while bodies:
        for node in bodies.pop():
            if isinstance(node, ast.If) and _is_for_types(node.test):
                bodies.append(node.orelse)
                continue
            blocks = list(_blocks(node))
            bodies += blocks
            yield from _heads(node, blocks, changed)


def _heads(
    node: ast.stmt, blocks: Sequence[Sequence[ast.stmt]], changed: frozenset[int]
) -> Iterator[ChangedStatement]:
    if isinstance(node, _FUNCTIONS):
        yield from _function_head(node, changed)
    elif not blocks:
        if not _has_no_code(node):
            yield from _if_changed(node.lineno, node.end_lineno or node.lineno, changed)
    elif not (
        isinstance(node, ast.ClassDef | ast.Try | getattr(ast, "TryStar", ast.Try))
        or (isinstance(node, ast.While) and isinstance(node.test, ast.Constant))
    ):
        yield from _if_changed(node.lineno, _before(node.lineno, blocks[0]), changed)
    for handler in getattr(node, "handlers", ()):
        yield from _if_changed(handler.lineno, _before(handler.lineno, handler.body), changed)
    for case in getattr(node, "cases", ()):
        first = case.pattern.lineno
        yield from _if_changed(first, _before(first, case.body), changed)


def _function_head(
    node: ast.FunctionDef | ast.AsyncFunctionDef, changed: frozenset[int]
) -> Iterator[ChangedStatement]:
    """Yield a function's changed head, as run when the first statement of its body is."""
    body = [one for one in node.body if not _has_no_code(one)]
    if not body or (len(node.body) <= 2 and isinstance(body[0], ast.Raise)):
        return  # it only says that others define it
    for head in _if_changed(node.lineno, _before(node.lineno, node.body), changed):
        yield ChangedStatement(head.line, body[0].lineno, body[0].end_lineno or body[0].lineno)


def _if_changed(first: int, last: int, changed: frozenset[int]) -> Iterator[ChangedStatement]:
    line = next((line for line in range(first, last + 1) if line in changed), 0)
    if line:
        yield ChangedStatement(line, first, last)


def _before(first: int, body: Sequence[ast.stmt]) -> int:
    """Return the last line of a head that begins at a line."""
    decorators: list[ast.expr] = getattr(body[0], "decorator_list", [])
    start = min([body[0].lineno, *(one.lineno for one in decorators)])
    return max(first, start - 1)


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        if block := getattr(node, name, None):
            yield block
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield part.body


def _has_no_code(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.AnnAssign(value=None):
            return True
        case ast.ImportFrom(module="__future__"):
            return True
        case _:
            return isinstance(node, _NO_CODE)


def _is_for_types(test: ast.expr) -> bool:
    """Whether a condition holds for type checkers alone."""
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"
