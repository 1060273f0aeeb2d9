"""Real single-file edits out of ten repositories, by seed; and diffs of them in any width.

The material is frozen: repositories, heads and the rule by which a seed chooses are in this file,
written before the applier was changed for it. Two seeds of unequal parity share no edit.
"""

import random
import subprocess
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

HEADS = {
    "encode/httpx": "ae1b9f66238f75ced3ced5e4485408435de10768",
    "junit-team/junit4": "71c33ce555230d9dfb6cab5e133e22a4cc95cdff",
    "koajs/koa": "e0ba8ef39d27fe5dae5492f9fe753d155124f994",
    "libuv/libuv": "6179e7af87413396d5853a1c3722c8b5749336c8",
    "marshmallow-code/marshmallow": "341b927f219205704728c05cd61f04d7e9727523",
    "sharkdp/fd": "ee20f426ddf338ac7ead5c5f00ea49258005caaf",
    "sinatra/sinatra": "cb22afd7902b566b6eaba6c4ea89739494a65d12",
    "sindresorhus/got": "d00d845a0b435365ec73ea5a1fca6e17ee677184",
    "slimphp/Slim": "038fd5713d5a41636fdff0e8dcceedecdd17fc17",
    "spf13/cobra": "adbc8813901bba65827259daa8e22ff94ec1f30e",
}
COMMITS, EDITS = 2500, 320  # looked at, taken: of each repository
LARGEST_FILE, MOST_CHANGES = 60_000, 60  # characters, lines

Line = tuple[str, str]  # mark, text


@dataclass(frozen=True)
class Change:
    """`count` lines from `at` (from 0) become `new`."""

    at: int
    count: int
    new: tuple[str, ...]


@dataclass(frozen=True)
class Edit:
    """What one commit did to one file. Lines are without ends; the texts end in a newline."""

    repository: str
    commit: str
    path: str
    old: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def new(self) -> tuple[str, ...]:
        """The lines of the file after the edit."""
        lines = list(self.old)
        for change in reversed(self.changes):
            lines[change.at : change.at + change.count] = change.new
        return tuple(lines)

    @property
    def before(self) -> str:
        """The text that the edit belongs to."""
        return text_of(self.old)

    @property
    def after(self) -> str:
        """The text that it has to become."""
        return text_of(self.new)


@dataclass(frozen=True)
class Hunk:
    """Lines with marks; `start` and `new_start` count from 1."""

    start: int
    new_start: int
    lines: tuple[Line, ...]
    heading: str = field(default="")

    @property
    def old(self) -> tuple[str, ...]:
        """The lines that have to be in the file."""
        return tuple(text for mark, text in self.lines if mark != "+")

    def header(self, *, shift: int = 0, grow: int = 0) -> str:
        """Give the `@@` line, with numbers or counts that are off by so many."""
        old = sum(mark != "+" for mark, _ in self.lines) + grow
        new = sum(mark != "-" for mark, _ in self.lines) + grow
        start, new_start = max(1, self.start + shift), max(1, self.new_start + shift)
        return f"@@ -{start},{old} +{new_start},{new} @@"

    def body(self) -> list[str]:
        """Give its lines as a diff has them."""
        return [mark + text for mark, text in self.lines]

    def with_lines(self, lines: Sequence[Line]) -> "Hunk":
        """Give the same hunk with other lines."""
        return replace(self, lines=tuple(lines))


def text_of(lines: Sequence[str]) -> str:
    """Join lines, each with its newline."""
    return "".join(line + "\n" for line in lines)


def hunks_of(edit: Edit, context: int = 3, *, merge: bool = True) -> list[Hunk]:
    """Cut an edit into hunks with so many lines of context; near ones become one."""
    groups: list[list[Change]] = []
    for change in edit.changes:
        last = groups[-1][-1] if groups else None
        if merge and last and change.at - (last.at + last.count) <= 2 * context:
            groups[-1].append(change)
        else:
            groups.append([change])
    hunks, moved = [], 0
    for group in groups:
        hunks.append(_hunk(edit, group, context, moved))
        moved += sum(len(change.new) - change.count for change in group)
    return hunks


def _hunk(edit: Edit, group: Sequence[Change], context: int, moved: int) -> Hunk:
    start = max(0, group[0].at - context)
    end = min(len(edit.old), group[-1].at + group[-1].count + context)
    lines: list[Line] = []
    at = start
    for change in group:
        lines += [(" ", text) for text in edit.old[at : change.at]]
        lines += [("-", text) for text in edit.old[change.at : change.at + change.count]]
        lines += [("+", text) for text in change.new]
        at = change.at + change.count
    lines += [(" ", text) for text in edit.old[at:end]]
    heading = heading_above(edit.old, start)
    return Hunk(start + 1, start + 1 + moved, tuple(lines), heading)


