"""Path -> the files that it has to do with: tests, companions of past commits, siblings, users."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from posixpath import basename, dirname
from typing import Final

from codeorch.analysis.symbol_index import SymbolIndex
from codeorch.domain import Snapshot, SourceFile
from codeorch.languages import is_package_file
from codeorch.retrieval.look_ups.places import plural
from codeorch.retrieval.test_files import tests_of

# Path -> the paths that past commits changed with it, each with how often; and its own commits.
Companions = Callable[[str], tuple[Sequence[tuple[str, int]], int]]
_SHOWN: Final = 10  # files of each kind
_COMPARED: Final = 60  # files of a folder that are compared
_NAMES: Final = 60  # of a file, whose users are looked for
_COMMON: Final = 200  # files; a name that more of them hold tells nothing
_ALIKE: Final = 0.25  # share of names that two files have in common


@dataclass(kw_only=True)
class RelatedFiles:
    """Names what a file has to do with; `companions` is asked for past commits."""

    snapshot: Snapshot
    names: SymbolIndex
    companions: Companions | None = None

    def related(self, file: SourceFile) -> str:
        """Return one paragraph for each kind of relation; for what there is none, nothing."""
        parts = [
            *self._tests(file),
            *self._together(file),
            *self._siblings(file),
            *self._users(file),
        ]
        return "\n".join(parts) or f"Nothing in the repository is related to {file.path}."

    def _tests(self, file: SourceFile) -> Iterator[str]:
        found = list(tests_of([file.path], self.snapshot.files))
        if found and file.role != "test":
            yield _list_entries("tests by name", found)

    def _together(self, file: SourceFile) -> Iterator[str]:
        if self.companions is None:
            return
        found, commits = self.companions(file.path)
        there = [(path, count) for path, count in found if path in self.snapshot.files]
        if there:
            of = plural(commits, "commit")
            yield _list_entries(f"changed with it, of {of}", [f"{path} ({n})" for path, n in there])

    def _siblings(self, file: SourceFile) -> Iterator[str]:
        alike = {path: (share, names) for path, share, names in self._alike(file)}
        told = [
            f"{path} (has {', '.join(names)})" if names else path
            for path, (share, names) in sorted(alike.items(), key=lambda one: (-one[1][0], one[0]))
        ]
        if told:
            yield _list_entries("built or called alike", told)

    def _alike(self, file: SourceFile) -> Iterator[tuple[str, float, Sequence[str]]]:
        """Yield the files that are called alike, and those of the folder that define the same."""
        folder, stem = dirname(file.path), _stem(file.path)
        if len(stem) > 3 and not is_package_file(file.path):
            same = [path for path in self.snapshot.files if _stem(path) == stem]
            if len(same) <= _SHOWN:
                yield from ((path, 0.1, ()) for path in same if path != file.path)
        own = _profile(file)
        inside = (path for path in self.snapshot.files if dirname(path) == folder)
        near = [path for path in inside if path != file.path] if own else []
        for other in (self.snapshot.files[path] for path in near[:_COMPARED]):
            if (other.language, other.role) == (file.language, file.role):
                names = _profile(other)
                shared = own & names
                if (share := len(shared) / len(own | names)) >= _ALIKE:
                    yield other.path, share, sorted(shared)[:4]

    def _users(self, file: SourceFile) -> Iterator[str]:
        found: dict[str, list[str]] = defaultdict(list)
        for name, users in self._names_used(file):
            for path in users:
                if path != file.path and path in self.snapshot.files:
                    found[path].append(name)
        order = sorted(found, key=lambda path: (-len(found[path]), path))
        for title, tests in (("used by", False), ("tests that use it", True)):
            some = [path for path in order if self._is_test(path) == tests]
            if some:
                yield _list_entries(
                    title, [f"{path} ({', '.join(found[path][:3])})" for path in some]
                )

    def _names_used(self, file: SourceFile) -> Iterator[tuple[str, Collection[str]]]:
        """Yield the outer names of a file that mean it alone, with those that hold them."""
        outer = dict.fromkeys(one.name for one in file.symbols if not one.parent)
        for name in list(outer)[:_NAMES]:
            if len(name) > 2 and len(self.names.definers(name, tests=False)) < 2:
                users = self.names.users(name)
                if len(users) <= _COMMON:
                    yield name, users

    def _is_test(self, path: str) -> bool:
        return self.snapshot.bare(path).role == "test"


def companions_of(
    commits: Callable[[str], Collection[str]],
    touched: Callable[[str], Sequence[str]],
    largest: int = 30,
) -> Companions:
    """Make `Companions` of the commits that touched a path, and the paths that a commit touched.

    Commits of more than `largest` files say little about any of them. The order is by the cosine of
    both files' commits, so that what changes always (a changelog) does not come first for all.
    """

    def companions(path: str) -> tuple[Sequence[tuple[str, int]], int]:
        own = commits(path)
        some = [paths for key in own if len(paths := touched(key)) <= largest]
        counts = Counter(other for paths in some for other in paths if other != path)

        def order(other: str) -> tuple[float, str]:
            return -counts[other] / math.sqrt(len(commits(other)) + 4), other

        return [
            (other, counts[other]) for other in sorted(counts, key=order) if counts[other] > 1
        ], len(own)

    return companions


def _stem(path: str) -> str:
    return basename(path).partition(".")[0].lower()


def _profile(file: SourceFile) -> set[str]:
    """Return what tells how a file is built: names of members, and words of its outer names."""
    members = {one.name for one in file.symbols if one.parent}
    modules = {one.module for one in file.imports if one.module.startswith(".")}
    return members | modules


def _list_entries(title: str, entries: Iterable[str]) -> str:
    some = list(entries)
    more = f"\n  [and {len(some) - _SHOWN} more]" if len(some) > _SHOWN else ""
    return f"{title}:\n" + "\n".join(f"  {each}" for each in some[:_SHOWN]) + more
