"""What a parse found, as bytes and back."""

import json
from collections.abc import Sequence

from codeorch.domain import Import, Reference, Symbol
from codeorch.read.syntax import Parsed

_SYMBOL = (
    "name", "kind", "signature", "start", "end", "name_start", "line", "end_line", "parent", "doc",
)  # fmt: skip
_REFERENCE = ("name", "kind", "start", "line")


def pack_outline(parsed: Parsed) -> bytes:
    """Write down all that a parse found but the references."""
    return _json(
        parsed.errors,
        [[getattr(each, name) for name in _SYMBOL] for each in parsed.symbols],
        [[each.module, each.names, each.line] for each in parsed.imports],
    )


def unpack_outline(data: bytes) -> Parsed:
    """Read what `pack_outline` wrote."""
    errors, symbols, imports = json.loads(data)
    return Parsed(
        errors=errors,
        symbols=tuple(Symbol(**dict(zip(_SYMBOL, row, strict=True))) for row in symbols),
        imports=tuple(
            Import(module=module, names=tuple(names), line=line) for module, names, line in imports
        ),
    )


def pack_references(references: Sequence[Reference]) -> bytes:
    """Write references down, of which there are many, in columns."""
    return _json(*([getattr(each, name) for each in references] for name in _REFERENCE))


def unpack_references(data: bytes) -> tuple[Reference, ...]:
    """Read what `pack_references` wrote."""
    return tuple(
        Reference(name=name, kind=kind, start=start, line=line)
        for name, kind, start, line in zip(*json.loads(data), strict=True)
    )


def _json(*parts: object) -> bytes:
    return json.dumps(parts, separators=(",", ":")).encode()
