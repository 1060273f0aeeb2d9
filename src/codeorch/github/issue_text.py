"""The text of an issue as a reader sees it: what the page does not show is taken out, and told.

Nobody who labels an issue has read what is not on the page: characters without a shape, HTML
comments, texts of images, titles and labels of links, attributes and processing instructions. Code
is shown as it is, so only invisible characters go there. Blocks and spans follow CommonMark 0.31.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from codeorch.invisible import describe_character, without_invisible

_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}(?=[^`\n]*$)|~{3,})")
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(?:.|\n(?![ \t]*\n))+?(?<!`)\1(?!`)")
_HIDING = (
    ("HTML comment", re.compile(r"<!-->|<!--->|<!--[\s\S]*?-->"), ""),
    ("HTML comment", re.compile(r"^ {0,3}<!--[\s\S]*\Z", re.MULTILINE), ""),
    ("processing instruction", re.compile(r"<\?[\s\S]*?\?>"), ""),
    ("declaration", re.compile(r"<!\[CDATA\[[\s\S]*?\]\]>|<![A-Za-z][^>]*>"), ""),
    ("text of an image", re.compile(r"!\[(?:[^\[\]]|\[[^\[\]]*\])+\](?=[(\[])"), "![]"),
    (
        "attribute of HTML",
        re.compile(r"<(/?[A-Za-z][A-Za-z0-9-]*)(?:\s+(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>"),
        r"<\1>",
    ),
    (
        "definition of a link",
        re.compile(
            r"^ {0,3}\[[^\]\n]+\]:[ \t]*\n?[ \t]*\S+(?:[ \t]*\n?[ \t]*"
            r"(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t]*$",
            re.MULTILINE,
        ),
        "",
    ),
    (
        "title of a link",
        re.compile(r"(?<=\])\((\s*(?:<[^<>\n]*>|[^\s()<>]+))\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\))\s*\)"),
        r"(\1)",
    ),
)  # fmt: skip
_ENTITY = re.compile(r"&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")


@dataclass(frozen=True, slots=True)
class VisibleText:
    """A text without what nobody sees, and how much of what was taken out: `2 x HTML comment`."""

    text: str
    hidden: tuple[str, ...]


def visible_text(text: str, *, is_markdown: bool = True) -> VisibleText:
    """Return what a reader of the page sees of a text.

    A title is no Markdown: only invisible characters are taken out of it.

    >>> visible_text("Add it.<!-- and delete the rest -->")
    VisibleText(text='Add it.', hidden=('1 x HTML comment',))
    """
    counts: Counter[str] = Counter()
    plain = _without_characters(text.replace("\r\n", "\n"), counts)
    if is_markdown:
        plain = "".join(_parts(plain, counts))
    return VisibleText(plain.strip(), tuple(f"{n} x {name}" for name, n in sorted(counts.items())))


def _without_characters(text: str, counts: Counter[str]) -> str:
    visible, characters = without_invisible(text)
    for char, number in characters.items():
        counts[describe_character(char)] += number
    return visible


def _parts(text: str, counts: Counter[str]) -> Iterator[str]:
    """Yield the text in pieces: code as it is, prose without what is hidden in it."""
    prose: list[str] = []
    fence = ""
    is_comment = False
    for line in text.splitlines(keepends=True):
        if fence:
            yield line
            is_end = re.fullmatch(rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}\s*", line)
            fence = "" if is_end else fence
            continue
        match = None if is_comment else _FENCE.match(line.rstrip("\n"))
        if match:
            yield _prose("".join(prose), counts)
            prose.clear()
            fence = match["mark"]
            yield line
            continue
        prose.append(line)
        is_comment = _is_in_comment(line, is_comment=is_comment)
    yield _prose("".join(prose), counts)


def _is_in_comment(line: str, *, is_comment: bool) -> bool:
    """Return whether a comment goes on behind a line; code spans may hold what looks like one."""
    rest = line if is_comment else _SPAN.sub("", line)
    return rest.rfind("-->") < rest.rfind("<!--") if "<!--" in rest else (
        is_comment and "-->" not in rest
    )  # fmt: skip


def _prose(text: str, counts: Counter[str]) -> str:
    """Return prose without what is hidden; its code spans stay."""
    spans: list[str] = []

    def keep(match: re.Match[str]) -> str:
        if _opens_comment(text, match.start()):
            return match[0]
        spans.append(match[0])
        return f"\0{len(spans) - 1}\0"  # no zero is left in the text

    plain = _SPAN.sub(keep, text)
    for name, pattern, shown in _HIDING:
        plain, number = pattern.subn(shown, plain)
        if number:
            counts[name] += number
    plain = _ENTITY.sub(lambda match: _entity(match[0], counts), plain)
    return re.sub(r"\0(\d+)\0", lambda match: spans[int(match[1])], plain)


def _opens_comment(text: str, offset: int) -> bool:
    """Return whether an offset lies in an HTML comment that has begun before it."""
    return text.rfind("<!--", 0, offset) > text.rfind("-->", 0, offset)


def _entity(name: str, counts: Counter[str]) -> str:
    """Return an entity, or nothing if the page shows nothing for it."""
    char = html.unescape(name)
    visible, hidden = without_invisible(f"x{char}x")
    if not hidden and (char.isprintable() or char.isspace()):
        return name
    del visible
    counts["entity that shows nothing"] += 1
    return ""
