"""Texts in fences -> hunks: a whole file, or definitions that are replaced by name."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from codeorch.domain import Symbol
from codeorch.edits.checks import placeholder
from codeorch.edits.hunks import Hunk, Placement, Refusal, between
from codeorch.edits.indent import learn
from codeorch.edits.lines import Lines, bare, lead, weight
from codeorch.edits.placeholders import comment_text, elides, placeholder_in

_ATTACHED = re.compile(r"\s*(?:@\w|#\[)")  # decorators, annotations, attributes
_SMALL = 10  # lines
_SHORT = 400  # characters
_CLOSING = re.compile(r"\s*(?:[)}\]]|end\b)")


def new_file(texts: Sequence[str]) -> str:
    """Return the text of a file to be created.

    Raises:
        Refusal: there is not exactly one text, or a line stands for others.
    """
    if len(texts) != 1:
        raise Refusal(
            code="ambiguous", brief=f"it holds {len(texts)} fenced texts; one is the file's",
            detail="Give the new file in one fence and nothing else in fences.",
        )  # fmt: skip
    elision = next(
        (line for line in texts[0].split("\n") if comment_text(line) and elides(line)), ""
    )
    if elision:
        raise placeholder(elision)
    return texts[0]


def replaced(file: Lines, texts: Sequence[str], symbols: Sequence[Symbol]) -> list[Placement]:
    """Compare fenced texts with what they replace: the whole file, or its definitions.

    Raises:
        Refusal: it is not clear what they replace, or something is left out.
    """
    if len(texts) == 1 and _is_whole(file, Lines(texts[0])):
        placements = [_placement(file, 0, len(file.texts), Lines(texts[0]).texts, 1)]
    else:
        chunks = [chunk for text in texts for chunk in _chunks(Lines(text).texts)]
        heads = tuple(_heads(file, symbols)) if chunks else ()
        placements = [_definition(file, *pair, heads) for pair in enumerate(chunks, start=1)]
    if not placements:
        raise Refusal(code="empty", brief="its fences hold no code", detail="Give a diff.")
    line, number = placeholder_in([placement.hunk for placement in placements], file)
    if line:
        raise placeholder(line, number if len(placements) > 1 else 0)
    return placements


def _placement(file: Lines, start: int, end: int, new: Sequence[str], number: int) -> Placement:
    hunk = Hunk(lines=between(file.texts[start:end], new))
    return Placement(hunk=hunk, number=number, at=tuple(range(start, end)), tier="exact")


def _is_whole(file: Lines, new: Lines) -> bool:
    """Whether a text can be the whole file: it keeps half of it, or is long and keeps some."""
    had, has = _telling(file), _telling(new)
    kept = sum((had & has).values())
    total, size = sum(had.values()), sum(has.values())
    if total <= _SMALL and kept * 2 < total:
        # So few lines may all change a little: what counts is how many characters do.
        old, fresh = ("\n".join(lines.texts) for lines in (file, new))
        return _likeness(old, fresh) >= 0.6
    return kept * 2 >= total or (size * 10 >= total * 7 and kept * 5 >= total)


def _likeness(old: str, new: str) -> float:
    """Say how much of two texts is the same, to 1: of long ones, which words, wherever they are.

    What `SequenceMatcher` does takes up to the cube of the length.
    """
    if max(len(old), len(new)) <= _SHORT:
        return SequenceMatcher(None, old, new, autojunk=False).ratio()
    had, has = (Counter(re.findall(r"\w+", text)) for text in (old, new))
    kept, *sizes = (
        sum(len(word) * n for word, n in some.items()) for some in (had & has, had, has)
    )
    return 2 * kept / (sum(sizes) or 1)


def _telling(file: Lines) -> Counter[str]:
    return Counter(form for form in file.forms(2) if weight(form) > 0.3)


# ------------------------------------------------------------------------------- definitions


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The lines of one definition; `head` is the index of the line that names it."""

    lines: tuple[str, ...]
    head: int


