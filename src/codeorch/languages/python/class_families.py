"""Classes of Python that must agree on the name of a member, and those around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codeorch.analysis.ast_grep import key
from codeorch.languages.python.class_nodes import ClassRef
from codeorch.languages.python.imports import dotted_path
from codeorch.languages.python.types import Types

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFamily:
    """The classes that define a member, and must agree on its name."""

    types: Types
    refs: frozenset[ClassRef]

    def holds(self, path: str, node: "Node") -> bool:
        """Whether a class statement is one of them."""
        return ClassRef(path=path, scope=key(node)) in self.refs

    def ancestors(self) -> frozenset[ClassRef]:
        """Return them and all that they derive from."""
        above = (self.types.ancestors(ref) for ref in self.refs)
        return self.refs.union(*above)

    def relatives(self) -> frozenset[ClassRef]:
        """Return the classes whose members meet: bases, heirs, and other bases of those heirs."""
        found = set(self.ancestors())
        for ref in self.refs:
            for heir in descendants(self.types, ref):
                found |= {heir, *self.types.ancestors(heir)}
        return frozenset(found)

    def foreign_bases(self) -> Iterator[tuple[ClassRef, "Node"]]:
        """Give what they derive from that is not from this repository, each with its heir."""
        for ref in sorted(self.ancestors(), key=str):
            for node in self.types.foreign_base_nodes(ref):
                yield ref, node


def is_private(name: str) -> bool:
    """Whether Python gives a name that of the class around it: `__total`."""
    return name.startswith("__") and not name.endswith("__")


def families(types: Types, defining: Sequence[ClassRef], name: str) -> list[ClassFamily]:
    """Put classes together of which one derives from the other, or a third one from both.

    A class and its declaration in a stub are one. A private name belongs to its class alone.
    """
    found: list[set[ClassRef]] = []
    known = set(defining)
    for ref in dict.fromkeys(defining):
        related = {ref, *(known & set(twins(types, ref)))}
        if not is_private(name):
            related |= known & types.ancestors(ref)
            for heir in descendants(types, ref):
                related |= known & types.ancestors(heir)
        joined = [family for family in found if family & related]
        found = [family for family in found if not family & related]
        found.append(related.union(*joined))
    return [ClassFamily(types=types, refs=frozenset(family)) for family in found]


def twins(types: Types, ref: ClassRef) -> Iterator[ClassRef]:
    """Give the class of the same name in the stub of its module, or in the module of the stub."""
    for path in twin_paths(types, ref.path):
        yield from types.classes_named(path, types.name_of(ref))


def twin_paths(types: Types, path: str) -> Iterator[str]:
    """Give the stub of a module, or the module of a stub, where there is one."""
    other = f"{path}i" if path.endswith(".py") else path.removesuffix("i")
    if other != path and other in types.names.texts and dotted_path(other) == dotted_path(path):
        yield other


def descendants(types: Types, ref: ClassRef) -> frozenset[ClassRef]:
    """Return all classes of the repository that derive from one."""
    found: set[ClassRef] = set()
    todo = [ref]
    while todo:
        base = todo.pop()
        for path in types.names.files_with(types.name_of(base)):
            for heir in types.all_in(path):
                above = {one for each in types.bases(heir) for one in each or ()}
                if base in above and heir not in found:
                    found.add(heir)
                    todo.append(heir)
    return frozenset(found)
