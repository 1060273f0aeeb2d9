"""What a name can stand for, across the files of a repository."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from codeorch.names.trees import Key

if TYPE_CHECKING:
    from ast_grep_py import SgNode

DefinedKind = Literal["function", "class", "method", "variable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A name that a scope of a file defines, however often it does."""

    path: str
    owner: Key
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A module of the repository."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A package without an `__init__` file, by its dotted name."""

    dotted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """Something that is not from this repository."""


Entity = Definition | Module | Folder | Foreign
FOREIGN = Foreign()


@dataclass(frozen=True, slots=True, kw_only=True)
class Definer:
    """A place that defines a name."""

    path: str
    line: int
    kind: DefinedKind
    qualified: str  # dotted, from the file's path down to the name
    owner: Key  # the scope that it is defined in
    local: bool  # seen only inside a function
    node: "SgNode"
    parent: str = ""  # the class that it is a member of

    def __str__(self) -> str:
        """Show it as a place that an editor can jump to."""
        return f"{self.path}:{self.line}"
