"""The languages that the gate reads: which family a file belongs to, and who reads it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from codeorch.check.complete.uses import Reader
from codeorch.domain import Snapshot, SourceFile, Symbol
from codeorch.names.signatures import Signature
from codeorch.names.signatures import signature_of as read_signature
from codeorch.names.trees import leaves, parse, span

_CALLED: Final = ("function", "method", "variable", "class")
_FAMILIES: Final = {
    "python": "python", "javascript": "scripts", "typescript": "scripts", "tsx": "scripts",
    "go": "go", "c": "c", "cpp": "c", "rust": "rust", "java": "java", "csharp": "csharp",
    "kotlin": "kotlin", "scala": "scala", "ruby": "ruby", "php": "php", "bash": "bash",
}  # fmt: skip
_GO_MOD: Final = re.compile(r"(?:^|/)go\.mod$")
_CONFIG: Final = re.compile(r"(?:^|/)(?:package|tsconfig[\w.-]*|jsconfig)\.json$")


def family_of(language: str) -> str:
    """Name the family of a language; empty when no reader knows it."""
    return _FAMILIES.get(language, "")


def reader_of(snapshot: Snapshot, family: str) -> Reader:
    """Make the reader of a family."""
    # These load ast-grep.
    from codeorch.check.complete.golang import GoReader  # noqa: PLC0415
    from codeorch.check.complete.python import PythonReader  # noqa: PLC0415
    from codeorch.check.complete.scripts import ScriptReader  # noqa: PLC0415
    from codeorch.check.complete.tables import TableReader  # noqa: PLC0415
    from codeorch.names.tables.families import LANGUAGES  # noqa: PLC0415

    texts = Texts(snapshot=snapshot, paths=_paths(snapshot, family))
    match family:
        case "python":
            return PythonReader.of(texts)
        case "scripts":
            configs = _matching(snapshot, _CONFIG)
            return ScriptReader.of(Told(texts=texts), configs, snapshot.files)
        case "go":
            return GoReader.of(texts, _matching(snapshot, _GO_MOD))
        case _:
            language = next(each for each in LANGUAGES if family in each.names)
            return TableReader.of(language, Told(texts=texts))


def _matching(snapshot: Snapshot, pattern: re.Pattern[str]) -> Mapping[str, str]:
    return {path: snapshot.bare(path).text for path in snapshot.files if pattern.search(path)}


def signature_of(file: SourceFile, symbol: Symbol) -> Signature | None:
    """Read what a definition takes; None when it cannot be called."""
    if symbol.kind not in _CALLED or not family_of(file.language) or symbol.name == "__init__":
        return None
    data = file.text.encode("utf-8", "surrogatepass")
    start = len(data[: symbol.name_start].decode("utf-8", "replace"))
    if symbol.kind == "class":
        if file.language != "python":
            return None
        from codeorch.check.complete.python.callables import class_signature  # noqa: PLC0415 - ast-grep

        return class_signature(file.path, file.text, symbol.name, start)
    for leaf in leaves(parse(file.text, file.language), symbol.name):
        if span(leaf)[0] == start:
            for node in leaf.ancestors()[:4]:
                found = read_signature(node, file.language)
                if found is not None:
                    return found
    return None


def _paths(snapshot: Snapshot, family: str) -> tuple[str, ...]:
    return tuple(p for p in snapshot.files if family_of(snapshot.bare(p).language) == family)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts(Mapping[str, str]):
    """The texts of some files of a snapshot; none of them is parsed."""

    snapshot: Snapshot
    paths: tuple[str, ...]

    def __getitem__(self, path: str) -> str:
        return self.snapshot.bare(path).text

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Mapping[str, tuple[str, str]]):
    """The same with the language of each text."""

    texts: Texts

    def __getitem__(self, path: str) -> tuple[str, str]:
        return self.texts.snapshot.bare(path).language, self.texts[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)
