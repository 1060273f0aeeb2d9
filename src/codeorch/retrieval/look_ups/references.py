"""Name -> its definitions, its uses by form, and what only shares the name; all counted."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from codeorch.analysis.symbol_index import SymbolIndex
from codeorch.domain import Snapshot
from codeorch.retrieval.look_ups.definitions import (
    Defined,
    find_definitions,
    signature_of,
    split_place,
)
from codeorch.retrieval.look_ups.line_pattern import LinePattern
from codeorch.retrieval.look_ups.name_uses import NameUse, UseFinder
from codeorch.retrieval.look_ups.places import (
    LookUpError,
    file_at,
    fold_counts,
    lines_of,
    numbers,
    plural,
    short_line,
)
from codeorch.retrieval.look_ups.search_lines import find_matches

_DEFINITIONS, _ALSO, _SIGNATURE = 6, 3, 300  # shown; characters of a signature
_FEW: Final = 10  # uses of one form that are shown with their text
_FORMS, _ODD = 3, 4  # forms of calls, and uses of a further one, that have a group of their own
_UNKNOWN: Final = {
    "doubtful": "doubtful, nobody knows on what",
    "unread": "unread, in files beyond those that were analysed",
}
_UNKNOWN_ROOM: Final = 800  # characters of these; more say little
_SHORTEST: Final = 3  # characters of a name that is looked for in texts
_TEXTS: Final = ("docs", "config", "data")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Uses that are alike; `title` says how."""

    title: str
    uses: Sequence[NameUse]


