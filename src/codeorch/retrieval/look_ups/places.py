"""What look-ups name: paths and their lines, the nearest ones to a wrong path, counts by folder."""

import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from posixpath import basename, normpath

from codeorch.domain import Snapshot, SourceFile

LONGEST_LINE = 800  # characters of a line that are shown
_NEAREST = 5
_NOT_SHOWN = {"minified": "minified", "lfs": "kept by Git LFS"}  # by role
MARKS = "`'\"<> \t\r\n"


class LookUpError(Exception):
    """A call that cannot be answered; its text says what would be valid. It costs nothing."""


def clean_path(written: str) -> str:
    """Return a path as the repository writes it: without `./`, marks and doubled slashes."""
    path = written.strip(MARKS).replace("\\", "/")
    return "" if not path or path in (".", "/", "./") else normpath(path.lstrip("/"))


def file_at(snapshot: Snapshot, written: str) -> SourceFile:
    """Return the file that a path names.

    Raises:
        LookUpError: there is none; it names the nearest ones.
    """
    path = clean_path(written)
    if path in snapshot.files:
        file = snapshot.files[path]
        if file.role in _NOT_SHOWN:
            raise LookUpError(f"{path} cannot be shown: {_NOT_SHOWN[file.role]}.")
        return file
    if path in snapshot.skipped:
        raise LookUpError(f"{path} cannot be shown: {snapshot.skipped[path]}.")
    if any(each.startswith(f"{path}/") for each in snapshot.files):
        raise LookUpError(f"{path} is a folder: call `outline` for its files.")
    near = nearest_paths(path, snapshot.files)
    raise LookUpError(
        f"There is no file {path!r}." + (f" The nearest: {', '.join(near)}." if near else "")
    )


def nearest_paths(path: str, paths: Iterable[str]) -> list[str]:
    """Return the paths that somebody may have meant: of the same name first, then of a like one."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for each in paths:
        by_name[basename(each)].append(each)
    name = basename(path)
    stem = name.partition(".")[0]
    same = by_name.get(name, [])
    stems = (
        each for key, some in by_name.items() if key.partition(".")[0] == stem for each in some
    )
    close = (
        each
        for key in get_close_matches(name, by_name, n=_NEAREST, cutoff=0.75)
        for each in by_name[key]
    )
    wanted = set(path.split("/"))
    found = dict.fromkeys([*same, *stems, *close])
    return sorted(found, key=lambda each: -len(wanted & set(each.split("/"))))[:_NEAREST]


def lines_of(file: SourceFile) -> list[str]:
    """Return the lines of a file without their ends."""
    lines = file.text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def shown_line(line: str) -> str:
    """Return a line as it is shown: nobody reads a minified one to its end."""
    more = len(line) - LONGEST_LINE
    return line if more <= 0 else f"{line[:LONGEST_LINE]} [{more} more characters]"


def short_line(line: str, around: str = "", width: int = 160) -> str:
    """Return a line for a list, cut to its `width`, the text `around` which it is cut in sight."""
    line = line.strip()
    at = line.find(around) if around else 0
    if len(line) <= width:
        return line
    start = max(0, at - width // 3) if at + len(around) > width else 0
    head = "… " if start else ""
    return f"{head}{line[start : start + width]} …"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: `1 file`, `2 files`, `3 matches`."""
    end = "" if count == 1 else "es" if noun.endswith(("ch", "s")) else "s"
    return f"{count:,} {noun}{end}"


def fold_counts(counts: Mapping[str, int], noun: str, room: int) -> str:
    """Return counts by path as one line, folder by folder, in at most about `room` characters.

    Folders are joined with those above them until the line is short enough; at last the smallest
    ones are counted together.

    >>> fold_counts({"a/x/1": 2, "a/x/2": 1, "a/y/1": 1}, "use", 40)
    'a/x/ (3 uses in 2 files), a/y/1 (1 use)'
    """
    deepest = max((path.count("/") for path in counts), default=0)
    folders: list[tuple[str, Counter[str]]] = []
    for depth in range(deepest, min(1, deepest) - 1, -1):
        folders = _folders(counts, depth)
        if len(text := ", ".join(_entry(*each, noun) for each in folders)) <= room:
            return text
    shown: list[str] = []
    for at, each in enumerate(folders):
        entry = _entry(*each, noun)
        if shown and sum(map(len, shown)) + len(entry) > room - 40:
            rest = Counter[str]()
            for _, some in folders[at:]:
                rest += some
            return ", ".join([*shown, f"{len(folders) - at} more folders ({_total(rest, noun)})"])
        shown.append(entry)
    return ", ".join(shown)


def _folders(counts: Mapping[str, int], depth: int) -> list[tuple[str, Counter[str]]]:
    of_folder: dict[str, Counter[str]] = defaultdict(Counter)
    for path, count in counts.items():
        of_folder["/".join(path.split("/")[:-1][:depth])][path] += count
    return sorted(of_folder.items(), key=lambda each: (-each[1].total(), each[0]))


def _entry(folder: str, some: Counter[str], noun: str) -> str:
    if len(some) == 1:
        return f"{next(iter(some))} ({plural(some.total(), noun)})"
    return f"{folder or '.'}/ ({_total(some, noun)})"


def _total(counts: Mapping[str, int], noun: str) -> str:
    if noun == "file":
        return plural(len(counts), noun)
    return f"{plural(sum(counts.values()), noun)} in {plural(len(counts), 'file')}"


def numbers(lines: Sequence[int], most: int = 0) -> str:
    """Return line numbers as a list; of more than `most` the rest is counted."""
    shown = lines[:most] if most else lines
    more = f" and {len(lines) - len(shown)} more" if len(lines) > len(shown) else ""
    return ", ".join(map(str, shown)) + more


def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a pattern of untrusted text, without warnings of what later Pythons read otherwise.

    Raises:
        re.error: it is none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(pattern, flags)
