"""The type checkers that serve as engines: how each is called, set up, and read.

pyrefly (https://pyrefly.org) and ty (https://docs.astral.sh/ty). Both get a configuration of our
own: they look at all files, know the project's packages by path, and start no interpreter.
"""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from codeorch.engines.selection import Program, PythonEnvironment, own_program
from codeorch.engines.source_tree import SourceTree


class Diagnostic(NamedTuple):
    """What a checker says of a line; names and calls only."""

    path: str
    line: int  # from 1
    rule: str
    message: str  # one line, without paths of this machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """A type checker: a server that says where names are defined, and a command that checks."""

    program: Program
    family: str  # of the languages that it reads
    server: tuple[str, ...]  # arguments that start its language server
    configuration_file: str
    configuration: Callable[[SourceTree, PythonEnvironment], str]
    arguments: Callable[[Path], tuple[str, ...]]  # of a check with its output in a file
    prints_to_file: bool  # whether the output's path is among the arguments
    read: Callable[[Any], Iterator[Diagnostic]]  # its JSON; any of LookupError, TypeError, ...
    name_rules: frozenset[str]  # the rules that tell of names and calls
    import_rules: frozenset[str]  # those of them that an absent package raises, too


def own_checkers() -> tuple[Checker, ...]:
    """Return the checkers of codeorch's own environment, the one to believe first."""
    makers = {"pyrefly": _pyrefly, "ty": _ty}
    programs = {name: own_program(name) for name in makers}
    return tuple(makers[name](program) for name, program in programs.items() if program)


# ------------------------------------------------------------------------------- pyrefly

_PYREFLY_RULES: Final = frozenset({
    "unknown-name", "missing-attribute", "missing-module-attribute", "missing-import",
    "bad-argument-count", "unexpected-keyword", "missing-argument", "not-callable", "bad-return",
})  # fmt: skip


def _pyrefly(program: Program) -> Checker:
    return Checker(
        program=program,
        family="python",
        server=("lsp", "--indexing-mode", "none"),
        configuration_file="pyrefly.toml",
        configuration=_pyrefly_configuration,
        arguments=lambda output: (
            "check", "--summary=none", "--color=never", "-c", "pyrefly.toml",
            "--output", f"json:{output}",
        ),
        prints_to_file=True,
        read=_pyrefly_diagnostics,
        name_rules=_PYREFLY_RULES,
        import_rules=frozenset({"missing-import"}),
    )  # fmt: skip


def _pyrefly_configuration(tree: SourceTree, environment: PythonEnvironment) -> str:
    return _toml(
        ("preset", "default"),
        ("project-includes", ["**/*.py", "**/*.pyi"]),
        ("project-excludes", []),
        ("disable-project-excludes-heuristics", True),
        ("use-ignore-files", False),
        ("search-path", [root or "." for root in tree.roots]),
        ("enable-fallback-search-path", True),
        ("site-package-path", list(map(str, environment.site_packages))),
        ("skip-interpreter-query", True),
        ("python-version", "{}.{}".format(*environment.version)),
        ("python-platform", "linux"),
    )


def _pyrefly_diagnostics(output: Any) -> Iterator[Diagnostic]:  # noqa: ANN401 - JSON
    for error in output["errors"]:
        yield Diagnostic(
            path=error["path"],
            line=error["line"],
            rule=error["name"],
            message=error["concise_description"],
        )


# ------------------------------------------------------------------------------- ty

_TY_RULES: Final = frozenset({
    "unresolved-reference", "missing-attribute", "missing-union-attribute",
    "missing-module-member", "import-not-found", "too-many-positional-arguments",
    "unknown-argument", "missing-argument", "not-callable", "invalid-explicit-return",
})  # fmt: skip


_TY_EXCLUDES: Final = (  # what it leaves out unless told otherwise
    ".bzr", ".direnv", ".eggs", ".git-rewrite", ".hg", ".mypy_cache", ".nox", ".pants.d",
    ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", "__pypackages__", "_build", "buck-out",
    "dist", "node_modules", "venv",
)  # fmt: skip


def _ty(program: Program) -> Checker:
    return Checker(
        program=program,
        family="python",
        server=("server",),
        configuration_file="ty.toml",
        configuration=_ty_configuration,
        arguments=lambda _output: (
            "check", "--project", ".", "--output-format", "gitlab", "--exit-zero",
            "--no-progress", "--color", "never",
        ),
        prints_to_file=False,
        read=_ty_diagnostics,
        name_rules=_TY_RULES,
        import_rules=frozenset({"import-not-found"}),
    )  # fmt: skip


def _ty_configuration(tree: SourceTree, environment: PythonEnvironment) -> str:
    environment_table = _toml(
        ("root", [f"./{root}" if root else "." for root in tree.roots]),
        ("extra-paths", list(map(str, environment.site_packages))),
        ("python-version", "{}.{}".format(*environment.version)),
        ("python-platform", "linux"),
    )
    source_table = _toml(
        ("respect-ignore-files", False),
        ("exclude", [f"!**/{folder}/" for folder in _TY_EXCLUDES]),
    )
    return f"[environment]\n{environment_table}\n[src]\n{source_table}"


def _ty_diagnostics(output: Any) -> Iterator[Diagnostic]:  # noqa: ANN401 - JSON
    for error in output:
        rule = error["check_name"]
        yield Diagnostic(
            path=error["location"]["path"],
            line=error["location"]["positions"]["begin"]["line"],
            rule=rule,
            message=error["description"].removeprefix(f"{rule}: "),
        )


def _toml(*rows: tuple[str, str | bool | Collection[str]]) -> str:
    """Write a table of TOML; its strings and lists are written as in JSON."""
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=True)}\n" for key, value in rows)
