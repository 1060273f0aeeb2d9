"""The one table of files that run by themselves: by a test run, a build, an installation.

Whoever writes into one of them runs code on the next machine that tests or builds the project,
without anybody calling it. So a change of one has to be asked for: by its path, or, at a terminal,
by its kind. What steers CI, editors and git is `paths`' business, and asked for by name alone.
"""

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of such files: its name, its base names, and words that ask for it."""

    name: str
    base_names: str
    words: str


_KINDS = (
    _Kind(
        "configuration of a test run",
        r"conftest\.py|\.?pytest\.(?:ini|toml)|tox\.ini|\.coveragerc|\.rspec|\.mocharc\.[^.]+"
        r"|(?:spec|test|rails)_helper\.rb|phpunit\.xml(?:\.dist)?|nose2?\.cfg",
        r"conftest|pytest|tox|fixtures?|coverage|rspec|mocha|phpunit|tests? (?:config|set-?up)\w*",
    ),
    _Kind(
        "build or package of Python",
        r"setup\.(?:py|cfg)|pyproject\.toml|noxfile\.py|dodo\.py|fabfile\.py",
        r"setup\.py|pyproject|nox|packag(?:e|es|ing)|dependenc(?:y|ies)|build|metadata|releases?"
        r"|versions?|python ?\d[\d.]*|entry[ -]points?|configuration",
    ),
    _Kind(
        "package or tool of JavaScript",
        r"package\.json|[^/]*\.(?:config|conf)\.[cm]?[jt]s|\.(?:eslintrc|babelrc|prettierrc)\.[cm]?js"
        r"|(?:gulp|grunt)file\.[cm]?[jt]s|deno\.jsonc?",
        r"package\.json|npm|yarn|pnpm|deno|packag(?:e|es|ing)|dependenc(?:y|ies)|scripts?|build"
        r"|versions?|webpack|vite|vitest|jest|babel|eslint|prettier|rollup|gulp|grunt|node ?\d*"
        r"|configuration",
    ),
    _Kind(
        "makefile",
        r"(?:gnu)?makefile(?:\.(?:am|in|inc|common|local|unix|win\w*))?|[^/]*\.mk|justfile|\.justfile|taskfile\.ya?ml|sconstruct"
        r"|cmakelists\.txt|[^/]*\.cmake|meson\.build|configure(?:\.ac|\.in)?|autogen\.sh"
        r"|build(?:\.bazel)?|workspace(?:\.bazel)?|module\.bazel",
        r"make|makefiles?|just|justfile|cmake|meson|bazel|autoconf|build|targets?",
    ),
    _Kind(
        "build or package",
        r"build\.rs|cargo\.toml|[^/]*\.gradle(?:\.kts)?|gradlew(?:\.bat)?"
        r"|gradle-wrapper\.properties|mvnw(?:\.cmd)?|pom\.xml|build\.sbt|build\.xml"
        r"|[^/]*\.(?:cs|fs|vb)proj|directory\.build\.(?:props|targets)|composer\.json|mix\.exs"
        r"|rakefile|gemfile|[^/]*\.gemspec|package\.swift|podfile|go\.work",
        r"cargo|crates?|gradle|maven|pom|sbt|ant|msbuild|composer|rake|gems?|gemfile|swift package"
        r"|packag(?:e|es|ing)|dependenc(?:y|ies)|build|versions?",
    ),
    _Kind(
        "container image",
        r"(?:docker|container)file(?:\.(?!(?:md|rst|txt)$)[^/]*)?|[^/]*\.dockerfile|(?:docker-)?compose[^/]*\.ya?ml"
        r"|vagrantfile|procfile",
        r"docker(?:file)?s?|containers?|images?|compose|vagrant|procfile",
    ),
)  # fmt: skip
_PATTERNS = tuple(
    (kind.name, re.compile(kind.base_names), re.compile(rf"\b(?:{kind.words})\b", re.IGNORECASE))
    for kind in _KINDS
)
_AROUND = r"[\w./\\-]"  # what goes on with a path


def autorun_kind(path: str) -> str:
    """Return the kind of a file that runs by itself; empty for any other.

    Base names count, at any depth and in any case.

    >>> autorun_kind("pkg/Tests/ConfTest.py")
    'configuration of a test run'
    """
    row = _row(path.rpartition("/")[2].casefold())
    return row[0] if row else ""


def names_path(text: str, path: str) -> bool:
    """Return whether a text names a path, whole and letter by letter.

    >>> names_path("see tests/conftest.py.", "tests/conftest.py")
    True
    >>> names_path("see tests/conftest.py", "conftest.py")
    False
    """
    # A full stop that ends a sentence is no part of a path.
    pattern = rf"(?<!{_AROUND}){re.escape(path)}(?![\w/\\-]|\.\w)"
    return re.search(pattern, text) is not None


def names_kind(text: str, path: str) -> bool:
    """Return whether a text asks for the kind of file that a path is, in words."""
    row = _row(path.rpartition("/")[2].casefold())
    return row is not None and row[1].search(text) is not None


@lru_cache(maxsize=1 << 12)
def _row(base_name: str) -> tuple[str, re.Pattern[str]] | None:
    return next(
        ((name, words) for name, files, words in _PATTERNS if files.fullmatch(base_name)), None
    )
