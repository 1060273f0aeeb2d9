"""What reading found out for a request, as planning needs it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from codeorch.domain import RankedFile, Snapshot, SourceFile, Task
from codeorch.names.places import Names

# Applies a ready answer to a file and gives the file as it will be.
Preview = Callable[[SourceFile, Task], SourceFile]
# Finds files that probably change together with confirmed ones.
Expand = Callable[[Sequence[str]], Sequence[RankedFile]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The files of the commit, those that matter for the request, and who uses what."""

    snapshot: Snapshot
    ranked: Sequence[RankedFile]
    names: Names
    preview: Preview | None = None  # None = no edits without a plan
    expand: Expand | None = None
