"""The values that every language's reader gives: uses, calls, and what they may call."""

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from codeorch.analysis.ast_grep import line
from codeorch.analysis.scopes import Occurrence
from codeorch.analysis.signatures import CallArguments, Signature
from codeorch.domain import Certainty, Symbol

UseRole = Literal["import", "name", "member", "string", "module", "fixture"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSymbol:
    """A definition in a file."""

    path: str
    symbol: Symbol
    text: str

    @property
    def owner(self) -> str:
        """Name the class around it; empty for none."""
        return self.symbol.parent.rpartition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A use of a name that stands for nothing, or of which the text does not say what it means."""

    path: str
    name: str
    line: int
    start: int  # in characters
    role: UseRole
    certainty: Certainty | None  # that it stands for nothing; None = that is not known
    why: str = ""
    receiver: str = ""  # what stands in front of a member, as written

    @classmethod
    def of(
        cls,
        each: Occurrence,
        role: UseRole,
        certainty: Certainty | None = None,
        why: str = "",
        receiver: str = "",
    ) -> "Use":
        """Make it of an occurrence."""
        return cls(
            path=each.path, name=each.node.text(), line=line(each.node), start=each.place[0],
            role=role, certainty=certainty, why=why, receiver=receiver,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTarget:
    """A function that may be called."""

    path: str
    line: int
    owner: str = ""  # the class that it is a method of
    bound: bool = False  # whether the receiver fills its first parameter
    signature: Signature  # without what the receiver fills
    plain: bool = True  # False when a decorator may have changed what it takes
    needed: bool = False  # whether a class that derives from its own must define it


@dataclass(frozen=True, slots=True, kw_only=True)
class UseSite:
    """A place that calls something of a name, or hands it on as a value."""

    path: str
    line: int
    start: int  # in characters
    name: str
    text: str  # the whole call, as written
    call: CallArguments | None  # None when it is not called here
    targets: tuple[CallTarget, ...]
    exact: bool  # whether one of the targets is what is called; otherwise only the name agrees
    receiver: str = ""
    is_type: bool = False  # whether it is a class that is named


class Reader(Protocol):
    """What a family of languages knows of one snapshot. It reads only files that hold a name.

    What most languages have in common stands here.
    """

    __slots__ = ()

    @property
    def standard(self) -> frozenset[str]:
        """Members that values of the language itself have."""
        ...

    @property
    def is_structural(self) -> bool:
        """Whether objects that no type is named for may have the fields of one."""
        return False

    @property
    def knows_globals(self) -> bool:
        """Whether a bare name that nothing binds is surely none of the language's own."""
        return True

    @property
    def may_take_less(self) -> bool:
        """Whether a function may stand for one that is given more than it takes."""
        return False

    def is_to_fail(self, path: str, line: int) -> bool:
        """Whether a line stands where the text expects it to fail for a name, or for a call."""
        del path, line  # most languages have no such block
        return False

    def unresolved_uses(self, path: str, name: str) -> Iterator[Use]:
        """Give the uses of a name in a file that stand for nothing, or for nobody knows what."""
        ...

    def unresolved_entries(self, name: str) -> Iterator[Use]:
        """Give the paths in configuration files that hold a name and lead to what is not there."""
        del name  # most languages have none that is read
        yield from ()

    def unresolved_imports(self, path: str) -> Iterator[Use]:
        """Give the imports of a file whose module is not there."""
        ...

    def module_names(self, path: str) -> Iterator[str]:
        """Give the words by which imports name the module at a path."""
        ...

    def overrides(self, place: SourceSymbol, name: str) -> Iterator[CallTarget]:
        """Find what derived classes define under the name of a member, with all parameters."""
        ...

    def base_definitions(self, place: SourceSymbol, name: str) -> Iterator[CallTarget]:
        """Find what base classes define under the name of a member, with all parameters."""
        ...

    def outer_bases(self, place: SourceSymbol) -> frozenset[str]:
        """Name what the class around a member derives from that is not from this repository."""
        ...

    def call_texts(self, path: str) -> Counter[str]:
        """Count the calls of a file by their text."""
        ...

    def sites(self, path: str, name: str, among: Container[str] | None = None) -> Iterator[UseSite]:
        """Give the places of a file that call a name or hand it on, or calls of certain texts."""
        ...

    def definers(self, name: str) -> Mapping[str, int]:
        """Count what defines a name, by the class around it; empty for none."""
        ...

    def receivers(self, path: str, name: str) -> frozenset[str]:
        """Name what stands in front of a member of this name in a file, as written."""
        ...

    def call_names(self, place: SourceSymbol) -> Iterator[str]:
        """Give the names by which a function is called; a constructor goes by its class's."""
        ...
