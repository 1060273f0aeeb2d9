"""Request -> the texts that it quotes, which may stand in the code, its tests, settings or docs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SHORTEST, _LONGEST = 3, 200  # characters of a text that is looked for
_MOST = 40  # texts
_BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(
    r"`([^`\n]+)`"
    r'|"([^"\n]+)"'
    r"|“([^”\n]+)”"
    r"|(?<![\w)\]])'([^'\n]+)'(?!\w)"  # no apostrophes
    r"|(?<![\w./-])([A-Za-z_]\w*(?:\.[A-Za-z_][\w-]*)+)(?![\w/])"  # a dotted key
)
_OPTION = re.compile(r"(?<![\w-])--[A-Za-z][\w-]+")
_ERROR = re.compile(
    r"^\s*[\w.]*(?:Error|Exception|Warning|error|warning|panic): (.+)$", re.MULTILINE
)
_EXPRESSION = re.compile(r"\w+(?:(?:\.|::|->)[\w-]+)*\(.*|\w+(?:(?:\.|::|->)[\w-]+)+")
# What a program fills into its messages: values in quotes, numbers, paths, placeholders.
_FILLED_IN = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|<[^>]*>|\{[^}]*\}|\[[^\]]*\]|\S*[/\\\d]\S*|: ")
_CODE = re.compile(r"[=<>(){}\[\];]")  # no part of a message is code
_TELLING = 10  # characters of a message's part that is worth looking for, in two words at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A text of a request, and the parts of it that may stand for it in a program."""

    text: str
    parts: tuple[str, ...] = ()  # the longest first
    certain: bool = True  # the request means it literally, so that its absence tells something

    @property
    def forms(self) -> tuple[str, ...]:
        """All that is looked for."""
        return (self.text, *self.parts)


def literals(request: str) -> tuple[Literal, ...]:
    """Read the quoted texts, options, dotted keys and messages of a request, in its order."""
    found: dict[str, Literal] = {}
    prose = _BLOCK.sub("\n", request)
    for match in _QUOTED.finditer(prose):
        quoted = match[match.lastindex or 0]
        _keep(found, quoted, certain=not _EXPRESSION.fullmatch(quoted))
    for option in _OPTION.findall(prose):
        _keep(found, option, certain=True)
    for message in _ERROR.findall(request):
        _keep(found, message, certain=True)
    for line in _lines_of_blocks(request):
        _keep(found, line, certain=False)
    return tuple(found.values())[:_MOST]


def _lines_of_blocks(request: str) -> Iterator[str]:
    for block in _BLOCK.findall(request):
        yield from (line for line in block.split("\n") if " " in line.strip())


def _keep(found: dict[str, Literal], text: str, *, certain: bool) -> None:
    text = text.strip().removesuffix("()")
    if _SHORTEST <= len(text) <= _LONGEST and text.isprintable() and re.search(r"\w{2}", text):
        parts = (part.strip(" .,;:!?") for part in _FILLED_IN.split(text))
        telling = {
            part for part in parts
            if len(part) >= _TELLING and " " in part and not _CODE.search(part)
        } - {text}  # fmt: skip
        longest_first = tuple(sorted(telling, key=lambda part: (-len(part), part)))
        found.setdefault(text, Literal(text=text, parts=longest_first, certain=certain))
