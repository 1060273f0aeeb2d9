"""The files as a change leaves them."""

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from codeorch.domain import ChangeSet, Snapshot, SourceFile
from codeorch.git import Repo
from codeorch.merge.reconcile import Parse

_AHEAD: Final = 50  # blobs asked for at a time


class Landed:
    """The bytes and modes of files on top of a change."""

    def __init__(self, repo: Repo, change: ChangeSet, likely: Iterable[str] = ()) -> None:
        """Look at a change; `likely` are the paths whose bytes will be asked for."""
        self._repo = repo
        self._entries = {entry.path: entry for entry in repo.tree(change.base)}
        self._patches = {patch.path: patch for patch in change.patches}
        self._likely = [path for path in likely if path in self._entries]

    def bytes_of(self, path: str) -> bytes:
        """Give the content of a file that is there."""
        patch = self._patches.get(path)
        if patch is not None:
            return patch.after or b""
        blob = self._entries[path].blob
        return self._blobs.get(blob) or next(data for _, data in self._repo.blobs([blob]))

    @cached_property
    def _blobs(self) -> dict[str, bytes]:
        return dict(self._repo.blobs((self._entries[path].blob for path in self._likely), _AHEAD))

    def mode_of(self, path: str) -> int:
        """Give the mode of a file that is there."""
        patch = self._patches.get(path)
        return patch.mode if patch is not None else self._entries[path].mode


def as_landed(snapshot: Snapshot, change: ChangeSet, parse: Parse) -> Snapshot:
    """Give the files of the base as a change leaves them."""
    files: dict[str, SourceFile | None] = {patch.old_path: None for patch in change.patches}
    for patch in change.patches:
        found = "deleted" if patch.after is None else parse(patch.path, patch.after)
        files[patch.path] = None if isinstance(found, str) else found
    return snapshot.with_files(files)
