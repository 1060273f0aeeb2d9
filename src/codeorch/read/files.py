"""Commit -> Snapshot, straight from git's objects; parsed when somebody looks."""

from collections.abc import Iterator
from dataclasses import replace

from codeorch.diffs import Refusal, decode
from codeorch.domain import Files, Snapshot, SourceFile
from codeorch.read.roles import role_of
from codeorch.read.syntax import language_of, parse
from codeorch.repo import Repo

LARGEST = 1_000_000  # bytes; parsing costs about 70 bytes of memory for each
_SYMLINK, _SUBMODULE = 0o120000, 0o160000


def source_file(path: str, data: bytes) -> SourceFile | str:
    """Decode and parse one file; a str says why that cannot be."""
    found = bare_file(path, data)
    return found if isinstance(found, str) else _parsed(found)


def bare_file(path: str, data: bytes) -> SourceFile | str:
    """Decode one file and name its language and role; a str says why that cannot be."""
    if len(data) > LARGEST:
        return f"larger than {LARGEST // 1_000_000} MB"
    try:
        decoded = decode(data)
    except Refusal as refusal:
        return refusal.brief
    language = language_of(path, decoded.text)
    role = role_of(path, decoded.text, language)
    if role == "minified":
        return "minified"
    return SourceFile(
        path=path, text=decoded.text, language=language, role=role, encoding=decoded.encoding
    )


def _parsed(file: SourceFile) -> SourceFile:
    parsed = parse(file.text, file.language)
    return replace(
        file,
        symbols=parsed.symbols,
        references=parsed.references,
        imports=parsed.imports,
        syntax_errors=parsed.errors,
    )


def read_snapshot(repo: Repo, commit: str) -> Snapshot:
    """Read the regular text files of a commit. Each one left out is named with the reason.

    Raises:
        ServiceError: git failed.
    """
    skipped: dict[str, str] = {}
    wanted: dict[str, str] = {}
    for entry in repo.tree(commit):
        if reason := _not_wanted(entry.path, entry.mode, entry.size):
            skipped[entry.path] = reason
        else:
            wanted[entry.path] = entry.blob
    texts: dict[str, bytes] = {}
    for path, (_, data) in zip(wanted, repo.blobs(wanted.values()), strict=True):
        if b"\0" in data[:8000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            skipped[path] = "binary"
        else:
            texts[path] = data
    return Snapshot(commit=commit, files=_Files(texts), skipped=skipped)


def _not_wanted(path: str, mode: int, size: int) -> str:
    if mode == _SUBMODULE:
        return "submodule"
    if mode == _SYMLINK:
        return "symbolic link"
    if size > LARGEST:
        return f"larger than {LARGEST // 1_000_000} MB"
    if size < 0:
        return "missing from the repository"
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "its path is not UTF-8"
    return ""


class _Files(Files):
    """Files that are decoded and parsed when they are first looked at."""

    def __init__(self, data: dict[str, bytes]) -> None:
        self._data = data
        self._bare: dict[str, SourceFile] = {}
        self._parsed: dict[str, SourceFile] = {}

    def __getitem__(self, path: str) -> SourceFile:
        if path not in self._parsed:
            self._parsed[path] = _parsed(self.bare(path))
        return self._parsed[path]

    def bare(self, path: str) -> SourceFile:
        if path not in self._bare:
            found = bare_file(path, self._data[path])
            if isinstance(found, str):  # known, but with nothing in it that could be changed
                found = SourceFile(path=path, text="", role="data")
            self._bare[path] = found
        return self._bare[path]

    def __contains__(self, path: object) -> bool:
        return path in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)
