"""Diff of landed files -> files, hunks and numbered lines, read by unidiff.

The one reader of diffs that `edits.render` or git wrote. What a model writes is read by `edits`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from unidiff.patch import Hunk, PatchedFile

LineKind = Literal["context", "added", "removed"]
_KINDS: Final[dict[str, LineKind]] = {" ": "context", "+": "added", "-": "removed"}
_MARKS: Final = {kind: mark for mark, kind in _KINDS.items()}
_NO_FILE: Final = "/dev/null"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """One line of a hunk, without its mark and its line feed."""

    kind: LineKind
    text: str
    old_number: int | None  # from 1; None on the side that lacks the line
    new_number: int | None
    has_newline: bool = True  # False for the last line of a file that ends without one

    @property
    def mark(self) -> str:
        """The character that stands before the text in a diff."""
        return _MARKS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffHunk:
    """Changed lines with those around them. Starts are line numbers, lengths are in lines."""

    old_start: int
    old_length: int
    new_start: int
    new_length: int
    lines: tuple[DiffLine, ...]

    @property
    def header(self) -> str:
        """The line that a diff has before the hunk."""
        old, new = (
            f"{start}" if length == 1 else f"{start},{length}"
            for start, length in (
                (self.old_start, self.old_length),
                (self.new_start, self.new_length),
            )
        )
        return f"@@ -{old} +{new} @@"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDiff:
    """The difference of one file.

    A new file has no `old_path`, a deleted one no `new_path`. Modes are None where the diff does
    not name them. Binary files, mere renames and changes of the mode, and empty files have no
    hunks.
    """

    old_path: str
    new_path: str
    old_mode: int | None
    new_mode: int | None
    is_binary: bool
    header: tuple[str, ...]  # the lines before the first hunk, as they stand
    hunks: tuple[DiffHunk, ...]

    @property
    def path(self) -> str:
        """The path of the file, the former one if it is gone."""
        return self.new_path or self.old_path

    @property
    def is_rename(self) -> bool:
        """Whether the file stood at another path before."""
        return bool(self.old_path and self.new_path) and self.old_path != self.new_path

    @property
    def added(self) -> int:
        """The number of added lines."""
        return self._count("added")

    @property
    def removed(self) -> int:
        """The number of removed lines."""
        return self._count("removed")

    def _count(self, kind: LineKind) -> int:
        return sum(line.kind == kind for hunk in self.hunks for line in hunk.lines)


def read_diff(diff: str) -> tuple[FileDiff, ...]:
    r"""Return the files of a diff in git's format, in its order.

    >>> [file] = read_diff("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n one\n+two\n")
    >>> file.added, file.hunks[0].lines[1].new_number
    (1, 2)

    Raises:
        ValueError: it has no header, or hunks of other lengths than their headers say.
    """
    from unidiff.errors import UnidiffParseError  # noqa: PLC0415 - only where diffs are read
    from unidiff.patch import PatchSet  # noqa: PLC0415

    sections = list(_sections(diff))
    lines = (line for section in sections for line in (*_safe_header(section), *section.body))
    try:
        files = PatchSet(lines)
    except UnidiffParseError as error:
        raise ValueError(f"this is no diff in git's format: {error}") from error
    return tuple(_file_diff(*pair) for pair in zip(sections, files, strict=True))


def _file_diff(section: "_Section", file: "PatchedFile") -> FileDiff:
    old, new = _names(section.header)
    return FileDiff(
        # `is_added_file` takes an edit of an empty file for a new one.
        old_path="" if file.source_file == _NO_FILE else old,
        new_path="" if file.target_file == _NO_FILE else new,
        old_mode=_mode(file.source_mode),
        new_mode=_mode(file.target_mode),
        is_binary=file.is_binary_file,
        header=tuple(line.removesuffix("\n") for line in section.header),
        hunks=tuple(map(_diff_hunk, file)),
    )


def _mode(digits: str | None) -> int | None:
    return int(digits, 8) if digits else None


def _diff_hunk(hunk: "Hunk") -> DiffHunk:
    return DiffHunk(
        old_start=hunk.source_start,
        old_length=hunk.source_length,
        new_start=hunk.target_start,
        new_length=hunk.target_length,
        lines=tuple(_diff_lines(hunk)),
    )


def _diff_lines(hunk: "Hunk") -> Iterator[DiffLine]:
    for line, following in zip(hunk, [*hunk[1:], None], strict=True):
        if line.line_type in _KINDS:
            yield DiffLine(
                kind=_KINDS[line.line_type],
                text=line.value.removesuffix("\n"),
                old_number=line.source_line_no,
                new_number=line.target_line_no,
                has_newline=following is None or following.line_type in _KINDS,
            )


# --------------------------------------------------------------------------------- names
# unidiff takes `a/x b/y b/x b/y` apart at the wrong space, and leaves quoted names quoted. So it
# reads headers with names that cannot be mistaken, and the names are read here by git's own rules.


@dataclass(slots=True)
class _Section:
    """The lines of one file, line feeds included."""

    header: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)


def _sections(diff: str) -> Iterator[_Section]:
    """Yield the sections of a diff; inside of hunks no line begins as their headers do."""
    section: _Section | None = None
    # Only a line feed ends a line of a diff: `splitlines` would also break at form feeds.
    for line in diff.removesuffix("\n").split("\n") if diff else ():
        if line.startswith("diff --git "):
            if section:
                yield section
            section = _Section()
        if section is None:
            raise ValueError(f"this is no diff in git's format: it begins with {line[:80]!r}")
        in_body = section.body or line.startswith("@@ ")
        (section.body if in_body else section.header).append(f"{line}\n")
    if section:
        yield section


def _safe_header(section: _Section) -> Iterator[str]:
    """Yield the header of a file with `old` and `new` in the place of its names."""
    old, new = _names(section.header)
    target = "new" if old != new else "old"
    names = {"diff --git ": f"a/old b/{target}", "--- ": "a/old", "+++ ": f"b/{target}"}
    for line in section.header:
        mark = next((mark for mark in names if line.startswith(mark)), "")
        yield f"{mark}{names[mark]}\n" if mark and line[len(mark) : -1] != _NO_FILE else line


def _names(header: Sequence[str]) -> tuple[str, str]:
    """Return the old and the new path: a rename's, or the one that stands twice on top."""
    renames = {
        mark: _plain_name(line[len(mark) : -1])
        for mark in ("rename from ", "rename to ")
        for line in header
        if line.startswith(mark)
    }
    if len(renames) == 2:
        return renames["rename from "], renames["rename to "]
    names = header[0].removeprefix("diff --git ")[:-1]
    name = _plain_name(names[: len(names) // 2])[2:]
    return name, name


def _plain_name(name: str) -> str:
    """Return a name without the quotes and escapes that git gives to one with odd characters."""
    if not name.startswith('"'):
        return name
    escaped = name[1:-1].encode("utf-8", "surrogateescape").decode("unicode_escape")
    return escaped.encode("latin-1").decode("utf-8", "surrogateescape")
