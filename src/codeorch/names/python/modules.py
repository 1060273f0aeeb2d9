"""Which file an import statement of Python means, by the layout of the paths alone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from posixpath import commonpath, dirname


@dataclass(frozen=True, slots=True, kw_only=True)
class Modules:
    """The Python modules of a repository, by every dotted name that could import them."""

    paths: frozenset[str]
    by_name: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, paths: Iterable[str]) -> "Modules":
        """Index the modules that lie at these paths."""
        known = frozenset(paths)
        by_name: dict[str, list[str]] = defaultdict(list)
        for path in sorted(known):
            parts = dotted_path(path).split(".")
            for start in range(len(parts)):
                root = "/".join(path.split("/")[:start])
                # A folder that is a package itself is no place to import from.
                if not start or f"{root}/__init__.py" not in known:
                    by_name[".".join(parts[start:])].append(path)
        return cls(paths=known, by_name=dict(by_name))

    def find(self, dotted: str, importer: str) -> str | None:
        """Find the file of a module; of several, the one nearest to the importing file."""
        if dotted.startswith("."):
            return self._relative(dotted, importer)
        found = self.by_name.get(dotted, [])
        return min(found, key=lambda path: _distance(path, importer), default=None)

    def holds(self, dotted: str) -> bool:
        """Whether modules lie in a folder of this dotted name."""
        return any(name.startswith(f"{dotted}.") for name in self.by_name)

    def is_there(self, dotted: str, importer: str) -> bool:
        """Whether an import of this name finds a module, or a folder that holds modules."""
        if self.find(dotted, importer) is not None:
            return True
        if not dotted.startswith("."):
            return self.holds(dotted)
        folder = self._stem(dotted, importer)
        return any(path.startswith(f"{folder}/") for path in self.paths) or not folder

    def inside(self, package: str, name: str) -> str | None:
        """Find the module called `name` in the package whose `__init__` file is given."""
        if not package.endswith(("__init__.py", "__init__.pyi")):
            return None
        return self._at(f"{dirname(package)}/{name}")

    def _relative(self, dotted: str, importer: str) -> str | None:
        return self._at(self._stem(dotted, importer))

    def _stem(self, dotted: str, importer: str) -> str:
        rest = dotted.lstrip(".")
        folder = importer
        for _ in range(len(dotted) - len(rest)):
            folder = dirname(folder)
        return "/".join(part for part in (folder, *rest.split(".")) if part)

    def _at(self, stem: str) -> str | None:
        stem = stem.lstrip("/")
        ends = (".py", "/__init__.py", ".pyi", "/__init__.pyi")
        return next((stem + end for end in ends if stem + end in self.paths), None)


def dotted_path(path: str) -> str:
    """Write a path as a dotted name: `src/shop/__init__.py` as `src.shop`."""
    stem = path.removesuffix(".pyi").removesuffix(".py").removesuffix("/__init__")
    return stem.replace("/", ".")


def _distance(path: str, importer: str) -> tuple[int, int, str]:
    common = (
        commonpath([dirname(path) or ".", dirname(importer) or "."]) if path and importer else ""
    )
    return -len(common), len(path), path
