"""Nodes of a name, and a table of scopes -> its occurrences; what a name can stand for.

A grammar's table says which nodes open a scope and which of their parts bind a name. A use is then
bound in the nearest scope around it that binds its name, as every language here defines it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from codeorch.analysis.ast_grep import Key, is_child, key, span

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node


DefinedKind = Literal["function", "class", "method", "variable", "parameter", "module"]


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
    node: "Node"
    parent: str = ""  # the class that it is a member of

    @property
    def is_member(self) -> bool:
        """Whether a class has it."""
        return bool(self.parent) or "class" in self.owner[2]

    def __str__(self) -> str:
        """Show it as a place that an editor can jump to."""
        return f"{self.path}:{self.line}"


# binding: defines the name here      use: a bare name, looked up from here outwards
# member: `x.name`                    key: a keyword argument, or a key of a literal
# import: the name as another file has it       other: a label, a part of a module's path
# source: like import, but the name is bound under an alias or not at all
Role = Literal["binding", "use", "member", "key", "import", "source", "other"]
Kind = Literal["function", "class", "method", "variable", "import"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """How a kind of node binds a name.

    The name belongs to the scope around the node when `outside`, and to the nearest scope that
    `var` knows when `hoisted`.
    """

    field: str = ""  # the part that holds the name; empty = any child
    kind: Kind = "variable"
    outside: bool = False
    hoisted: bool = False
    scope: str = ""  # the kind of scope that it belongs to; empty = the nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """What scope analysis must know of a language."""

    scopes: Mapping[str, str]  # node kind -> the part inside the scope; empty = all of it
    bindings: Mapping[str, tuple[Binding, ...]]
    roles: Mapping[str, tuple[tuple[str, Role], ...]]  # parent kind -> part -> role
    patterns: Mapping[str, str]  # what a bound name may be nested in, e.g. a tuple -> which part
    functions: frozenset[str]  # the scopes that hoisted names go to
    hoisting: frozenset[str] = frozenset()  # statements that hoist all names they define
    classes: frozenset[str] = frozenset()
    # Whether a bare name can mean a member of a class around it: never, only directly in the
    # class's body, or everywhere inside.
    bare_members: Literal["never", "directly", "everywhere"] = "never"
    # Statements that say a name belongs further out: True = to the file, False = to the next scope.
    redirects: Mapping[str, bool] = field(default_factory=dict)
    sequential: bool = False  # a local name is visible only behind its definition
    # Scopes of which the first child of a kind has a part that is looked up outside of them: what
    # a comprehension runs over.
    outer_parts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    # The node around the parameters of a definition's types, which is a scope around its parts.
    type_parameters: Callable[["Node"], "Node | None"] = field(default=lambda _node: None)
    refine: Callable[["Node"], Role | None] = field(default=lambda _node: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One place where a name stands in a file."""

    path: str
    node: "Node"
    role: Role
    kind: Kind = "variable"  # of what is bound
    owner: Key | None = None  # the scope that a binding belongs to
    visible_from: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands, in characters."""
        return span(self.node)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Every occurrence of one name in one file."""

    path: str
    name: str
    grammar: Grammar
    occurrences: tuple[Occurrence, ...]

    def bindings(self) -> Iterator[Occurrence]:
        """Give the places that define the name in this file."""
        return (each for each in self.occurrences if each.owner is not None)

    def owner(self, occurrence: Occurrence) -> Key | None:
        """Find the scope that binds this occurrence; None when the file does not."""
        return occurrence.owner or self.lookup(occurrence.node)

    def lookup(self, node: "Node") -> Key | None:
        """Find the scope that binds the name as seen from a node."""
        start = span(node)[0]
        for scope in chain(node, self.grammar):
            if any(each.owner == scope and start >= each.visible_from for each in self.bindings()):
                return scope
        return None


def read_names(path: str, nodes: Iterable["Node"], name: str, grammar: Grammar) -> Names:
    """Classify each occurrence of a name in a file."""
    found = tuple(_occurrence(path, node, grammar) for node in nodes)
    names = Names(path=path, name=name, grammar=grammar, occurrences=found)
    for each in found:
        parent = each.node.parent()
        if parent is not None and parent.kind() in grammar.redirects:
            names = _redirect(names, each.node, outermost=grammar.redirects[parent.kind()])
    return names


