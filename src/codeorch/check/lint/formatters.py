"""Files of a project -> the formatters that it configures and that are installed for it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from codeorch.check.lint.linters import SCRIPTS, has_any, module, program, script
from codeorch.check.project import Project


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
    return tuple(found for sign in _SIGNS if (found := sign(project)))


def _black(project: Project) -> Formatter | None:
    command = module(project, "black") if "black" in project.tools() else None
    argv = (*(command or ()), "--quiet")
    return Formatter(name="black", argv=argv, suffixes=(".py", ".pyi")) if command else None


def _ruff(project: Project) -> Formatter | None:
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


_SIGNS: tuple[Callable[[Project], Formatter | None], ...] = (
    _black,
    _ruff,
    _prettier,
    _gofmt,
    _rustfmt,
)
