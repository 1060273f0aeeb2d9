"""Use of unknown meaning -> how sure it is that a changed definition is meant.

Evidence is counted: what else defines the name, which receivers were changed in this very change,
and which of them are called like the class.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from codeorch.analysis.ast_grep import word
from codeorch.analysis.use_sites import Reader, SourceSymbol, Use
from codeorch.domain import Certainty
from codeorch.references.changes import Change
from codeorch.references.snapshot_pair import SnapshotPair


@dataclass(frozen=True, slots=True, kw_only=True)
class UseEvidence:
    """What speaks for a use of a name being one of a changed definition."""

    changes: Sequence[Change]
    owners: frozenset[str]  # the classes that defined the name and do not any more
    others: Mapping[str, int]  # what defines the name now
    outer: frozenset[str]  # the classes that may get it from what they derive from elsewhere
    loose: bool  # whether any object may have such a field, without a word of the class
    standard: bool  # whether values of the language itself have such a member
    renamed: frozenset[str]  # receivers of the name that the change gave the new one
    dropped: frozenset[str]  # receivers of the name that a file does not have any more
    is_checked: bool  # whether a type checker was asked, and knows more than the name

    @classmethod
    def of(cls, name: str, changes: Sequence[Change], sides: SnapshotPair) -> "UseEvidence":
        """Collect it from both sides of the change."""
        before, after = sides.old, sides.new
        news = {e.new.symbol.name for e in changes if e.kind == "renamed" and e.new is not None}
        renamed, dropped = set[str](), set[str]()
        for path in sides.paths:
            gone = before.receivers(path, name) - after.receivers(path, name)
            dropped |= gone
            renamed |= gone.intersection(*(after.receivers(path, new) for new in news or {name}))
        selves = sides.receivers | sides.base_receivers  # they mean another class elsewhere
        return cls(
            changes=changes,
            owners=frozenset(each.old.owner for each in changes),
            others=after.definers(name),
            outer=frozenset(e.old.owner for e in changes if _is_outer(e.old, before, after)),
            loose=after.is_structural and all(each.old.symbol.kind == "field" for each in changes),
            standard=name in after.standard,
            renamed=frozenset(renamed - selves),
            dropped=frozenset(dropped - selves),
            is_checked=sides.is_checked,
        )


def certainty_of(use: Use, evidence: UseEvidence, text: str) -> Certainty | None:
    """Say how sure it is that a use of unknown meaning is one of the changed definition.

    `text` is the whole file's. None where nothing speaks for it: the changed definition is no
    member, or common values have such a member and the file does not name the class.
    """
    if use.role in ("import", "fixture"):
        sure: Certainty = "maybe" if use.role == "import" and evidence.is_checked else "likely"
        return sure if any(_is_asked_for(use, each.old) for each in evidence.changes) else None
    if use.role == "member" and (evidence.owners == {""} or _goes_along(evidence.changes)):
        return None
    if use.role == "name" and use.receiver and all(e.kind == "moved" for e in evidence.changes):
        return _by_path(use.receiver, evidence.changes)
    # Another class of the name may have it, or the class itself by what it derives from now.
    left = evidence.owners - evidence.others.keys() - evidence.outer
    named = any(owner.isidentifier() and word(owner).search(text) for owner in evidence.owners)
    # Objects of any type may have had a field, and what a checker does not follow may be anything.
    alone = bool(left) and not (evidence.others or evidence.standard or evidence.loose)
    spoken = use.receiver in evidence.dropped or not evidence.is_checked
    if use.receiver in evidence.renamed or (alone and spoken):
        return "likely"
    if is_called_like(use.receiver, left) and not evidence.loose:
        return "likely"
    meant = named or is_called_like(use.receiver, evidence.owners)
    return "maybe" if meant or not (evidence.standard or evidence.loose) else None


def _goes_along(changes: Sequence[Change]) -> bool:
    """Whether members are where their class is, in another file: values have them as before."""
    return all(
        each.kind == "moved" and each.new is not None and each.new.owner == each.old.owner
        for each in changes
    )


def _is_outer(old: SourceSymbol, before: Reader, after: Reader) -> bool:
    """Whether a class may still have a member, since it derives from what is not read.

    A common member can come from whatever that is, another one only from a base that is new.
    """
    bases = after.outer_bases(old)
    common = old.symbol.name in after.standard
    return bool(bases if common else bases - before.outer_bases(old))


def _is_asked_for(use: Use, old: SourceSymbol) -> bool:
    """Whether a test asks for the fixture that went, or an import for the file it was in."""
    if use.role == "fixture":
        return "fixture" in old.text.partition("def ")[0]
    return use.receiver in _modules(old.path)


def _by_path(module: str, moved: Sequence[Change]) -> Certainty | None:
    """Judge a name by the module it is taken from: the one that it left, or the one it is in."""
    homes = [(_modules(each.old.path), _modules(each.new.path)) for each in moved if each.new]
    if any(module in new - old for old, new in homes):
        return None
    return "likely" if any(module in old - new for old, new in homes) else "maybe"


def _modules(path: str) -> frozenset[str]:
    """Give the words by which code may name the module or package that a file is."""
    folder, _, base = path.rpartition("/")
    return frozenset({base.partition(".")[0], folder.rpartition("/")[2]})


def is_called_like(receiver: str, owners: AbstractSet[str]) -> bool:
    """Whether a receiver has the name of one of the classes: `cart.total`, `self._cart.total`."""
    last = receiver.rpartition(".")[2].strip("_$*&").replace("_", "").lower()
    return bool(last) and any(last == owner.replace("_", "").lower() for owner in owners)
