"""Lines that stand for code that is left out.

Wording alone decides only where nobody would word a real comment so. Otherwise something must be
missing as well: lines that go and do not come back, or brackets that are opened and not closed.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from codeorch.edits.hunks import Hunk, HunkLine
from codeorch.edits.lines import Lines

_COMMENT = re.compile(
    r"\s*(?:#+(?=[\s.…\[(<]|$)(?!!?\[\w+[](=:])|//+|/\*+|\*+(?=\s|$)|--+(?=\s|$)|<!--|;+(?=\s|$)|%+(?=\s|$)|\{/\*"
    r"|\"{3}|'{3}|REM\b)\s*"
)
_COMMENT_ENDS = ("*/}", "*/", "-->", '"""', "'''")
_DOTS = re.compile(r"\.{3,}|…|⋮|(?:\. ){2,}\.|^\.\.$")
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`")
_CONTINUED = re.compile(r"\.\.\.(?: |$)")
_BRACKET = re.compile(r"[()\[\]{}]")
_WORD = re.compile(r"[a-z']+")
_LONGEST = 10  # words; a real comment that is longer explains something

_THING = (
    r"(?:\w+\ )?(?:code|implementation|logic|body|content|contents|methods?|functions?|lines?|file|"
    r"class|fields|cases|entries|items|definitions|statements|imports|tests|parts?|stuff|handlers|"
    r"block|section|component|script|styles?|rules|branches|properties|params|query)"
)
# What nobody says of code that is there.
_SAYS_LEFT_OUT = re.compile(
    rf"""\b(?:
      (?:un(?:changed|modified|touched)|omitted|elided|snip(?:ped)?|abbreviated)$
    | ^(?:un(?:changed|modified)|omitted|elided|snip(?:ped)?|etc)(?:$|\ for\b|\ here\b)
    | (?:rest|remainder)\ (?:of\ (?:the\ |your\ |this\ |my\ )?)?{_THING}\b
    | (?:rest|remainder|everything(?:\ else)?|others?|all|{_THING})
      \ (?:stays?|remains?|is|are|continues?|goes)\ (?:here|the\ same|unchanged|as|like)\b
    | (?:existing|remaining|previous|original|unchanged|other|same)\ {_THING}
      (?:\ (?:here|unchanged|above|below|stays?|remains?|continues?|as|is|are|goes|follows?)\b)
    | (?:existing|unchanged|previous|original)\ (?:code|implementation|logic|body|content)$
    | ^(?:the\ |your\ )?(?:existing|unchanged)\ {_THING}$
    | ^(?:the\ )?same\ as\ (?:above|before|previously|in\ the\ original)
    | (?:as|like)\ (?:before|it\ was|is|in\ the\ original)$
    | more\ of\ the\ same$ | and\ so\ on$ | no\ changes?\ (?:here|below|above|needed|to)
    | (?:not\ shown|left\ out|for\ brevity|left\ as\ is|kept\ as\ is|continues\ as)\b
    | (?:code|implementation|logic)\ (?:goes\ here|continues|here|as\ before)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# What may be said of code that is there as well.
_MAY_LEAVE_OUT = frozenset(
    {
        "above", "before", "everything", "existing", "hidden", "keep", "kept", "more", "original",
        "other", "others", "previous", "remainder", "remaining", "remains", "rest", "same",
        "similarly", "skip", "skipped", "stays", "truncated", "unchanged",
    }
)  # fmt: skip


@lru_cache(maxsize=1 << 15)
def comment_text(line: str) -> str | None:
    """Return what a line says if it is nothing but a comment."""
    found = _COMMENT.match(line)
    if found is None:
        return None
    said = line[found.end() :].rstrip()
    for end in _COMMENT_ENDS:
        if said.endswith(end):
            said = said.removesuffix(end)
            return (said.rstrip("*") if end[0] == "*" else said).rstrip()
    return said


def elides(line: str) -> bool:
    """Whether a line by itself stands for code that is left out: dots, or unmistakable words."""
    text = comment_text(line)
    bare = (line if text is None else text).strip()
    if _is_dots(bare):
        return True
    closed = bare[:1] + bare[-1:] in ("()", "[]", "<>", "{}")
    return (text is not None or closed or bool(_DOTS.match(bare))) and _left_out(bare)


def _is_dots(bare: str) -> bool:
    return bool(_DOTS.search(bare)) and not re.search(r"\w", bare)


def _inner(bare: str) -> str:
    """Leave out brackets, rules and a `TODO` around what is said."""
    inner = bare.strip("()[]<>{} \t-=*_^~:")
    return re.sub(r"^(?:todo|note|fixme)\b\W*", "", inner, flags=re.IGNORECASE)


def _left_out(bare: str) -> bool:
    inner = _inner(bare)
    words = _WORD.findall(inner.lower())
    if len(words) > _LONGEST or not words:
        return False
    starts, ends = bool(_DOTS.match(inner)), bool(_DOTS.search(inner[-5:]))
    if (starts and (ends or len(words) <= 2)) or bool(_SAYS_LEFT_OUT.search(inner.strip(".… "))):
        return True
    return (starts or ends) and bool(_MAY_LEAVE_OUT.intersection(words))


def _may_elide(line: str) -> bool:
    """Whether a comment could stand for code, if something is missing where it is."""
    text = comment_text(line)
    return text is not None and bool(_MAY_LEAVE_OUT.intersection(_WORD.findall(text.lower())))


def doctest_lines(lines: Sequence[str]) -> frozenset[str]:
    """Return the lines `... more` that go on with an example `>>> code` above them."""
    found: set[str] = set()
    example: str | None = None  # what stands before its prompt
    for line in lines:
        text = comment_text(line) or line.strip()
        before = line[: line.find(text)]
        if text.startswith(">>> ") or (before == example and _CONTINUED.match(text)):
            found.add(line.rstrip())
            example = before
        else:
            example = None
    return frozenset(found)


# ------------------------------------------------------------------------------- hunks


def placeholder_in(hunks: Sequence[Hunk], file: Lines) -> tuple[str, int]:
    """Return the first changed line that stands for code left out, and its hunk from 1.

    The line is empty if there is none.
    """
    torn = sum(_opened(hunk) for hunk in hunks) != 0
    for number, hunk in enumerate(hunks, start=1):
        if found := _in_hunk(hunk, file, torn=torn and _opened(hunk) != 0):
            return found, number
    return "", 0


def _in_hunk(hunk: Hunk, file: Lines, *, torn: bool) -> str:
    goes = len(hunk.old) - len(hunk.new) >= 6
    shown = doctest_lines([line.text for line in hunk.lines if line.mark != "-"])
    for old, new in _runs(hunk.lines):
        shrinks = goes or _code(old) - _code(new) >= 4
        for line in (*old, *new):
            if line not in shown and _stands_for_code(
                line, shrinks=shrinks or torn or line in old, file=file
            ):
                return line
        if found := _swallowed(old, new) or (torn and _inner_comment(new, file)):
            return found
    return ""


def _stands_for_code(line: str, *, shrinks: bool, file: Lines) -> bool:
    if not line.strip() or file.holds(line):
        return False
    if elides(line):
        # Three dots alone are code in some languages, so something must be missing as well.
        return shrinks or comment_text(line) is not None or not _is_dots(line.strip())
    return shrinks and _may_elide(line) and len(_WORD.findall(line)) <= _LONGEST


def _swallowed(old: Sequence[str], new: Sequence[str]) -> str:
    """Return the comment that takes the place of four or more lines of code, "" if none does.

    No wording counts here: between lines that are deleted and come back, code goes and nothing
    but a comment comes.
    """
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for tag, a, b, c, d in codes[1:-1]:
        if tag == "replace" and _code(old[a:b]) >= 4 and _is_hollow(new[c:d]):
            return next(line for line in new[c:d] if line.strip())
    return ""


def _inner_comment(new: Sequence[str], file: Lines) -> str:
    """Return a short new comment between new lines; where brackets do not close it is suspect."""
    return next(
        (
            line
            for line in new[1:-1]
            if comment_text(line) and not file.holds(line) and len(_WORD.findall(line)) <= _LONGEST
        ),
        "",
    )


def _runs(lines: Sequence[HunkLine]) -> Iterator[tuple[list[str], list[str]]]:
    """Return the deleted and the new lines of each stretch without kept lines."""
    old: list[str] = []
    new: list[str] = []
    for line in (*lines, HunkLine(mark=" ", text="")):
        if line.mark == "-":
            old.append(line.text.rstrip())
        elif line.mark == "+":
            new.append(line.text.rstrip())
        elif old or new:
            yield old, new
            old, new = [], []


def _code(lines: Sequence[str]) -> int:
    return sum(bool(line.strip()) and comment_text(line) is None for line in lines)


def _is_hollow(lines: Sequence[str]) -> bool:
    full = [line for line in lines if line.strip()]
    return bool(full) and all(comment_text(line) is not None or elides(line) for line in full)


def _opened(hunk: Hunk) -> int:
    """Count the brackets that a hunk opens more than before; 0 in nearly every real edit."""
    return sum(
        depth(line.text) if line.mark == "+" else -depth(line.text)
        for line in hunk.lines
        if line.mark != " " and comment_text(line.text) is None
    )


def depth(text: str) -> int:
    """Count the brackets that a line opens and does not close, strings left out."""
    if not _BRACKET.search(text):
        return 0
    code = _STRING.sub("", text)
    return sum(code.count(c) for c in "([{") - sum(code.count(c) for c in ")]}")
