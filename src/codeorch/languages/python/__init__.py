"""Python: imports, scopes and types where the text says them; uses and renames."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from codeorch.analysis.language import Family, FamilyFiles
from codeorch.languages.python.facts import CONFIG_FILES, LANGUAGE

if TYPE_CHECKING:
    from codeorch.analysis.renaming import Renamer
    from codeorch.analysis.signatures import Signature
    from codeorch.analysis.use_sites import Reader
    from codeorch.domain import Symbol

__all__ = ["FAMILY", "LANGUAGE"]


def _reader(files: FamilyFiles) -> "Reader":
    from codeorch.languages.python.references import PythonReader  # noqa: PLC0415 - when asked for

    return PythonReader.of(files)


def _renamer(files: FamilyFiles) -> "Renamer":
    from codeorch.languages.python.rename import PythonRenamer  # noqa: PLC0415 - when asked for

    return PythonRenamer.of(files)


def _signature(files: FamilyFiles, path: str, symbol: "Symbol", start: int) -> "Signature | None":
    from codeorch.languages.python.calls import signature_at  # noqa: PLC0415 - when asked for

    return signature_at(files, path, symbol, start)


def _import_roots(paths: Collection[str]) -> Mapping[str, frozenset[str]]:
    from codeorch.languages.python.imports import import_roots  # noqa: PLC0415 - when asked for

    return import_roots(paths)


def _moved_import(line: str, name: str, importer: str, old: str, new: str) -> str | None:
    from codeorch.languages.python.moved_imports import moved_import  # noqa: PLC0415 - likewise

    return moved_import(line, name, importer, old, new)


FAMILY: Final = Family(
    name=LANGUAGE.family,
    reader=_reader,
    renamer=_renamer,
    signature=_signature,
    config_files=CONFIG_FILES,
    import_roots=_import_roots,
    moved_import=_moved_import,
)
