"""Changed files -> the tests that most likely notice. Pure, and only ever a first look.

A test file belongs to a change when it is part of it, imports a changed module, stands in a
changed Go package, or uses a name whose definition changed.
"""

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from codeorch.domain import SourceFile
from codeorch.languages import facts_of, is_test_file, language_of, module_path

_MIN_NAME_LENGTH = 3  # characters; shorter names say little


def closest_tests(
    files: Mapping[str, SourceFile], changed: Mapping[str, bytes | None]
) -> tuple[str, ...]:
    """Return the paths of the test files to run first, sorted.

    `files` is the state before the change; `changed` gives what is at each changed path after it.
    """
    modules = {module_path(path) for path in changed}
    names = frozenset(
        name
        for path, after in changed.items()
        if path in files
        for name in _changed_names(files[path], after or b"")
    )
    existing = (path for path, after in changed.items() if after is not None)
    noticing = (path for path, file in files.items() if _notices(file, modules, names))
    deleted = {path for path, after in changed.items() if after is None}
    return tuple(sorted({*filter(is_test_file, existing), *noticing} - deleted))


def _notices(test: SourceFile, modules: Collection[str], names: Collection[str]) -> bool:
    if not is_test_file(test.path):
        return False
    if facts_of(test.language).folder_is_module and module_path(test.path) in modules:
        return True
    forms = [
        form
        for statement in test.imports
        for form in _forms(test.path, statement.module, statement.names)
    ]
    if any(_leads_to(form, module) for form in forms for module in modules):
        return True
    return any(reference.name in names for reference in test.references)


# ------------------------------------------------------------------------------- modules


def _forms(path: str, module: str, names: Sequence[str]) -> Iterator[str]:
    """Write what is imported as paths: the module, and each name, which may be one, too."""
    if module.startswith(("./", "../")):
        bare = posixpath.normpath(posixpath.join(posixpath.dirname(path), module))
        yield module_path(bare) if language_of(bare) else bare
        return
    place = re.sub(r"::|\.", "/", module.lstrip(".")) if "/" not in module else module
    if place:
        yield place
    yield from ("/".join(filter(None, (place, name))) for name in names)


def _leads_to(form: str, module: str) -> bool:
    """Return whether an import may mean a module: their last parts agree, as far as both go."""
    return f"/{module}".endswith(f"/{form}") or f"/{form}".endswith(f"/{module}")


# ------------------------------------------------------------------------------- names


def _changed_names(old: SourceFile, after: bytes) -> Iterator[str]:
    """Name the definitions whose text the change did not leave as it was."""
    text = old.text.encode("utf-8", "surrogatepass")
    for symbol in old.symbols:
        if len(symbol.name) >= _MIN_NAME_LENGTH and text[symbol.start : symbol.end] not in after:
            yield symbol.name
