"""Replace rule + Snapshot -> the proven edits, and what is left, each place with why."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import basename, dirname
from typing import Final

from codeorch.analysis.ast_grep import NAMES, of_kinds, parse
from codeorch.analysis.language import Language
from codeorch.analysis.renaming import matches, place_list
from codeorch.analysis.syntax_tree import SyntaxNode, syntax_tree
from codeorch.analysis.text_edits import TextEdit, apply_edits
from codeorch.domain import Snapshot, SourceFile, UnprovenUse
from codeorch.errors import UserError
from codeorch.languages import facts_of
from codeorch.refactoring.pattern.look_alikes import LookAlikes, literal_search
from codeorch.refactoring.pattern.new_names import new_names, unknown_names, unused_imports
from codeorch.refactoring.pattern.replace_file import FileReplacer, Left, find_matches
from codeorch.refactoring.pattern.template import Template, TemplateReader, variables
from codeorch.refactoring.rules import Replace
from codeorch.refactoring.unread import COMPANION, companion_paths

_HINT: Final = "a pattern is code with $NAME for one piece and $$$NAME for any number of them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A replacement worked out."""

    edits: Mapping[str, tuple[TextEdit, ...]]  # by path
    left: tuple[UnprovenUse, ...] = ()  # due, and not made; lines are those of the result
    notes: tuple[str, ...] = ()  # what looks like the pattern, and is not


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """The rule as one language reads it."""

    language: Language
    patterns: Sequence[Template]
    rewrites: Sequence[Template]


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What has come out so far."""

    edits: dict[str, tuple[TextEdit, ...]] = field(default_factory=dict)
    left: list[UnprovenUse] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)  # what to say -> places


def find_replacements(rule: Replace, snapshot: Snapshot) -> Replacement:
    """Work out a replace rule.

    Raises:
        UserError: the pattern or the rewrite is no code, the rewrite uses what the pattern does
            not bind, or nothing matches.
    """
    unbound = variables(rule.rewrite).keys() - variables(rule.pattern).keys()
    if unbound:
        raise UserError(
            f"the rewrite uses {', '.join(sorted(unbound))}, unknown to the pattern", _HINT
        )
    files = [
        snapshot.bare(path)
        for path in sorted(snapshot.files)
        if facts_of(snapshot.bare(path).language).ast_grep and matches(path, rule.within)
    ]
    readings = _readings(rule, sorted({file.language for file in files}))
    tally = _Tally()
    for file in files:
        if file.language in readings:
            reading = readings[file.language]
            search = _Search(rule=rule, file=file, paths=snapshot.files.keys(), reading=reading)
            try:
                search.add_to(tally)
            except RecursionError:
                tally.edits.pop(file.path, None)
                tally.left.append(search.unread())
    tally.left += _in_companions(rule, snapshot, readings)
    if not tally.edits:
        raise _nothing(rule, tally)
    notes = tuple(f"{text}: {place_list(places)}" for text, places in tally.notes.items())
    return Replacement(edits=tally.edits, left=tuple(tally.left), notes=notes)


def _in_companions(
    rule: Replace, snapshot: Snapshot, readings: Mapping[str, _Reading]
) -> Iterator[UnprovenUse]:
    """Name the places with the pattern's words in files that hold code among other things."""
    templates = [each for reading in readings.values() for each in reading.patterns]
    for path in companion_paths(snapshot, [each.language.family for each in readings.values()]):
        text = snapshot.bare(path).text if matches(path, rule.within) else ""
        searches = {
            literal_search(each) for each in templates if all(word in text for word in each.words)
        }
        starts = (f.start() for each in searches - {""} for f in re.finditer(each, text))
        for number in sorted({text.count("\n", 0, start) + 1 for start in starts}):
            yield UnprovenUse(
                symbol=rule.pattern,
                path=path,
                line=number,
                text=text.split("\n")[number - 1].strip()[:200],
                why=f"the pattern's words are here, and {COMPANION}",
            )


def _readings(rule: Replace, languages: Sequence[str]) -> Mapping[str, _Reading]:
    """Read the rule in each language; only those that can read all of it are tried."""
    found: dict[str, _Reading] = {}
    faults: list[str] = []
    for name in languages:
        reader = TemplateReader(facts_of(name))
        patterns, rewrites = reader.read(rule.pattern), reader.read(rule.rewrite)
        if fault := _fault(rule, patterns, rewrites):
            faults.append(fault)
            continue
        whole = [each for each in patterns if len(each.roots) == 1]
        shape = _shape(rewrites[0])
        alike = [each for each in rewrites if _shape(each) == shape]
        found[name] = _Reading(language=facts_of(name), patterns=whole, rewrites=alike)
    if languages and not found:
        last = max(faults, key=len)
        raise UserError(last, _HINT)
    return found


def _shape(template: Template) -> tuple[int, list[str]]:
    return len(template.roots), [atom.key for atom in template.atoms]


