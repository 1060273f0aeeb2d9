"""How an answer's indentation maps to the file's: a rule learnt from the lines that matched."""

from collections.abc import Callable, Iterator, Sequence

# From the white space in front of an answer's line to the file's; None when it cannot tell.
Rule = Callable[[str], str | None]
Pair = tuple[str, str]  # the same line's lead in the answer and in the file


def learn(own: Sequence[Pair], all_pairs: Sequence[Pair]) -> Rule | None:
    """Find the rule that fits all pairs of a hunk, and if possible of all hunks."""
    wide = list(dict.fromkeys([*own, *all_pairs]))
    for pairs in (wide, list(dict.fromkeys(own))):
        for rule in _rules(pairs):
            if all(rule(ours) == theirs for ours, theirs in pairs):
                return rule
    return None


def _rules(pairs: Sequence[Pair]) -> Iterator[Rule]:
    yield _same
    yield from _shifts(pairs, _same)
    for width in (2, 4, 8):
        for convert in (_expand(width), _collapse(width)):
            yield convert
            yield from _shifts(pairs, convert)
    yield dict(pairs).get


def _same(ours: str) -> str | None:
    return ours


def _shifts(pairs: Sequence[Pair], convert: Rule) -> Iterator[Rule]:
    """Return the rules that lengthen or shorten the lead, by the first pair."""
    ours, theirs = pairs[0] if pairs else ("", "")
    ours = convert(ours) or ""
    if theirs.endswith(ours):
        more = theirs[: len(theirs) - len(ours)]
        yield lambda lead: _joined(more, convert(lead))
    if ours.endswith(theirs):
        less = ours[: len(ours) - len(theirs)]
        yield lambda lead: _without(less, convert(lead))


def _joined(more: str, lead: str | None) -> str | None:
    return None if lead is None else more + lead


def _without(less: str, lead: str | None) -> str | None:
    return lead[len(less) :] if lead is not None and lead.startswith(less) else None


def _expand(width: int) -> Rule:
    return lambda lead: lead.replace("\t", " " * width)


def _collapse(width: int) -> Rule:
    return lambda lead: lead.replace(" " * width, "\t")