def _redirect(names: Names, declared: "Node", *, outermost: bool) -> Names:
    """Hand the bindings of the scope that declares a name `global` or `nonlocal` further out."""
    inner, *outer = chain(declared, names.grammar)
    bound = {each.owner for each in names.bindings()}
    target = outer[-1] if outermost else next((key for key in outer if key in bound), inner)
    moved = tuple(
        replace(each, owner=target) if each.owner == inner else each for each in names.occurrences
    )
    return replace(names, occurrences=moved)


def chain(node: "Node", grammar: Grammar) -> Iterator[Key]:
    """Give the scopes around a node in which its bare name is looked up, inner ones first."""
    direct = True
    for scope in _around(node, grammar):
        if scope.kind() in grammar.classes:
            seen = grammar.bare_members == "everywhere" or (
                direct and grammar.bare_members == "directly"
            )
        else:
            seen = True
        direct = False
        if seen:
            yield key(scope)


def _around(node: "Node", grammar: Grammar) -> Iterator["Node"]:
    child, inner = node, node
    ancestors = node.ancestors()
    # Never ask a node for its parent here: the parser looks for it from the root down.
    for height, parent in enumerate(ancestors, start=1):
        inside = grammar.scopes.get(parent.kind(), "" if height == len(ancestors) else None)
        is_inside = inside is not None and is_child(parent, inside, child)
        if is_inside and not _is_outer_part(parent, child, inner, grammar):
            yield parent
        around = grammar.type_parameters(parent)
        if around is not None and not is_child(parent, "name", child):
            yield around
        child, inner = parent, child


def _is_outer_part(scope: "Node", child: "Node", inner: "Node", grammar: Grammar) -> bool:
    kind, part = grammar.outer_parts.get(scope.kind(), ("", ""))
    first = next((each for each in scope.named_children() if each.kind() == kind), None)
    return first == child and is_child(child, part, inner)


def _occurrence(path: str, node: "Node", grammar: Grammar) -> Occurrence:
    parent = node.parent()
    if parent is None:
        return Occurrence(path=path, node=node, role="use")
    role = grammar.refine(node)
    if role is None:
        parts = grammar.roles.get(parent.kind(), ())
        role = next((role for part, role in parts if is_child(parent, part, node)), None)
    if role == "source":
        return Occurrence(path=path, node=node, role="import")
    if role not in (None, "binding", "import"):
        return Occurrence(path=path, node=node, role=role)
    bound = _find_binding(path, node, grammar)
    if role == "import":  # without an alias it binds the name, too
        return replace(bound, role=role) if bound else Occurrence(path=path, node=node, role=role)
    if bound is None and role == "binding":
        return _binding(path, node, parent, Binding(), grammar)
    return bound or Occurrence(path=path, node=node, role="use")


def _find_binding(path: str, node: "Node", grammar: Grammar) -> Occurrence | None:
    """Read the occurrence as a binding, if it is one."""
    child = node
    for parent in node.ancestors():
        for how in grammar.bindings.get(parent.kind(), ()):
            if is_child(parent, how.field, child):
                return _binding(path, node, parent, how, grammar)
        part = grammar.patterns.get(parent.kind())
        if part is None or not is_child(parent, part, child):
            return None
        child = parent
    return None


def _binding(path: str, node: "Node", parent: "Node", how: Binding, grammar: Grammar) -> Occurrence:
    around = [] if how.outside else [parent]
    around += parent.ancestors()
    scopes = [each for each in around if each.kind() in grammar.scopes or not each.parent()]
    owner = next((each for each in scopes if each.kind() == how.scope), scopes[0])
    statement = parent.parent()
    if how.hoisted or (statement is not None and statement.kind() in grammar.hoisting):
        owner = next((each for each in scopes if each.kind() in grammar.functions), scopes[-1])
    method = how.kind == "function" and owner.kind() in grammar.classes
    late = grammar.sequential and owner != scopes[-1] and owner.kind() not in grammar.classes
    parameter = parent.kind() in grammar.scopes or how.outside
    if grammar.bare_members == "directly" and owner.kind() in grammar.classes:
        # A class's body runs from top to bottom: before it is set, a name means what is outside.
        loops = parent.field("body") is not None and not how.outside
        late, parameter = True, False
        parent = node if loops else parent
    return Occurrence(
        path=path,
        node=node,
        role="binding",
        kind="method" if method else how.kind,
        owner=key(owner),
        visible_from=span(parent)[1] if late and not parameter else 0,
    )
