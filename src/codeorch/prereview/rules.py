"""The rules: what may be found, by the ids that users select, ignore and excuse."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from codeorch.domain import UseKind
from codeorch.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of finding."""

    id: str
    name: str  # in words with dashes, for other programs
    summary: str  # a sentence for users, without a full stop
    is_default: bool = True  # whether it is looked for when nobody selects

    @property
    def is_note(self) -> bool:
        """Whether nothing is broken by what it finds."""
        return self.id[:3] in ("CO2", "CO3", "CO4")


_ALL: Final = (
    Rule(
        id="CO001", name="excuse-without-reason",
        summary="an excuse that does not say why",
    ),
    Rule(
        id="CO002", name="unused-excuse",
        summary="an excuse that excuses nothing any more",
    ),
    Rule(
        id="CO101", name="use-of-what-is-gone",
        summary="a name, module or member is used that the change removed, renamed or moved",
    ),
    Rule(
        id="CO102", name="call-that-does-not-fit",
        summary="a call gives other arguments than the changed definition takes",
    ),
    Rule(
        id="CO103", name="override-left-behind",
        summary="a method that overrides, or is overridden, did not follow the change",
    ),
    Rule(
        id="CO104", name="text-that-names-it",
        summary="a string, configuration or document names what is gone",
    ),
    Rule(
        id="CO201", name="test-untouched", is_default=False,
        summary="tests name a public definition that changed, and none of them was changed",
    ),
    Rule(
        id="CO202", name="option-undocumented",
        summary="documents name other options of the command that got, or lost, this one",
    ),
    Rule(
        id="CO203", name="changelog-untouched",
        summary="at least 80 % of the last 50 changes of this kind touched the changelog",
    ),
    Rule(
        id="CO401", name="leftover",
        summary="the change adds a conflict marker, debugging, a focused test or a backup file",
    ),
)  # fmt: skip
RULES: Final = {rule.id: rule for rule in _ALL}
RULE_OF_USE: Final[dict[UseKind, str]] = {
    "use": "CO101", "call": "CO102", "override": "CO103", "text": "CO104",
}  # fmt: skip


def selection(select: Sequence[str], ignore: Iterable[str]) -> frozenset[str]:
    """Return the ids of the rules that ids, or their beginnings, select; `ALL` is every one.

    Of a rule that is both selected and ignored, the longer word counts, as in ruff.

    Raises:
        UserError: a word stands for no rule.
    """
    words = {"": True} if not select else dict.fromkeys(map(_prefix, select), True)
    for word in map(_prefix, ignore):
        words[word] = False
    chosen = set[str]()
    for rule in _ALL:
        fitting = [word for word in words if rule.id.startswith(word)]
        best = max(fitting, key=len, default=None)
        if best is not None and words[best] and (select or rule.is_default):
            chosen.add(rule.id)
    return frozenset(chosen)


def named_rules(select: Sequence[str]) -> frozenset[str]:
    """Return the ids of the rules that somebody asked for by name."""
    return selection(select, ()) if select else frozenset()


def _prefix(word: str) -> str:
    prefix = word.strip().upper()
    if prefix == "ALL":
        return ""
    if not prefix or not any(rule.startswith(prefix) for rule in RULES):
        raise UserError(
            f"{word!r} is no rule, nor the beginning of one",
            f"known are ALL, {', '.join(RULES)}; see docs/how-to/prereview.md",
        )
    return prefix
