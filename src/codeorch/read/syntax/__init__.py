"""Text -> symbols, references and imports. The only door to tree-sitter."""

from codeorch.read.syntax.languages import LANGUAGES, language_of
from codeorch.read.syntax.parsing import Parsed, definitions, parse
from codeorch.read.syntax.quoted import strings_and_comments

__all__ = [
    "LANGUAGES",
    "Parsed",
    "definitions",
    "language_of",
    "parse",
    "strings_and_comments",
]
