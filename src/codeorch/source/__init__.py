"""Path and bytes -> SourceFile: text, language, role, symbols, references, imports.

files       bytes -> SourceFile, with or without parsing
changelogs  path -> whether it is a changelog, or an entry of one
roles       path and text -> what a file is for: source, test, docs, generated, ...
syntax/     text -> definitions, references and imports, by tree-sitter
text_check  what a new text must be before it may land
"""

from codeorch.source.changelogs import CHANGELOG, CHANGELOG_ENTRY, is_changelog
from codeorch.source.files import MAX_FILE_BYTES, decode_file, parse_file
from codeorch.source.roles import is_test, role_of
from codeorch.source.text_check import TextCheck

__all__ = [
    "CHANGELOG",
    "CHANGELOG_ENTRY",
    "MAX_FILE_BYTES",
    "TextCheck",
    "decode_file",
    "is_changelog",
    "is_test",
    "parse_file",
    "role_of",
]
