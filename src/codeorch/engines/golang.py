"""gopls, the language server of Go, as an engine: the user's own, beside the user's `go`.

It is found on the search path, and runs in the sandbox without network. It reads the modules that
are in the user's cache; what is not there is unknown to it, and it says nothing of its uses.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from codeorch.engines.checkers import Checker, Diagnostic
from codeorch.engines.rules import GO_RULES
from codeorch.engines.selection import FoundPrograms, Program, PythonEnvironment
from codeorch.engines.source_tree import SourceTree
from codeorch.sandbox import Sandbox

# Nothing is fetched, no other compiler is started, no file of settings is read.
_OWN_LINES: Final = re.compile(r"^(?:module|go)[ \t].*\n?", re.MULTILINE)
_VARIABLES: Final = {
    "CGO_ENABLED": "0",
    "GO111MODULE": "on",
    "GOENV": "off",
    "GOFLAGS": "",
    "GOPACKAGESDRIVER": "off",
    "GOPROXY": "off",
    "GOSUMDB": "off",
    "GOTELEMETRY": "off",
    "GOTOOLCHAIN": "local",
    "GOVCS": "*:off",
}


def golang(root: Path, found: FoundPrograms, sandbox: Sandbox) -> Iterator[Checker]:
    """Yield gopls, if it and go can be found."""
    gopls, go = found.path("gopls"), found.path("go")
    if gopls is None or go is None:
        return
    modules = _module_cache(root, found)
    yield Checker(
        program=Program(name="gopls", path=gopls, build=found.build(gopls)),
        family="go",
        server=("serve",),
        configuration_file=".codeorch-engine",  # it has none: what it is told are variables
        configuration=_no_configuration,
        build_files=partial(_build_files, modules),
        arguments=lambda _output: ("check",),
        takes_paths=True,
        needs_paths=True,
        read=_diagnostics,
        rules=GO_RULES,
        sees_imports=False,
        sandbox=sandbox,
        variables={
            **_VARIABLES,
            "PATH": str(go.parent),
            **({"GOMODCACHE": str(modules)} if modules else {}),
        },
        binds=found.binds(*filter(None, (gopls, _toolchain(go), modules))),
    )


def lack_of_gopls(found: FoundPrograms) -> str:
    """Return why gopls is not asked; empty where it is."""
    absent = [name for name in ("gopls", "go") if found.path(name) is None]
    return f"{' and '.join(absent)} not on the PATH" if absent else ""


def _no_configuration(_tree: SourceTree, _environment: PythonEnvironment) -> str:
    return ""


def _build_files(modules: Path | None, tree: SourceTree) -> Mapping[str, str]:
    """Return the modules without what they require, where that was not downloaded.

    Go reads nothing at all of a module while it lacks the description of one that is required;
    without any, it only lacks the packages.
    """
    texts = {path: text for path, text in tree.build.items() if path.endswith("go.mod")}
    if all(_is_downloaded(modules, *each) for text in texts.values() for each in _required(text)):
        return {}
    own = {path: "".join(_OWN_LINES.findall(text)) for path, text in texts.items()}
    return {**own, **{path: "" for path in tree.build if path.endswith(".sum")}}


def _required(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a go.mod requires, as (path, version)."""
    blocks = re.findall(r"^require\s*\(([^)]*)\)", text, re.MULTILINE)
    lines = re.findall(r"^require[ \t]+([^(\n]+)$", text, re.MULTILINE)
    for line in "\n".join((*blocks, *lines)).split("\n"):
        words = line.partition("//")[0].split()
        if len(words) == 2:
            yield words[0].strip('"'), words[1]


def _is_downloaded(modules: Path | None, path: str, version: str) -> bool:
    escaped = re.sub(r"[A-Z]", lambda letter: f"!{letter[0].lower()}", path)
    if modules is None or ".." in escaped.split("/"):
        return False
    return (modules / "cache" / "download" / escaped / "@v" / f"{version}.mod").is_file()


def _toolchain(go: Path) -> Path | None:
    """Return the folder of the compiler and its library, if it is one that holds nothing else."""
    folder = go.parent.parent
    is_toolchain = (folder / "src" / "runtime").is_dir() and (folder / "VERSION").is_file()
    return folder if is_toolchain else None


def _module_cache(root: Path, found: FoundPrograms) -> Path | None:
    """Return the folder of the modules that were downloaded; never one that holds the project."""
    variables = found.variables
    home = Path(variables.get("HOME") or "/")
    top = Path((variables.get("GOPATH") or str(home / "go")).partition(":")[0])
    folder = Path(variables.get("GOMODCACHE") or top / "pkg" / "mod")
    if not folder.is_absolute() or not (folder / "cache" / "download").is_dir():
        return None
    real = folder.resolve()
    is_wide = any(path.resolve().is_relative_to(real) for path in (root, home))
    return None if is_wide else real


# ------------------------------------------------------------------------------- what it says

_LINE: Final = re.compile(r"(?P<path>[^\n:]+):(?P<line>\d{1,9}):\d+(?:-\d+)?: (?P<message>.+)")
_MESSAGES: Final = tuple((re.compile(pattern), rule) for pattern, rule in (
    (r"(?:undeclared name|undefined): (\w+)(?: \(|$)", "undefined-name"),
    (r"undefined: \w+\.(\w+)", "undefined-import"),
    (r"(?:name )?(\w+) not (?:declared|exported) by package \w+", "undefined-import"),
    (r".*\.(\w+) undefined \(type .+ has no field or method", "missing-member"),
    (r"unknown field (\w+) in struct literal", "missing-member"),
    (r"(?:not enough|too many) arguments in call to (?:.*\.)?(\w+)", "argument-count"),
))  # fmt: skip


def _diagnostics(output: bytes, tree: SourceTree) -> Iterator[Diagnostic]:
    """Read what `gopls check` prints; further lines of a message are indented, and left out."""
    folder = f"{tree.folder}/"
    for line in output.decode("utf-8", "replace").split("\n"):
        told = _LINE.match(line.removeprefix(folder))
        if told is None:
            continue
        for pattern, rule in _MESSAGES:
            if name := pattern.match(told["message"]):
                yield Diagnostic(
                    path=told["path"], line=int(told["line"]), rule=rule,
                    message=told["message"], name=name[1],
                )  # fmt: skip
                break
