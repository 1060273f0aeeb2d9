"""Request + findings + facts -> what a planner is shown first: enough to know where to look."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from codeorch.analysis.outline import tree
from codeorch.domain import Request, SourceLine
from codeorch.llm.prompts import fence
from codeorch.planning.findings import Findings
from codeorch.planning.fitting_definitions import FittingDefinitions, enclosing
from codeorch.planning.named_things import NamedThing, named_files, named_things
from codeorch.planning.occurrences import Literal, forms_found, lines_with, literals
from codeorch.planning.project_facts import ProjectFacts
from codeorch.retrieval import tests_of
from codeorch.retrieval.look_ups import (
    Codebase,
    Defined,
    fold_counts,
    numbers,
    plural,
    short_line,
    signature_of,
)

TOKENS: Final = 4_000
_CHARACTERS: Final = 3.6  # of a token, about
_LEAST: Final = 8_000  # of them for all but the request, however long that is
_LONGEST: Final = 40_000  # characters of a request; what is longer is a log
_DEFINITIONS: Final = (8, 8, 6, 5, 5, *[4] * 5, *[3] * 20)  # of each of the best files
_OF: Final = 5  # files whose tests are named
_PLAIN: Final = 10  # ranked files without a fitting definition that are named
_CLOSE: Final = 3  # files in which words alone make a definition fit
_FEW_USES, _TESTS, _WIDTH = 14, 8, 150
_PLACES, _IN_FILE, _NUMBERS = 6, 3, 300  # of a text: lines, of a file, characters of the others
_ARGUMENT: Final = re.compile(r"\w+ ?= ?[\w.]+")  # what a call is given, or a default
# A text whose absence tells something: an option, or a message of several words.
_MESSAGE: Final = re.compile(r"^--[a-z]|^[^=\[\]{}<>]*[a-z]{3}[^=\[\]{}<>]* [a-z]{2}[^=\[\]{}<>]*$")
_SHOWN: Final = 3  # definitions of one name
_ROLES: Final = ("source", "test", "config", "docs", "data")
# Each section's share of the room; the ranked files get what is left.
_SHARES: Final = {"names": 0.24, "facts": 0.24, "texts": 0.18, "tests": 0.08, "tree": 0.18}
_WORDS_ALONE: Final = 0.4  # of the best score, that a definition needs in a file further down


def first_screen(
    request: Request,
    findings: Findings,
    facts: ProjectFacts,
    codebase: Codebase | None = None,
    tokens: int = TOKENS,
) -> str:
    """Return a planner's first message: at most so many tokens for a repository of any size.

    A request of more than 6,000 characters is shown whole all the same, and the screen grows with
    it. `codebase` is what the look-ups read, so that what is analysed here serves them as well.
    """
    screen = _Screen(
        request=request,
        findings=findings,
        facts=facts,
        room=int(tokens * _CHARACTERS),
        codebase=codebase
        or Codebase(
            snapshot=findings.snapshot,
            names=findings.names,
            ranked=[entry.path for entry in findings.ranked],
        ),
    )
    return screen.text()


@dataclass(frozen=True, kw_only=True)
class _Screen:
    """The sections of a screen, each given its room."""

    request: Request
    findings: Findings
    facts: ProjectFacts
    room: int  # characters of all
    codebase: Codebase

    def text(self) -> str:
        """Put the sections together, in the order of reading."""
        head = self._request()
        sections: dict[str, Callable[[int], str]] = {
            "names": self._names, "facts": self._facts, "texts": self._texts,
            "tests": self._tests, "tree": self._tree, "ranked": self._ranked,
        }  # fmt: skip
        left = whole = max(self.room - len(head), min(_LEAST, self.room // 2))
        found: dict[str, str] = {}
        for name, write in sections.items():
            room = int(whole * _SHARES[name]) if name in _SHARES else left
            found[name] = write(room - 2)
            left -= len(found[name]) + 2
        order = ("facts", "tree", "names", "texts", "ranked", "tests")
        return "\n\n".join([head, *(found[name] for name in order if found[name])])

    # --------------------------------------------------------------------------- what there is

    @cached_property
    def _things(self) -> tuple[NamedThing, ...]:
        return named_things(self.request.text, self.codebase)

    @cached_property
    def _named_files(self) -> tuple[str, ...]:
        return named_files(self.request.text, self.codebase)

    @cached_property
    def _literals(self) -> Mapping[str, tuple[Literal, Mapping[str, Sequence[SourceLine]]]]:
        """The texts that are quoted and are no names, each with the lines that hold it."""
        known = {part for thing in self._things for part in (thing.written, thing.name)}
        asked = [
            each
            for each in literals(self.request.text)
            if each.text not in known and not _ARGUMENT.fullmatch(each.text)
        ]
        asked = [each for each in asked if each.text not in self._named_files]
        found = lines_with(asked, self.findings)
        return {each.text: (each, found) for each in asked}

    @cached_property
    def _text_places(self) -> Mapping[str, Collection[int]]:
        """By path: the lines where quoted texts stand, if they are few."""
        lines: dict[str, set[int]] = defaultdict(set)
        for literal, found in self._literals.values():
            for form in literal.forms:
                for line in found.get(form, ())[:_FEW_USES]:
                    lines[line.path].add(line.number)
        return lines

    @cached_property
    def _use_places(self) -> Mapping[str, Collection[int]]:
        """By path: the lines where what is named is used, if they are few."""
        lines: dict[str, set[int]] = defaultdict(set)
        for thing in self._things:
            for use in thing.uses if len(thing.uses) <= _FEW_USES else ():
                lines[use.path].add(use.line)
        return lines

    @cached_property
    def _best(self) -> tuple[str, ...]:
        """The files that matter most: those that are named, then the ranked ones."""
        ranked = (entry.path for entry in self.findings.ranked)
        there = [
            path for path in (*self._named_files, *ranked) if path in self.codebase.snapshot.files
        ]
        return tuple(dict.fromkeys(there))[: len(_DEFINITIONS)]

    # --------------------------------------------------------------------------- the sections

    def _request(self) -> str:
        text = self.request.text
        if len(text) > _LONGEST:
            cut = len(text) - _LONGEST
            half = _LONGEST // 2
            text = f"{text[:half]}\n[... {cut} characters are left out ...]\n{text[-half:]}"
        limits = ", ".join(self.request.paths)
        more = f"\nOnly these paths may change: {limits}" if limits else ""
        return f"# Change request\n{fence(text)}{more}"

    def _facts(self, room: int) -> str:
        return _section("# The project", self.facts.text(room - 20).split("\n"), room)

    def _tree(self, room: int) -> str:
        title = "# All files, folded"
        room -= len(title) + 30
        return (
            f"{title}\n{fence(tree(self.codebase.snapshot.files, room, self._best))}"
            if room > 200
            else ""
        )

    def _names(self, room: int) -> str:
        lines = [
            line for thing in self._things if thing.definitions for line in _describe_thing(thing)
        ]
        new = [_new(thing) for thing in self._things if not thing.definitions]
        lines += [f"nothing is called so yet: {', '.join(new)}"] if new else []
        return _section("# What the request names", lines, room)

    def _texts(self, room: int) -> str:
        title = "# Where texts of the request stand"
        return _section(title, self._text_lines(), room)

    def _text_lines(self) -> Iterator[str]:
        nowhere: list[str] = []
        shown: set[str] = set()
        for literal, found in self._literals.values():
            forms = forms_found(literal, found, self.findings)
            for form in forms:
                if form not in shown:
                    shown.add(form)
                    yield "\n".join([f"`{form}`:", *self._places(form, found[form])])
            if not forms and literal.certain and _MESSAGE.search(literal.text):
                nowhere.append(f"`{short_line(literal.text, width=60)}`")
        if nowhere:
            yield "Nowhere: " + ", ".join(nowhere)

    def _places(self, form: str, lines: Sequence[SourceLine]) -> Iterator[str]:
        """Yield the best lines that hold a text, each with the definition around it."""
        files = self.codebase.snapshot.files
        rank = self.codebase.rank

        def order(line: SourceLine) -> tuple[int, int, str, int]:
            role = _ROLES.index(role) if (role := files[line.path].role) in _ROLES else len(_ROLES)
            return role, rank.get(line.path, len(rank)), line.path, line.number

        shown: list[SourceLine] = []
        more: dict[str, list[int]] = defaultdict(list)
        for line in sorted(lines, key=order):
            same = sum(one.path == line.path for one in shown)
            if len(shown) < _PLACES and same < _IN_FILE:
                shown.append(line)
            else:
                more[line.path].append(line.number)
        for line in shown:
            around = enclosing(files[line.path], line.number)
            inside = f" [{around.qualified}]" if around else ""
            yield f"  {line.path}:{line.number}{inside}: {short_line(line.text, form, _WIDTH)}"
        if more:
            told = "; ".join(f"{path} {numbers(some, 6)}" for path, some in more.items())
            counts = {path: len(some) for path, some in more.items()}
            yield "  and " + (
                told if len(told) <= _NUMBERS else fold_counts(counts, "line", _NUMBERS)
            )

    def _ranked(self, room: int) -> str:
        title = "# Files that probably matter most, best first, with the definitions that fit"
        files = [self.codebase.snapshot.files[path] for path in self._best]
        named = [one for thing in self._things for one in thing.definitions]
        lines = self._text_places, self._use_places
        fitting = FittingDefinitions.of(self.request.text, files, named, lines)
        best = fitting.best_by_words(files)
        entries, rest = list[str](), list[str]()
        for place, (file, most) in enumerate(zip(files, _DEFINITIONS, strict=False)):
            share = _WORDS_ALONE if place >= _CLOSE else _WORDS_ALONE / 2
            if fitting.of_file(file, most, best * share):
                entries.append(fitting.text(file, most, best * share))
            elif file.path not in self._text_places:
                rest.append(file.path)
        if rest:
            more = f" and {len(rest) - _PLAIN} more" if rest[_PLAIN:] else ""
            listed = ", ".join(rest[:_PLAIN])
            entries.append(f"and, with nothing that stands out: {listed}{more}")
        return _section(title, entries, room)

    def _tests(self, room: int) -> str:
        title = "# Tests"
        return _section(title, self._test_lines(), room)

    def _test_lines(self) -> Iterator[str]:
        files = self.codebase.snapshot.files
        using = self._tests_using()
        order = sorted(using, key=lambda path: (-len(using[path]), path))
        for path in order[:_TESTS]:
            told = (f"{name} {numbers(sorted(some), 6)}" for name, some in using[path].items())
            yield f"{path}: {'; '.join(told)}"
        if len(order) > _TESTS:
            yield f"and {len(order) - _TESTS} more tests with what is named"
        own = [path for path in tests_of(self._best[:_OF], files) if path not in order]
        if own:
            yield f"by their names, of the files above: {', '.join(own[:_TESTS])}"

    def _tests_using(self) -> Mapping[str, Mapping[str, set[int]]]:
        """By test: what is named and used there, and what is quoted and stands there, by line."""
        files = self.codebase.snapshot.files
        using: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for thing in self._things:
            for use in thing.uses:
                if files[use.path].role == "test" and use.kind != "import":
                    using[use.path][thing.name].add(use.line)
        for literal, found in self._literals.values():
            for form in forms_found(literal, found, self.findings):
                for line in found[form] if len(found[form]) <= _FEW_USES else ():
                    if files[line.path].role == "test":
                        using[line.path][f"`{short_line(form, width=40)}`"].add(line.number)
        return using


def _section(title: str, entries: Iterator[str] | Sequence[str], room: int) -> str:
    """Return a title and the entries that there is room for; the number of the others is said."""
    room -= len(title) + 1
    shown: list[str] = []
    left = 0
    for entry in entries:
        if not entry:
            continue
        if left or len(entry) + 1 > room - 40:
            left += 1
            continue
        room -= len(entry) + 1
        shown.append(entry)
    more = [f"[{left} more left out for lack of room]"] if left else []
    return "\n".join([title, *shown, *more]) if shown else ""


def _describe_thing(thing: NamedThing) -> Iterator[str]:
    """Say of a named thing where it is defined and how often it is used where."""
    groups: dict[tuple[str, str], list[Defined]] = defaultdict(list)  # overloads are one
    for one in thing.definitions:
        groups[one.file.path, one.symbol.qualified].append(one)
    for same in list(groups.values())[:_SHOWN]:
        yield f"`{thing.written}`: {_place(same[-1])}"
    if len(groups) > _SHOWN:
        more = plural(len(groups) - _SHOWN, "more definition")
        yield f"  and {more} of this name: `references` parts them"
    if thing.uses:
        yield f"  {_uses(thing)}"
    elif len(thing.holders) > 1:
        held = ", ".join(thing.holders)
        if len(held) > _NUMBERS:
            held = fold_counts(dict.fromkeys(thing.holders, 1), "file", _NUMBERS)
        yield f"  the name stands in {plural(len(thing.holders), 'file')} of code: {held}"


def _uses(thing: NamedThing) -> str:
    """Count the uses of a named thing, with their lines if there is room."""
    by_path: dict[str, list[int]] = defaultdict(list)
    for use in thing.uses:
        by_path[use.path].append(use.line)
    told = "; ".join(f"{path} {numbers(some, 8)}" for path, some in by_path.items())
    if len(told) > _NUMBERS:
        told = fold_counts({path: len(some) for path, some in by_path.items()}, "use", _NUMBERS)
    perhaps = "perhaps " if thing.uses[0].sureness == "doubtful" else ""
    times, files = plural(len(thing.uses), "time"), plural(len(by_path), "file")
    return f"{perhaps}used {times} in {files}: {told}"


def _new(thing: NamedThing) -> str:
    alike = ", ".join(f"{one.symbol.qualified}, {one.place}" for one in thing.alike)
    return f"`{thing.written}`" + (f" (almost so: {alike})" if alike else "")


def _place(one: Defined) -> str:
    span = f"{one.symbol.line}-{one.symbol.end_line}"
    owner = f" [{one.symbol.parent}]" if one.symbol.parent else ""
    return f"{one.file.path}:{span} {short_line(signature_of(one), width=_WIDTH)}{owner}"
