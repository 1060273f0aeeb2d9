"""Terms and the numbers of the texts that hold them, packed so that one term is found quickly.

The terms of a field are spread over buckets by their hash. A bucket is a string of bytes: how
many terms it has, how long each one's numbers are, the terms, the numbers. So a look-up reads and
searches one small bucket, and nothing is unpacked that was not asked for.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from struct import pack, unpack_from
from zlib import crc32

from codeorch.read.words import words_of

_TERMS = 64  # in a bucket, on average
_LONGEST = 200  # characters; a longer term is data, and nobody asks for it
_HIGHEST = 255  # an entry cannot hold a higher count


class Postings:
    """Terms being gathered, each with the entries of the texts that hold it."""

    def __init__(self) -> None:
        self.entries: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))

    def add(self, number: int, counts: Mapping[str, int]) -> None:
        """Add the terms of one text."""
        entries = self.entries
        for term, count in counts.items():
            entries[term].append(entry(number, count))

    def buckets(self) -> Iterator[bytes]:
        """Pack everything; which bucket has a term follows from the number of buckets."""
        parts: list[list[str]] = [[] for _ in range(len(self.entries) // _TERMS + 1)]
        for term in self.entries:
            if len(term) <= _LONGEST and "\n" not in term:
                parts[bucket_of(term, len(parts))].append(term)
        for terms in parts:
            yield self._packed(terms)

    def _packed(self, terms: list[str]) -> bytes:
        names = "\n".join(terms).encode("utf-8", "surrogatepass")
        numbers = [self.entries[term] for term in terms]
        sizes = array("I", map(len, numbers))
        head = pack("<II", len(terms), len(names))
        return b"".join([head, sizes.tobytes(), names, *(each.tobytes() for each in numbers)])


class Words(dict[str, "tuple[array[int], ...]"]):
    """Identifiers, each with the entries of the words that it stands for."""

    def __init__(self, postings: Postings) -> None:
        super().__init__()
        self._entries = postings.entries

    def __missing__(self, identifier: str) -> "tuple[array[int], ...]":
        self[identifier] = found = tuple(self._entries[word] for word in words_of(identifier))
        return found


def bucket_of(term: str, buckets: int) -> int:
    """Say which of so many buckets has a term."""
    return crc32(term.encode("utf-8", "surrogatepass")) % buckets


def entry(number: int, count: int) -> int:
    """Put a text's number and the count of a term in it together."""
    return number << 8 | min(count, _HIGHEST)


def find(term: str, bucket: bytes) -> Iterable[tuple[int, int]]:
    """Find a term's texts in its bucket, each with the sum of its counts."""
    terms, length = unpack_from("<II", bucket)
    sizes = array("I", bucket[8 : 8 + 4 * terms])
    start = 8 + 4 * terms + length
    names = bucket[start - length : start].split(b"\n")
    try:
        place = names.index(term.encode("utf-8", "surrogatepass"))
    except ValueError:
        return ()
    start += 4 * sum(sizes[:place])
    found: dict[int, int] = {}
    for each in array("I", bucket[start : start + 4 * sizes[place]]):
        found[each >> 8] = found.get(each >> 8, 0) + (each & 255)
    return found.items()
