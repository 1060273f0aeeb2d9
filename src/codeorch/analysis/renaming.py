"""What every language's rename deals in; which definition is meant, and where names clash."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Literal, Protocol

from codeorch.analysis.ast_grep import Key
from codeorch.analysis.proposals import Place, RenameResult, place_of
from codeorch.analysis.scopes import DefinedKind, Definer, Names, Occurrence, chain
from codeorch.errors import UserError

if TYPE_CHECKING:
    from codeorch.analysis.ast_grep import Node

_MEMBERS: Final = ("method", "variable")
_SHOWN: Final = 12  # places that a message lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """Give a symbol a new name everywhere.

    `within` says which definition is meant, not which files may change: a use left behind would be
    a broken program.
    """

    kind: DefinedKind | Literal[""]  # empty = whatever one definition of the name is
    old: str  # may be dotted to narrow it down: `Cart.total`, `shop.cart.total`
    new: str
    within: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The old name without what narrows it down."""
        return self.old.rpartition(".")[2]

    def fits(self, kind: DefinedKind) -> bool:
        """Whether a definition of a kind can be meant; a parameter is a variable, too."""
        return kind == self.kind or not self.kind or (self.kind, kind) == ("variable", "parameter")

    @property
    def qualifier(self) -> str:
        """What stands before the old name's last dot."""
        return self.old.rpartition(".")[0]


class Renamer(Protocol):
    """Renaming in one family of languages."""

    def definers(self, name: str) -> Sequence[Definer]:
        """Find every place that defines a name."""
        ...

    def groups(self, definers: Sequence[Definer]) -> Sequence[Sequence[Definer]]:
        """Put definitions together that must keep one name, e.g. a method and its overrides."""
        ...

    def names_of(self, name: str) -> Iterator[Names]:
        """Give the occurrences of a name, file by file."""
        ...

    def rename(self, rule: Rename, group: Sequence[Definer]) -> RenameResult:
        """Work out the edits that rename one group of definitions."""
        ...


def choose(rule: Rename, definers: Sequence[Definer]) -> list[Definer]:
    """Keep the definitions that the rule can mean.

    A local one counts only when nothing outside of functions is called so, or when the rule names
    its function.

    Raises:
        UserError: there is none.
    """
    if not definers:
        raise UserError(
            f"nothing in the repository defines `{rule.name}`",
            "check the spelling; a name that a library defines cannot be renamed here",
        )
    kinds = [each for each in definers if rule.fits(each.kind)]
    if not kinds and rule.kind in _MEMBERS:
        # A property is a method to those who write it, and a variable to those who use it.
        kinds = [each for each in definers if each.kind in _MEMBERS and each.is_member]
    if not kinds:
        others = sorted({each.kind for each in definers})
        raise UserError(
            f"no {rule.kind} is called `{rule.name}`, but a {' and a '.join(others)}: "
            + place_list(definers),
            f"write: rename {others[0]} `{rule.old}` to `{rule.new}`",
        )
    meant = [each for each in kinds if is_meant(rule, each)]
    if not meant:
        raise UserError(
            f"no {rule.kind or 'definition'} `{rule.old}`{_in(rule)}; "
            f"`{rule.name}` is defined at {place_list(kinds)}",
            "name one of these places",
        )
    return [each for each in meant if not each.local] or meant


def ambiguous(rule: Rename, groups: Sequence[Sequence[Definer]]) -> UserError:
    """Make the refusal that lists unrelated definitions of one name."""
    places = [each for group in groups for each in group]
    first, second = groups[0][0], groups[-1][0]
    others = [each.qualified for group in groups[1:] for each in group]
    parts = first.qualified.split(".")
    tails = [".".join(parts[-count:]) for count in range(2, len(parts) + 1)]
    unique = (tail for tail in tails if not any(f".{o}".endswith(f".{tail}") for o in others))
    dotted = next(unique, first.qualified)
    where = f"in `{first.path}`" if first.path != second.path else f"or the dotted name `{dotted}`"
    return UserError(
        f"`{rule.old}` is ambiguous, it has {len(groups)} unrelated definitions: "
        f"{place_list(places)}",
        f"say which one is meant: add {where}",
    )


def conflict(rule: Rename, places: Sequence[object]) -> UserError:
    """Make the refusal for a new name that means something already."""
    return UserError(
        f"`{rule.new}` already means something where `{rule.old}` is used: {place_list(places)}",
        "choose another new name",
    )


def place_list(places: Iterable[object]) -> str:
    """Write places as `a.py:3, b.py:7`, the first dozen of them."""
    shown = list(dict.fromkeys(str(place) for place in places))
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


def matches(path: str, globs: Sequence[str]) -> bool:
    """Whether a path is one of these, lies in one of these folders, or matches a glob."""
    return not globs or any(
        path == glob.rstrip("/")
        or path.startswith(glob.rstrip("/") + "/")
        or fnmatchcase(path, glob)
        or fnmatchcase(path, f"*/{glob}")
        for glob in globs
    )


def is_meant(rule: Rename, definer: Definer) -> bool:
    """Whether a rule can mean a definition, by its file and by what stands before the name."""
    if not matches(definer.path, rule.within):
        return False
    if definer.local and not rule.qualifier and definer.kind == "method":
        return True
    return f".{definer.qualified}".endswith(f".{rule.old}")


def is_parameter(node: "Node") -> bool:
    """Whether a name is bound as a parameter of a function, and not of a type."""
    kinds = [each.kind() for each in node.ancestors()[:3]]
    return any("parameter" in kind and not kind.startswith("type_param") for kind in kinds)


def _in(rule: Rename) -> str:
    return f" in {', '.join(rule.within)}" if rule.within else ""


def clashes(old: Names, new: Names, ours: Sequence[Occurrence]) -> Iterator[Place]:
    """Find where the new name is taken: in a scope that gets it, or in one between.

    `ours` are the occurrences of the old name that are going to be renamed.
    """
    lexical = [each for each in ours if each.role in ("binding", "use") or each.owner]
    owners = {old.owner(each) for each in lexical} - {None}
    yield from (place_of(each) for each in new.bindings() if each.owner in owners)
    taken = {each.owner for each in new.bindings()}
    yield from (place_of(each) for each in lexical if _is_captured(each, old, taken))
    for each in new.occurrences:
        if each.role == "use" and _would_be_captured(each, new, owners):
            yield place_of(each)


def _is_captured(each: Occurrence, found: Names, taken: set[Key | None]) -> bool:
    owner = found.owner(each)
    for scope in chain(each.node, found.grammar):
        if scope == owner:
            return False
        if scope in taken:
            return True
    return False


def _would_be_captured(each: Occurrence, new: Names, owners: set[Key | None]) -> bool:
    """Whether the lookup of the new name passes a scope that will bind it from now on."""
    bound = new.owner(each)
    for scope in chain(each.node, new.grammar):
        if scope == bound:
            return False
        if scope in owners:
            return True
    return False
