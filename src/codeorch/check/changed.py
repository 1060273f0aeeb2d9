"""Two commits -> the files that differ, as they were and as they are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from codeorch.repo import Repo


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The contents of each path that differs; None = no file."""

    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes | None]

    @classmethod
    def between(cls, repo: Repo, base: str, result: str) -> "Changed":
        """Read what differs between two commits."""
        paths = repo.changed_paths(base, result)
        return cls(before=_contents(repo, base, paths), after=_contents(repo, result, paths))

    @property
    def paths(self) -> Collection[str]:
        """The paths that differ."""
        return self.after.keys()

    def texts(self) -> tuple[Sequence[str], Sequence[str]]:
        """Give the files as text, before and after."""
        return _texts(self.before), _texts(self.after)


def _contents(repo: Repo, commit: str, paths: Collection[str]) -> dict[str, bytes | None]:
    wanted = set(paths)
    entries = [entry for entry in repo.tree(commit) if entry.path in wanted and entry.is_file]
    blobs = repo.blobs(entry.blob for entry in entries)
    found = {entry.path: data for entry, (_, data) in zip(entries, blobs, strict=True)}
    return {path: found.get(path) for path in paths}


def _texts(files: Mapping[str, bytes | None]) -> Sequence[str]:
    return [data.decode("utf-8", "replace") for data in files.values() if data is not None]
