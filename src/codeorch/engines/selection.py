"""Which engines this machine has: programs of codeorch's own environment.

A program is named by its absolute path, and looked for where this Python is installed: what the
search path or the repository call by the same name is another program.
"""

import sys
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that can be started."""

    name: str
    path: Path  # absolute
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonEnvironment:
    """What is known of a project's Python without starting it."""

    site_packages: tuple[Path, ...] = ()
    version: tuple[int, int] = (sys.version_info.major, sys.version_info.minor)


@cache
def own_program(distribution: str) -> Program | None:
    """Return the program of a distribution that is installed beside codeorch; None without it.

    The program is called like its distribution, as those of pyrefly and ty are.
    """
    try:
        installed = metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return None
    beside = (Path(sys.prefix) / "bin" / distribution,)
    recorded = (
        Path(str(file.locate())).resolve()
        for file in installed.files or ()
        if file.name == distribution and file.parent.name == "bin"
    )
    path = next((path for path in (*beside, *recorded) if path.is_file()), None)
    if path is None:
        return None
    return Program(name=distribution, path=path.absolute(), version=installed.version)
