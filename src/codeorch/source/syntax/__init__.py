"""Text -> symbols, references and imports. The only door to tree-sitter."""

from codeorch.source.syntax.parsing import ParseResult, definitions, parse
from codeorch.source.syntax.string_ranges import strings_and_comments

__all__ = [
    "ParseResult",
    "definitions",
    "parse",
    "strings_and_comments",
]
