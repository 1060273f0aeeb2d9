"""What a parse found, as bytes and back; unpacked as far as somebody looks."""

import json
from functools import cached_property

from codeorch.domain import Import, Reference, Symbol
from codeorch.read.syntax import Parsed

_SYMBOL = (
    "name", "kind", "signature", "start", "end", "name_start", "line", "end_line", "parent", "doc",
)  # fmt: skip
_REFERENCE = ("name", "kind", "start", "line")


def packed(parsed: Parsed) -> bytes:
    """Write down what a parse found; references, of which there are many, in columns."""
    whole = [
        parsed.errors,
        [[getattr(each, name) for name in _SYMBOL] for each in parsed.symbols],
        [[each.module, each.names, each.line] for each in parsed.imports],
        [[getattr(each, name) for each in parsed.references] for name in _REFERENCE],
    ]
    return json.dumps(whole, separators=(",", ":")).encode()


class Details:
    """What was written down of a parse."""

    def __init__(self, data: bytes) -> None:
        self.errors: int
        self.errors, self._symbols, self._imports, self._references = json.loads(data)

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        """The definitions, outer ones before inner ones."""
        return tuple(Symbol(**dict(zip(_SYMBOL, row, strict=True))) for row in self._symbols)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """The imports, in order."""
        return tuple(
            Import(module=module, names=tuple(names), line=line)
            for module, names, line in self._imports
        )

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """The uses of names, in order."""
        return tuple(
            Reference(name=name, kind=kind, start=start, line=line)
            for name, kind, start, line in zip(*self._references, strict=True)
        )
