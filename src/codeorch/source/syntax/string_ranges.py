"""Text -> the byte ranges of its strings and comments, where a name is not a use of that name."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codeorch.languages import LANGUAGES
from codeorch.source.syntax.grammars import UnreadableText, parse_tree, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_PLAIN = frozenset(
    {
        "ansi_c_string",
        "bare_string",
        "block_comment",
        "block_scalar",
        "char_literal",
        "character",
        "character_literal",
        "code_fence_content",
        "comment",
        "double_quote_scalar",
        "encapsed_string",
        "heredoc_body",
        "html_comment",
        "interpolated_string",
        "interpolated_string_expression",
        "interpreted_string_literal",
        "js_comment",
        "jsx_text",
        "line_comment",
        "multiline_string_literal",
        "nowdoc_body",
        "quoted_attribute_value",
        "quoted_key",
        "raw_string",
        "raw_string_literal",
        "raw_text",
        "regex",
        "regex_pattern",
        "rune_literal",
        "single_quote_scalar",
        "string",
        "string_array",
        "string_literal",
        "string_value",
        "system_lib_string",
        "template_string",
        "verbatim_string_literal",
        "xml_comment",
        "xml_string",
    }
)
# Parts of a string that are code: whatever is named and not one of these parts of its text.
_TEXT_ENDS = (
    "content",
    "fragment",
    "_start",
    "_end",
    "_quote",
    "_delimiter",
    "_encoding",
    "pattern",
)
_TEXT = frozenset(
    {
        "attribute_value",
        "escape_sequence",
        "escape_interpolation",
        "regex_flags",
        "character_reference",
        "interpolation_start",
        "string_literal_content",
        "bare_string",
    }
)


def strings_and_comments(text: str, language: str) -> tuple[tuple[int, int], ...]:
    """Give the byte ranges of strings and comments; code inside of a string is left out."""
    if language not in LANGUAGES:
        return ()
    try:
        root = parse_tree(text.encode("utf-8", "surrogatepass"), language)
    except UnreadableText:
        return ()
    quoted = (node for node in walk(root, _is_all_text) if node.is_named and node.type in _PLAIN)
    return tuple(span for node in quoted for span in _spans(node))


def _is_all_text(node: "Node") -> bool:
    return node.type in _PLAIN and not any(True for _ in _code(node))


def _code(node: "Node") -> "Iterator[Node]":
    if node.type.endswith("comment"):
        return
    for child in node.named_children:
        if child.type not in _TEXT and not child.type.endswith(_TEXT_ENDS):
            yield child


def _spans(node: "Node") -> Iterator[tuple[int, int]]:
    start = node.start_byte
    for child in _code(node):
        if child.start_byte > start:
            yield start, child.start_byte
        start = child.end_byte
    if node.end_byte > start:
        yield start, node.end_byte
