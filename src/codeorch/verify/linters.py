"""Files of a project -> the linters and formatters that it configures and that are installed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from codeorch.verify.project import Project

SCRIPTS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte")
_FILES = "{files}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linter:
    """A command that finds fault with files. `output_format` says how its output is read."""

    name: str
    argv: tuple[str, ...]
    output_format: str = "text"
    suffixes: tuple[str, ...] = ()  # of the files that it understands; empty = all
    argument_kind: Literal["files", "packages", "nothing"] = "files"

    def select_paths(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Return those of some paths that it understands."""
        return tuple(path for path in paths if not self.suffixes or path.endswith(self.suffixes))

    def command_for(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Return the command that looks at some files."""
        if self.argument_kind == "nothing":
            return self.argv
        if self.argument_kind == "packages":
            folders = {PurePosixPath(path).parent.as_posix() for path in paths}
            return (*self.argv, *(f"./{folder}" for folder in sorted(folders)))
        return (*self.argv, *paths)


def find_linters(project: Project, configured: str = "") -> tuple[Linter, ...]:
    """Return the configured command alone, else every linter that the project's files point to."""
    if configured:
        return (_custom(configured),)
    if project.has_own_programs:
        return ()  # what an image holds cannot be seen from here
    return tuple(tool for detect in _DETECTORS if (tool := detect(project)))


def _custom(configured: str) -> Linter:
    if _FILES in configured:
        argv = ("/bin/sh", "-c", configured.replace(_FILES, '"$@"'), "sh")
        return Linter(name=configured, argv=argv)
    return Linter(name=configured, argv=("/bin/sh", "-c", configured), argument_kind="nothing")


# ------------------------------------------------------------------------------- the linters


def _ruff(project: Project) -> Linter | None:
    configured = "ruff" in project.tools() or project.has_any("ruff.toml", ".ruff.toml")
    command = project.module_command("ruff") if configured else None
    if not command:
        return None
    argv = (*command, "check", "--output-format=json", "--no-cache", "--force-exclude", "--quiet")
    return Linter(name="ruff", argv=argv, output_format="ruff", suffixes=(".py", ".pyi"))


def _flake8(project: Project) -> Linter | None:
    in_ini = any("flake8" in project.ini(path) for path in ("setup.cfg", "tox.ini"))
    command = project.module_command("flake8") if in_ini or project.has_any(".flake8") else None
    return Linter(name="flake8", argv=command, suffixes=(".py",)) if command else None


def _eslint(project: Project) -> Linter | None:
    endings = ("js", "mjs", "cjs", "ts", "mts", "cts")
    old = ("", ".js", ".cjs", ".json", ".yml", ".yaml")
    names = (*(f"eslint.config.{end}" for end in endings), *(f".eslintrc{end}" for end in old))
    configured = project.has_any(*names) or "eslintConfig" in project.json("package.json")
    command = project.node_command("eslint") if configured else None
    if not command:
        return None
    argv = (*command, "--format=json", "--no-error-on-unmatched-pattern")
    return Linter(name="eslint", argv=argv, output_format="eslint", suffixes=SCRIPTS)


def _golangci(project: Project) -> Linter | None:
    configured = project.has_any(*(f".golangci.{end}" for end in ("yml", "yaml", "toml", "json")))
    command = project.program_command("golangci-lint") if configured else None
    if not command:
        return None
    return Linter(
        name="golangci-lint", argv=(*command, "run"), suffixes=(".go",), argument_kind="packages"
    )


def _go_vet(project: Project) -> Linter | None:
    if not project.has_any("go.mod") or _golangci(project):
        return None
    command = project.program_command("go")
    argv = (*(command or ()), "vet")
    return (
        Linter(name="go vet", argv=argv, suffixes=(".go",), argument_kind="packages")
        if command
        else None
    )


def _clippy(project: Project) -> Linter | None:
    lints = [project.toml("Cargo.toml"), project.toml("Cargo.toml").get("workspace", {})]
    tables = (table.get("lints", {}) for table in lints if isinstance(table, dict))
    configured = project.has_any("clippy.toml", ".clippy.toml") or any(
        "clippy" in table for table in tables if isinstance(table, dict)
    )
    if not configured or not project.program_command("cargo-clippy"):
        return None
    argv = ("cargo", "clippy", "--quiet", "--workspace", "--all-targets", "--message-format=json")
    return Linter(
        name="clippy", argv=argv, output_format="clippy", suffixes=(".rs",), argument_kind="nothing"
    )


_DETECTORS: tuple[Callable[[Project], Linter | None], ...] = (
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

    def select_paths(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Return those of some paths that it understands."""
        return tuple(path for path in paths if path.endswith(self.suffixes))


def find_formatters(project: Project) -> tuple[Formatter, ...]:
    """Return every formatter that the project's files point to."""
    if project.has_own_programs:
        return ()  # what an image holds cannot be seen from here
    return tuple(tool for detect in _FORMATTER_DETECTORS if (tool := detect(project)))


def _black(project: Project) -> Formatter | None:
    command = project.module_command("black") if "black" in project.tools() else None
    argv = (*(command or ()), "--quiet")
    return Formatter(name="black", argv=argv, suffixes=(".py", ".pyi")) if command else None


def _ruff_format(project: Project) -> Formatter | None:
    configured = "ruff" in project.tools() or project.has_any("ruff.toml", ".ruff.toml")
    command = (
        project.module_command("ruff") if configured and "black" not in project.tools() else None
    )
    argv = (*(command or ()), "format", "--no-cache", "--force-exclude", "--quiet")
    return Formatter(name="ruff format", argv=argv, suffixes=(".py", ".pyi")) if command else None


def _prettier(project: Project) -> Formatter | None:
    endings = ("", ".json", ".yml", ".yaml", ".json5", ".js", ".cjs", ".mjs", ".ts", ".toml")
    names = (
        *(f".prettierrc{ending}" for ending in endings),
        *(f"prettier.config.{end}" for end in ("js", "cjs", "mjs", "ts")),
    )
    configured = project.has_any(*names) or "prettier" in project.json("package.json")
    command = project.node_command("prettier") if configured else None
    if not command:
        return None
    argv = (*command, "--write", "--ignore-unknown", "--log-level=error")
    suffixes = (*SCRIPTS, ".css", ".scss", ".less", ".html", ".json", ".md", ".yml", ".yaml")
    return Formatter(name="prettier", argv=argv, suffixes=suffixes)


def _gofmt(project: Project) -> Formatter | None:
    command = project.program_command("gofmt") if project.has_any("go.mod") else None
    return Formatter(name="gofmt", argv=(*command, "-w"), suffixes=(".go",)) if command else None


def _rustfmt(project: Project) -> Formatter | None:
    command = project.program_command("rustfmt") if project.has_any("Cargo.toml") else None
    package = project.toml("Cargo.toml").get("package", {})
    edition = package.get("edition") if isinstance(package, dict) else None
    argv = (*(command or ()), "--edition", edition if isinstance(edition, str) else "2021")
    return Formatter(name="rustfmt", argv=argv, suffixes=(".rs",)) if command else None


_FORMATTER_DETECTORS: tuple[Callable[[Project], Formatter | None], ...] = (
    _black,
    _ruff_format,
    _prettier,
    _gofmt,
    _rustfmt,
)
