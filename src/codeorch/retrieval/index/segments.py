"""The segments of an index seen as one, and what they know of the files that are wanted."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import repeat

from codeorch.retrieval.index.postings import bucket_of, find
from codeorch.retrieval.index.segment_builder import Facts, facts_of, head_of
from codeorch.retrieval.index.store import Store

_MANY = 32  # segments; each costs a look-up for each word
_BY_CHUNK = ("text", "uses", "tests")  # fields that number chunks; the others number files


class Shelf:
    """Files numbered through all segments, as of one moment. `wanted` gives their blobs by path."""

    def __init__(self, store: Store, wanted: Mapping[str, str]) -> None:
        self._store = store
        self._heads = [(number, head_of(data)) for number, data in store.segments()]
        self.facts: dict[str, Facts] = {}  # of the wanted files that are known
        self.paths: list[str] = []  # by number; empty for a file that is not wanted
        for _, head in self._heads:
            for row in head.rows:
                path = row[0]
                is_new = wanted.get(path) == row[1] and path not in self.facts
                if is_new:
                    self.facts[path] = facts_of(row)
                self.paths.append(path if is_new else "")

    def missing(self, wanted: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Name what is wanted and not known, as paths and blobs."""
        return tuple((path, blob) for path, blob in wanted.items() if path not in self.facts)

    def worn(self) -> tuple[int, ...]:
        """Name the segments that hold little that is wanted, and small ones when there are many."""
        found, before = [], 0
        for segment, head in self._heads:
            used = sum(map(bool, self.paths[before : before + len(head.rows)]))
            before += len(head.rows)
            is_small = len(self._heads) > _MANY and used * _MANY < len(self.facts)
            if is_small or used * 4 < len(head.rows):
                found.append(segment)
        return tuple(found)

    def chunks(self) -> tuple[Sequence[str], Sequence[int]]:
        """Give the path of each chunk, empty when it is not wanted, and its number of words."""
        return self._owners, [length for _, head in self._heads for length in head.lengths]

    @cached_property
    def _owners(self) -> Sequence[str]:
        """The path of each chunk."""
        counts = (row[5] for _, head in self._heads for row in head.rows)
        pairs = zip(self.paths, counts, strict=True)
        return [owner for path, count in pairs for owner in repeat(path, count)]

    def names(self) -> Sequence[int]:
        """Give the number of words in the names that each file defines."""
        return [int(row[6]) for _, head in self._heads for row in head.rows]

    def postings(self, field: str, term: str) -> Iterator[tuple[int, int]]:
        """Give the numbers of the files, or chunks, that hold a term, with its count in each."""
        before = 0
        for segment, head in self._heads:
            place = bucket_of(term, head.buckets[field])
            for number, count in find(term, self._store.bucket(segment, field, place)):
                yield before + number, count
            before += len(head.lengths) if field in _BY_CHUNK else len(head.rows)

    def holders(self, field: str, term: str) -> Iterator[str]:
        """Give the paths of the wanted files that hold a term, each once."""
        owners = self._owners if field in _BY_CHUNK else self.paths
        yield from {path: None for n, _ in self.postings(field, term) if (path := owners[n])}
