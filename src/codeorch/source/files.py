"""Bytes -> SourceFile: decoded, its language and role named, and parsed."""

from dataclasses import replace

from codeorch.domain import SourceFile
from codeorch.edits import Refusal, decode
from codeorch.languages import language_of
from codeorch.source.roles import role_of
from codeorch.source.syntax import parse

LARGEST = 1_000_000  # bytes; parsing costs about 70 bytes of memory for each


def source_file(path: str, data: bytes) -> SourceFile | str:
    """Decode and parse one file; a str says why that cannot be."""
    found = bare_file(path, data)
    return found if isinstance(found, str) else _parsed(found)


def bare_file(path: str, data: bytes) -> SourceFile | str:
    """Decode one file and name its language and role; a str says why that cannot be."""
    if len(data) > LARGEST:
        return f"larger than {LARGEST // 1_000_000} MB"
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


def _parsed(file: SourceFile) -> SourceFile:
    parsed = parse(file.text, file.language)
    return replace(
        file,
        symbols=parsed.symbols,
        references=parsed.references,
        imports=parsed.imports,
        syntax_errors=parsed.errors,
    )
