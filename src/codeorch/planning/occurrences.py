"""Request + findings -> the lines in which the texts that it quotes stand."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from codeorch.domain import SourceLine
from codeorch.planning.findings import Findings

_SHORTEST, _LONGEST = 3, 200  # characters of a text that is looked for
_MOST_LITERALS = 40  # texts
_BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(
    r"`([^`\n]+)`"
    r'|"([^"\n]+)"'
    r"|“([^“”\n]+)”"
    r"|(?<![\w)\]])'([^'\n]+)'(?!\w)"  # no apostrophes
    r"|(?<![\w./-])([A-Za-z_]\w*(?:\.[A-Za-z_][\w-]*)+)(?![\w/])"  # a dotted key
)
_OPTION = re.compile(r"(?<![\w-])--[A-Za-z][\w-]+")
_ERROR = re.compile(
    r"^[^\S\n]*+[\w.]*(?:Error|Exception|Warning|error|warning|panic): (.+)$", re.MULTILINE
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
    return tuple(found.values())[:_MOST_LITERALS]


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


def lines_with(asked: Sequence[Literal], findings: Findings) -> Mapping[str, Sequence[SourceLine]]:
    """Find the lines of each form of each text."""
    wholes = {form: (form.casefold(), _whole(form)) for each in asked for form in each.forms}
    found: defaultdict[str, list[SourceLine]] = defaultdict(list)
    for line in findings.lines(list(wholes)):
        folded = line.text.casefold()
        for form, (plain, whole) in wholes.items():
            if plain in folded and whole.search(line.text):
                found[form].append(line)
    return found


def _whole(text: str) -> re.Pattern[str]:
    """Match a text where it is no part of a longer word or option; phrases in any case."""
    marks = r"[\w-]" if text.startswith("-") else r"\w"
    before = rf"(?<!{marks})" if re.match(r"\w|-", text) else ""
    after = rf"(?!{marks})" if re.search(r"\w$", text) else ""
    return re.compile(before + re.escape(text) + after, re.IGNORECASE if " " in text else 0)


def forms_found(
    each: Literal, standing: Mapping[str, Sequence[SourceLine]], findings: Findings
) -> list[str]:
    """Choose the forms of a text to show: the whole, and a part if no source has the whole.

    A program fills values into its messages, while its tests have them whole.
    """

    def is_in_source(form: str) -> bool:
        return any(findings.snapshot.files[at.path].role == "source" for at in standing[form])

    there = [form for form in each.forms if standing.get(form)]
    if each.text not in there:
        return there[:1]
    parts = [] if is_in_source(each.text) else filter(is_in_source, there[1:])
    return [each.text, *islice(parts, 1)]
