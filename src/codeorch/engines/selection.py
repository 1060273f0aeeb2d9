"""Which engines this machine has: programs of codeorch's own environment, and of the user's PATH.

A program is named by its absolute path. Our own are looked for where this Python is installed: what
the search path or the repository call by the same name is another program.
"""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

from codeorch.sandbox import Bind


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that can be started."""

    name: str
    path: Path  # absolute
    version: str = ""  # empty = it would have to be started to say it
    build: str = ""  # what tells two builds apart that have no version

    @property
    def title(self) -> str:
        """Its name and version."""
        return f"{self.name} {self.version}".rstrip()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPrograms:
    """Programs of the user's, to be run in a sandbox."""

    search_path: str  # as PATH, without what the repository brings along
    variables: Mapping[str, str] = field(default_factory=dict)  # of the user's shell

    def path(self, name: str) -> Path | None:
        """Return where a program really is; None when it is not on the search path."""
        found = shutil.which(name, path=self.search_path)
        return Path(found).resolve() if found else None

    def build(self, program: Path) -> str:
        """Return what tells two builds of a program apart without starting it: size and time."""
        status = program.stat()
        return f"{status.st_size:x}.{status.st_mtime_ns:x}"

    def binds(self, *paths: Path) -> tuple[Bind, ...]:
        """Return what a sandbox has to show of some programs or folders, beside the system's."""
        own = (path for path in paths if not any(map(path.is_relative_to, _SYSTEM_FOLDERS)))
        return tuple(Bind(source=path, target=path) for path in own)


_SYSTEM_FOLDERS: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/nix/store", "/gnu/store")
