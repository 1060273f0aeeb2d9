"""Path and bytes -> SourceFile: its text, language and role, and what is defined and used in it."""

from dataclasses import replace

from codeorch.domain import SourceFile
from codeorch.edits import Refusal, decode
from codeorch.languages import language_of
from codeorch.source.roles import role_of
from codeorch.source.syntax import parse

MAX_FILE_BYTES = 1_000_000  # bytes; parsing costs about 70 bytes of memory for each


def parse_file(path: str, data: bytes) -> SourceFile | str:
    """Return a file with its symbols, references and imports; a str says why it is left out.

    Left out is what is larger than MAX_FILE_BYTES, no text, or minified. Nothing is raised.

    >>> [symbol.name for symbol in parse_file("a.py", b"def f(): ...").symbols]
    ['f']
    """
    file = decode_file(path, data)
    return file if isinstance(file, str) else _with_syntax(file)


def decode_file(path: str, data: bytes) -> SourceFile | str:
    """Return a file with its text, language and role, not parsed; a str says why it is left out."""
    if len(data) > MAX_FILE_BYTES:
        return f"larger than {MAX_FILE_BYTES // 1_000_000} MB"
    try:
        decoded = decode(data)
    except Refusal as refusal:
        return refusal.brief
    language = language_of(path, decoded.text)
    role = role_of(path, decoded.text, language)
    if role == "minified":
        return "minified"
    return SourceFile(
        path=path, text=decoded.text, language=language, role=role, encoding=decoded.encoding
    )


def _with_syntax(file: SourceFile) -> SourceFile:
    syntax = parse(file.text, file.language)
    return replace(
        file,
        symbols=syntax.symbols,
        references=syntax.references,
        imports=syntax.imports,
        syntax_errors=syntax.errors,
    )
