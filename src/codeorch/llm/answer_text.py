"""What a model wrote -> its answer and its reasoning, wherever the reasoning comes in the text.

A tag counts where it can only be markup: at the edge of a line or of a sentence, and not in code,
quotes, or the line of a diff. An answer that merely mentions it stays whole. What is in doubt is
reasoning: an answer that is asked for again costs a call, a draft that lands is a wrong edit.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codeorch.llm.channels import split_channels
from codeorch.llm.text_layout import TextLine, lines_of

_NAMES = r"think|thinking|thoughts?|reasoning|reflection|scratchpad|ant_?thinking|\w{1,9}:think"
# How each family of models opens and closes it; the last one never closes without an opening.
_PAIRS = (
    (rf"<(?i:{_NAMES})(?: [\w-]+=\"[^\"<>\n]*\")*>",
     rf"</(?i:{_NAMES})>"),  # DeepSeek, Qwen, Seed and most others
    (r"\[(?:THINK|THINKING|REASONING)\]", r"\[/(?:THINK|THINKING|REASONING)\]"),  # Magistral
    ("◁think▷", "◁/think▷"),  # Kimi
    (r"<\|(?:begin_of_thought|START_THINKING|think)\|>",
     r"<\|(?:end_of_thought|END_THINKING|/think)\|>"),  # OpenThinker, Command
    (r"<\|channel>thought", r"<channel\|>"),  # Gemma
    (r"<unused94>(?:thought\b)?", "<unused95>"),
    (r'<details type="reasoning"[^>\n]*>', "</details>"),  # Open WebUI
)  # fmt: skip
_LONE = len(_PAIRS) - 1
_MOST_PARTS = 40  # of an answer; one with more goes round in circles
_MOST_OPENINGS = 8  # that nothing closes
_TAG = re.compile("|".join(f"(?P<o{n}>{o})|(?P<c{n}>{c})" for n, (o, c) in enumerate(_PAIRS)))
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_SENTENCE_ENDS = frozenset(".!?:;…)]`*_>")
_QUOTES_BEFORE = ('"', "'", "\u201c", "\u2018", "«", "(", "[")
_QUOTES_BEHIND = ('"', "'", "\u201d", "\u2019", "»", ")", "]", "\\")
_LEAD = re.compile(r" +(?:`{3,}|~{3,})")
_ANSWER = re.compile(r"\s*<(answer|response|final_answer)>(.*?)(?:</\1>\s*)?$", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerText:
    """An answer without its reasoning, and the reasoning; `is_cut` when the latter has no end."""

    text: str
    reasoning: str = ""
    is_cut: bool = False


def split_reasoning(text: str) -> AnswerText:
    r"""Part an answer from the reasoning in it; without any, the text stays as it is.

    >>> split_reasoning("<think>Perhaps so?</think>\n\nSo.")
    AnswerText(text='So.', reasoning='Perhaps so?', is_cut=False)
    """
    if parts := split_channels(text):
        return AnswerText(text=parts.answer, reasoning=parts.reasoning, is_cut=not parts.answer)
    if not _TAG.search(text):
        return AnswerText(text=text)
    answer: list[str] = []
    reasoning: list[str] = []
    rest, is_cut = text, False
    for _ in range(_MOST_PARTS):
        found = _first(rest, is_start=not "".join(answer).strip())
        if found is None:
            break
        if found.opening is None:
            reasoning += [*answer, rest[: found.start]]
            answer = []
        else:
            answer.append(rest[: found.opening[0]])
            reasoning.append(rest[found.opening[1] : found.start])
        is_cut = found.is_cut
        rest = rest[found.end :]
    else:  # it goes round in circles: there is no answer in it
        return AnswerText(text="", reasoning=text, is_cut=True)
    if not reasoning:
        return AnswerText(text=text)
    whole = "".join([*answer, rest]).strip("\r\n")
    wrapped = _ANSWER.match(whole)
    return AnswerText(
        text=wrapped[2].strip("\r\n") if wrapped else whole,
        reasoning="\n\n".join(filter(None, (part.strip() for part in reasoning))),
        is_cut=is_cut,
    )


def text_of(content: object) -> AnswerText:
    """Read the content of a message: a text, a list of parts, a part, or nothing.

    Parts that are no text, e.g. pictures, are left out; parts of reasoning are told by their type.
    """
    texts: list[str] = []
    reasoning: list[str] = []
    for is_reasoning, text in _parts(content):
        (reasoning if is_reasoning else texts).append(text)
    split = split_reasoning(well_formed("".join(texts)))
    thoughts = [*map(well_formed, reasoning), *filter(None, [split.reasoning])]
    text = _without_lead(split.text)
    return AnswerText(text=text, reasoning="\n\n".join(thoughts), is_cut=split.is_cut)


def _without_lead(text: str) -> str:
    """Leave out blanks that some models begin with, where they would stand before a fence alone."""
    found = _LEAD.match(text)
    if found is None or any(line.rstrip() == found[0] for line in text.split("\n")[1:]):
        return text
    return text.lstrip(" ")


def well_formed(text: str) -> str:
    """Join the halves of characters that came as two; a half on its own becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _parts(content: object) -> Iterator[tuple[bool, str]]:
    """Yield whether a part is reasoning, and its text."""
    if isinstance(content, str):
        yield False, content
    elif isinstance(content, Sequence):
        for part in content:
            yield from _parts(part)
    elif isinstance(content, Mapping):
        kind = str(content.get("type") or "text")
        if "think" in kind or "reason" in kind:
            inner = next((content[key] for key in _THOUGHTS if content.get(key)), "")
            yield True, "".join(text for _, text in _parts(inner))
        elif "text" in kind or kind == "refusal":
            yield from _parts(content.get("text") or content.get("value") or content.get(kind))


