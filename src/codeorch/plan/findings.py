"""What reading found out for a request, as planning needs it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codeorch.domain import Line, RankedFile, Snapshot, SourceFile, Task
from codeorch.names.places import Names
from codeorch.plan.codemods import Masker

# Applies a ready answer to a file and gives the file as it will be.
Preview = Callable[[SourceFile, Task], SourceFile]
# Finds files that probably change together with confirmed ones.
Expand = Callable[[Sequence[str]], Sequence[RankedFile]]
# Finds the lines that hold one of some texts, in any case, and in files of all kinds.
FindLines = Callable[[Sequence[str]], Sequence[Line]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What planning needs to know about languages, handed in because plan does not parse."""

    mask: Masker
    preview: Preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The files of the commit, those that matter for the request, and who uses what."""

    snapshot: Snapshot
    ranked: Sequence[RankedFile]
    names: Names
    lines: FindLines
    reading: Reading
    expand: Expand | None = None
    direct: bool = True  # whether an obvious change may be made without a plan
