"""Terms and the numbers of the texts that hold them, packed so that one term is found quickly.

The terms of a field are spread over buckets by their hash. A bucket is a string of bytes: how
many terms it has, how long each one's numbers are, the terms, the numbers. So a look-up reads and
searches one small bucket, and nothing is unpacked that was not asked for.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from struct import pack, unpack_from
from zlib import crc32

_TERMS = 64  # in a bucket, on average
_HIGHEST = 255  # a count above this one is kept as this one


class Postings:
    """Terms being gathered, each with the numbers of its texts and its count there."""

    def __init__(self) -> None:
        self._found: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))

    def add(self, number: int, counts: Iterable[tuple[str, int]]) -> None:
        """Add the terms of one text."""
        found, shifted = self._found, number << 8
        for term, count in counts:
            # Written out, as a call for each of some million counts would be felt.
            found[term].append(shifted | (count if count < _HIGHEST else _HIGHEST))  # noqa: FURB136

    def buckets(self) -> Iterator[bytes]:
        """Pack everything; which bucket has a term follows from the number of buckets."""
        parts: list[list[str]] = [[] for _ in range(len(self._found) // _TERMS + 1)]
        for term in self._found:
            parts[bucket_of(term, len(parts))].append(term)
        for terms in parts:
            yield self._packed(terms)

    def _packed(self, terms: list[str]) -> bytes:
        names = "\n".join(terms).encode("utf-8", "surrogatepass")
        numbers = [self._found[term] for term in terms]
        sizes = array("I", map(len, numbers))
        head = pack("<II", len(terms), len(names))
        return b"".join([head, sizes.tobytes(), names, *(each.tobytes() for each in numbers)])


def bucket_of(term: str, buckets: int) -> int:
    """Say which of so many buckets has a term."""
    return crc32(term.encode("utf-8", "surrogatepass")) % buckets


def find(term: str, bucket: bytes) -> Iterator[tuple[int, int]]:
    """Find a term's texts in its bucket, each with the count."""
    terms, length = unpack_from("<II", bucket)
    sizes = array("I", bucket[8 : 8 + 4 * terms])
    start = 8 + 4 * terms + length
    names = bucket[start - length : start].split(b"\n")
    try:
        place = names.index(term.encode("utf-8", "surrogatepass"))
    except ValueError:
        return
    start += 4 * sum(sizes[:place])
    for each in array("I", bucket[start : start + 4 * sizes[place]]):
        yield each >> 8, each & 255