_THOUGHTS = ("thinking", "reasoning", "summary", "content", "text")


# ------------------------------------------------------------------------------- tags


@dataclass(frozen=True, slots=True)
class _Reasoning:
    """Where reasoning ends: `start` and `end` of what closes it; its opening, if it has one."""

    start: int
    end: int
    opening: tuple[int, int] | None = None
    is_cut: bool = False


def _first(text: str, *, is_start: bool) -> _Reasoning | None:
    """Find the first reasoning of a text; `is_start` when no answer stands before the text."""
    page = _Page(text)
    unclosed = 0
    for tag in _TAG.finditer(text):
        kind = str(tag.lastgroup)
        if kind[0] == "c":
            if kind != f"c{_LONE}" and page.closes(tag):
                return _Reasoning(*tag.span())
            continue
        at_start = is_start and not text[: tag.start()].strip()
        if unclosed > _MOST_OPENINGS or not (at_start or page.opens(tag)):
            continue
        if closing := _closing(text, tag):
            return _Reasoning(closing[0], closing[1], tag.span())
        if at_start or page.stands_alone(tag):
            return _Reasoning(len(text), len(text), tag.span(), is_cut=True)
        unclosed += 1
    return None


def _closing(text: str, opening: re.Match[str]) -> tuple[int, int] | None:
    """Find what closes reasoning: markup if there is any, with the opening's own name if so."""
    behind = opening.end()
    kind = f"c{str(opening.lastgroup)[1:]}"
    own = opening[0].partition(" ")[0].rstrip(">").replace("<", "</").replace("[", "[/")
    tags = [tag for tag in _TAG.finditer(text[behind:]) if tag.lastgroup == kind]
    if not tags:
        return None
    page = _Page(text[behind:])
    named = [tag for tag in tags if tag[0].casefold() == own.casefold()] or tags
    for fits in (page.closes, page.stands_alone, page.is_prose):
        for tag in named:
            if fits(tag):
                return behind + tag.start(), behind + tag.end()
    return None


class _Page:
    """A text with its lines, to tell markup from what merely mentions it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = lines_of(text)
        self._starts = [line.start for line in self._lines]
        self._code: dict[int, list[tuple[int, int]]] = {}  # spans of code, by the line's start
        self._first_ends: dict[int, int] = {}  # where the first tag of a line ends

    def opens(self, tag: re.Match[str]) -> bool:
        """Whether a tag can open reasoning where it stands."""
        before = self._before(tag)
        return self.is_prose(tag) and (not before.strip() or before.rstrip()[-1:] in _SENTENCE_ENDS)

    def closes(self, tag: re.Match[str]) -> bool:
        """Whether a tag can close reasoning that began before this text."""
        before, after = self._before(tag), self._after(tag)
        if not self.is_prose(tag) or self._has_tag_before(tag):
            return False
        if not before.strip() or not after.strip():
            return True
        return not before[-1:].isspace() or before.rstrip()[-1:] in _SENTENCE_ENDS

    def stands_alone(self, tag: re.Match[str]) -> bool:
        """Whether nothing else stands on its line."""
        return not self._before(tag).strip() and not self._after(tag).strip()

    def is_prose(self, tag: re.Match[str]) -> bool:
        """Whether a tag stands neither in code, nor in a diff, nor in quotes."""
        line = self._line(tag)
        if line.is_quoted:
            return False
        at = tag.start() - line.start
        if self._is_code(line, at):
            return False
        before, after = self._before(tag)[-1:], self._after(tag)[:1]
        is_enclosed = before in _QUOTES_BEFORE and after in _QUOTES_BEHIND
        return not is_enclosed

    def _is_code(self, line: TextLine, at: int) -> bool:
        if line.start not in self._code:
            self._code[line.start] = [span.span() for span in _SPAN.finditer(line.text)]
        spans = self._code[line.start]
        number = bisect_left(spans, (at,)) - 1  # the last that begins before
        return number >= 0 and at < spans[number][1]

    def _has_tag_before(self, tag: re.Match[str]) -> bool:
        line = self._line(tag)
        if line.start not in self._first_ends:
            first = _TAG.search(line.text)
            self._first_ends[line.start] = line.start + (first.end() if first else len(line.text))
        return self._first_ends[line.start] <= tag.start()

    def _line(self, tag: re.Match[str]) -> TextLine:
        return self._lines[bisect_right(self._starts, tag.start()) - 1]

    def _before(self, tag: re.Match[str]) -> str:
        return self.text[self._line(tag).start : tag.start()]

    def _after(self, tag: re.Match[str]) -> str:
        return self.text[tag.end() : self._line(tag).end]
