"""Languages that have only tables: their names are followed by scopes, and imports by nobody."""

from functools import partial
from typing import TYPE_CHECKING

from codeorch.analysis.language import Family, FamilyFiles
from codeorch.analysis.signatures import definition_signature
from codeorch.analysis.syntax_tables import SyntaxTables

if TYPE_CHECKING:
    from codeorch.analysis.renaming import Renamer
    from codeorch.analysis.signatures import Signature
    from codeorch.analysis.use_sites import Reader
    from codeorch.domain import Symbol

__all__ = ["table_family"]


def table_family(name: str, tables: SyntaxTables) -> Family:
    """Return the family of languages that such tables describe."""
    return Family(
        name=name,
        reader=partial(_reader, tables),
        renamer=partial(_renamer, tables),
        signature=partial(_signature, tables),
        config_files=tables.config_files,
    )


def _reader(tables: SyntaxTables, files: FamilyFiles) -> "Reader":
    from codeorch.languages.generic.references import TableReader  # noqa: PLC0415 - when asked for

    return TableReader.of(tables, files)


def _renamer(tables: SyntaxTables, files: FamilyFiles) -> "Renamer":
    from codeorch.languages.generic.rename import TableRenamer  # noqa: PLC0415 - when asked for

    return TableRenamer.of(tables, files)


def _signature(
    tables: SyntaxTables, files: FamilyFiles, path: str, symbol: "Symbol", start: int
) -> "Signature | None":
    grammar, text = files.texts[path]
    return definition_signature(files.parses.of(text, grammar), symbol, start, tables.calls)
