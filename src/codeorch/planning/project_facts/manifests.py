"""Manifests of a project -> versions that it supports, what it depends on, its own version."""

import configparser
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import dirname, join
from typing import Any, Final

from codeorch.domain import Snapshot
from codeorch.languages import is_package_file

_FOLDERS: Final = 3  # with manifests that are read: the root, and those nearest to what matters
_DEPENDENCIES: Final = 12
_NAMES: Final = (
    "pyproject.toml", "setup.cfg", "setup.py", "package.json", "tsconfig.json", "go.mod",
    "tsconfig.base.json", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts",
    "composer.json", "Gemfile",
)  # fmt: skip
_MINOR: Final = re.compile(r"Programming Language :: Python :: (3\.\d+)$")
_GRADLE: Final = re.compile(
    r"(?:languageVersion\D{1,40}|(?:source|target)Compatibility\W+|JavaVersion\s*=\s*)(\d[\d.]*)"
)
# What a text says of versions, where reading the whole format would tell no more.
_VERSION_PATTERNS: Final[tuple[tuple[str, str, re.Pattern[str]], ...]] = (
    ("setup.py", "Python", re.compile(r"python_requires\s*=\s*[\"']([^\"'\n]{1,40})")),
    ("go.mod", "Go", re.compile(r"(?m)^go (\S{1,20})")),
    ("pom.xml", "Java", re.compile(r"<(?:maven\.compiler\.\w+|java\.version)>([\d.]+)<")),
    ("build.gradle", "Java", _GRADLE),
    ("build.gradle.kts", "Java", _GRADLE),
    ("Gemfile", "Ruby", re.compile(r"(?m)^ruby [\"']([^\"'\n]{1,20})")),
)  # fmt: skip
_GO_REQUIRE: Final = re.compile(r"(?m)^\s*(?:require )?([\w./-]+\.[\w./-]+) (v\S+)$")
_COMMENT: Final = re.compile(r"(?m)^\s*//.*$|,(?=\s*[}\]])")
_VERSION_FILES: Final = ("_version", "__version__", "version", "__about__")
_DEEP: Final = 2  # folders above such a file
_CODE_VERSION: Final = re.compile(
    r"(?m)^(?:__version__|VERSION|version)\s*(?::\s*\w+\s*)?=\s*[\"']([^\"'\n]{1,40})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """The manifests of some folders of a snapshot. They are untrusted: faulty ones are empty."""

    snapshot: Snapshot
    folders: Sequence[str]  # the root first, as an empty name

    @classmethod
    def near(cls, snapshot: Snapshot, paths: Iterable[str]) -> "Manifests":
        """Return the manifests of the root and of the packages that hold some paths."""
        folders = {"": None}
        for path in paths:
            folder = dirname(path)
            while folder and not any(join(folder, name) in snapshot.files for name in _NAMES):
                folder = dirname(folder)
            folders[folder] = None
        return cls(snapshot=snapshot, folders=list(folders)[:_FOLDERS])

    def text(self, path: str) -> str:
        """Return a file's text; empty when there is none."""
        return self.snapshot.bare(path).text if path in self.snapshot.files else ""

    def toml(self, path: str) -> Mapping[str, Any]:
        """Read a TOML file."""
        try:
            return tomllib.loads(self.text(path))
        except (tomllib.TOMLDecodeError, RecursionError):
            return {}

    def json(self, path: str) -> Mapping[str, Any]:
        """Read a JSON file, comments in lines of their own and last commas allowed."""
        text = self.text(path)
        for written in (text, _COMMENT.sub("", text)):
            try:
                value = json.loads(written)
            except (ValueError, RecursionError):
                continue
            return value if isinstance(value, dict) else {}
        return {}

    def ini(self, path: str, head: str = "") -> configparser.ConfigParser:
        """Read an INI file; `head` is put before it, for one that begins without a section."""
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(head + self.text(path))
        except configparser.Error:
            return configparser.ConfigParser()
        return parser

    def tool(self, name: str) -> Mapping[str, Any]:
        """Return the table of a tool in the root's pyproject.toml."""
        return table(self.toml("pyproject.toml"), "tool", name)

    def paths(self, name: str) -> Iterator[str]:
        """Yield the paths of a manifest in the folders."""
        found = (join(folder, name) for folder in self.folders)
        yield from (path for path in found if path in self.snapshot.files)


def table(value: Any, *keys: str) -> Mapping[str, Any]:  # noqa: ANN401 - TOML or JSON
    """Return a table inside of others; empty when one of them is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def strings(value: Any) -> list[str]:  # noqa: ANN401 - TOML or JSON
    """Return the texts of a list; of one text, this; of anything else, none."""
    some = [value] if isinstance(value, str) else value
    return [each for each in some if isinstance(each, str)] if isinstance(some, list) else []


# ------------------------------------------------------------------------------- versions


def supported_versions(manifests: Manifests) -> tuple[str, ...]:
    """Return the versions of languages that the manifests say the project supports."""
    found = [
        *(v for path in manifests.paths("pyproject.toml") for v in _python(manifests.toml(path))),
        *(v for path in manifests.paths("setup.cfg") for v in _setup_cfg(manifests.ini(path))),
        *(v for path in manifests.paths("package.json") for v in _node(manifests.json(path))),
        *(v for path in _tsconfigs(manifests) for v in _typescript(manifests.json(path))),
        *(v for path in manifests.paths("Cargo.toml") for v in _rust(manifests.toml(path))),
        *(v for path in manifests.paths("composer.json") for v in _php(manifests.json(path))),
        *_versions_by_pattern(manifests),
    ]
    return tuple(dict.fromkeys(found))


def _python(pyproject: Mapping[str, Any]) -> Iterator[str]:
    project = table(pyproject, "project")
    required = project.get("requires-python") or table(
        pyproject, "tool", "poetry", "dependencies"
    ).get("python")
    if isinstance(required, str):
        named = [m[1] for line in strings(project.get("classifiers")) if (m := _MINOR.search(line))]
        yield f"Python {required}" + _minor_range(named)


def _setup_cfg(setup: configparser.ConfigParser) -> Iterator[str]:
    required = setup.get("options", "python_requires", fallback="")
    if required:
        lines = setup.get("metadata", "classifiers", fallback="").split("\n")
        yield f"Python {required}" + _minor_range(
            [m[1] for line in lines if (m := _MINOR.search(line))]
        )


def _minor_range(versions: Sequence[str]) -> str:
    order = sorted(set(versions), key=lambda version: int(version.partition(".")[2]))
    return f", tested on {order[0]} to {order[-1]}" if len(order) > 1 else ""


def _node(package: Mapping[str, Any]) -> Iterator[str]:
    for name, version in table(package, "engines").items():
        if isinstance(version, str):
            yield f"{name} {version}"
    if isinstance(kind := package.get("type"), str):
        yield "ES modules" if kind == "module" else "CommonJS modules"


def _tsconfigs(manifests: Manifests) -> Iterator[str]:
    yield from manifests.paths("tsconfig.json")
    yield from manifests.paths("tsconfig.base.json")


def _typescript(config: Mapping[str, Any]) -> Iterator[str]:
    options = table(config, "compilerOptions")
    said = [f"{key} {options[key]}" for key in ("target", "module") if key in options]
    said += ["strict"] * (options.get("strict") is True)
    if said:
        yield f"TypeScript {', '.join(said)}"


def _rust(cargo: Mapping[str, Any]) -> Iterator[str]:
    for part in (table(cargo, "package"), table(cargo, "workspace", "package")):
        if isinstance(edition := part.get("edition"), str):
            yield f"Rust edition {edition}"
        if isinstance(version := part.get("rust-version"), str):
            yield f"rustc {version}"


def _php(composer: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(version := table(composer, "require").get("php"), str):
        yield f"PHP {version}"


def _versions_by_pattern(manifests: Manifests) -> Iterator[str]:
    for name, what, pattern in _VERSION_PATTERNS:
        for path in manifests.paths(name):
            if found := pattern.search(manifests.text(path)):
                yield f"{what} {found[1]}"


# ------------------------------------------------------------------------------- dependencies


def main_dependencies(manifests: Manifests) -> tuple[str, ...]:
    """Return the first direct dependencies, each with its versions as the manifests have them."""
    found: list[str] = []
    for path in manifests.paths("pyproject.toml"):
        pyproject = manifests.toml(path)
        found += [
            each.partition(";")[0].strip()
            for each in strings(table(pyproject, "project").get("dependencies"))
        ]
        found += _versions(table(pyproject, "tool", "poetry", "dependencies"), without="python")
    for path in manifests.paths("setup.cfg"):
        lines = manifests.ini(path).get("options", "install_requires", fallback="").split("\n")
        found += [line.partition(";")[0].strip() for line in lines if line.strip()]
    for path in manifests.paths("package.json"):
        package = manifests.json(path)
        found += _versions(table(package, "peerDependencies"))
        found += _versions(table(package, "dependencies"))
    for path in manifests.paths("Cargo.toml"):
        found += _versions(table(manifests.toml(path), "dependencies"))
    for path in manifests.paths("go.mod"):
        found += [" ".join(each) for each in _GO_REQUIRE.findall(manifests.text(path))]
    unique = list(dict.fromkeys(found))
    more = [f"and {len(unique) - _DEPENDENCIES} more"] if len(unique) > _DEPENDENCIES else []
    return (*unique[:_DEPENDENCIES], *more)


def _versions(entries: Mapping[str, Any], without: str = "") -> Iterator[str]:
    for name, value in entries.items():
        version = value.get("version") if isinstance(value, dict) else value
        if name != without:
            yield f"{name} {version}" if isinstance(version, str) else name


# ------------------------------------------------------------------------------- the own version


def own_version(manifests: Manifests) -> str:
    """Return the version that the project has now, with the file that says it; empty for none."""
    readers = (
        ("pyproject.toml", lambda path: table(manifests.toml(path), "project").get("version")),
        (
            "pyproject.toml",
            lambda path: table(manifests.toml(path), "tool", "poetry").get("version"),
        ),
        ("setup.cfg", lambda path: manifests.ini(path).get("metadata", "version", fallback=None)),
        ("package.json", lambda path: manifests.json(path).get("version")),
        ("Cargo.toml", lambda path: table(manifests.toml(path), "package").get("version")),
    )
    for name, read in readers:
        for path in manifests.paths(name):
            version = read(path)
            if isinstance(version, str) and ":" not in version:
                return f"{version} ({path})"
    return _version_in_code(manifests)


def _version_in_code(manifests: Manifests) -> str:
    snapshot = manifests.snapshot
    # The outermost first: what lies deeper may be a package that the project brings along.
    for path in sorted(snapshot.files, key=lambda path: (path.count("/"), path)):
        stem = path.rpartition("/")[2].partition(".")[0]
        named = stem in _VERSION_FILES or is_package_file(path)
        if named and path.count("/") <= _DEEP and snapshot.bare(path).role == "source":
            found = _CODE_VERSION.search(manifests.text(path))
            if found:
                return f"{found[1]} ({path})"
    return ""
