"""Record -> Markdown for a pull request or a job summary.

What is written here ends up on a service that turns text into links, mentions and references to
issues. All text is escaped, so that it can do none of that.
"""

import re
from collections.abc import Iterator, Sequence

from codeorch.report.document import Code, Line, Page, Section, inline, shorten, visible
from codeorch.report.record import Record
from codeorch.report.sections import page

_MOST = 60_000  # characters; GitHub takes 65,536 for a pull request's text
_CAPS = (100, 30, 8, 2)  # lines of a list, fewer when the whole gets too long
_NOTHING = "&#8203;"  # takes no room, and ends whatever would be a mention or a link
_MARKS = re.compile(r"[\\`*{}\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
_LINKS = re.compile(r"@|#(?=\w)|(?<=[Gg][Hh])-(?=\d)|(?<=:)(?=//)|(?<=[Ww]{3})(?=\.)")
_START = re.compile(r"^(?:(\d+)([.)])(?!\S)|([-+=#]))")  # would begin a list or a heading
_CODE_SPAN = re.compile(r"`([^`\n]+)`")


def markdown(record: Record) -> str:
    """Return the report of a run as Markdown."""
    report = page(record)
    texts = ("\n".join(_page(report, most)) + "\n" for most in _CAPS)
    return next((text for text in texts if len(text) <= _MOST), _cut(report))


def prose(text: str) -> str:
    """Return text so written that it stands for itself; what it quotes as code stays code."""
    parts = _CODE_SPAN.split(text)
    return "".join(code(part) if at % 2 else _escape(part) for at, part in enumerate(parts))


def opening(text: str) -> str:
    """Return text that a line begins with."""
    return _START.sub(
        lambda mark: f"{mark[1] or ''}\\{mark[2] or mark[3]}", prose(text.lstrip(" \t\n"))
    )


def _escape(text: str) -> str:
    entities = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = _MARKS.sub(lambda mark: "\\" + mark[0], entities)
    return _LINKS.sub(lambda mark: mark[0] + _NOTHING, plain)


def code(text: str) -> str:
    """Return text as a code span, inside of which nothing is a link."""
    span = inline(text)
    fence = "`" * (1 + _longest_run(span))
    room = " " if span.startswith("`") or span.endswith("`") or not span.strip() else ""
    return f"{fence}{room}{span}{room}{fence}"


def _cut(report: Page) -> str:
    return "\n".join(_page(report, 0))[:_MOST] + "\n"


def _page(report: Page, most: int) -> Iterator[str]:
    yield f"## {prose(report.headline)}"
    yield ""
    request = report.request.split("\n")
    yield from (f"> {opening(text)}" for text in request[:most])
    if len(request) > most:
        yield f"> and {len(request) - most} more lines"
    for section in report.sections:
        yield ""
        yield f"### {prose(section.title)}"
        yield ""
        yield from _section(section, most)


def _section(section: Section, most: int) -> Iterator[str]:
    for statement in (*section.lead, *shorten(section.lines, most)):
        yield from _line(statement, "", most)


def _line(statement: Line, indent: str, most: int) -> Iterator[str]:
    yield f"{indent}- {''.join(_pieces(statement.pieces))}"
    inner = indent + "  "
    for below in shorten(statement.below, most):
        yield from _line(below, inner, most)
    if statement.verbatim:
        lines = visible(statement.verbatim).split("\n")
        fence = "`" * max(3, 1 + _longest_run(statement.verbatim))
        yield from (inner + text for text in (f"{fence}text", *lines, fence))


def _pieces(pieces: Sequence[str]) -> Iterator[str]:
    for at, piece in enumerate(pieces):
        if isinstance(piece, Code):
            yield code(piece)
        else:
            yield prose(piece) if at else opening(piece)


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
