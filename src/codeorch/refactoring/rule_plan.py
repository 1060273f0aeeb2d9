"""Rule + Snapshot -> Plan: one task with a ready diff for each file."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from codeorch.analysis.parse_cache import ParseCache
from codeorch.analysis.proposals import Evidence, RenameResult
from codeorch.analysis.renaming import Rename, Renamer, ambiguous, choose, place_list
from codeorch.analysis.scopes import Definer
from codeorch.analysis.text_edits import TextEdit, unified_diff
from codeorch.domain import Mention, Plan, Snapshot, SourceFile, Task, UnprovenUse, WorkerSpec
from codeorch.engines import Engines
from codeorch.errors import UserError
from codeorch.languages import FAMILIES, facts_of, family_files, family_of
from codeorch.refactoring.doc_links import DocLinks
from codeorch.refactoring.pattern import find_replacements
from codeorch.refactoring.rules import Rule
from codeorch.refactoring.second_opinion import second_opinion
from codeorch.refactoring.unread import Unread

# Gives the byte ranges of strings and comments in a text of a language.
Masker = Callable[[str, str], tuple[tuple[int, int], ...]]

_EXCLUDED = "it is meant, but the file is excluded"
_INCLUDE = "leave the file in, without --exclude"


def plan_rule(
    rule: Rule,
    snapshot: Snapshot,
    mask: Masker,
    engines: Engines | None = None,
    excluded: frozenset[str] = frozenset(),
) -> Plan:
    """Plan a request that needs no model; engines judge what a rename would change.

    Files that are `excluded` stay as they are: what they use of a renamed name is told.

    Raises:
        UserError: nothing matches, the name is ambiguous, or the new name is taken.
    """
    if not isinstance(rule, Rename):
        snapshot = snapshot.with_files(dict.fromkeys(excluded)) if excluded else snapshot
        found = find_replacements(rule, snapshot)
        goal = f"replace `{rule.pattern}` with `{rule.rewrite}`"
        plan = _plan(goal, snapshot, found.edits, {})
        return replace(plan, unproven_uses=found.left, notes=found.notes)
    renamer, group = _definition(rule, snapshot, excluded)
    if not any(rule.kind and rule.fits(each.kind) for each in group):
        rule = replace(rule, kind=group[0].kind)
    renamed = renamer.rename(rule, group)
    renamed = second_opinion(renamed, rule, (renamer, group), snapshot, engines or Engines())
    links = DocLinks(rule=rule, snapshot=snapshot, renamer=renamer, group=group)
    renamed = links.follow(renamed)
    family = family_of(snapshot.bare(group[0].path).language)
    renamed = Unread(rule=rule, snapshot=snapshot, family=family).leave(renamed, group)
    renamed = _without_excluded(renamed, excluded)
    goal = f"rename {rule.kind} `{rule.old}` to `{rule.new}`"
    plan = _plan(goal, snapshot, renamed.edits, renamed.moves)
    return replace(
        plan,
        mentions=tuple(_mentions(rule, snapshot, renamed, mask)),
        unproven_uses=tuple(_unproven(rule, snapshot, renamed)),
        judged_names=(rule.name, rule.new),
        notes=(*renamed.notes, *_doubts_note(renamed)),
    )


def defines(rule: Rule, snapshot: Snapshot) -> bool:
    """Whether a rule can be one: a rename that names no kind needs a definition of its name."""
    if not isinstance(rule, Rename) or rule.kind:
        return True
    return any(renamer.definers(rule.name) for renamer in _renamers(snapshot))


def _without_excluded(renamed: RenameResult, excluded: frozenset[str]) -> RenameResult:
    """Leave the uses in excluded files to be looked at."""
    if moved := sorted(excluded & renamed.moves.keys()):
        raise UserError(f"{moved[0]} would get another path, and is excluded", _INCLUDE)
    proposals = tuple(
        replace(each, evidence=Evidence.UNKNOWN, why=_EXCLUDED)
        if each.place.path in excluded and each.evidence.is_proof else each
        for each in renamed.proposals
    )  # fmt: skip
    return replace(renamed, proposals=proposals)


def _definition(
    rule: Rename, snapshot: Snapshot, excluded: frozenset[str]
) -> tuple[Renamer, Sequence[Definer]]:
    renamers = list(_renamers(snapshot))
    every = [(renamer, each) for renamer in renamers for each in renamer.definers(rule.name)]
    found = [(renamer, each) for renamer, each in every if each.path not in excluded]
    if every and not found:
        raise UserError(
            f"`{rule.old}` is defined in {every[0][1].path}, which is excluded", _INCLUDE
        )
    chosen = choose(rule, [each for _, each in found])
    groups = [
        (renamer, group)
        for renamer in renamers
        for group in renamer.groups(
            [each for one, each in found if one is renamer and each in chosen]
        )
    ]
    if len(groups) > 1:
        raise ambiguous(rule, [group for _, group in groups])
    language = facts_of(snapshot.bare(groups[0][1][0].path).language)
    if rule.new in language.keywords:
        raise UserError(
            f"`{rule.new}` is a reserved word of {language.name}", "choose another name"
        )
    return groups[0]


def _renamers(snapshot: Snapshot) -> Iterator[Renamer]:
    for name, family in FAMILIES.items():
        files = family_files(snapshot, name, ParseCache())
        if files.texts:
            yield family.renamer(files)


def _plan(
    goal: str,
    snapshot: Snapshot,
    edits: Mapping[str, Sequence[TextEdit]],
    moves: Mapping[str, str],
) -> Plan:
    paths = sorted({*edits, *moves})
    tasks = tuple(
        _task(number, goal, snapshot.files[path], edits.get(path, ()), moves.get(path, ""))
        for number, path in enumerate(paths, start=1)
    )
    places = sum(map(len, edits.values()))
    return Plan(
        tasks=tasks,
        source="codemod",
        rationale=f"{goal}: {places} places in {len(tasks)} files, by rule, without a model",
    )


def _task(
    number: int, goal: str, file: SourceFile, edits: Sequence[TextEdit], new_path: str
) -> Task:
    return Task(
        id=f"codemod-{number}",
        path=new_path or file.path,
        old_path=file.path if new_path else "",
        action="rename" if new_path else "edit",
        goal=goal,
        worker=WorkerSpec(role="codemod"),
        answer=unified_diff(file.path, file.text, edits),
        moves_only=not edits,
    )


def _unproven(rule: Rename, snapshot: Snapshot, renamed: RenameResult) -> Iterator[UnprovenUse]:
    """Give the uses that may be meant and that nothing proves, and edits to be looked at."""
    plain = f"the code does not say whether this is the renamed `{rule.old}`"
    left = ((each.place, each.why or plain) for each in renamed.doubts)
    for place, why in (*left, *renamed.cautions):
        yield UnprovenUse(
            symbol=rule.old,
            path=renamed.moves.get(place.path, place.path),
            line=place.line,
            text=snapshot.files[place.path].text.split("\n")[place.line - 1].strip(),
            why=why,
        )


def _doubts_note(renamed: RenameResult) -> Iterator[str]:
    if doubts := [each.place for each in renamed.doubts if each.why != _EXCLUDED]:
        yield (
            f"{len(doubts)} uses may be meant, but the code does not say whose name it is; "
            f"they were left alone: {place_list(doubts)}"
        )


def _mentions(
    rule: Rename, snapshot: Snapshot, renamed: RenameResult, mask: Masker
) -> Iterator[Mention]:
    """Find the strings, comments and prose with the old name."""
    word = re.compile(rf"(?<!\w){re.escape(rule.name)}(?!\w)")
    known = {(each.place.path, each.edit.start) for each in renamed.proposals}
    for path in sorted(snapshot.files):
        file = snapshot.files[path]
        starts = [found.start() for found in word.finditer(file.text)]
        starts = [at for at in starts if (path, at) not in known]
        if starts:
            quoted = _quoted(file, mask)
            yield from _by_line(file, [at for at in starts if quoted(at)])


def _quoted(file: SourceFile, mask: Masker) -> Callable[[int], bool]:
    """Tell whether a character is in a string or comment; in prose, all of them are."""
    if file.language in _PROSE:
        return lambda _at: True
    ranges = sorted(mask(file.text, file.language))
    starts = [start for start, _ in ranges]
    offset = _byte_offsets(file.text)

    def inside(at: int) -> bool:
        place = offset(at)
        index = bisect_right(starts, place) - 1
        return index >= 0 and place < ranges[index][1]

    return inside


def _byte_offsets(text: str) -> Callable[[int], int]:
    if text.isascii():
        return lambda at: at
    return lambda at: len(text[:at].encode("utf-8", "surrogatepass"))


def _by_line(file: SourceFile, starts: Sequence[int]) -> Iterator[Mention]:
    lines = dict.fromkeys(file.text.count("\n", 0, at) + 1 for at in starts)
    texts = file.text.split("\n")
    for number in lines:
        yield Mention(path=file.path, line=number, text=texts[number - 1].strip())


# Files without code, in which any occurrence of the name is a mention.
_PROSE = frozenset({"", "markdown", "json", "yaml", "toml", "html", "css"})
