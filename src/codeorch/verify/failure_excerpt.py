"""The log of a red run -> what someone who mends the code needs of it. Pure.

That is the first failure that the change caused: its assertion, and the frames that lie in the
repository. Of every other failure, a line. Whatever no rule fits stays as it is.
"""

import re
from collections.abc import Collection, Iterator, Sequence

_MAX_CHARS = 6_000  # characters altogether
_MAX_CHARS_OF_FIRST = 4_000
_MAX_CHARS_OF_LINE = 240
_MAX_LOG_LINE = 1_000  # characters of a line of the log that are looked at
_MOST_OTHERS = 20
_MAX_CHARS_OF_EACH = 2_000
_MOST_FAILURES = 40  # whose parts of the log are kept
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

# How runners begin to tell of one failed test, and where such a part ends at the latest. Rows are
# tried in order: those of runners before those of languages.
_FAILURE_MARKS: tuple[tuple[str, str], ...] = (
    (
        r"^_{3,} (?:ERROR .*|\S.*) _{3,}$",
        r"^=+ .* =+$|^ *Summary of Failures *$",
    ),  # pytest, pytest-pretty
    (r"^={70}\n(?:FAIL|ERROR): .*$", r"^-{70}\nRan \d+ test"),  # unittest
    (r"^[ ]*● .*$", r"^Test Suites: "),  # jest
    (r"^[ ]*FAIL[ ]+\S+ > .*$", r"^[ ]*Test Files "),  # vitest
    (r"^[ ]*\d+\) .*$", r"\Z"),  # mocha
    (r"^=== RUN .*$|^# \S+(?: \[.*\])?$", r"^FAIL\b.*$"),  # go
    (
        r"^---- .* ----$|^error(?:\[E\d+\])?: (?!aborting).*$",
        r"^failures:$|^error: aborting",
    ),  # cargo
    (r"^\[ERROR\] .*<<< (?:FAILURE|ERROR)!.*$", r"^\[INFO\] *$|^\[ERROR\] Tests run:"),  # surefire
    (r"^\S.* > \S.* FAILED$", r"^\d+ tests? completed"),  # gradle
    (r"^Traceback \(most recent call last\):$", r"\Z"),  # Python
)
_MESSAGE_LINE = re.compile(
    r"^(?:E  .*|\s*\w*(?:Error|Exception|Failure|Panic)\b.*|panic: .*|.*panicked at.*"
    r"|\s*(?:Expected|Received|expected|actual|left|right)\b.*|\s*\S+_test\.go:\d+: .*"
    r"|error(?:\[E\d+\])?: .*)$"
)


def failure_excerpt(log: str, paths: Collection[str], root: str, broken: Sequence[str] = ()) -> str:
    """Return a log without what a repair does not need, at most 6,000 characters.

    `paths` are the repository's files, `root` is where the run saw them, and `broken` names the
    tests that the change broke, when they are known.
    """
    text = _plain(log, root)
    parts = _parts(text)
    if not parts:
        return _own_frames(text, paths)[-_MAX_CHARS:].strip()
    relevant = [part for part in parts if _is_of(part, broken)] or parts
    first, *others = relevant
    excerpt = [_cut(_own_frames(first, paths).strip(), _MAX_CHARS_OF_FIRST)]
    excerpt += [line for part in others[:_MOST_OTHERS] if (line := _summary_line(part))]
    if len(others) > _MOST_OTHERS:
        excerpt.append(f"and {len(others) - _MOST_OTHERS} more failures")
    return _cut("\n".join(excerpt), _MAX_CHARS)


def failures_of(
    log: str, paths: Collection[str], root: str, broken: Sequence[str]
) -> dict[str, str]:
    """Return what a log says of each test that the change broke, at most 2,000 characters of each.

    Tests of which no part of the log tells are left out, and so are those beyond the first forty.
    """
    parts = _parts(_plain(log, root))
    found: dict[str, str] = {}
    for test in broken[:_MOST_FAILURES]:
        if part := next((part for part in parts if _is_of(part, [test])), ""):
            found[test] = _cut(_own_frames(part, paths).strip(), _MAX_CHARS_OF_EACH)
    return found


