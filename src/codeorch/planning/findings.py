"""What reading found out for a request, as planning needs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from codeorch.analysis.symbol_index import SymbolIndex
from codeorch.domain import (
    CheckText,
    RankedFile,
    ScriptResult,
    Snapshot,
    SourceFile,
    SourceLine,
    Task,
)
from codeorch.engines import Engines
from codeorch.refactoring import Masker
from codeorch.source import TextCheck

# Applies a ready answer to a file and gives the file as it will be.
Preview = Callable[[SourceFile, Task], SourceFile]
# Finds the lines that hold one of some texts, in any case, and in files of all kinds.
FindLines = Callable[[Sequence[str]], Sequence[SourceLine]]
# Runs a planner's script over texts by path, in the sandbox.
RunScript = Callable[[str, Mapping[str, str]], Mapping[str, ScriptResult]]


def _ignores_nothing(_path: str) -> bool:
    return False


def _objects_to_nothing(_path: str) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What planning needs to know of languages and of git, handed in: it neither parses nor asks.

    `is_ignored` says of a path that no commit holds whether git ignores it.
    """

    mask: Masker
    preview: Preview
    engines: Engines = field(default_factory=Engines)  # who judges renames
    is_ignored: Callable[[str], bool] = _ignores_nothing
    against_autorun: Callable[[str], str] = _objects_to_nothing  # of files that run by themselves
    check: CheckText = field(default_factory=TextCheck)
    run_script: RunScript | None = None  # None = no sandbox, or scripts are off


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The files of the commit, those that matter for the request, and who uses what."""

    snapshot: Snapshot
    ranked: Sequence[RankedFile]
    names: SymbolIndex
    lines: FindLines
    reading: Reading
