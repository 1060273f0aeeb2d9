"""Which file a module specifier of JavaScript or TypeScript means."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath
from typing import Final

_ENDS: Final = (
    "", ".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs",
    "/index.ts", "/index.tsx", "/index.d.ts", "/index.js", "/index.jsx", "/index.mjs",
)  # fmt: skip
_SCRIPT_END: Final = re.compile(r"\.(?:[cm]?js|jsx|ts|tsx)$")  # `./a.js` may be written for a.ts
_BUILT: Final = re.compile(r"(?:dist|build|lib|out)/")
_STRING_OR_COMMENT: Final = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA: Final = re.compile(r",(?=\s*[}\]])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Modules:
    """The script files of a repository, and the names that its own packages go by."""

    paths: frozenset[str]
    packages: Mapping[str, str]  # package name -> its folder
    # `paths` of tsconfig files, `imports` and `exports` of package.json: pattern -> target.
    aliases: tuple[tuple[str, str], ...]
    _found: dict[tuple[str, str], str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, paths: Iterable[str], configs: Mapping[str, str]) -> "Modules":
        """Index script files, with the text of the `package.json` and tsconfig files."""
        packages: dict[str, str] = {}
        aliases: list[tuple[str, str]] = []
        for path in sorted(configs):
            told = _read(configs[path])
            if path.endswith("package.json") and isinstance(name := told.get("name"), str):
                packages[name] = dirname(path)
                aliases += _entries(dirname(path), name, told)
            aliases += _aliases(dirname(path), told.get("compilerOptions"))
            aliases += _subpaths(dirname(path), told.get("imports"))
        return cls(paths=frozenset(paths), packages=packages, aliases=tuple(aliases))

    def find(self, specifier: str, importer: str) -> str | None:
        """Find the file that a specifier means; None when it is not in this repository."""
        at = (specifier, dirname(importer))
        if at not in self._found:
            stems = self._stems(specifier, importer)
            self._found[at] = next((path for stem in stems if (path := self._at(stem))), None)
        return self._found[at]

    def is_own(self, specifier: str) -> bool:
        """Whether a specifier belongs to this repository, even if its file is not found."""
        return specifier.startswith(".") or any(
            specifier == name or specifier.startswith(f"{name}/") for name in self.packages
        )

    def _stems(self, specifier: str, importer: str) -> Iterator[str]:
        if specifier.startswith("."):
            yield normpath(join(dirname(importer), specifier))
            return
        for pattern, target in self.aliases:
            head, star, tail = pattern.partition("*")
            if specifier == pattern:
                yield target
            elif star and specifier.startswith(head) and specifier.endswith(tail):
                yield target.replace("*", specifier[len(head) : len(specifier) - len(tail)])
        for name, folder in self.packages.items():
            if specifier == name or specifier.startswith(f"{name}/"):
                rest = specifier[len(name) :].lstrip("/")
                yield normpath(join(folder, "src", rest))
                yield normpath(join(folder, rest))

    def _at(self, stem: str) -> str | None:
        short = _SCRIPT_END.sub("", stem)
        tries = (base + end for base in (stem, short) for end in _ENDS)
        return next((each for each in tries if each in self.paths), None)


def _aliases(folder: str, options: object) -> Iterator[tuple[str, str]]:
    if not isinstance(options, dict) or not isinstance(options.get("paths"), dict):
        return
    base = options.get("baseUrl")
    root = join(folder, base) if isinstance(base, str) else folder
    for pattern, targets in options["paths"].items():
        for target in targets if isinstance(targets, list) else ():
            yield str(pattern), normpath(join(root, str(target)))


def _subpaths(folder: str, imports: object) -> Iterator[tuple[str, str]]:
    """Read Node's subpath imports: `"#types/*": "./types/*.d.ts"`, also under conditions."""
    for pattern, told in imports.items() if isinstance(imports, dict) else ():
        for target in _targets(told):
            yield str(pattern), normpath(join(folder, target))


def _entries(folder: str, name: str, told: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Read what a package gives to others; what is built is looked for where it is built from."""
    exports = told.get("exports")
    listed = exports if isinstance(exports, dict) and _is_subpaths(exports) else {".": exports}
    mains = [f"./{told[key]}" for key in ("module", "main") if isinstance(told.get(key), str)]
    for subpath, given in (*listed.items(), (".", mains)):
        for target in _targets(given):
            plain = normpath(target)
            yield normpath(f"{name}/{subpath}"), normpath(join(folder, plain))
            if _BUILT.match(plain):
                yield (
                    normpath(f"{name}/{subpath}"),
                    normpath(join(folder, _BUILT.sub("src/", plain))),
                )


def _is_subpaths(exports: Mapping[str, object]) -> bool:
    """Whether exports are told by subpath, not only by condition."""
    return any(key.startswith(".") for key in exports)


def _targets(told: object) -> Iterator[str]:
    """Give the files that are told, under whatever conditions."""
    todo = [told]
    while todo:
        target = todo.pop(0)
        todo += target.values() if isinstance(target, dict) else ()
        todo += target if isinstance(target, list) else ()
        if isinstance(target, str) and target.startswith("."):
            yield target


def _read(text: str) -> dict[str, object]:
    """Read JSON with comments; what is none counts as empty."""
    try:
        plain = _STRING_OR_COMMENT.sub(lambda found: found[1] or "", text)
        told = json.loads(_TRAILING_COMMA.sub("", plain))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
