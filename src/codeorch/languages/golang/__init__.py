"""Go: packages exactly, members by the types of receivers; uses and renames."""

from typing import TYPE_CHECKING, Final

from codeorch.analysis.language import Family, FamilyFiles
from codeorch.analysis.signatures import definition_signature
from codeorch.languages.golang.facts import BUILD_FILES, CALLS, CONFIG_FILES, LANGUAGE

if TYPE_CHECKING:
    from codeorch.analysis.renaming import Renamer
    from codeorch.analysis.signatures import Signature
    from codeorch.analysis.use_sites import Reader
    from codeorch.domain import Symbol

__all__ = ["FAMILY", "LANGUAGE"]


def _reader(files: FamilyFiles) -> "Reader":
    from codeorch.languages.golang.references import GoReader  # noqa: PLC0415 - when asked for

    return GoReader.of(files)


def _renamer(files: FamilyFiles) -> "Renamer":
    from codeorch.languages.golang.rename import GoRenamer  # noqa: PLC0415 - when asked for

    return GoRenamer.of(files)


def _signature(files: FamilyFiles, path: str, symbol: "Symbol", start: int) -> "Signature | None":
    grammar, text = files.texts[path]
    return definition_signature(files.parses.of(text, grammar), symbol, start, CALLS)


FAMILY: Final = Family(
    name=LANGUAGE.family,
    reader=_reader,
    renamer=_renamer,
    signature=_signature,
    config_files=CONFIG_FILES,
    build_files=BUILD_FILES,
)
