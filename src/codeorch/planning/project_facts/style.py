"""Configuration of a project -> its linters and formatters, with the rules for a writer."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from codeorch.planning.project_facts.manifests import Manifests, strings, table

_RULES: Final = 200  # characters of a list of rules
_HOOK: Final = re.compile(r"(?m)^\s*-?\s*id:\s*[\"']?([\w.-]+)")
# Hooks that ask nothing which a writer would do otherwise.
_PLAIN_HOOK: Final = re.compile(
    r"check-|trailing|end-of|debug-|fix-|no-commit|mixed|detect|name-t|sort-"
)
_HOOKS: Final = 12
_PRETTIER: Final = (
    "printWidth", "tabWidth", "useTabs", "semi", "singleQuote", "jsxSingleQuote", "trailingComma",
    "quoteProps", "arrowParens", "bracketSpacing",
)  # fmt: skip
_EDITOR: Final = ("indent_style", "indent_size", "max_line_length", "end_of_line")
_ENDINGS: Final = ("json", "yml", "yaml", "json5", "js", "cjs", "mjs", "ts", "toml")
_SCRIPTS: Final = ("js", "mjs", "cjs", "ts", "mts", "cts")


def code_style(manifests: Manifests) -> tuple[str, ...]:
    """Return one line for each linter or formatter that is configured."""
    return tuple(line for find in _FINDERS for line in find(manifests))


def _ruff(manifests: Manifests) -> Iterator[str]:
    found = manifests.tool("ruff")
    for path in ("ruff.toml", ".ruff.toml"):
        found = found or manifests.toml(path)
    if not found:
        return
    lint = {**found, **table(found, "lint")}
    said = [_pair(found, "line-length", "lines of"), _pair(found, "target-version", "target")]
    said.append(_pair(table(found, "format"), "quote-style", "quotes"))
    for key, noun in (
        ("select", "rules"),
        ("extend-select", "further rules"),
        ("ignore", "without"),
    ):
        if rules := strings(lint.get(key)):
            said.append(f"{noun} {' '.join(rules)[:_RULES]}")
    said.append(_pair(table(lint, "pydocstyle"), "convention", "docstrings"))
    said += ["one import a line"] * (table(lint, "isort").get("force-single-line") is True)
    yield _line("ruff", said)


def _black(manifests: Manifests) -> Iterator[str]:
    found = manifests.tool("black")
    if found:
        said = [_pair(found, "line-length", "lines of")]
        said += ["quotes as they are"] * (found.get("skip-string-normalization") is True)
        yield _line("black", said)


def _isort(manifests: Manifests) -> Iterator[str]:
    if found := manifests.tool("isort"):
        said = [_pair(found, "profile", "profile")]
        said += ["one import a line"] * (found.get("force_single_line") is True)
        yield _line("isort", said)


def _flake8(manifests: Manifests) -> Iterator[str]:
    for path in (".flake8", "setup.cfg", "tox.ini"):
        parser = manifests.ini(path)
        if parser.has_section("flake8"):
            section = dict(parser.items("flake8"))
            said = [_pair(section, "max-line-length", "lines of")]
            said.append(_pair(section, "docstring-convention", "docstrings"))
            yield _line("flake8", said)
            return


def _types(manifests: Manifests) -> Iterator[str]:
    if (mypy := manifests.tool("mypy")) or manifests.ini("setup.cfg").has_section("mypy"):
        yield "mypy, strict" if mypy.get("strict") is True else "mypy"
    if pyright := manifests.tool("pyright") or manifests.json("pyrightconfig.json"):
        yield _line("pyright", [_pair(pyright, "typeCheckingMode", "mode")])


def _prettier(manifests: Manifests) -> Iterator[str]:
    package = manifests.json("package.json")
    names = [".prettierrc", *(f".prettierrc.{ending}" for ending in _ENDINGS)]
    names += [f"prettier.config.{ending}" for ending in _SCRIPTS]
    files = [name for name in names if manifests.text(name)]
    found = table(package, "prettier")
    for name in files:
        found = found or manifests.json(name)
    if found or files or "prettier" in package:
        yield _line("prettier", [_pair(found, key, key) for key in _PRETTIER])


def _scripts(manifests: Manifests) -> Iterator[str]:
    names = [f"eslint.config.{ending}" for ending in _SCRIPTS]
    names += [".eslintrc", *(f".eslintrc.{ending}" for ending in _ENDINGS)]
    if any(manifests.text(name) for name in names) or "eslintConfig" in manifests.json(
        "package.json"
    ):
        yield "eslint"
    if biome := manifests.json("biome.json") or manifests.json("biome.jsonc"):
        formatter = {**table(biome, "formatter"), **table(biome, "javascript", "formatter")}
        keys = ("lineWidth", "indentStyle", "quoteStyle", "semicolons")
        yield _line("biome", [_pair(formatter, key, key) for key in keys])
    if oxfmt := manifests.json(".oxfmtrc.json"):
        yield _line("oxfmt", [_pair(oxfmt, key, key) for key in _PRETTIER])


def _others(manifests: Manifests) -> Iterator[str]:
    if rustfmt := manifests.toml("rustfmt.toml") or manifests.toml(".rustfmt.toml"):
        yield _line("rustfmt", [_pair(rustfmt, "max_width", "lines of")])
    for name, tool in (
        (".golangci.yml", "golangci-lint"), (".golangci.yaml", "golangci-lint"),
        (".rubocop.yml", "rubocop"), (".clang-format", "clang-format"),
        ("checkstyle/checkstyle.xml", "checkstyle"), (".scalafmt.conf", "scalafmt"),
        ("checkstyle.xml", "checkstyle"), ("phpcs.xml", "phpcs"), (".stylelintrc", "stylelint"),
    ):  # fmt: skip
        if manifests.text(name):
            yield f"{tool} ({name})"


def _editorconfig(manifests: Manifests) -> Iterator[str]:
    """Read what `.editorconfig` says of all files."""
    parser = manifests.ini(".editorconfig", "[root]\n")
    if parser.has_section("*"):
        section = dict(parser.items("*"))
        if said := [part for key in _EDITOR if (part := _pair(section, key, key))]:
            yield _line("editorconfig", said)


def _hooks(manifests: Manifests) -> Iterator[str]:
    found = _HOOK.findall(manifests.text(".pre-commit-config.yaml"))
    hooks = [hook for hook in dict.fromkeys(found) if not _PLAIN_HOOK.match(hook)]
    if hooks:
        yield f"pre-commit hooks: {', '.join(hooks[:_HOOKS])}"


_FINDERS: Final[tuple[Callable[[Manifests], Iterator[str]], ...]] = (
    _ruff, _black, _isort, _flake8, _types, _prettier, _scripts, _others, _editorconfig, _hooks,
)  # fmt: skip


def _pair(section: Mapping[str, Any], key: str, noun: str) -> str:
    value = section.get(key)
    if isinstance(value, bool):
        return noun if value else f"no {noun}"
    return f"{noun} {value}" if isinstance(value, str | int) else ""


def _line(tool: str, said: list[str]) -> str:
    parts = [part for part in said if part]
    return f"{tool}: {', '.join(parts)}" if parts else tool
