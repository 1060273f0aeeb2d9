"""Words for a hunk that is not in the file: the nearest place and the first line that differs."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from codeorch.edits.hunks import Hunk, Refusal
from codeorch.edits.lines import Lines, weight

_SHOWN = 12  # lines of the file


def not_found(hunk: Hunk, number: int, file: Lines) -> Refusal:
    """Say where the file is most like the hunk, and the first line that differs."""
    old = [text.strip() for text in hunk.old]
    best = _most_in_common(old, file)
    if best is None:
        best = _most_similar(old, file)
    if best is None:
        return Refusal(
            code="not_found", brief="its lines are not in the file, nor anything like them",
            hunk=number,
            detail="Copy the lines to change, and a few around, exactly from the file.",
        )  # fmt: skip
    texts = file.texts
    wrong = next((i for i, text in enumerate(old) if _at(file, best + i) != text), 0)
    there = texts[best + wrong] if best + wrong < len(texts) else "(the end of the file)"
    first = max(0, min(best + wrong - 3, best))
    shown = range(max(first, best + wrong - 3), min(len(texts), best + wrong + _SHOWN - 3))
    listing = "\n".join(f"{at + 1}: {texts[at]}" for at in shown)
    return Refusal(
        code="not_found",
        brief=f"its lines are not in the file; nearest is line {best + 1}, and line "
        f"{best + wrong + 1} differs",
        hunk=number,
        detail=f"Your line: {hunk.old[wrong]!r}\nThe file:  {there!r}\n"
        f"The file there, with line numbers:\n{listing}\nCopy kept and deleted lines exactly.",
    )


def _at(file: Lines, at: int) -> str | None:
    return file.forms(2)[at] if at < len(file.texts) else None


def _most_in_common(old: Sequence[str], file: Lines) -> int | None:
    """Return the start at which most old lines are in place."""
    index = file.index(2)
    votes: dict[int, float] = {}
    for i, text in enumerate(old):
        places = index.get(text, ())
        for at in places[:20]:
            if at >= i:
                votes[at - i] = votes.get(at - i, 0.0) + weight(text) / len(places)
    return max(votes, key=lambda start: (votes[start], -start)) if votes else None


def _most_similar(old: Sequence[str], file: Lines) -> int | None:
    if not old:
        return None
    wanted = max(old, key=len)
    matcher = SequenceMatcher(None, "", wanted, autojunk=False)
    best, ratio = None, 0.6
    for at, text in enumerate(file.forms(2)[:5000]):
        matcher.set_seq1(text)
        if matcher.real_quick_ratio() > ratio and (alike := matcher.quick_ratio()) > ratio:
            best, ratio = at, alike
    return None if best is None else max(0, best - old.index(wanted))
