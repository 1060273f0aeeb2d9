"""Text and language -> tree; queries. All that the package knows of tree-sitter's own classes.

Trees are walked with cursors and queries only, never by recursion, and never printed: both break
on deeply nested input.
"""

import importlib
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from codeorch.languages import LANGUAGES

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

_DEEPEST = 2_000  # levels at which a query still looks; its time grows with their square, too
_WIDEST = 10_000  # tokens of one error; a query's time grows with their square
_PIECE = 64  # bytes
_SHORT = 8_000  # bytes; the worst that was found takes a second
_LONGEST = 5.0  # seconds on the wall; ordinary files need 0.2 s for each megabyte


class UnreadableText(Exception):
    """A text takes too long, is broken too badly, or is known to crash its grammar."""


def parse_tree(data: bytes, language: str) -> "Node":
    """Parse a text.

    Raises:
        UnreadableText: see there.
    """
    from tree_sitter import Parser  # noqa: PLC0415 - loaded when the first file is parsed

    refused = LANGUAGES[language].refused
    if refused and re.search(refused.encode(), data):
        raise UnreadableText
    parser = Parser(grammar(language))
    tree = parser.parse(data) if len(data) <= _SHORT else _parsed_in_time(parser, data)
    if any(node.is_error and node.child_count > _WIDEST for node in _broken(tree.root_node)):
        raise UnreadableText
    return tree.root_node


def _parsed_in_time(parser: "Parser", data: bytes) -> "Tree":
    end = time.monotonic() + _LONGEST
    source = _Source(data)
    try:
        # Only a text that is read through a function can be given up on the way.
        return parser.parse(source, progress_callback=lambda *_: time.monotonic() > end)
    except ValueError as error:
        raise UnreadableText from error
    finally:
        source.release()


class _Source:
    """A text as tree-sitter reads it.

    What it is given it never frees (as of 0.26). So a parse gets views, which can let go of the
    text, and the conditions of a query, which read it later and take no views, get a few bytes.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._views: list[memoryview] | None = []

    def __call__(self, start: int, _: object) -> bytes | memoryview:
        if self._views is None or start >= len(self._data):
            return self._data[start : start + _PIECE]
        self._views.append(memoryview(self._data)[start:])
        return self._views[-1]

    def release(self) -> None:
        """Let go of the text, as the parse is over."""
        for view in self._views or ():
            view.release()
        self._views = None


def query_matches(query: "Query", root: "Node") -> "list[dict[str, list[Node]]]":
    """Find what a query's patterns match."""
    return [found for _, found in _cursor(query).matches(root)]


def query_captures(
    query: "Query", root: "Node", deepest: int = _DEEPEST
) -> "dict[str, list[Node]]":
    """Find the nodes that a query captures, by the captures' names; at most so many levels down."""
    return _cursor(query, deepest).captures(root)


def _cursor(query: "Query", deepest: int = _DEEPEST) -> "QueryCursor":
    from tree_sitter import QueryCursor  # noqa: PLC0415 - as above

    made = QueryCursor(query)
    made.set_max_start_depth(deepest)
    return made


@cache
def grammar(language: str) -> "Language":
    """Load a language's grammar."""
    from tree_sitter import Language  # noqa: PLC0415 - as above

    facts = LANGUAGES[language]
    module = importlib.import_module(facts.grammar)
    return Language(getattr(module, facts.grammar_function)())


@cache
def queries(language: str) -> "tuple[Query, Query] | None":
    """Load the two queries of a language, for definitions and for references; None without."""
    from tree_sitter import Query  # noqa: PLC0415 - as above

    above, below = _patterns(language)
    if not above:
        return None
    return Query(grammar(language), above), Query(grammar(language), below)


@cache
def names_query(language: str) -> "Query | None":
    """Load the patterns of definitions alone, with only the `@name` of each; None without."""
    from tree_sitter import Query  # noqa: PLC0415 - as above

    above, _ = _patterns(language)
    if not above:
        return None
    query, written = Query(grammar(language), above), above.encode()
    for number in range(query.pattern_count):
        start, end = query.start_byte_for_pattern(number), query.end_byte_for_pattern(number)
        if re.search(rb"@(import|scope)\b", written[start:end]):
            query.disable_pattern(number)
    for number in range(query.capture_count):
        capture = query.capture_name(number)
        if capture != "name" and not capture.startswith("_"):  # those are for conditions
            query.disable_capture(capture)
    return query


def _patterns(language: str) -> tuple[str, str]:
    """Read the query files of a language: patterns of definitions, and of references."""
    folder = resources.files("codeorch") / "languages"
    files = [folder / f"{name}.scm" for name in LANGUAGES[language].queries or (language,)]
    if not files[0].is_file():
        return "", ""
    halves = [file.read_text(encoding="utf-8").partition(";;; references\n") for file in files]
    return "".join(above for above, _, _ in halves), "".join(below for _, _, below in halves)


def walk(root: "Node", stop: "Callable[[Node], bool]") -> "Iterator[Node]":
    """Visit a tree in order; nothing below a node at which `stop` says so."""
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is None:  # pragma: no cover
            return
        yield node
        if not stop(node) and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def count_errors(root: "Node") -> int:
    """Count error and missing nodes."""
    return sum(node.is_error or node.is_missing for node in _broken(root))


def _broken(root: "Node") -> "Iterator[Node]":
    """Visit only the nodes with an error inside."""
    return walk(root, lambda node: not node.has_error) if root.has_error else iter(())


def text_of(node: "Node", data: bytes) -> str:
    """Give the text of a node."""
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace")
