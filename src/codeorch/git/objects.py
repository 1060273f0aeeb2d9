"""Objects written into git's store, many by one process."""

import hashlib
import struct
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from codeorch.errors import ServiceError
from codeorch.git.process import text
from codeorch.git.repository import Repo

# From here on git keeps what it fetches as one pack, too (`transfer.unpackLimit`): each file of
# its own costs a flush to the disk.
_PACK_FROM = 100
_KINDS = {"commit": 1, "tree": 2, "blob": 3}  # as packs number them


def object_id(kind: str, data: bytes, length: int) -> str:
    """Return the id of an object of `length` digits: a SHA-1 or, with 64 digits, a SHA-256.

    >>> object_id("blob", b"", 40)
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    head = f"{kind} {len(data)}\0".encode()
    return _digest(head + data, length).hex()


def write_objects(repo: Repo, contents: Mapping[str, Sequence[bytes]], length: int) -> None:
    """Write the objects of each kind, whose ids have so many digits; git checks their form.

    Raises:
        ServiceError: git refused, or wrote something else.
    """
    objects = {object_id(kind, d, length): (kind, d) for kind in contents for d in contents[kind]}
    if len(objects) < _PACK_FROM:
        _write_loose(repo, list(objects.values()))
    else:
        pack = _pack(list(objects.values()), length)
        repo.git.run("index-pack", "--stdin", "--fsck-objects", stdin=pack)
    names = "".join(f"{name}\n" for name in objects).encode()
    rows = text(repo.git.run("cat-file", "--batch-check", stdin=names).stdout).splitlines()
    if rows != [f"{name} {kind} {len(data)}" for name, (kind, data) in objects.items()]:
        raise ServiceError("git wrote other contents", kind="git", retryable=False)


def _write_loose(repo: Repo, objects: Sequence[tuple[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory(prefix="codeorch-objects-") as folder:
        for kind in _KINDS:
            files = []
            for number, (own_kind, data) in enumerate(objects):
                if own_kind == kind:
                    file = Path(folder) / str(number)
                    file.write_bytes(data)
                    files.append(f"{file}\n")
            args = ("hash-object", "-w", "-t", kind, "--stdin-paths", "--no-filters")
            if files:
                repo.git.run(*args, stdin="".join(files).encode())


def _pack(objects: Sequence[tuple[str, bytes]], length: int) -> bytes:
    """Return a pack of whole objects, as gitformat-pack(5) has it."""
    parts = [struct.pack(">4sII", b"PACK", 2, len(objects))]
    for kind, data in objects:
        parts.append(_entry_head(_KINDS[kind], len(data)))
        parts.append(zlib.compress(data, 1))
    pack = b"".join(parts)
    return pack + _digest(pack, length)


def _entry_head(kind: int, size: int) -> bytes:
    """Return kind and size as bytes: four bits of it, then seven at a time, the lowest first."""
    byte, size = kind << 4 | size & 0x0F, size >> 4
    head = bytearray()
    while size:
        head.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    head.append(byte)
    return bytes(head)


def _digest(data: bytes, length: int) -> bytes:
    name = "sha1" if length == 40 else "sha256"
    return hashlib.new(name, data, usedforsecurity=False).digest()
