"""Snapshot -> a folder with the sources of one family of languages, for an engine to read.

Nothing else of the repository is in it: a checker's own settings in pyproject.toml may leave files
out, and can name commands to run.
"""

import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from codeorch.domain import Snapshot
from codeorch.languages import FAMILIES, family_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """The sources of one family in a folder of their own, where they are once they are needed."""

    folder: Path  # absolute, without links
    family: str
    texts: Mapping[str, str]  # by paths relative to the folder
    digest: str  # of all paths and texts: two trees of one digest are the same
    roots: Mapping[str, Collection[str]]  # see `languages.Family.import_roots`

    @property
    def paths(self) -> Collection[str]:
        """The paths of its files."""
        return self.texts.keys()

    def write(self) -> None:
        """Write the files, in UTF-8 whatever they were in before, unless they are there."""
        if any(self.folder.iterdir()):
            return
        for parent in sorted({(self.folder / path).parent for path in self.texts}):
            parent.mkdir(parents=True, exist_ok=True)
        for path, text in self.texts.items():
            (self.folder / path).write_bytes(_data(text))

    @property
    def top_names(self) -> Collection[str]:
        """The first components of all absolute imports that the tree itself can serve."""
        return {name for names in self.roots.values() for name in names}


@contextmanager
def source_tree(snapshot: Snapshot, family: str) -> Iterator[SourceTree]:
    """Give the files of a family a temporary folder, which is gone afterwards."""
    texts = {
        path: snapshot.bare(path).text
        for path in sorted(snapshot.files)
        if family_of(snapshot.bare(path).language) == family and _is_safe(path)
    }
    with tempfile.TemporaryDirectory(prefix="codeorch-engine-", ignore_cleanup_errors=True) as name:
        yield tree_of(texts, family, Path(name).resolve())


def tree_of(texts: Mapping[str, str], family: str, folder: Path) -> SourceTree:
    """Return the tree of texts by path, to be written into an empty folder."""
    digest = sha256()
    for path, text in texts.items():
        data = _data(text)
        digest.update(f"{len(path.encode())} {path} {len(data)}\n".encode())
        digest.update(data)
    return SourceTree(
        folder=folder,
        family=family,
        texts=texts,
        digest=digest.hexdigest(),
        roots=FAMILIES[family].import_roots(texts),
    )


def _data(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _is_safe(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return not path.startswith("/") and ".." not in parts and "\0" not in path
