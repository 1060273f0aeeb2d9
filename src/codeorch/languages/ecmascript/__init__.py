"""JavaScript and TypeScript: modules exactly, members by declared types; uses and renames."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from codeorch.analysis.language import Family, FamilyFiles
from codeorch.analysis.signatures import definition_signature
from codeorch.languages.ecmascript.facts import CALLS, CONFIG_FILES, JAVASCRIPT, TSX, TYPESCRIPT

if TYPE_CHECKING:
    from codeorch.analysis.renaming import Renamer
    from codeorch.analysis.signatures import Signature
    from codeorch.analysis.use_sites import Reader
    from codeorch.domain import Symbol

__all__ = ["FAMILY", "JAVASCRIPT", "TSX", "TYPESCRIPT"]


def _reader(files: FamilyFiles) -> "Reader":
    from codeorch.languages.ecmascript.references import ScriptReader  # noqa: PLC0415 - as needed

    return ScriptReader.of(files)


def _renamer(files: FamilyFiles) -> "Renamer":
    from codeorch.languages.ecmascript.rename import ScriptRenamer  # noqa: PLC0415 - as needed

    return ScriptRenamer.of(files)


def _signature(files: FamilyFiles, path: str, symbol: "Symbol", start: int) -> "Signature | None":
    grammar, text = files.texts[path]
    return definition_signature(files.parses.of(text, grammar), symbol, start, CALLS)


def _import_aliases(configs: Mapping[str, str]) -> Mapping[str, list[str]]:
    from codeorch.languages.ecmascript.imports import ScriptModules  # noqa: PLC0415 - as needed

    return ScriptModules.of((), configs).patterns()


FAMILY: Final = Family(
    name=JAVASCRIPT.family,
    reader=_reader,
    renamer=_renamer,
    signature=_signature,
    config_files=CONFIG_FILES,
    import_aliases=_import_aliases,
)