def heading_above(lines: Sequence[str], index: int) -> str:
    """Find the nearest line above that begins with a letter, as `git diff` does."""
    return next((line for line in reversed(lines[:index]) if line[:1].isalpha()), "")


def occurrences(lines: Sequence[str], block: Sequence[str]) -> int:
    """Count where a block of lines stands, blanks at the ends of lines aside."""
    wanted = [line.rstrip() for line in block]
    held = [line.rstrip() for line in lines]
    if not wanted:
        return 0
    places = (at for at, line in enumerate(held) if line == wanted[0])
    return sum(held[at : at + len(wanted)] == wanted for at in places)


def edits_of(mirror: Path, seed: int) -> list[Edit]:
    """Choose the edits of a seed from all ten repositories.

    Raises:
        SystemExit: a repository, or its frozen head, is not in the mirror.
    """
    edits = [
        edit
        for repository, head in HEADS.items()
        for edit in _edits(mirror / repository.replace("/", "+") / "repo", repository, head, seed)
    ]
    random.Random(seed).shuffle(edits)
    return edits


def _edits(folder: Path, repository: str, head: str, seed: int) -> list[Edit]:
    if not folder.exists():
        raise SystemExit(f"no repository {repository} in {folder.parent.parent}: see --mirror")
    log = _git(
        folder, "log", "-p", "-U0", "--no-merges", "--no-renames", "--diff-filter=M", "--no-color",
        "--no-ext-diff", "--no-prefix", f"--max-count={COMMITS}", "--format=%x00%H", head,
    )  # fmt: skip
    chosen = [
        entry
        for entry in _entries(log.decode("utf-8", "replace"))
        if zlib.crc32(f"{entry[0]}:{entry[1]}".encode()) % 2 == seed % 2
    ]
    random.Random(f"{seed}:{repository}").shuffle(chosen)
    blobs = _blobs(folder, [f"{commit}^:{path}" for commit, path, _ in chosen[: 3 * EDITS]])
    edits = (_edit(repository, entry, blob) for entry, blob in zip(chosen, blobs, strict=False))
    return [edit for edit in edits if edit][:EDITS]


def _entries(log: str) -> Iterator[tuple[str, str, list[Change]]]:
    for commit in log.split("\0")[1:]:
        head, *files = commit.split("\ndiff --git ")
        for file in files:
            lines = file.split("\n")
            path = next((line[4:] for line in lines if line.startswith("+++ ")), "")
            changes = list(_changes(lines))
            if path and changes and not any(line.startswith("\\") for line in lines):
                yield head.strip(), path.split("\t")[0], changes


def _changes(lines: Sequence[str]) -> Iterator[Change]:
    for number, line in enumerate(lines):
        if not line.startswith("@@ -"):
            continue
        old, new = line.split(" ")[1:3]
        at, count = _span(old[1:])
        added = _span(new[1:])[1]
        first = number + 1 + count
        texts = tuple(text[1:] for text in lines[first : first + added])
        yield Change(at - 1 if count else at, count, texts)


def _span(text: str) -> tuple[int, int]:
    at, _, count = text.partition(",")
    return int(at), int(count or 1)


def _edit(repository: str, entry: tuple[str, str, list[Change]], blob: bytes) -> Edit | None:
    commit, path, changes = entry
    size = sum(change.count + len(change.new) for change in changes)
    if any("\r" in text for change in changes for text in change.new):
        return None  # other line ends are no edit that a diff of lines can tell
    if b"\0" in blob or b"\r" in blob or not blob.endswith(b"\n") or size > MOST_CHANGES:
        return None
    try:
        text = blob.decode()
    except UnicodeDecodeError:
        return None
    if not 200 <= len(text) <= LARGEST_FILE or text.count("\n") != len(text.splitlines()):
        return None
    edit = Edit(repository, commit, path, tuple(text.split("\n")[:-1]), tuple(changes))
    return edit if edit.before.strip() and edit.after.strip() else None


def _blobs(folder: Path, names: Sequence[str]) -> Iterator[bytes]:
    asked = "\n".join(names).encode() + b"\n"
    answer, at = _git(folder, "cat-file", "--batch", stdin=asked), 0
    for _ in names:
        end = answer.index(b"\n", at)
        head = answer[at:end].split()
        size = int(head[2]) if len(head) == 3 else -1
        yield answer[end + 1 : end + 1 + size] if size >= 0 else b""
        at = end + 1 + (size + 1 if size >= 0 else 0)


def _git(folder: Path, *words: str, stdin: bytes = b"") -> bytes:
    command = ["git", "-C", str(folder), *words]
    process = subprocess.run(command, input=stdin, capture_output=True, check=False)
    if process.returncode:
        raise SystemExit(process.stderr.decode(errors="replace").strip())
    return process.stdout
