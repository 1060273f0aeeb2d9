"""Files of a project -> the linters and formatters that it configures and that are installed."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from codeorch.verify.project import Project

SCRIPTS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte")
_FILES = "{files}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linter:
    """A command that finds fault with files. `form` says how its output is read."""

    name: str
    argv: tuple[str, ...]
    form: str = "text"
    suffixes: tuple[str, ...] = ()  # of the files that it understands; empty = all
    takes: Literal["files", "packages", "nothing"] = "files"

    def about(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Give those paths that it understands."""
        return tuple(path for path in paths if not self.suffixes or path.endswith(self.suffixes))

    def on(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Give the command for some files."""
        if self.takes == "nothing":
            return self.argv
        if self.takes == "packages":
            folders = {PurePosixPath(path).parent.as_posix() for path in paths}
            return (*self.argv, *(f"./{folder}" for folder in sorted(folders)))
        return (*self.argv, *paths)


def find_linters(project: Project, configured: str = "") -> tuple[Linter, ...]:
    """Give the configured command alone, else every linter that the project's files point to."""
    if configured:
        return (_custom(configured),)
    if project.foreign:
        return ()  # what an image holds cannot be seen from here
    return tuple(found for sign in _SIGNS if (found := sign(project)))


def _custom(configured: str) -> Linter:
    if _FILES in configured:
        argv = ("/bin/sh", "-c", configured.replace(_FILES, '"$@"'), "sh")
        return Linter(name=configured, argv=argv)
    return Linter(name=configured, argv=("/bin/sh", "-c", configured), takes="nothing")


# ------------------------------------------------------------------------------- what is installed


def module(project: Project, name: str) -> tuple[str, ...] | None:
    """Give the command of a Python tool, if it is installed beside what runs the tests."""
    python = project.python()
    return (str(python.program), "-m", name) if python.has(name) else None


def script(project: Project, name: str) -> tuple[str, ...] | None:
    """Give the command of a tool from node_modules."""
    path = f"node_modules/.bin/{name}"
    return (path,) if (project.folder / path).exists() else None


def program(project: Project, name: str) -> tuple[str, ...] | None:
    """Give the command of a tool on the search path."""
    found = shutil.which(name, path=project.variables.get("PATH", ""))
    return (name,) if found else None


def has_any(project: Project, *paths: str) -> bool:
    """Tell whether one of these files is there."""
    return any(path in project.files for path in paths)


# ------------------------------------------------------------------------------- the linters


def _ruff(project: Project) -> Linter | None:
    configured = "ruff" in project.tools() or has_any(project, "ruff.toml", ".ruff.toml")
    command = module(project, "ruff") if configured else None
    if not command:
        return None
    argv = (*command, "check", "--output-format=json", "--no-cache", "--force-exclude", "--quiet")
    return Linter(name="ruff", argv=argv, form="ruff", suffixes=(".py", ".pyi"))


def _flake8(project: Project) -> Linter | None:
    in_ini = any("flake8" in project.ini(path) for path in ("setup.cfg", "tox.ini"))
    command = module(project, "flake8") if in_ini or has_any(project, ".flake8") else None
    return Linter(name="flake8", argv=command, suffixes=(".py",)) if command else None


def _eslint(project: Project) -> Linter | None:
    endings = ("js", "mjs", "cjs", "ts", "mts", "cts")
    old = ("", ".js", ".cjs", ".json", ".yml", ".yaml")
    names = (*(f"eslint.config.{end}" for end in endings), *(f".eslintrc{end}" for end in old))
    configured = has_any(project, *names) or "eslintConfig" in project.json("package.json")
    command = script(project, "eslint") if configured else None
    if not command:
        return None
    argv = (*command, "--format=json", "--no-error-on-unmatched-pattern")
    return Linter(name="eslint", argv=argv, form="eslint", suffixes=SCRIPTS)


def _golangci(project: Project) -> Linter | None:
    configured = has_any(project, *(f".golangci.{end}" for end in ("yml", "yaml", "toml", "json")))
    command = program(project, "golangci-lint") if configured else None
    if not command:
        return None
    return Linter(name="golangci-lint", argv=(*command, "run"), suffixes=(".go",), takes="packages")


def _go_vet(project: Project) -> Linter | None:
    if not has_any(project, "go.mod") or _golangci(project):
        return None
    command = program(project, "go")
    argv = (*(command or ()), "vet")
    return (
        Linter(name="go vet", argv=argv, suffixes=(".go",), takes="packages") if command else None
    )


def _clippy(project: Project) -> Linter | None:
    lints = [project.toml("Cargo.toml"), project.toml("Cargo.toml").get("workspace", {})]
    tables = (table.get("lints", {}) for table in lints if isinstance(table, dict))
    configured = has_any(project, "clippy.toml", ".clippy.toml") or any(
        "clippy" in table for table in tables if isinstance(table, dict)
    )
    if not configured or not program(project, "cargo-clippy"):
        return None
    argv = ("cargo", "clippy", "--quiet", "--workspace", "--all-targets", "--message-format=json")
    return Linter(name="clippy", argv=argv, form="clippy", suffixes=(".rs",), takes="nothing")


_SIGNS: tuple[Callable[[Project], Linter | None], ...] = (
    _ruff,
    _flake8,
    _eslint,
    _golangci,
    _go_vet,
    _clippy,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatter:
    """A command that rewrites the files it is given."""

    name: str
    argv: tuple[str, ...]
    suffixes: tuple[str, ...]

    def about(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Give those paths that it understands."""
        return tuple(path for path in paths if path.endswith(self.suffixes))


def find_formatters(project: Project) -> tuple[Formatter, ...]:
    """Give every formatter that the project's files point to."""
    if project.foreign:
        return ()  # what an image holds cannot be seen from here
    return tuple(found for sign in _FORMATTER_SIGNS if (found := sign(project)))


def _black(project: Project) -> Formatter | None:
    command = module(project, "black") if "black" in project.tools() else None
    argv = (*(command or ()), "--quiet")
    return Formatter(name="black", argv=argv, suffixes=(".py", ".pyi")) if command else None


def _ruff_format(project: Project) -> Formatter | None:
    configured = "ruff" in project.tools() or has_any(project, "ruff.toml", ".ruff.toml")
    command = module(project, "ruff") if configured and "black" not in project.tools() else None
    argv = (*(command or ()), "format", "--no-cache", "--force-exclude", "--quiet")
    return Formatter(name="ruff format", argv=argv, suffixes=(".py", ".pyi")) if command else None


def _prettier(project: Project) -> Formatter | None:
    endings = ("", ".json", ".yml", ".yaml", ".json5", ".js", ".cjs", ".mjs", ".ts", ".toml")
    names = (
        *(f".prettierrc{ending}" for ending in endings),
        *(f"prettier.config.{end}" for end in ("js", "cjs", "mjs", "ts")),
    )
    configured = has_any(project, *names) or "prettier" in project.json("package.json")
    command = script(project, "prettier") if configured else None
    if not command:
        return None
    argv = (*command, "--write", "--ignore-unknown", "--log-level=error")
    suffixes = (*SCRIPTS, ".css", ".scss", ".less", ".html", ".json", ".md", ".yml", ".yaml")
    return Formatter(name="prettier", argv=argv, suffixes=suffixes)


def _gofmt(project: Project) -> Formatter | None:
    command = program(project, "gofmt") if has_any(project, "go.mod") else None
    return Formatter(name="gofmt", argv=(*command, "-w"), suffixes=(".go",)) if command else None


def _rustfmt(project: Project) -> Formatter | None:
    command = program(project, "rustfmt") if has_any(project, "Cargo.toml") else None
    package = project.toml("Cargo.toml").get("package", {})
    edition = package.get("edition") if isinstance(package, dict) else None
    argv = (*(command or ()), "--edition", edition if isinstance(edition, str) else "2021")
    return Formatter(name="rustfmt", argv=argv, suffixes=(".rs",)) if command else None


_FORMATTER_SIGNS: tuple[Callable[[Project], Formatter | None], ...] = (
    _black,
    _ruff_format,
    _prettier,
    _gofmt,
    _rustfmt,
)