@dataclass(kw_only=True)
class ReferenceList:
    """Lists what refers to a name; `rank` has the place of the best files."""

    snapshot: Snapshot
    names: SymbolIndex
    finder: UseFinder
    rank: Mapping[str, int]
    room: int

    def references(self, written: str) -> str:
        """Return where a name is defined and used.

        Raises:
            LookUpError: nothing in the repository is called so.
        """
        path, rest = split_place(written, self.snapshot)
        if path and not rest:
            raise LookUpError(
                f"{file_at(self.snapshot, path).path} is a file: `related` names its users."
            )
        found = self._by_class(find_definitions(rest, self.snapshot, self.names, path))
        every = find_definitions(rest, self.snapshot, self.names, path, exact=False)
        name = found[0].symbol.name
        places = self.finder.uses(found, self._holders(name))
        by_sureness: dict[str, list[NameUse]] = defaultdict(list)
        for use in places:
            by_sureness[use.sureness].append(use)
        groups = [*_groups(by_sureness["sure"]), *_groups(by_sureness["likely"], "likely, ")]
        groups += [
            _Group(title=title, uses=by_sureness[sureness])
            for sureness, title in _UNKNOWN.items() if by_sureness[sureness]
        ]  # fmt: skip
        hidden = [one for one in every if one.symbol.name == name and one not in found]
        head = [*_definition_lines(found), *_hidden(hidden), _total(by_sureness)]
        tail = [*_other_uses(by_sureness["other"], name), *self._mentions(name)]
        room = self.room - sum(len(line) + 1 for line in (*head, *tail))
        body: list[str] = []
        for number, group in enumerate(groups):
            text = self._list_uses(group, max(room // (len(groups) - number), 120))
            body.append(text)
            room -= len(text) + 1
        return "\n".join([*head, *body, *tail])

    def _holders(self, name: str) -> list[str]:
        """Return the paths of code that hold a name, the best first, tests last."""
        files = self.snapshot.files
        paths = dict.fromkeys([*self.names.definers(name, tests=False), *self.names.users(name)])
        there = [path for path in paths if path in files]
        last = len(self.rank)

        def order(path: str) -> tuple[bool, int, str]:
            return files[path].role == "test", self.rank.get(path, last), path

        return sorted(there, key=order)

    def _by_class(self, found: Sequence[Defined]) -> Sequence[Defined]:
        """Return the classes in place of their constructors, which go by the class's name."""
        if not all(map(self.finder.is_constructor, found)):
            return found
        classes = [
            Defined(file=one.file, symbol=each)
            for one in found
            for each in one.file.symbols
            if each.qualified == one.symbol.parent
        ]
        return classes if len({one.symbol.name for one in classes}) == 1 else found

    # --------------------------------------------------------------------------- what is shown

    def _list_uses(self, group: _Group, room: int) -> str:
        """List the uses of a group with their lines, else by number, else by folder."""
        head = f"{group.title} ({_count(group.uses)}):"
        by_path: dict[str, list[int]] = defaultdict(list)
        for use in group.uses:
            if use.line not in by_path[use.path]:
                by_path[use.path].append(use.line)
        if len(group.uses) <= _FEW:
            lines = [self._line(path, at) for path, some in by_path.items() for at in some]
            text = "\n".join([head, *lines])
            if len(text) <= room:
                return text
        text = "\n".join([head, *_by_number(by_path)])
        if len(text) <= (room if group.title not in _UNKNOWN.values() else _UNKNOWN_ROOM):
            return text
        counts = {path: len(some) for path, some in by_path.items()}
        first = next(iter(by_path))
        example = self._line(first, by_path[first][0])
        by_folder = fold_counts(counts, "use", max(room - len(head) - len(example), 80))
        return f"{head} {by_folder}\n{example}"

    def _line(self, path: str, number: int) -> str:
        lines = lines_of(self.snapshot.files[path])
        return f"  {path}:{number}: {short_line(lines[number - 1], width=120)}"

    def _mentions(self, name: str) -> Iterator[str]:
        """Count the lines of texts that are no code and hold the name."""
        if len(name) < _SHORTEST or not name.isidentifier():
            return
        files = self.snapshot.files
        paths = [path for path in files if self.snapshot.bare(path).role in _TEXTS]
        found = find_matches(LinePattern(rf"\b{name}\b", regex=True), paths, self.snapshot).lines
        if found:
            listed = [f"{path} {numbers(some, 6)}" for path, some in found.items()]
            text = "; ".join(listed)
            if len(text) > 400:
                text = fold_counts({path: len(some) for path, some in found.items()}, "line", 400)
            yield f"The word stands in documents and settings: {text}."


def _other_uses(others: Sequence[NameUse], name: str) -> Iterator[str]:
    if others:
        text = fold_counts(Counter(use.path for use in others), "use", 300)
        yield f"Something else is meant by `{name}` in {_count(others)}: {text}."


def _definition_lines(found: Sequence[Defined]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[Defined]] = defaultdict(list)
    for one in found:
        groups[one.file.path, one.symbol.qualified].append(one)
    for same in list(groups.values())[:_DEFINITIONS]:
        one = same[-1]
        before = f" (and {plural(len(same) - 1, 'overload')} above)" if len(same) > 1 else ""
        written = short_line(signature_of(one), width=_SIGNATURE)
        yield f"{one.place}: {written} [{one.symbol.qualified}]{before}"
    if len(groups) > _DEFINITIONS:
        rest = Counter(path for path, _ in list(groups)[_DEFINITIONS:])
        by_folder = fold_counts(rest, "definition", 300)
        yield f"and {plural(rest.total(), 'more definition')}: {by_folder}"


def _hidden(others: Sequence[Defined]) -> Iterator[str]:
    """Name the members that are called like a function or class that was asked for."""
    if others:
        some = ", ".join(f"{one.symbol.qualified} ({one.place})" for one in others[:_ALSO])
        more = f" and {len(others) - _ALSO} more" if len(others) > _ALSO else ""
        yield f"Not asked for by this name: {some}{more}"


def _groups(uses: Sequence[NameUse], mark: str = "") -> Iterator[_Group]:
    """Put uses of one form together: the common forms first, odd calls as one group."""
    forms: dict[str, list[NameUse]] = defaultdict(list)
    for use in uses:
        forms[use.form or ("imported" if use.kind == "import" else "not called")].append(use)
    last = {form: forms.pop(form) for form in ("not called", "imported") if form in forms}
    order = sorted(forms, key=lambda form: (-len(forms[form]), form))
    common = [form for at, form in enumerate(order) if at < _FORMS or len(forms[form]) > _ODD]
    yield from (_Group(title=mark + form, uses=forms[form]) for form in common)
    if odd := [use for use in uses if use.form in forms and use.form not in common]:
        yield _Group(title=f"{mark}called in other ways", uses=odd)
    yield from (_Group(title=mark + form, uses=some) for form, some in last.items())


def _by_number(by_path: Mapping[str, Sequence[int]]) -> Iterator[str]:
    yield from (f"  {path}: {numbers(some)}" for path, some in by_path.items())


def _total(uses: Mapping[str, Sequence[NameUse]]) -> str:
    """Count the uses by how sure they are."""
    parts = [f"{_count(uses['sure'])} for sure"] * bool(uses["sure"])
    likely = f"{len(uses['likely'])} likely, on what is named like its class"
    parts += [likely] * bool(uses["likely"])
    parts += [f"{len(uses[word])} {word}" for word in _UNKNOWN if uses[word]]
    return f"Used: {', '.join(parts)}." if parts else "Nothing in the code uses it."


def _count(uses: Sequence[NameUse]) -> str:
    return f"{plural(len(uses), 'use')} in {plural(len({use.path for use in uses}), 'file')}"