def _plain(log: str, root: str) -> str:
    """Return a log without colours and without the folder that the run saw, its lines bounded."""
    plain = _COLOUR.sub("", log).replace("\r\n", "\n").replace(f"{root}/", "")
    return "\n".join(line[:_MAX_LOG_LINE] for line in plain.split("\n"))


def _parts(text: str) -> list[str]:
    for start, end in _FAILURE_MARKS:
        marks = [match.start() for match in re.finditer(start, text, re.MULTILINE)]
        if marks:
            ends = [match.start() for match in re.finditer(end, text, re.MULTILINE)]
            return [
                text[mark : min(stop for stop in (*marks, *ends, len(text)) if stop > mark)]
                for mark in marks
            ]
    return []


def _is_of(part: str, broken: Sequence[str]) -> bool:
    """Return whether a part tells of one of these tests: their own names stand in its head."""
    head = "\n".join(part.split("\n", 2)[:2])
    names = (re.split(r"::| > |[ ./](?=[^ ./]*$)", test)[-1] for test in broken)
    return any(name and name in head for name in names)


def _summary_line(part: str) -> str:
    lines = [line for line in part.split("\n") if line.strip(" =_-●")]
    message = next((line for line in lines[1:] if _MESSAGE_LINE.match(line)), "")
    return _cut(" ".join(f"{lines[0].strip(' =_')}: {message.strip()}".split()), _MAX_CHARS_OF_LINE)


def _cut(text: str, max_chars: int) -> str:
    """Keep the start, and more of the end: there most runners say what was wrong."""
    if len(text) <= max_chars:
        return text
    head = max_chars // 3
    return f"{text[:head]}\n[...]\n{text[head - max_chars :]}"


# ------------------------------------------------------------------------------- frames

# How languages write a frame: the line that names its file, and what goes with it.
_ARROW = r"\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"
_FRAMES = tuple(
    re.compile(pattern + r"\n?", re.MULTILINE)
    for pattern in (
        r'^[ ]*File "(?P<file>[^"\n]+)", line \d+.*(?:\n {4,}(?!File ").*)*',  # Python
        r"^(?P<file>\S+\.py):\d+: in .*(?:\n {4,}.*)*",  # pytest
        r"^\S.*\n\t(?P<file>\S+\.(?:go|s)):\d+(?: \+0x[0-9a-f]+)?$",  # Go
        r"^[ ]+\d+: .*\n[ ]+at (?P<file>\S+?):\d+(?::\d+)?$",  # Rust
        r"^[ ]*at (?:.*\()?(?P<file>[^()\s]+?):\d+:\d+\)?$",  # JavaScript
        rf"^[ ]*{_ARROW} (?:\S+ )?(?P<file>\S+?):\d+:\d+$(?:\n[ ]+\d*\|.*)*",  # vitest
        r"^[ \t]*at (?P<file>[\w.$/<>@-]+\([^)\n]*\))$",  # Java
    )
)
_PYTEST_RULE = re.compile(r"^(?:_ )+_? *$", re.MULTILINE)
_PYTEST_PLACE = re.compile(r"^(\S+):\d+: ?\S*$", re.MULTILINE)
_JAVA = re.compile(r"(?:\S*/)?(?P<package>(?:[\w$]+\.)*)[\w$<>]+\.[\w$<>]+\((?P<file>[^:)]+)")


def _own_frames(text: str, paths: Collection[str]) -> str:
    """Leave out the frames of files that are not the repository's."""
    own_paths = frozenset(paths)
    for frame in _FRAMES:
        text = frame.sub(lambda match: match[0] if _is_own(match["file"], own_paths) else "", text)
    return "".join(_own_sections(text, own_paths))


def _is_own(file: str, own_paths: Collection[str]) -> bool:
    if java := _JAVA.match(file):
        place = java["package"].replace(".", "/") + java["file"]
        return any(f"/{path}".endswith(f"/{place}") for path in own_paths)
    return file.removeprefix("./") in own_paths


def _own_sections(text: str, own_paths: Collection[str]) -> Iterator[str]:
    """Of the sections of pytest that show foreign code, give only what went wrong there.

    A section ends with its place, and a ruled line follows.
    """
    for section in _PYTEST_RULE.split(text):
        places = _PYTEST_PLACE.findall(section)
        if not places or _is_own(places[-1], own_paths):
            yield section
        else:
            yield from (f"{line}\n" for line in section.split("\n") if line.startswith("E  "))
