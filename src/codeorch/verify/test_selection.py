"""Changed files -> the tests that most likely notice. Pure, and only ever a first look.

A test file belongs to a change when it is part of it, imports a changed module, stands in a
changed Go package, or uses a name whose definition changed.
"""

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from codeorch.domain import SourceFile

_TEST_FILE = re.compile(
    r"(^|/)(test_[^/]*|[^/]*_test|tests)\.py$|_test\.go$|\.(test|spec)\.[cm]?[jt]sx?$"
    r"|(^|/)__tests__/[^/]*\.[cm]?[jt]sx?$|Tests?\.(java|kt|groovy|scala)$"
)
_PACKAGE_FILES = ("__init__", "index", "mod")
_TELLING = 3  # characters; shorter names say little


def related(
    files: Mapping[str, SourceFile], changed: Mapping[str, bytes | None]
) -> tuple[str, ...]:
    """Name the test files to run first.

    `files` is the state before the change; `changed` gives what is at each changed path after it.
    """
    modules = {_module(path) for path in changed}
    names = frozenset(
        name
        for path, after in changed.items()
        if path in files
        for name in _changed_names(files[path], after or b"")
    )
    new = (path for path, after in changed.items() if after is not None)
    near = (path for path, file in files.items() if _notices(file, modules, names))
    gone = {path for path, after in changed.items() if after is None}
    return tuple(sorted({*filter(_TEST_FILE.search, new), *near} - gone))


def _notices(test: SourceFile, modules: Collection[str], names: Collection[str]) -> bool:
    if not _TEST_FILE.search(test.path):
        return False
    if test.language == "go" and _module(test.path) in modules:
        return True
    wanted = [form for one in test.imports for form in _forms(test.path, one.module, one.names)]
    if any(_leads_to(form, module) for form in wanted for module in modules):
        return True
    return any(reference.name in names for reference in test.references)


# ------------------------------------------------------------------------------- modules


def _module(path: str) -> str:
    """Give a path as it is imported: without its ending, or only the folder where that counts."""
    stem = PurePosixPath(path).with_suffix("")
    by_folder = stem.name in _PACKAGE_FILES or path.endswith(".go")
    return str(stem.parent if by_folder else stem)


def _forms(path: str, module: str, names: Sequence[str]) -> Iterator[str]:
    """Write what is imported as paths: the module, and each name, which may be one, too."""
    if module.startswith(("./", "../")):
        bare = posixpath.normpath(posixpath.join(posixpath.dirname(path), module))
        yield _module(bare) if re.search(r"\.[cm]?[jt]sx?$", bare) else bare
        return
    place = re.sub(r"::|\.", "/", module.lstrip(".")) if "/" not in module else module
    if place:
        yield place
    yield from ("/".join(filter(None, (place, name))) for name in names)


def _leads_to(form: str, module: str) -> bool:
    """Tell whether an import may mean a module: their last parts agree, as far as both go."""
    return f"/{module}".endswith(f"/{form}") or f"/{form}".endswith(f"/{module}")


# ------------------------------------------------------------------------------- names


def _changed_names(old: SourceFile, after: bytes) -> Iterator[str]:
    """Name the definitions whose text the change did not leave as it was."""
    text = old.text.encode("utf-8", "surrogatepass")
    for symbol in old.symbols:
        if len(symbol.name) >= _TELLING and text[symbol.start : symbol.end] not in after:
            yield symbol.name
