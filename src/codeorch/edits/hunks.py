"""Why an answer does not become an edit: a code, the place, and words for its two readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from codeorch.errors import ReplyError


class Refusal(ReplyError):
    """An answer that is not applied. str() is for the model, `brief` for the user.

    `code` is one of: empty, no_change, truncated, placeholder, not_found, ambiguous,
    contradiction, no_anchor, indentation, path, protected, mode, binary, encoding, invisible,
    syntax. `hunk` counts
    from 1; 0 stands for the answer as a whole.
    """

    def __init__(self, *, code: str, brief: str, hunk: int = 0, detail: str = "") -> None:
        where = f"hunk {hunk}: " if hunk else ""
        super().__init__(f"{where}{brief}." + (f"\n{detail}" if detail else ""))
        self.code = code
        self.hunk = hunk
        self.brief = f"{where}{brief}"


Mark = Literal[" ", "-", "+"]
Dialect = Literal["unified", "v4a", "blocks", "whole", "definition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HunkLine:
    """One line of a hunk. `raw` is the line as answered: a kept line may have lost its mark."""

    mark: Mark
    text: str
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """Lines that belong together, and hints about where. Numbers are hints: models miscount."""

    lines: tuple[HunkLine, ...]
    section: str = ""  # text behind `@@`: the line of an enclosing definition
    stated: int = 0  # the line number in the header; 0 = none
    counts: tuple[int, int] | None = None  # old and new lines, by the header
    old_unended: bool = False  # said to end without a line feed, before
    new_unended: bool = False  # and after

    @property
    def old(self) -> tuple[str, ...]:
        """The lines that must be in the file."""
        return tuple(line.text for line in self.lines if line.mark != "+")

    @property
    def new(self) -> tuple[str, ...]:
        """The lines that take their place."""
        return tuple(line.text for line in self.lines if line.mark != "-")

    @property
    def changes(self) -> bool:
        """Whether any line is deleted or new."""
        return any(line.mark != " " for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeader:
    """The two names that a header gives one file; empty where it gives none."""

    old: str = ""
    new: str = ""
    creates: bool = False
    deletes: bool = False
    renames: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an answer says: hunks, or fenced texts; and the files it names."""

    dialect: Dialect
    hunks: tuple[Hunk, ...] = ()
    texts: tuple[str, ...] = ()  # fenced texts: a whole file or whole definitions
    headers: tuple[FileHeader, ...] = ()
    fenced: bool = False  # the edit is closed off, so it cannot be cut short
    ended: bool = True  # the last line has its line feed

    @property
    def creates(self) -> bool:
        """Whether it says that the file is new."""
        return any(header.creates for header in self.headers)

    @property
    def deletes(self) -> bool:
        """Whether it says that the file goes."""
        return any(header.deletes for header in self.headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a hunk's old lines are: an index into the file's lines for each, None = nowhere."""

    hunk: Hunk
    number: int  # of the hunk in the answer, from 1
    at: tuple[int | None, ...]
    tier: str
    score: float = 1.0  # how much of the hunk's old lines was found
    done: bool = False  # the file already holds the new lines: there is nothing to write

    @property
    def start(self) -> int:
        """The first line it was found at."""
        return next((at for at in self.at if at is not None), 0)

    @property
    def end(self) -> int:
        """The line behind the last one it was found at."""
        return next((at + 1 for at in reversed(self.at) if at is not None), 0)


def between(old: Sequence[str], new: Sequence[str]) -> tuple[HunkLine, ...]:
    """Mark the lines of two versions, so that only what differs is written."""
    head = _common(old, new)
    rest, fresh = old[head:], new[head:]
    tail = _common(rest[::-1], fresh[::-1])
    rest, fresh = rest[: len(rest) - tail], fresh[: len(fresh) - tail]
    lines = [HunkLine(mark=" ", text=text) for text in old[:head]]
    # Beyond a few thousand lines frequent ones are ignored as anchors: a longer diff, found fast.
    matcher = SequenceMatcher(None, rest, fresh, autojunk=len(rest) > 2000)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            lines += [HunkLine(mark=" ", text=text) for text in rest[a:b]]
            continue
        lines += [HunkLine(mark="-", text=text) for text in rest[a:b]]
        lines += [HunkLine(mark="+", text=text) for text in fresh[c:d]]
    lines += [HunkLine(mark=" ", text=text) for text in old[len(old) - tail :]]
    return tuple(lines)


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """Count the lines that two versions begin with alike."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (ours, theirs) in pairs if ours != theirs), min(len(old), len(new)))
