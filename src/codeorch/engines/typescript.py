"""The TypeScript of a project as an engine, from version 7 on: it serves the protocol itself.

It is the project's own, so it runs in the sandbox, without network; the version that compiles the
project is the one to believe. Versions before 7 speak a protocol of their own and are not asked.
It is asked about renames alone: what does not fit is not checked with it.
"""

import json
import platform
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from codeorch.engines.checkers import Checker
from codeorch.engines.selection import Program, PythonEnvironment
from codeorch.engines.source_tree import SourceTree
from codeorch.sandbox import Bind, Sandbox

_LEAST_VERSION: Final = 7
_PROCESSORS: Final = {"x86_64": "x64", "aarch64": "arm64"}
# A shorthand `{total}` keeps its key, an import its exported name.
_SETTINGS: Final = {"preferences": {"useAliasesForRenames": True}}


def has_typescript(root: Path) -> bool:
    """Whether a TypeScript that can be asked is installed in a project."""
    return _program(root) is not None


def typescript(root: Path, sandbox: Sandbox) -> Iterator[Checker]:
    """Yield the TypeScript that is installed in a project, if it can be asked."""
    program = _program(root)
    if program is None:
        return
    modules = (root / "node_modules").resolve()
    yield Checker(
        program=program,
        family="ecmascript",
        server=("--lsp", "--stdio"),
        configuration_file="tsconfig.json",
        configuration=_configuration,
        settings=_SETTINGS,
        sandbox=sandbox,
        binds=(Bind(source=modules, target=modules),),
        links={"node_modules": modules},
    )


def _program(root: Path) -> Program | None:
    """Find it in the project itself: a link may lead to files of the user's."""
    modules, inside = root / "node_modules", root.resolve()
    if not modules.resolve().is_relative_to(inside):
        return None
    system = f"linux-{_PROCESSORS.get(platform.machine(), '')}"
    for package, name in (("typescript", "tsc"), ("native-preview", "tsgo")):
        folder = modules / "@typescript" / f"{package}-{system}"
        path = (folder / "lib" / name).resolve()
        version = _version(folder / "package.json")
        if (
            path.is_file()
            and path.is_relative_to(inside)
            and int(version.partition(".")[0] or 0) >= _LEAST_VERSION
        ):
            return Program(name=name, path=path, version=version)
    return None


def _version(manifest: Path) -> str:
    try:
        version = str(json.loads(manifest.read_bytes())["version"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    return version if re.match(r"\d+\.", version) else ""


def _configuration(_tree: SourceTree, _environment: PythonEnvironment) -> str:
    options = {
        "allowJs": True,
        "checkJs": False,
        "jsx": "preserve",
        "module": "preserve",
        "target": "esnext",
        "noEmit": True,
        "skipLibCheck": True,
        "strict": True,
    }
    return json.dumps(
        {"compilerOptions": options, "include": ["**/*"], "exclude": ["./node_modules"]}
    )
