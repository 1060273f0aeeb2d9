"""What reading found out for a request, as planning needs it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from codeorch.analysis.symbol_index import SymbolIndex, names_in
from codeorch.domain import RankedFile, ScriptResult, Snapshot, SourceFile, SourceLine, Task
from codeorch.engines import Engines
from codeorch.refactoring import Masker

_COMMON, _COMMON_PLAIN = 20, 6  # files that hold a name, and one that may be an ordinary word
_PLAIN = re.compile(r"[A-Z]?[a-z]*")

# Applies a ready answer to a file and gives the file as it will be.
Preview = Callable[[SourceFile, Task], SourceFile]
# Finds the lines that hold one of some texts, in any case, and in files of all kinds.
FindLines = Callable[[Sequence[str]], Sequence[SourceLine]]


# Runs a planner's script over texts by path, in the sandbox.
RunScript = Callable[[str, Mapping[str, str]], Mapping[str, ScriptResult]]


def _ignores_nothing(_path: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What planning needs to know of languages and of git, handed in: it neither parses nor asks.

    `is_ignored` says of a path that no commit holds whether git ignores it.
    """

    mask: Masker
    preview: Preview
    engines: Engines = field(default_factory=Engines)  # who judges renames
    is_ignored: Callable[[str], bool] = _ignores_nothing
    run_script: RunScript | None = None  # None = no sandbox, or scripts are off


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The files of the commit, those that matter for the request, and who uses what."""

    snapshot: Snapshot
    ranked: Sequence[RankedFile]
    names: SymbolIndex
    lines: FindLines
    reading: Reading

    def said_in(self, text: str) -> tuple[str, ...]:
        """Name the definitions that a text speaks of, in its order."""
        files = self.snapshot.files
        code = sum(1 for path in files if files[path].role in ("source", "test"))
        return names_in(text, self.names, code)

    def common(self, name: str) -> int:
        """Count the files of code that hold a name, if they are too many to tell anything; else 0.

        Fewer are too many for a name that may be an ordinary word.
        """
        held = len({*self.names.definers(name, tests=False), *self.names.users(name)})
        return held if held > (_COMMON_PLAIN if _PLAIN.fullmatch(name) else _COMMON) else 0
