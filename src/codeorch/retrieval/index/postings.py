"""Terms and the numbers of the texts that hold them, packed so that one term is found quickly.

The terms of a field are spread over buckets by their hash. A bucket is a string of bytes: how
many terms it has, how long each one's numbers are, the terms, the numbers. So a look-up reads and
searches one small bucket, and nothing is unpacked that was not asked for.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from struct import pack, unpack_from
from zlib import crc32

_TERMS = 64  # in a bucket, on average
_LONGEST = 200  # characters; a longer term is data, and nobody asks for it
_HIGHEST = 255  # an entry is a text's number and, in its last byte, the count of the term in it


class Postings:
    """Terms being gathered, each with the entries of the texts that hold it."""

    def __init__(self) -> None:
        self.entries: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))

    def add(self, number: int, counts: Mapping[str, int]) -> None:
        """Add the terms of one text."""
        entries, first = self.entries, number << 8
        # This runs for each identifier of each text, so it calls nothing of ours.
        for term, count in counts.items():
            entries[term].append(first | count if count < _HIGHEST else first | _HIGHEST)

    def note(self, number: int, terms: Iterable[str]) -> None:
        """Add the terms of one text, each once."""
        entries, entry = self.entries, number << 8 | 1
        for term in terms:
            entries[term].append(entry)

    def regrouped(
        self, parts_of: Callable[[str], Collection[str]], texts: int
    ) -> "tuple[Postings, array[int]]":
        """Give each part of the terms the entries of all terms that it is a part of.

        With it comes how many parts there are in each of so many texts.
        """
        found, lengths = Postings(), array("I", bytes(4 * texts))
        for term, entries in self.entries.items():
            parts = parts_of(term)
            for part in parts:
                found.entries[part].extend(entries)
            many = len(parts)
            for each in entries if many else ():
                lengths[each >> 8] += (each & 255) * many
        return found, lengths

    @property
    def size(self) -> int:
        """How many buckets there will be."""
        return len(self.entries) // _TERMS + 1

    def buckets(self) -> Iterator[bytes]:
        """Pack everything, and forget it; which bucket has a term follows from their number."""
        parts: list[list[tuple[bytes, array[int]]]] = [[] for _ in range(self.size)]
        for term, entries in self.entries.items():
            if len(term) <= _LONGEST and "\n" not in term:
                name = _encoded(term)
                parts[crc32(name) % len(parts)].append((name, entries))
        self.entries.clear()
        for number, terms in enumerate(parts):
            parts[number] = []
            yield _packed(terms)


def _packed(terms: list[tuple[bytes, "array[int]"]]) -> bytes:
    names = b"\n".join([name for name, _ in terms])
    sizes = array("I", [len(entries) for _, entries in terms])
    head = pack("<II", len(terms), len(names))
    return b"".join([head, sizes.tobytes(), names, *[entries.tobytes() for _, entries in terms]])


def bucket_of(term: str, buckets: int) -> int:
    """Say which of so many buckets has a term."""
    return crc32(_encoded(term)) % buckets


def _encoded(term: str) -> bytes:
    return term.encode("utf-8", "surrogatepass")


def find(term: str, bucket: bytes) -> Iterable[tuple[int, int]]:
    """Find a term's texts in its bucket, each with the sum of its counts."""
    terms, length = unpack_from("<II", bucket)
    sizes = array("I", bucket[8 : 8 + 4 * terms])
    start = 8 + 4 * terms + length
    names = bucket[start - length : start].split(b"\n")
    try:
        place = names.index(_encoded(term))
    except ValueError:
        return ()
    start += 4 * sum(sizes[:place])
    found: dict[int, int] = {}
    for each in array("I", bucket[start : start + 4 * sizes[place]]):
        found[each >> 8] = found.get(each >> 8, 0) + (each & 255)
    return found.items()
