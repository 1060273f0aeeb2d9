"""What a name can stand for, across the files of a repository."""

from dataclasses import dataclass

from codeorch.plan.codemods.trees import Key


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
