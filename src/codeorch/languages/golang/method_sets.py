"""What types of Go have: methods of interfaces, embedded fields; what examples are called after.

A type implements an interface that it never names: it has all of its methods, with the very
signatures (https://go.dev/ref/spec#Method_sets).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from codeorch.analysis.ast_grep import line, span
from codeorch.analysis.class_hierarchy import ClassHierarchy, class_around
from codeorch.analysis.literal_types import literal_classes
from codeorch.analysis.proposals import Evidence, Place, Proposal
from codeorch.analysis.receivers import Receivers, member_definers
from codeorch.analysis.renaming import Rename
from codeorch.analysis.scopes import Definer, Occurrence
from codeorch.analysis.text_edits import TextEdit
from codeorch.languages.golang.facts import TYPES, embedded_types, receiver_of
from codeorch.languages.golang.imports import GoNames, Package

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

Signature = tuple[tuple[str, ...], str]
_QUALIFIER: Final = re.compile(r"\b\w+\.")


def go_bases(names: GoNames) -> Mapping[str, frozenset[str]]:
    """Return which types embed which, and which have all methods of an interface."""
    bases: dict[str, set[str]] = defaultdict(set)
    for path in names.texts:
        for spec in names.tree(path).find_all(kind="type_spec"):
            if owner := spec.field("name"):
                bases[owner.text()] |= set(embedded_types(spec))
    methods = _methods(names, "method_declaration", receiver_of)
    interfaces = _methods(names, "method_elem", lambda node: class_around(node, TYPES))
    heritage = ClassHierarchy(bases={name: frozenset(above) for name, above in bases.items()})
    for interface in interfaces:
        wanted = _method_set(interface, interfaces, heritage)
        for each in {*methods, *bases} - interfaces.keys():
            own = _method_set(each, methods, heritage) | _method_set(each, interfaces, heritage)
            if wanted and wanted.items() <= own.items():
                bases[each].add(interface)
    return {name: frozenset(above) for name, above in bases.items()}


def _methods(
    names: GoNames, kind: str, owner_of: Callable[["Node"], str]
) -> Mapping[str, dict[str, Signature]]:
    """Return the methods of each type, or of each interface, with what they take and give."""
    found: dict[str, dict[str, Signature]] = defaultdict(dict)
    for path in names.texts:
        for node in names.tree(path).find_all(kind=kind):
            if name := node.field("name"):
                found[owner_of(node)][name.text()] = method_signature(node)
    return found


def _method_set(
    name: str, methods: Mapping[str, Mapping[str, Signature]], heritage: ClassHierarchy
) -> dict[str, Signature]:
    """Return the methods that a type has, those of what it embeds included."""
    found: dict[str, Signature] = {}
    for one in (*heritage.ancestors(name), name):
        found |= methods.get(one, {})
    return found


def method_signature(method: "Node") -> Signature:
    """Return the types that a method takes, and what it gives; without packages and names."""
    parameters, result = method.field("parameters"), method.field("result")
    given = "" if result is None else result.text()
    if result is not None and result.kind() == "parameter_list":
        types = tuple(_types(result))
        given = types[0] if len(types) == 1 else f"({', '.join(types)})"
    return tuple(_types(parameters)) if parameters else (), _QUALIFIER.sub("", given)


def _types(parameters: "Node") -> Iterator[str]:
    for each in parameters.named_children():
        declared = each.field("type")
        if declared is not None:
            rest = "..." if each.kind().startswith("variadic") else ""
            plain = rest + _QUALIFIER.sub("", declared.text())
            yield from [plain] * max(1, len(each.field_children("name")))


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedFields:
    """The fields that go by the name of the type which they embed."""

    names: GoNames
    heritage: ClassHierarchy
    definers: tuple[Definer, ...]  # members that are called so themselves
    owners: frozenset[str]  # the types that embed it

    @classmethod
    def of(cls, names: GoNames, name: str) -> "EmbeddedFields":
        """Find what embeds the type of a name, without a package's name in front."""
        owners = frozenset(
            class_around(field, TYPES)
            for path in names.files_with(name)
            for field in names.tree(path).find_all(kind="field_declaration")
            if field.field("name") is None and _embeds(field, name)
        )
        return cls(
            names=names,
            heritage=ClassHierarchy(bases=go_bases(names) if owners else {}),
            definers=tuple(member_definers(names, TYPES, name)) if owners else (),
            owners=owners,
        )

    def evidence(self, each: Occurrence) -> Evidence | None:
        """Judge `x.Name` and `T{Name: x}`; None when it is no field that embeds the type."""
        if each.role not in ("member", "key") or not self.owners:
            return None
        parent = each.node.parent()
        value = (parent.field("operand") or parent.field("package")) if parent else None
        if value is not None and self.names.is_module(each.path, value):
            return None
        if any(one.node == each.node for one in self.definers):
            return None
        classes = self._classes(each, value)
        if classes is None:
            return Evidence.UNKNOWN if self.definers else Evidence.GUESS
        own = any(one.parent in classes for one in self.definers)
        above = {up for one in classes for up in (one, *self.heritage.ancestors(one))}
        return Evidence.TYPE if not own and above & self.owners else None

    def _classes(self, each: Occurrence, value: "Node | None") -> frozenset[str] | None:
        receivers = Receivers(
            sources=self.names,
            table=TYPES,
            heritage=self.heritage,
            members=partial(member_definers, self.names, TYPES),
        )
        if value is not None:
            return receivers.of(each.path, value)
        return literal_classes(receivers, each.path, each.node)


def _embeds(field: "Node", name: str) -> bool:
    declared = field.field("type")
    plain = declared.text() if declared else field.text()
    return plain.lstrip("*").partition("[")[0].rpartition(".")[2] == name


def examples(names: GoNames, rule: Rename, package: Package, owner: str) -> Iterator[Proposal]:
    """Rename the examples of a package's tests that are called after what is renamed.

    `owner` is the type of a member, else empty. `go vet` holds the name to what is there:
    https://pkg.go.dev/testing#hdr-Examples
    """
    head = f"Example{owner}_" if owner else "Example"
    whole = re.compile(rf"{head}{re.escape(rule.name)}(?=_|$)")
    for path, one in names.packages.of_file.items():
        own = one.folder == package.folder and one.name.removesuffix("_test") == package.name
        if not (own and path.endswith("_test.go") and head + rule.name in names.texts[path]):
            continue
        for function in names.tree(path).find_all(kind="function_declaration"):
            name = function.field("name")
            if name is not None and whole.match(name.text()):
                yield Proposal(
                    place=Place(path=path, start=span(name)[0], line=line(name)),
                    edit=TextEdit(
                        start=span(name)[0] + len(head),
                        end=span(name)[0] + len(head) + len(rule.name),
                        text=rule.new,
                    ),
                    evidence=Evidence.TEXT,
                )
