"""Record -> Markdown for a pull request or a job summary.

What is written here ends up on a service that turns text into links, mentions and references to
issues. All text is escaped, so that it can do none of that.
"""

import re
from collections.abc import Iterator, Sequence

from codeorch.report.document import Code, Line, Page, Section, capped, inline, visible
from codeorch.report.record import Record
from codeorch.report.sections import page

_MOST = 60_000  # characters; GitHub takes 65,536 for a pull request's text
_CAPS = (100, 30, 8, 2)  # lines of a list, fewer when the whole gets too long
_NOTHING = "&#8203;"  # takes no room, and ends whatever would be a mention or a link
_MARKS = re.compile(r"[\\`*{}\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
_LINKS = re.compile(r"@|#(?=\w)|(?<=[Gg][Hh])-(?=\d)|(?<=:)(?=//)|(?<=[Ww]{3})(?=\.)")
_START = re.compile(r"^(?:(\d+)([.)])(?!\S)|([-+=#]))")  # would begin a list or a heading
_QUOTED = re.compile(r"`([^`\n]+)`")


def markdown(record: Record) -> str:
    """Write the report of a run."""
    told = page(record)
    texts = ("\n".join(_page(told, most)) + "\n" for most in _CAPS)
    return next((text for text in texts if len(text) <= _MOST), _cut(told))


def prose(text: str) -> str:
    """Write text so that it stands for itself; what it quotes as code stays code."""
    parts = _QUOTED.split(text)
    return "".join(code(part) if at % 2 else _escaped(part) for at, part in enumerate(parts))


def opening(text: str) -> str:
    """Write text that a line begins with."""
    return _START.sub(
        lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", prose(text.lstrip(" \t\n"))
    )


def _escaped(text: str) -> str:
    shown = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    marked = _MARKS.sub(lambda found: "\\" + found[0], shown)
    return _LINKS.sub(lambda found: found[0] + _NOTHING, marked)


def code(text: str) -> str:
    """Write text as a code span, inside of which nothing is a link."""
    shown = inline(text)
    fence = "`" * (1 + _longest_run(shown))
    room = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{room}{shown}{room}{fence}"


def _cut(told: Page) -> str:
    return "\n".join(_page(told, 0))[:_MOST] + "\n"


def _page(told: Page, most: int) -> Iterator[str]:
    yield f"## {prose(told.headline)}"
    yield ""
    asked = told.request.split("\n")
    yield from (f"> {opening(text)}" for text in asked[:most])
    if len(asked) > most:
        yield f"> and {len(asked) - most} more lines"
    for section in told.sections:
        yield ""
        yield f"### {prose(section.title)}"
        yield ""
        yield from _section(section, most)


def _section(section: Section, most: int) -> Iterator[str]:
    for one in (*section.lead, *capped(section.lines, most)):
        yield from _line(one, "", most)


def _line(one: Line, indent: str, most: int) -> Iterator[str]:
    yield f"{indent}- {''.join(_pieces(one.pieces))}"
    inner = indent + "  "
    for below in capped(one.below, most):
        yield from _line(below, inner, most)
    if one.verbatim:
        lines = visible(one.verbatim).split("\n")
        fence = "`" * max(3, 1 + _longest_run(one.verbatim))
        yield from (inner + text for text in (f"{fence}text", *lines, fence))


def _pieces(pieces: Sequence[str]) -> Iterator[str]:
    for at, piece in enumerate(pieces):
        if isinstance(piece, Code):
            yield code(piece)
        else:
            yield prose(piece) if at else opening(piece)


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
