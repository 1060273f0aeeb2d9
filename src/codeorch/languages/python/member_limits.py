"""What forbids the rename of a member of Python classes, and what has to be looked at."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codeorch.analysis.proposals import Place, place_of
from codeorch.analysis.renaming import Rename, conflict
from codeorch.errors import UserError
from codeorch.languages.python.class_families import ClassFamily, is_private
from codeorch.languages.python.class_nodes import ClassRef
from codeorch.languages.python.facts import SILENT_BASES
from codeorch.languages.python.library import foreign_path, library_members
from codeorch.languages.python.members import member_bindings, standard_members
from codeorch.languages.python.nodes import decorators
from codeorch.languages.python.protocols import structural_uses
from codeorch.languages.python.types import Types

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

# Methods that classes of the library call by a name which they put together.
_DISPATCHED: Final = ("do_", "visit_", "help_", "complete_")


def refuse(rule: Rename, types: Types, family: ClassFamily) -> None:
    """Refuse a rename that would change what other names mean.

    Raises:
        UserError: with the places.
    """
    _refuse_special(rule, types, family)
    relatives = family.relatives()
    taken = [
        place_of(each)
        for path in sorted({ref.path for ref in relatives})
        for ref, each in member_bindings(types, path, rule.new)
        if ref in relatives
    ]
    if taken:
        raise conflict(rule, taken)
    for ref in sorted(relatives, key=str):
        for base in types.foreign_base_nodes(ref):
            members = _members(types, ref, base)
            if members is not None and rule.new in members:
                raise UserError(
                    f"`{rule.new}` is a member of `{base.text()}` already, "
                    f"which `{types.name_of(ref)}` derives from: {ref.path}",
                    "choose another new name",
                )
    _refuse_callbacks(rule, types, family)


def _refuse_special(rule: Rename, types: Types, family: ClassFamily) -> None:
    if _is_special(rule.name):
        raise UserError(f"Python itself calls `{rule.name}`; renamed, it would not", "")
    if _is_special(rule.new):
        raise UserError(
            f"`{rule.new}` is a name that Python itself calls: it would mean more than it does now",
            "choose a name without two underscores at both ends",
        )
    if is_private(rule.new) and not is_private(rule.name):
        outside = [
            place_of(each)
            for path in types.names.files_with(rule.name)
            for each in types.names.names(path, rule.name).occurrences
            if each.role == "member" and not _inside(family, path, each.node)
        ]
        if outside or len(family.refs) > 1:
            raise UserError(
                f"`{rule.new}` would be seen in one class only, but `{rule.old}` is used outside",
                "choose a name with one underscore",
            )


def _inside(family: ClassFamily, path: str, node: "Node") -> bool:
    around = (each for each in node.ancestors() if each.kind() == "class_definition")
    return any(family.holds(path, each) for each in around)


def _refuse_callbacks(rule: Rename, types: Types, family: ClassFamily) -> None:
    """Refuse to rename what a class of a library calls."""
    old = rule.name
    for ref, base in family.foreign_bases():
        members = _members(types, ref, base)
        known = members if members is not None else frozenset()
        by_name = members is not None and old.startswith(_DISPATCHED)
        unknown = members is None and _plain(base) not in SILENT_BASES
        if old in known or by_name or (unknown and old in standard_members()):
            raise UserError(
                f"`{old}` overrides a method of `{base.text()}`, "
                "which this repository does not define: that calls it by its name",
                "a name that a library calls has to stay",
            )
    for path, node in _definitions(rule, types, family):
        calls_up = re.search(rf"\bsuper\(\)\s*\.\s*{re.escape(old)}\b", node.text())
        says_so = "override" in decorators(node)
        if (calls_up or says_so) and not _is_inherited(rule, types, path, node):
            raise UserError(
                f"`{old}` overrides a method that this repository does not define: {path}",
                "a name that a library calls has to stay",
            )


def _definitions(rule: Rename, types: Types, family: ClassFamily) -> Iterator[tuple[str, "Node"]]:
    for path in sorted({ref.path for ref in family.refs}):
        for ref, each in member_bindings(types, path, rule.name):
            node = each.node.parent()
            if ref in family.refs and each.kind == "method" and node is not None:
                yield path, node


def _is_inherited(rule: Rename, types: Types, path: str, node: "Node") -> bool:
    """Whether a base class of the repository defines the method, too."""
    for ref, each in member_bindings(types, path, rule.name):
        if each.node.parent() == node:
            above = types.ancestors(ref)
            return any(
                one in above
                for home in {one.path for one in above}
                for one, _ in member_bindings(types, home, rule.name)
            )
    return False


def cautions(rule: Rename, types: Types, family: ClassFamily) -> Iterator[tuple[Place, str]]:
    """Give what has to be looked at although it was edited, or could not be.

    A base class whose source is not here may call the method; a class may fit a protocol that it
    does not name.
    """
    unknown = {
        base.text()
        for ref, base in family.foreign_bases()
        if _members(types, ref, base) is None and _plain(base) not in SILENT_BASES
    }
    bound = [
        (ref, each)
        for path in sorted({ref.path for ref in family.refs})
        for ref, each in member_bindings(types, path, rule.name)
        if ref in family.refs
    ]
    if unknown:
        first = place_of(bound[0][1])
        bases = ", ".join(sorted(unknown))
        why = (
            f"this was renamed, but {bases} is not in this repository: does it call `{rule.name}`?"
        )
        yield first, why
    yield from structural_uses(family, rule.name)


def _members(types: Types, ref: ClassRef, base: "Node") -> frozenset[str] | None:
    return library_members(foreign_path(types.names, ref.path, base))


def _plain(base: "Node") -> str:
    return base.text().rpartition(".")[2]


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and len(name) > 4
