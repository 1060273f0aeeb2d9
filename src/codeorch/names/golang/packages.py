"""Which folder of a repository a Go import path means."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import Final

_CLAUSE: Final = re.compile(r"(?m)^package\s+(\w+)")
_MODULE: Final = re.compile(r"(?m)^module\s+\"?([^\s\"]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package: the files of a folder with the same package clause."""

    folder: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """The packages of a repository."""

    of_file: Mapping[str, Package]
    files: Mapping[Package, tuple[str, ...]]
    modules: Mapping[str, str]  # module path -> folder of its go.mod

    @classmethod
    def of(cls, texts: Mapping[str, str], go_mods: Mapping[str, str]) -> "Packages":
        """Index Go files by folder and package clause, with the text of the go.mod files."""
        of_file = {
            path: Package(folder=dirname(path), name=found[1])
            for path, text in texts.items()
            if (found := _CLAUSE.search(text))
        }
        files: dict[Package, list[str]] = defaultdict(list)
        for path, package in sorted(of_file.items()):
            files[package].append(path)
        modules = {
            found[1]: dirname(path)
            for path, text in go_mods.items()
            if (found := _MODULE.search(text))
        }
        return cls(
            of_file=of_file,
            files={package: tuple(paths) for package, paths in files.items()},
            modules=modules,
        )

    def imported(self, path: str) -> Package | None:
        """Find the package that an import path means; None when it is not in this repository."""
        for module in sorted(self.modules, key=len, reverse=True):
            if path == module or path.startswith(f"{module}/"):
                folder = normpath(join(self.modules[module], path[len(module) :].lstrip("/")))
                return self._in("" if folder == "." else folder)
        if self.modules:
            return None
        folders = {package.folder for package in self.files}
        fitting = [each for each in folders if each and path.endswith(f"/{each}")]
        return self._in(max(fitting, key=len)) if fitting else None

    def _in(self, folder: str) -> Package | None:
        found = [each for each in self.files if each.folder == folder]
        plain = [each for each in found if not each.name.endswith("_test")]
        return _first(plain or found)


def _first(packages: Iterable[Package]) -> Package | None:
    return next(iter(packages), None)
