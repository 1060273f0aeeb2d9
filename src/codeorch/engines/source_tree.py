"""Snapshot -> a folder with the sources of one family of languages, for an engine to read.

Nothing else of the repository is in it: a checker's own settings in pyproject.toml may leave files
out, and can name commands to run.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath

from codeorch.domain import Snapshot
from codeorch.languages import FAMILIES, family_of
from codeorch.sandbox import scratch_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """The sources of one family in a folder of their own, where they are once they are needed."""

    folder: Path  # absolute, without links
    family: str
    texts: Mapping[str, str]  # by paths relative to the folder
    digest: str  # of all paths and texts: two trees of one digest are the same
    roots: Mapping[str, Collection[str]]  # see `languages.Family.import_roots`
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)  # likewise `import_aliases`
    build: Mapping[str, str] = field(default_factory=dict)  # texts of `build_files`, by path

    @property
    def paths(self) -> Collection[str]:
        """The paths of its files."""
        return self.texts.keys()

    def write(self) -> None:
        """Write the files, in UTF-8 whatever they were in before, unless they are there."""
        if any(self.folder.iterdir()):
            return
        texts = {**self.texts, **self.build}
        for parent in sorted({(self.folder / path).parent for path in texts}):
            parent.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            (self.folder / path).write_bytes(_data(text))

    @property
    def top_names(self) -> Collection[str]:
        """The first components of all absolute imports that the tree itself can serve."""
        return {name for names in self.roots.values() for name in names}


@contextmanager
def source_tree(snapshot: Snapshot, family: str) -> Iterator[SourceTree]:
    """Give the files of a family a temporary folder, which is gone afterwards."""
    texts, configs = dict(family_texts(snapshot, family)), family_configs(snapshot, family)
    with scratch_folder("engine") as folder:
        yield tree_of(texts, family, folder, configs)


def family_texts(snapshot: Snapshot, family: str) -> Iterator[tuple[str, str]]:
    """Yield the sources of a family by path, in the order of paths; each is read when it comes."""
    for path in sorted(snapshot.files):
        file = snapshot.bare(path)
        if family_of(file.language) == family and _is_safe(path):
            yield path, file.text


def family_configs(snapshot: Snapshot, family: str) -> dict[str, str]:
    """Return the text of each file that an engine's settings follow from, by path."""
    facts = FAMILIES[family]
    patterns = (facts.config_files if facts.import_aliases else None, facts.build_files)
    return {
        path: snapshot.bare(path).text
        for path in sorted(snapshot.files)
        if any(each.search(path) for each in patterns if each) and _is_safe(path)
    }


def tree_of(
    texts: Mapping[str, str], family: str, folder: Path, configs: Mapping[str, str] | None = None
) -> SourceTree:
    """Return the tree of texts by path, to be written into an empty folder.

    Of the `configs` those belong to it that build files are; aliases of imports follow from all.
    """
    facts, configs = FAMILIES[family], configs or {}
    build = {
        path: text
        for path, text in configs.items()
        if facts.build_files and facts.build_files.search(path)
    }
    return SourceTree(
        folder=folder,
        family=family,
        texts=texts,
        digest=_digest({**texts, **build}),
        roots=facts.import_roots(texts),
        aliases=facts.import_aliases(configs) if facts.import_aliases else {},
        build=build,
    )


def _digest(texts: Mapping[str, str]) -> str:
    digest = sha256()
    for path, text in texts.items():
        data = _data(text)
        digest.update(f"{len(path.encode())} {path} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def _data(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _is_safe(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return not path.startswith("/") and ".." not in parts and "\0" not in path
