"""Where a new name would meet a definition that it does not mean."""

from collections.abc import Iterator, Sequence

from codeorch.names.scopes import Names, Occurrence, chain
from codeorch.names.trees import Key, line
from codeorch.plan.codemods.renaming import Place


def clashes(old: Names, new: Names, ours: Sequence[Occurrence]) -> Iterator[Place]:
    """Find where the new name is taken: in a scope that gets it, or in one between.

    `ours` are the occurrences of the old name that are going to be renamed.
    """
    lexical = [each for each in ours if each.role in ("binding", "use") or each.owner]
    owners = {old.owner(each) for each in lexical} - {None}
    yield from (place(each) for each in new.bindings() if each.owner in owners)
    taken = {each.owner for each in new.bindings()}
    yield from (place(each) for each in lexical if _is_captured(each, old, taken))
    for each in new.occurrences:
        if each.role == "use" and _would_be_captured(each, new, owners):
            yield place(each)


def place(each: Occurrence) -> Place:
    """Give an occurrence's place."""
    return Place(path=each.path, start=each.place[0], line=line(each.node))


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
