"""Changed files -> names they use anew that nobody defines, and new calls that fit nothing.

This is how a forgotten definition shows: those who use it were changed, it was not.
"""

from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from codeorch.analysis.ast_grep import word
from codeorch.analysis.use_sites import Use, UseSite
from codeorch.domain import Certainty, MissedUse, Reference
from codeorch.references.broken_uses import is_checkable
from codeorch.references.calls import faults
from codeorch.references.snapshot_pair import SnapshotPair

_CLOSE: Final = 0.6  # of the letters of two names, for one to be the other's new form


def new_names(sides: SnapshotPair) -> Iterator[MissedUse]:
    """Find the names that changed files use more or less often and that stand for nothing."""
    done = {each.name for each in sides.changes if each.kind != "signature"}
    for path in _changed(sides):
        now, then = _counts(sides, path, new=True), _counts(sides, path, new=False)
        for name in sorted(each for each in now if now[each] != then[each] and each not in done):
            uses = [use for use in sides.new.unresolved_uses(path, name) if _is_lost(sides, use)]
            known = _lost(sides, path, name) if uses else Counter[str]()
            if not then[name] and not sides.new.knows_globals:
                known["name"] += 1  # one of the platform's, for all that is known
            for use in uses:
                if use.certainty is not None and known[use.role] == 0:
                    yield sides.gap(
                        path, use.line, symbol=name, change="missing",
                        judgement=(_certainty(sides, use, use.certainty), use.why),
                        is_checkable=is_checkable(use),
                    )  # fmt: skip
                elif use.certainty is None and not then[name] and (model := _replaced(sides, use)):
                    why = f"nothing defines `{name}`, and this was `{model}` before"
                    yield sides.gap(
                        path, use.line, symbol=name, change="missing", judgement=("likely", why)
                    )


def _is_lost(sides: SnapshotPair, use: Use) -> bool:
    """Whether no type checker knows what a use stands for, and nothing sets such a member.

    A checker follows what we do not: what it has read and is silent of is defined.
    """
    if is_checkable(use) and sides.is_refuted(use.path, use.line, use.name):
        return False
    return use.role != "member" or not sides.is_set(use.name)


def _certainty(sides: SnapshotPair, use: Use, certainty: Certainty) -> Certainty:
    """Say how sure a new use is to stand for nothing, of which no definition was changed.

    A string may be meant as one, and a class may have members from where nothing is read.
    """
    if certainty == "likely" and use.role == "string":
        return "maybe"
    is_guess = certainty == "likely" and use.role == "member" and bool(use.receiver)
    return "maybe" if is_guess and not _replaced(sides, use) else certainty


def new_calls(sides: SnapshotPair) -> Iterator[MissedUse]:
    """Find the calls in changed files that are new and fit nothing that they can call."""
    done = {n for e in sides.changes if e.kind == "signature" for n in sides.new.call_names(e.old)}
    for path in _changed(sides):
        known = sides.old.call_texts(path) if sides.before.has(path) else Counter[str]()
        fresh = sides.new.call_texts(path) - known
        for name in sorted({each.name for each in _references(sides, path, "call")} - done):
            texts = [text for text in fresh if name in text]
            for site in sides.new.sites(path, name, texts) if texts else ():
                if not site.targets or not all(faults(site)):
                    continue
                fitted = _fitted(sides, site)
                if sides.is_refuted(path, site.line, name) or not (site.exact or fitted):
                    continue
                plain = site.exact and all(each.plain for each in site.targets)
                certainty: Certainty = "sure" if plain else "likely" if fitted else "maybe"
                yield sides.gap(
                    path, site.line, symbol=name, change="missing",
                    judgement=(certainty, f"`{name}`: {faults(site)[0]}"), is_checkable=True,
                )  # fmt: skip


def _changed(sides: SnapshotPair) -> Iterator[str]:
    return (path for path in sides.paths if sides.after.has(path))


def _references(sides: SnapshotPair, path: str, kind: str = "") -> Iterator[Reference]:
    """Give the places where a changed file uses a name, as it is now."""
    references = sides.after.snapshot.files[path].references
    return (each for each in references if kind in ("", each.kind))


def _counts(sides: SnapshotPair, path: str, *, new: bool) -> Counter[str]:
    side = sides.after if new else sides.before
    references = side.snapshot.files[path].references if side.has(path) else ()
    return Counter(each.name for each in references)


def _lost(sides: SnapshotPair, path: str, name: str) -> Counter[str]:
    if not sides.before.has(path):
        return Counter()
    return Counter(
        use.role for use in sides.old.unresolved_uses(path, name) if use.certainty is not None
    )


def _replaced(sides: SnapshotPair, use: Use) -> str:
    """Name the member that stood in the place of a new one which nobody knows; empty for none."""
    path, name = use.path, use.name
    if sides.new.definers(name) or name in sides.new.standard or not sides.before.has(path):
        return ""
    if any(sides.old.receivers(each, name) for each, _ in _holding_before(sides, name)):
        return ""  # members of this name were there before, of whatever they are
    fewer = _counts(sides, path, new=False) - _counts(sides, path, new=True)
    line = sides.after.line(path, use.line)
    return next(
        (
            each
            for each in sorted(fewer)
            if use.receiver in sides.old.receivers(path, each) and sides.new.definers(each)
            if _is_close(each, name) or word(name).sub(each, line) in sides.before.text(path)
        ),
        "",
    )


def _is_close(one: str, other: str) -> bool:
    """Whether a name looks like another one."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _CLOSE


def _holding_before(sides: SnapshotPair, name: str) -> Iterator[tuple[str, str]]:
    return sides.before.holding(sides.family, [name])


def _fitted(sides: SnapshotPair, site: UseSite) -> bool:
    """Whether the same receiver was called before in a way that did fit, and is not any more."""
    if not sides.before.has(site.path) or site.name in sides.new.standard:
        return False
    still = sides.new.call_texts(site.path)
    return any(
        old.receiver == site.receiver and old.call is not None
        and old.text not in still and not all(faults(old))
        for old in sides.old.sites(site.path, site.name)
    )  # fmt: skip
