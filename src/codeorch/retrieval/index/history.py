"""Past commits from the index: git is asked only for those that no run has seen before.

Each commit's words and paths are noted for ever; what they give together is noted for the newest
commit that a run asked for, so that the next one need not even put them together.
"""

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import accumulate, pairwise
from struct import pack, unpack_from
from typing import Any

from codeorch.errors import ServiceError
from codeorch.git import Repo
from codeorch.retrieval.corpus import Past
from codeorch.retrieval.index.postings import Postings, bucket_of, find
from codeorch.retrieval.index.store import Damaged, Store
from codeorch.retrieval.words import words


def past_of_index(repo: Repo, store: Store, commit: str, limit: int) -> Past:
    """Give the newest commits that lead to a commit.

    A clone without the folders of old commits has no past.

    Raises:
        Damaged: the store cannot be read.
    """
    name = f"{commit} {limit}"
    known = store.note("past", name)
    if known is None:
        try:
            known = _put_together(_commits(repo, store, repo.ancestors(commit, limit)))
        except ServiceError:
            return _PackedPast(_put_together(()))
        with suppress(Damaged):  # then the next run puts it together, too
            store.put("past", [(name, known)], alone=True)
    return _PackedPast(known)


def _commits(repo: Repo, store: Store, wanted: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Give each commit with the words of its message, counted, and its paths."""
    known = dict(store.notes("commit"))
    new = {
        entry.commit: json.dumps([words(entry.message), entry.paths]).encode()
        for entry in repo.log_of([each for each in wanted if each not in known])
    }
    if new:
        with suppress(Damaged):  # then the next run asks git, too
            store.put("commit", new.items())
    for commit in wanted:
        yield commit, json.loads(known.get(commit) or new[commit])


def _put_together(commits: Iterable[tuple[str, tuple[Mapping[str, int], Sequence[str]]]]) -> bytes:
    postings, lengths = Postings(), array("I")
    names: list[str] = []
    numbers: dict[str, int] = {}  # of paths
    touched: list[list[int]] = []
    for commit, (counts, paths) in commits:
        postings.add(len(names), counts)
        lengths.append(sum(counts.values()))
        names.append(commit)
        touched.append([numbers.setdefault(path, len(numbers)) for path in paths])
    buckets = list(postings.buckets())
    head = json.dumps([names, list(lengths), list(numbers), touched]).encode()
    parts = [head, *buckets]
    sizes = [len(part) for part in parts]
    return pack(f"<I{len(sizes)}I", len(sizes), *sizes) + b"".join(parts)


class _PackedPast:
    """Commits numbered from the newest on, and the words of their messages."""

    def __init__(self, data: bytes) -> None:
        (parts,) = unpack_from("<I", data)
        sizes = unpack_from(f"<{parts}I", data, 4)
        ends = accumulate(sizes, initial=4 + 4 * parts)
        self._parts = [data[start:end] for start, end in pairwise(ends)]
        self._names, self._lengths, self._paths, self._touched = json.loads(self._parts.pop(0))
        self._numbers = {name: number for number, name in enumerate(self._names)}
        self.size = len(self._names)
        self.mean_length = sum(self._lengths) / max(1, self.size)

    @property
    def messages(self) -> "_PackedPast":
        return self

    def postings(self, word: str) -> Iterable[tuple[int, int]]:
        return find(word, self._parts[bucket_of(word, len(self._parts))])

    def length(self, text: int) -> int:
        return int(self._lengths[text])

    def owner(self, text: int) -> str:
        return str(self._names[text])

    def touched(self, commit: str) -> Sequence[str]:
        return [self._paths[number] for number in self._touched[self._numbers[commit]]]

    def commits(self, path: str) -> Sequence[str]:
        return self._by_path.get(path, ())

    @cached_property
    def _by_path(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for name, numbers in zip(self._names, self._touched, strict=True):
            for number in numbers:
                found[self._paths[number]].append(name)
        return found
