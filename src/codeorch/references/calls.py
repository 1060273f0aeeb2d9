"""Calls that do not fit any more what they call."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from codeorch.analysis.signatures import CallArguments, misfit, shifted_parameter
from codeorch.analysis.use_sites import UseSite
from codeorch.domain import Certainty, MissedUse
from codeorch.references.changes import Change
from codeorch.references.confidence import is_called_like
from codeorch.references.snapshot_pair import SnapshotPair


def misfits(sides: SnapshotPair) -> Iterator[MissedUse]:
    """Find the calls of changed functions that do not fit them, in all files that hold a name."""
    by_name: dict[str, list[Change]] = defaultdict(list)
    for each in sides.changes:
        if each.kind == "signature":
            for name in sides.new.call_names(each.new or each.old):
                by_name[name].append(each)
    for path, name in sides.after.holding(sides.family, by_name):
        for site in sides.new.sites(path, name):
            for cause in by_name[name]:
                yield from _gap(sides, site, cause)


def _gap(sides: SnapshotPair, site: UseSite, cause: Change) -> Iterator[MissedUse]:
    judgement = _judgement(sides, site, cause)
    every = site.name in sides.initializers and not site.exact  # each class has one
    if judgement is not None and not every:
        certainty, why = judgement
        owner = cause.old.owner
        if not site.exact and not _is_meant(sides, site, cause):
            certainty = "maybe"
            if owner and owner not in sides.after.text(site.path):
                return  # the language's own values have such a member, too
        yield sides.gap(
            site.path, site.line, symbol=cause.old.symbol.qualified, change="signature",
            judgement=(certainty, f"{cause.detail}; {why}"),
            is_checkable=site.exact and certainty == "sure",
        )  # fmt: skip


def _is_meant(sides: SnapshotPair, site: UseSite, cause: Change) -> bool:
    """Whether a call of which only the name is known can hardly mean anything else."""
    owner = cause.old.owner
    return site.name not in sides.new.standard or is_called_like(site.receiver, {owner})


def _before(sides: SnapshotPair, site: UseSite) -> UseSite | None:
    """Find a call as it was, by its text."""
    if not sides.before.has(site.path):
        return None
    return next(iter(sides.old.sites(site.path, site.name, {site.text})), None)


def _judgement(sides: SnapshotPair, site: UseSite, cause: Change) -> tuple[Certainty, str] | None:
    """Say what is wrong with a place that uses a changed function; None when it is well."""
    meant = [each for each in site.targets if _is_new(each.path, each.line, cause)]
    if not meant:
        return None
    if site.call is None:
        return ("maybe", "it is handed on here") if site.exact and not site.is_type else None
    site = _counted(sides, site, site.call)
    wrong = faults(site)
    if all(wrong):
        before = _before(sides, site)
        fitted = before is None or not before.targets or not all(faults(before))
        plain = site.exact and all(each.plain for each in meant)
        # What a decorator makes of it, a type checker knows that was asked.
        doubt: Certainty = "maybe" if sides.is_checked else "likely"
        return (("sure" if plain else doubt), wrong[0]) if fitted else None
    if not site.exact:
        ours = faults(replace(site, targets=tuple(meant)))
        return ("maybe", ours[0]) if all(ours) else None
    bound = any(each.signature == cause.after for each in meant)
    name = shifted_parameter(cause.before, cause.after, site.call) if bound and site.call else ""
    if name and not any(wrong) and _before(sides, site) is not None:
        return "likely", f"a positional argument meant `{name}` before"
    return None


def _counted(sides: SnapshotPair, site: UseSite, call: CallArguments) -> UseSite:
    """Count what a call spreads, `f(*all)` or Go's `f(g())`, by what it did fit before."""
    before = _before(sides, site) if call.spread and site.exact else None
    if before is None or not before.exact:
        return site
    taken = {each.signature for each in before.targets}
    fixed = all(each.required and each.how in ("either", "position") for s in taken for each in s)
    sizes = {len(signature) for signature in taken}
    if len(sizes) != 1 or not fixed:
        return site
    positions = sizes.pop() - len(call.keywords)
    return replace(site, call=replace(call, positions=positions, spread=False))


def faults(site: UseSite) -> list[str]:
    """Say for each function that a site may call why the call does not fit; empty where it does."""
    return [misfit(each.signature, site.call) if site.call else "" for each in site.targets]


def _is_new(path: str, line: int, cause: Change) -> bool:
    new = cause.new
    if new is None or new.path != path:
        return False
    return new.symbol.line <= line <= new.symbol.end_line
