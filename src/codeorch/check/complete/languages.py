"""The languages that the gate reads: which family a file belongs to, and who reads it."""

import re
from collections.abc import Mapping
from typing import Final

from codeorch.check.complete.uses import Reader
from codeorch.domain import Snapshot, SourceFile, Symbol
from codeorch.names.parsed import Parses
from codeorch.names.signatures import Signature
from codeorch.names.signatures import signature_of as read_signature
from codeorch.names.trees import span

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


def reader_of(snapshot: Snapshot, family: str, parses: Parses) -> Reader:
    """Make the reader of a family, on what may be parsed already."""
    # These load ast-grep.
    from codeorch.check.complete.golang import GoReader  # noqa: PLC0415
    from codeorch.check.complete.python.reader import PythonReader  # noqa: PLC0415
    from codeorch.check.complete.scripts import ScriptReader  # noqa: PLC0415
    from codeorch.check.complete.tables import TableReader  # noqa: PLC0415
    from codeorch.names.python.spelled import CONFIGS  # noqa: PLC0415
    from codeorch.names.tables.families import LANGUAGES  # noqa: PLC0415

    files = [snapshot.bare(path) for path in snapshot.files]
    told = {f.path: (f.language, f.text) for f in files if family_of(f.language) == family}
    texts = {path: text for path, (_, text) in told.items()}
    match family:
        case "python":
            configs = _matching(snapshot, CONFIGS)
            return PythonReader.of(texts, configs, snapshot.skipped, parses)
        case "scripts":
            everything = frozenset({*snapshot.files, *snapshot.skipped})
            return ScriptReader.of(told, _matching(snapshot, _CONFIG), everything, parses)
        case "go":
            return GoReader.of(texts, _matching(snapshot, _GO_MOD), parses)
        case _:
            language = next(each for each in LANGUAGES if family in each.names)
            return TableReader.of(language, told, parses)


def _matching(snapshot: Snapshot, pattern: re.Pattern[str]) -> Mapping[str, str]:
    return {path: snapshot.bare(path).text for path in snapshot.files if pattern.search(path)}


def signature_of(parses: Parses, file: SourceFile, symbol: Symbol) -> Signature | None:
    """Read what a definition takes from those who call it; None when it cannot be called."""
    if symbol.kind not in _CALLED or not family_of(file.language) or symbol.name == "__init__":
        return None
    data = file.text.encode("utf-8", "surrogatepass")
    start = len(data[: symbol.name_start].decode("utf-8", "replace"))
    if file.language == "python":
        from codeorch.check.complete.python.callables import taken  # noqa: PLC0415 - ast-grep

        return taken(parses, file, symbol, start)
    for leaf in parses.of(file.text, file.language).leaves(symbol.name):
        if symbol.kind != "class" and span(leaf)[0] == start:
            for node in leaf.ancestors()[:4]:
                found = read_signature(node, file.language)
                if found is not None:
                    return found
    return None