def _fault(rule: Replace, patterns: Sequence[Template], rewrites: Sequence[Template]) -> str:
    if not patterns:
        return f"`{rule.pattern}` is no code in any language of these files"
    if not rewrites:
        return f"the rewrite `{rule.rewrite}` is no code in any language where the pattern is"
    if all(len(each.roots) != 1 for each in patterns):
        return f"`{rule.pattern}` is more than one piece of code"
    if all(each.roots[0].capture for each in patterns if len(each.roots) == 1):
        return f"`{rule.pattern}` is every piece of code"
    if all(len(each.atoms) == 1 and each.roots[0].kind in NAMES for each in patterns):
        return f"`{rule.pattern}` is a mere name, and no piece of code"
    return ""


def _nothing(rule: Replace, tally: _Tally) -> UserError:
    where = f" in {', '.join(rule.within)}" if rule.within else ""
    if tally.left:
        due = place_list(f"{each.path}:{each.line}" for each in tally.left)
        return UserError(
            f"no match of `{rule.pattern}`{where} can be replaced, {tally.left[0].why}: {due}",
            _HINT,
        )
    message = f"nothing{where} matches `{rule.pattern}`"
    for text, places in tally.notes.items():
        return UserError(f"{message}; {text}: {place_list(places)}", _HINT)
    return UserError(message, _HINT)


@dataclass(kw_only=True)
class _Search:
    """The rule in one file."""

    rule: Replace
    file: SourceFile
    paths: Collection[str]  # of all files
    reading: _Reading

    @cached_property
    def _root(self) -> SyntaxNode:
        return syntax_tree(self.file.text, self.reading.language.ast_grep)

    def add_to(self, tally: _Tally) -> None:
        """Add what is found to what was found elsewhere."""
        templates = [each for each in self.reading.patterns if self._may_hold(each)]
        if not templates:
            return
        found = {}
        if self._has_kind(templates):
            found = {
                match.root.key: match
                for match in find_matches(self._root, templates, self.reading.language)
            }
        replacer = FileReplacer(
            text=self.file.text,
            root=self._root,
            language=self.reading.language,
            rewrites=self.reading.rewrites,
            matches=dict(found),
        )
        result = replacer.replace()
        if result.edits:
            tally.edits[self.file.path] = result.edits
        self._add_unknown(tally, templates[0], result.edits)
        alike = LookAlikes(root=self._root, templates=templates, language=self.reading.language)
        places = [*result.left, *alike.due(found.keys())]
        tally.left += self._unproven(places, result.edits)
        for note, start in alike.others(found.keys()):
            place = f"{self.file.path}:{self._line(start, result.edits)}"
            tally.notes.setdefault(note, []).append(place)

    def unread(self) -> UnprovenUse:
        """Return the place to look at in a file that is nested too deeply to be read."""
        names = next((each.words for each in self.reading.patterns if each.words), None)
        at = self.file.text.find(min(names)) if names else 0
        number = self.file.text.count("\n", 0, max(at, 0)) + 1
        return UnprovenUse(
            symbol=self.rule.pattern,
            path=self.file.path,
            line=number,
            text=self.file.text.split("\n")[number - 1].strip()[:200],
            why="the code is nested too deeply to be compared: nothing was changed in this file",
        )

    def _add_unknown(self, tally: _Tally, pattern: Template, edits: Sequence[TextEdit]) -> None:
        """Name what the file has to import from now on."""
        if not edits:
            return
        names = new_names(pattern, self.reading.rewrites[0], self.reading.language)
        folder = dirname(self.file.path)
        stems = (basename(p).partition(".")[0] for p in self.paths if dirname(p) == folder)
        for name in unknown_names(names, self.file.text, stems):
            place = Left(start=edits[0].start, why=f"`{name}` is not known here: import it")
            tally.left += self._unproven([place], edits, "")
        if self.reading.language.syntax.refuses_unused_imports:
            after = apply_edits(self.file.text, edits)
            for name, start in unused_imports(pattern, self.file.text, after):
                line = after.count("\n", 0, start) + 1
                tally.left.append(
                    UnprovenUse(
                        symbol=self.rule.pattern,
                        path=self.file.path,
                        line=line,
                        text=after.split("\n")[line - 1].strip(),
                        why=f"`{name}` is not used here any more: its import has to go",
                    )
                )

    def _may_hold(self, template: Template) -> bool:
        return all(each in self.file.text for each in template.words)

    def _has_kind(self, templates: Sequence[Template]) -> bool:
        grammar = self.reading.language.ast_grep
        kinds = {each.roots[0].kind for each in templates}
        return bool(of_kinds(parse(self.file.text, grammar), kinds, grammar))

    def _unproven(
        self,
        places: Sequence[Left],
        edits: Sequence[TextEdit],
        head: str = "this is as the pattern says, and was left: ",
    ) -> Iterator[UnprovenUse]:
        lines = apply_edits(self.file.text, edits).split("\n") if places else []
        for each in sorted(places, key=lambda place: place.start):
            number = self._line(each.start, edits)
            yield UnprovenUse(
                symbol=self.rule.pattern,
                path=self.file.path,
                line=number,
                text=lines[number - 1].strip(),
                why=f"{head}{each.why}",
            )

    def _line(self, start: int, edits: Sequence[TextEdit]) -> int:
        """Return the line that a character is on after the edits, from 1."""
        text = self.file.text
        moved = sum(
            edit.text.count("\n") - text.count("\n", edit.start, edit.end)
            for edit in edits
            if edit.end <= start
        )
        return text.count("\n", 0, start) + 1 + moved
