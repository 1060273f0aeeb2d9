"""Text -> symbols, references and imports. The only door to tree-sitter."""

from codeorch.languages import LANGUAGES, language_of
from codeorch.source.syntax.parsing import ParseResult, definitions, parse
from codeorch.source.syntax.string_ranges import strings_and_comments

__all__ = [
    "LANGUAGES",
    "ParseResult",
    "definitions",
    "language_of",
    "parse",
    "strings_and_comments",
]