def _chunks(lines: Sequence[str]) -> Iterator[_Chunk]:
    """Part a text into definitions: each begins where nothing is indented deeper than its head."""
    start, head, depth = 0, -1, 0
    for at, line in enumerate(lines):
        if not line.strip() or _CLOSING.match(line):
            continue
        if head >= 0 and len(lead(line)) <= depth:
            yield _chunk(lines[start:at], head - start)
            start, head = at, -1
        if head < 0 and not _above(line):
            head, depth = at, len(lead(line))
    if head >= 0:
        yield _chunk(lines[start:], head - start)


def _chunk(lines: Sequence[str], head: int) -> _Chunk:
    last = max(at for at, line in enumerate(lines) if line.strip())
    first = min(at for at, line in enumerate(lines) if line.strip())
    return _Chunk(tuple(lines[first : last + 1]), head - first)


def _above(line: str) -> bool:
    """Whether a line belongs to the definition below it."""
    return bool(_ATTACHED.match(line)) or comment_text(line) is not None


def _definition(
    file: Lines, number: int, chunk: _Chunk, heads: Sequence[tuple[Symbol, int]]
) -> Placement:
    words = frozenset(re.findall(r"\w+", chunk.lines[chunk.head]))
    named = [
        (symbol, at)
        for symbol, at in heads
        if (symbol.name in words or not symbol.name.isidentifier())
        and _names(chunk, symbol, file, at)
    ]
    if len(named) != 1:
        raise _not_one(len(named), chunk, number)
    chunk = _without_preamble(chunk, file, number)
    symbol, head = named[0]
    start = head
    while chunk.head and start and _above(file.texts[start - 1]):
        start -= 1
    new = list(_reindented(chunk, lead(file.texts[head])))
    return _placement(file, start, symbol.end_line, new, number)


def _without_preamble(chunk: _Chunk, file: Lines, number: int) -> _Chunk:
    """Leave out what an empty line parts from a definition: a docstring or comment of the file.

    Raises:
        Refusal: the file has no such line, so it is not clear where it belongs.
    """
    above = chunk.lines[: chunk.head]
    first = max((at + 1 for at, line in enumerate(above) if not line.strip()), default=0)
    strange = next((line for line in above[:first] if line.strip() and not file.holds(line)), "")
    if strange and elides(strange):
        raise placeholder(strange, number)
    if strange:
        raise Refusal(
            code="not_found", hunk=number, brief=f"`{strange.strip()}` is not in the file",
            detail="It stands apart from a definition that is replaced. Give a diff instead.",
        )  # fmt: skip
    return _Chunk(chunk.lines[first:], chunk.head - first)


def _heads(file: Lines, symbols: Sequence[Symbol]) -> Iterator[tuple[Symbol, int]]:
    """Return each symbol with the index of the line on which its name stands."""
    for symbol in symbols:
        for at in range(symbol.line - 1, min(symbol.end_line, len(file.texts))):
            if re.search(rf"\b{re.escape(symbol.name)}\b", file.texts[at]) and not _above(
                file.texts[at]
            ):
                yield symbol, at
                break


def _names(chunk: _Chunk, symbol: Symbol, file: Lines, at: int) -> bool:
    """Whether a chunk's head names a symbol the way the file does: same words before the name."""
    pattern = rf"(.*?)\b{re.escape(symbol.name)}\b"
    ours = re.match(pattern, chunk.lines[chunk.head])
    theirs = re.match(pattern, file.texts[at])
    if not (ours and theirs and ours[1].strip()):
        return False
    return bare(ours[1]).endswith(bare(theirs[1])) or bare(theirs[1]).endswith(bare(ours[1]))


def _reindented(chunk: _Chunk, theirs: str) -> Iterator[str]:
    rule = learn([(lead(chunk.lines[chunk.head]), theirs)], [])
    for line in chunk.lines:
        fitting = rule(lead(line)) if rule and line.strip() else lead(line)
        yield line if fitting is None else fitting + line[len(lead(line)) :]


def _not_one(count: int, chunk: _Chunk, number: int) -> Refusal:
    head = chunk.lines[chunk.head].strip()
    if count:
        return Refusal(
            code="ambiguous", hunk=number, brief=f"`{head}` is defined {count} times in the file",
            detail="Give a diff instead, headed by the enclosing definition.",
        )  # fmt: skip
    return Refusal(
        code="not_found",
        brief="the fenced text is neither the whole file nor a definition of it",
        detail=f"Its first definition is `{head}`. Give a diff, or every line of the file.",
    )
