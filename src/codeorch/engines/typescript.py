"""The TypeScript of a project as an engine: the version that compiles it is the one to believe.

It is the project's own, so it runs in the sandbox, without network, and is found in the project
alone. From version 7 on it is a program, and serves the Language Server Protocol; versions 5 and 6
are scripts for node, and their server has a protocol of its own.
"""

import json
import platform
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from codeorch.engines.checkers import Checker
from codeorch.engines.rules import TYPESCRIPT_RULES
from codeorch.engines.selection import FoundPrograms, Program, PythonEnvironment
from codeorch.engines.source_tree import SourceTree
from codeorch.engines.typescript_output import broken_files, diagnostics
from codeorch.sandbox import Bind, Sandbox

_PROTOCOL_VERSION: Final = 7  # from which it serves the Language Server Protocol
_LEAST_VERSION: Final = 5
_ALL_TYPES_VERSION: Final = 6  # from which packages of types have to be asked for
_PROCESSORS: Final = {"x86_64": "x64", "aarch64": "arm64"}
# A shorthand `{total}` keeps its key, an import its exported name.
_SETTINGS: Final = {"preferences": {"useAliasesForRenames": True}}
_HEAP: Final = "--max-old-space-size=3072"  # MB, below the limit of the process
_SERVER_FLAGS: Final = (
    "--disableAutomaticTypingAcquisition", "--suppressDiagnosticEvents",
    "--useInferredProjectPerProjectRoot", "--locale", "en",
)  # fmt: skip
_CHECK: Final = (
    "-p", "tsconfig.json", "--noEmit", "--pretty", "false", "--locale", "en",
)  # fmt: skip


def typescript(root: Path, found: FoundPrograms, sandbox: Sandbox) -> Iterator[Checker]:
    """Yield the TypeScript that is installed in a project, if it can be asked."""
    modules = (root / "node_modules").resolve()
    for program, scripts in _programs(root, found):
        server, check = ((_HEAP, str(script)) for script in scripts) if scripts else ((), ())
        yield Checker(
            program=program,
            family="ecmascript",
            server=(*server, *(_SERVER_FLAGS if scripts else ("--lsp", "--stdio"))),
            protocol="tsserver" if scripts else "lsp",
            configuration_file="tsconfig.json",
            configuration=partial(_configuration, program.version),
            arguments=partial(_arguments, check),
            read=diagnostics,
            broken_files=broken_files,
            exit_codes=frozenset({0, 1, 2}),
            rules=TYPESCRIPT_RULES,
            sees_imports=False,
            settings=_SETTINGS,
            sandbox=sandbox,
            binds=(Bind(source=modules, target=modules), *found.binds(program.path)),
            links={"node_modules": modules},
        )


def lack_of_typescript(root: Path, found: FoundPrograms) -> str:
    """Return why the TypeScript of a project is not asked; empty where it is."""
    modules = root / "node_modules"
    if next(_programs(root, found), None) is not None:
        return ""
    if not modules.is_dir():
        return "node_modules is not there"
    if not _is_inside(modules, root):
        return "node_modules lies outside of the project"
    if _LEAST_VERSION <= _major(modules / "typescript") < _PROTOCOL_VERSION:
        return "node is not on the PATH"
    return f"no TypeScript from version {_LEAST_VERSION} on is in node_modules"


def _programs(
    root: Path, found: FoundPrograms
) -> Iterator[tuple[Program, tuple[Path, Path] | None]]:
    """Find it in the project itself: a link may lead to files of the user's.

    With versions for node come their server and their compiler.
    """
    modules = root / "node_modules"
    if not _is_inside(modules, root):
        return
    system = f"linux-{_PROCESSORS.get(platform.machine(), '')}"
    for package, name in (("typescript", "tsc"), ("native-preview", "tsgo")):
        folder = modules / "@typescript" / f"{package}-{system}"
        path = folder / "lib" / name
        if _major(folder) >= _PROTOCOL_VERSION and _is_file_inside(path, root):
            yield Program(name=name, path=path.resolve(), version=_version(folder)), None
            return
    folder = modules / "typescript"
    scripts = folder / "lib" / "tsserver.js", folder / "lib" / "tsc.js"
    node = found.path("node")
    if node is None or not all(_is_file_inside(each, root) for each in scripts):
        return
    if _LEAST_VERSION <= _major(folder) < _PROTOCOL_VERSION:
        program = Program(name="typescript", path=node, version=_version(folder))
        yield program, (scripts[0].resolve(), scripts[1].resolve())


def _is_file_inside(path: Path, root: Path) -> bool:
    return path.is_file() and _is_inside(path, root)


def _is_inside(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve())


def _major(folder: Path) -> int:
    return int(_version(folder).partition(".")[0] or 0)


def _version(folder: Path) -> str:
    try:
        version = str(json.loads((folder / "package.json").read_bytes())["version"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return ""
    return version if re.fullmatch(r"\d{1,4}\.[\w.+-]{1,60}", version) else ""


# ------------------------------------------------------------------------------- what it is told


def _arguments(script: tuple[str, ...], _output: Path) -> tuple[str, ...]:
    return *script, *_CHECK


def _configuration(version: str, tree: SourceTree, _environment: PythonEnvironment) -> str:
    major, minor = (int(part) for part in f"{version}.0".split(".")[:2])
    options = {
        "allowJs": True,
        "checkJs": True,
        "jsx": "preserve",
        "module": "preserve" if (major, minor) >= (5, 4) else "esnext",
        "moduleResolution": "bundler",
        "target": "esnext",
        "noEmit": True,
        "skipLibCheck": True,
        "strict": True,
        "disableSizeLimit": True,
        "paths": {
            pattern: [f"./{target}" for target in targets]
            for pattern, targets in tree.aliases.items()
            if targets and max(each.count("*") for each in (pattern, *targets)) <= 1
        },
        **({"types": ["*"]} if major >= _ALL_TYPES_VERSION else {}),
    }
    tsconfig = {"compilerOptions": options, "include": ["**/*"], "exclude": ["./node_modules"]}
    return json.dumps(tsconfig)
