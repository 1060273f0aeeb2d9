"""Lines that stand for code that is left out."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from codeorch.diffs.hunks import Hunk, Line
from codeorch.diffs.lines import Lines

_COMMENT = re.compile(
    r"\s*(?:#+|//+|/\*+|\*(?!/)|--+(?!>)|<!--|;+|%+|\{/\*|\"{3}|'{3}|REM\b|\.\.(?!\.)(?=\s))\s*"
    r"(?P<said>.*?)\s*(?:\*+/\}?|-->|\"{3}|'{3})?\s*$"
)
_DOTS = re.compile(r"\.{3,}|…|\[(?:\.{3}|…)\]")
_ONLY_DOTS = re.compile(r"[\W_]*$")
_WORD = re.compile(r"[a-z']+")

# Words of leaving something as it is, and of what is left. One of each makes a placeholder.
_KEPT = frozenset(
    {
        "above", "abbreviated", "before", "brevity", "collapsed", "continues", "elided", "etc",
        "everything", "existing", "hidden", "keep", "kept", "omitted", "original", "other",
        "preserved", "previous", "remainder", "remaining", "remains", "rest", "same", "shown",
        "skipped", "snip", "snipped", "stays", "truncated", "unchanged", "unmodified", "untouched",
    }
)  # fmt: skip
_THING = frozenset(
    {
        "block", "body", "cases", "changes", "class", "code", "content", "contents", "definitions",
        "else", "entries", "fields", "file", "function", "functions", "here", "implementation",
        "imports", "items", "line", "lines", "logic", "method", "methods", "part", "parts", "same",
        "section", "statements", "stuff", "tests", "things", "unchanged",
    }
)  # fmt: skip
# Together with dots, these need no thing.
_KEPT_ALONE = _KEPT - {"before", "other", "shown", "keep", "above", "original", "previous"}
_LONGEST = 9  # words; a real comment that is longer explains something


def said(line: str) -> str | None:
    """Give what a line says if it is nothing but a comment."""
    found = _COMMENT.match(line)
    return found["said"] if found else None


def elides(line: str) -> bool:
    """Whether a line, by its wording, stands for code that is left out."""
    text = said(line)
    bare = (line if text is None else text).strip()
    if _DOTS.search(bare) and _ONLY_DOTS.match(bare):
        return True
    closed = bare[:1] + bare[-1:] in ("()", "[]", "<>", "{}")
    if text is None and not (closed or _DOTS.match(bare)):
        return False
    return _worded(bare)


def _worded(bare: str) -> bool:
    inner = bare.strip("()[]<>{} \t-=*_")
    inner = re.sub(r"^(?:todo|note|fixme)\b\W*", "", inner, flags=re.IGNORECASE)
    words = _WORD.findall(inner.lower())
    if not words or len(words) > _LONGEST:
        return False
    kept, things = _KEPT.intersection(words), _THING.intersection(words)
    starts, ends = bool(_DOTS.match(inner)), bool(_DOTS.search(inner[-4:]))
    if starts or ends:
        return (starts and ends) or bool(kept - {"other"}) or bool(_KEPT_ALONE & kept)
    return bool(kept and (things - kept)) and words[0] in _KEPT | _THING | {"the", "all"}


def swallowed(lines: Sequence[Line]) -> str:
    """Give the comment that takes the place of four or more lines of code, "" if none does.

    No wording counts here: between lines that are deleted and come back, code goes and nothing
    but a comment comes.
    """
    for old, new in _runs(lines):
        codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        for at, (tag, a, b, c, d) in enumerate(codes):
            inside = 0 < at < len(codes) - 1
            if tag == "replace" and inside and _code(old[a:b]) >= 4 and _hollow(new[c:d]):
                return next(line for line in new[c:d] if line.strip())
    return ""


def _runs(lines: Sequence[Line]) -> Iterator[tuple[list[str], list[str]]]:
    old: list[str] = []
    new: list[str] = []
    for line in (*lines, Line(mark=" ", text="")):
        if line.mark == "-":
            old.append(line.text.rstrip())
        elif line.mark == "+":
            new.append(line.text.rstrip())
        elif old or new:
            yield old, new
            old, new = [], []


def _code(lines: Sequence[str]) -> int:
    return sum(bool(line.strip()) and said(line) is None for line in lines)


def _hollow(lines: Sequence[str]) -> bool:
    full = [line for line in lines if line.strip()]
    return bool(full) and all(said(line) is not None or elides(line) for line in full)


def placeholder_in(hunk: Hunk, file: Lines) -> str:
    """Give the first changed line of a hunk that stands for code left out, "" if none does."""
    # Three dots alone are code in some languages, so something must be missing as well.
    shrinks = len(hunk.old) - len(hunk.new) >= 6 or any(
        _code(old) - _code(new) >= 4 for old, new in _runs(hunk.lines)
    )
    for line in hunk.lines:
        if line.mark == " " or file.holds(line.text) or not elides(line.text):
            continue
        plain = said(line.text) is None and line.mark == "+"
        if shrinks or not plain or _worded(line.text.strip()):
            return line.text
    return swallowed(hunk.lines)
