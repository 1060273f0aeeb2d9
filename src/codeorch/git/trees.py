"""Trees with edits in them, made without an index: only the folders on the way are looked at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from codeorch.git.objects import object_id

_TREE = 0o40000


@dataclass(frozen=True, slots=True)
class Entry:
    """What a tree holds under a name."""

    mode: int
    id: str


class TreeWriter:
    """Makes trees out of others. It writes none: `new_trees` are their bytes by id.

    `read` returns the raw bytes of a tree that the repository has.
    """

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self.new_trees: dict[str, bytes] = {}

    def edit(self, root: str, edits: Mapping[str, Entry | None]) -> str:
        """Return the id of the tree with files put in or, where there is None, taken out.

        Contents go before folders: a file may stand where a folder was, and the other way round.
        """
        folders = self._folders(root, edits)
        for path, entry in sorted(edits.items(), key=lambda edit: edit[1] is not None):
            folder, _, name = path.rpartition("/")
            if entry is not None:
                folders[folder][name] = entry
            elif name in folders[folder] and folders[folder][name].mode != _TREE:
                del folders[folder][name]
        length = len(root)
        for path in sorted(folders, key=_depth, reverse=True):
            if path:
                self._put(folders, path, length)
        return self._add(folders[""], length)

    def _put(self, folders: dict[str, dict[str, Entry]], path: str, length: int) -> None:
        """Put a finished folder into the one that holds it; an empty one is no folder in git."""
        above, _, name = path.rpartition("/")
        if folders[path]:
            folders[above][name] = Entry(_TREE, self._add(folders[path], length))
        elif name in folders[above] and folders[above][name].mode == _TREE:
            del folders[above][name]

    def _folders(self, root: str, edits: Mapping[str, Entry | None]) -> dict[str, dict[str, Entry]]:
        """Return the entries of every folder on the way to an edit, none where it is missing."""
        paths = {""}
        for path in edits:
            parts = path.split("/")
            paths.update("/".join(parts[:n]) for n in range(1, len(parts)))
        folders: dict[str, dict[str, Entry]] = {}
        for path in sorted(paths, key=_depth):
            above, _, name = path.rpartition("/")
            entry = folders[above].get(name) if path else Entry(_TREE, root)
            there = entry is not None and entry.mode == _TREE
            folders[path] = self._entries(entry.id) if entry and there else {}
        return folders

    def _entries(self, tree: str) -> dict[str, Entry]:
        raw = self.new_trees[tree] if tree in self.new_trees else self._read(tree)
        entries, at, size = {}, 0, len(tree) // 2
        while at < len(raw):
            space, end = raw.index(b" ", at), raw.index(b"\0", at)
            name = raw[space + 1 : end].decode("utf-8", "surrogateescape")
            entries[name] = Entry(int(raw[at:space], 8), raw[end + 1 : end + 1 + size].hex())
            at = end + 1 + size
        return entries

    def _add(self, entries: Mapping[str, Entry], length: int) -> str:
        rows = sorted((_sort_key(name, entry), name, entry) for name, entry in entries.items())
        raw = b"".join(
            b"%o %s\0%s" % (entry.mode, _raw(name), bytes.fromhex(entry.id))
            for _, name, entry in rows
        )
        tree = object_id("tree", raw, length)
        self.new_trees[tree] = raw
        return tree


def _sort_key(name: str, entry: Entry) -> bytes:
    """Return what git sorts by: a folder as if its name ended with a slash."""
    return _raw(name) + (b"/" if entry.mode == _TREE else b"")


def _raw(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _depth(path: str) -> int:
    return path.count("/") + 1 if path else 0
