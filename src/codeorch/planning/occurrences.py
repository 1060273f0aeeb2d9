"""Request + findings -> where the texts that it quotes and the names that it says stand."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from codeorch.domain import FileRole, SourceLine
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


# Lines of a text that are shown, by the kind of their files; definitions come first of all.
_MOST: Mapping[FileRole, int] = {"source": 6, "test": 4, "config": 3, "docs": 3, "data": 1}
_ORDER = tuple(_MOST)
_IN_FILE = 3  # of these lines, in one file
_WIDTH, _BEFORE = 160, 40  # characters of a line, and those before the text in a long one
_FILES = 5  # that are named where lines are left out
_ROOM = 9_000  # characters of all
_NAME = re.compile(r"[A-Za-z_]\w*")


def places(request: str, findings: Findings) -> str:
    """List the lines where a request's texts and names stand, and say what is left out."""
    said = {each.text: each for each in literals(request)}
    for name in findings.said_in(request):
        said.setdefault(name, Literal(text=name, certain=False))
    names = filter(_NAME.fullmatch, said)
    common = {name: held for name in names if (held := findings.common(name))}
    asked = [each for text, each in said.items() if text not in common]
    standing = lines_with(asked, findings)
    return "\n".join(_told(asked, standing, common, findings))


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


def _told(
    asked: Iterable[Literal],
    standing: Mapping[str, Sequence[SourceLine]],
    common: Mapping[str, int],
    findings: Findings,
) -> Iterator[str]:
    room = _ROOM
    nowhere, omitted = [], []
    for each in asked:
        forms = forms_found(each, standing, findings)
        if not forms:
            nowhere += [each.text] if each.certain else []
            continue
        block = "\n".join(
            line
            for form in forms
            for line in (f"`{form}`{_of(each, form)}:", *_listed(form, standing[form], findings))
        )
        if len(block) > room:
            omitted.append(each.text)
            continue
        room -= len(block)
        yield block
    if common:
        yield "Too common to list: " + ", ".join(f"`{n}` (in {c} files)" for n, c in common.items())
    if omitted:
        yield "Left out for lack of room: " + ", ".join(f"`{text}`" for text in omitted)
    if nowhere:
        yield "Nowhere in the repository: " + ", ".join(f"`{text}`" for text in nowhere)


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


def _of(each: Literal, form: str) -> str:
    return "" if form == each.text else f", a part of `{each.text}`"


def _listed(text: str, lines: Sequence[SourceLine], findings: Findings) -> Iterator[str]:
    """List the lines of one text: definitions, sources, tests, settings, docs."""
    shown = list(_chosen(text, lines, findings))
    yield from (f"- {one.path}:{one.number}: {_cut(one.text, text)}" for one in shown)
    left = Counter(one.path for one in lines) - Counter(one.path for one in shown)
    if left:
        named = [f"{path} ({count})" for path, count in islice(left.items(), _FILES)]
        more = f" and {len(left) - _FILES} more files" if len(left) > _FILES else ""
        noun = "line" if left.total() == 1 else "lines"
        yield f"- and {left.total()} more {noun}, in {', '.join(named)}{more}"


def _chosen(text: str, lines: Sequence[SourceLine], findings: Findings) -> Iterator[SourceLine]:
    rank = {entry.path: place for place, entry in enumerate(findings.ranked)}
    files = findings.snapshot.files
    defining = set(_definitions(text, findings))

    def order(line: SourceLine) -> tuple[object, ...]:
        near = rank.get(line.path, len(rank))
        return (line.path, line.number) not in defining, near, line.path, line.number

    for role in _ORDER:
        ours = sorted((one for one in lines if files[one.path].role == role), key=order)
        in_file: Counter[str] = Counter()
        kept = []
        for one in ours:
            in_file[one.path] += 1
            kept += [one] if in_file[one.path] <= _IN_FILE else []
        yield from kept[: _MOST[role]]


def _definitions(name: str, findings: Findings) -> Iterator[tuple[str, int]]:
    """Give the places that define a name."""
    files = findings.snapshot.files
    for path in findings.names.definers(name, tests=False) if _NAME.fullmatch(name) else ():
        if path in files:
            data = files[path].text.encode("utf-8", "surrogatepass")
            at = (one.name_start for one in files[path].symbols if one.name == name)
            yield from ((path, data.count(b"\n", 0, start) + 1) for start in at)


def _cut(line: str, text: str) -> str:
    """Show a line as far as there is room, the text in sight."""
    line = line.strip()
    at = line.casefold().find(text.casefold())
    if len(line) <= _WIDTH or at + len(text) <= _WIDTH:
        return line[:_WIDTH]
    return "…" + line[max(0, at - _BEFORE) :][:_WIDTH]
