"""The type checkers that serve as engines: how each is called, set up, and read.

pyrefly (https://pyrefly.org) and ty (https://docs.astral.sh/ty). Both get a configuration of our
own: they look at all files, know the project's packages by path, and start no interpreter.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, NamedTuple

from codeorch.engines.rules import PYREFLY_RULES, TY_RULES, RuleKind
from codeorch.engines.selection import Program, PythonEnvironment, own_program
from codeorch.engines.source_tree import SourceTree
from codeorch.sandbox import Bind, NoSandbox, Sandbox

ServerProtocol = Literal["lsp", "tsserver"]


class Diagnostic(NamedTuple):
    """What a checker says of a line; names and calls only."""

    path: str
    line: int  # from 1
    rule: str
    message: str  # one line, names in backticks, without paths of this machine
    name: str = ""  # what is missing or is called; empty = the message tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """A type checker: a server that says where names are defined, and a command that checks."""

    program: Program
    family: str  # of the languages that it reads
    server: tuple[str, ...]  # arguments that start its server
    protocol: ServerProtocol = "lsp"  # of that
    configuration_file: str
    configuration: Callable[[SourceTree, PythonEnvironment], str]
    # What it needs of the build files instead of their texts, by path.
    build_files: Callable[[SourceTree], Mapping[str, str]] = lambda _tree: {}
    # Of a check: arguments with its output's path, whether they name it, and what reads it (raises
    # ValueError, LookupError, TypeError).
    arguments: Callable[[Path], tuple[str, ...]] = lambda _output: ()
    prints_to_file: bool = False
    takes_paths: bool = False  # whether a check can be about some files, which are named last
    needs_paths: bool = False  # whether it has to be, so that all are named for the whole tree
    read: Callable[[bytes, SourceTree], Iterator[Diagnostic]] = lambda _output, _tree: iter(())
    # The files that kept it from looking at the others; without them it is asked once more.
    broken_files: Callable[[bytes, SourceTree], Collection[str]] = lambda _output, _tree: ()
    exit_codes: frozenset[int] = frozenset()  # with which its output counts; none = with any
    rules: Mapping[str, RuleKind] = field(default_factory=dict)  # that count; none = no check
    # Whether it sees all that the code imports: only then its silence about a use says something.
    sees_imports: bool = True
    settings: Mapping[str, object] = field(default_factory=dict)  # when the server asks for any
    sandbox: Sandbox = field(default_factory=NoSandbox)  # where a program that others bring runs
    variables: Mapping[str, str] = field(default_factory=dict)  # besides those of every engine
    binds: tuple[Bind, ...] = ()  # what it reads besides the tree, in a sandbox
    links: Mapping[str, Path] = field(default_factory=dict)  # folders that the tree shows, by name


def own_checkers() -> tuple[Checker, ...]:
    """Return the checkers of codeorch's own environment, the one to believe first."""
    makers = {"pyrefly": _pyrefly, "ty": _ty}
    programs = {name: own_program(name) for name in makers}
    return tuple(makers[name](program) for name, program in programs.items() if program)


# ------------------------------------------------------------------------------- pyrefly


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
        takes_paths=True,
        read=_pyrefly_diagnostics,
        rules=PYREFLY_RULES,
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


def _pyrefly_diagnostics(output: bytes, _tree: SourceTree) -> Iterator[Diagnostic]:
    for error in json.loads(output)["errors"]:
        yield Diagnostic(
            path=error["path"],
            line=error["line"],
            rule=error["name"],
            message=error["concise_description"],
        )


# ------------------------------------------------------------------------------- ty

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
        takes_paths=True,
        read=_ty_diagnostics,
        rules=TY_RULES,
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


def _ty_diagnostics(output: bytes, _tree: SourceTree) -> Iterator[Diagnostic]:
    for error in json.loads(output):
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
