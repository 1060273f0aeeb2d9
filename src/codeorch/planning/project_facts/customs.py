"""Files of a project -> what it asks of changes: changelog, documents, tests, examples that run."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from posixpath import basename, dirname, normpath
from typing import Final

from codeorch.domain import Snapshot, SourceFile
from codeorch.planning.project_facts.manifests import Manifests, table
from codeorch.source import CHANGELOG, CHANGELOG_ENTRY

_NO_FRAGMENT: Final = re.compile(r"(?:readme|template|config|index)", re.IGNORECASE)
_GENERATED: Final = re.compile(
    r"do not edit|don't edit|not be edited|never edit|auto-?generated|"
    r"generated (?:by|automatically|from)|automatically (?:generated|created|updated)",
    re.IGNORECASE,
)
_TOOLS: Final = {
    "release-please-config.json": "release-please",
    ".release-please-manifest.json": "release-please",
    "cliff.toml": "git-cliff",
    ".releaserc": "semantic-release",
    ".releaserc.json": "semantic-release",
    "release.config.js": "semantic-release",
    ".github/release-drafter.yml": "release-drafter",
    ".github/release.yml": "GitHub's release notes",
}
_GUIDES: Final = re.compile(
    r"^(?:\.github/|docs?/)?(?:contributing|contribute|agents|claude|development|hacking|"
    r"pull_request_template|copilot-instructions)(?:\.(?:md|rst|txt|adoc))?$",
    re.IGNORECASE,
)
_TOPIC: Final = re.compile(
    r"change ?log|changes\.(?:rst|md)|release notes?|fragments?\b|versionadded|versionchanged|"
    r"docstring|\bdocument(?:ed|ation|ing)?\b|\bdocs\b|\btests?\b|coverage|backward|deprecat|"
    r"type hint",
    re.IGNORECASE,
)
_DUTY: Final = re.compile(
    r"\b(?:must|should|never|always|ensure|add|update|include|avoid|do not|don't|write|document|"
    r"keep|make sure|wrap|expected|verify)\b",
    re.IGNORECASE,
)
# How to set up, to run and to ask is for people.
_FOR_PEOPLE: Final = re.compile(
    r"^to |\bvs ?code\b|\bpycharm\b|\bcontainers?\b"
    r"|\b(?:clone|fork|install|virtualenv|venv|pip|npm i|npx|to run|runs?|running|read|thank|"
    r"command|see the|website|commit message|maintainers?|open(?:ing)? an? )\b|:$",
    re.IGNORECASE,
)
_BULLET: Final = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+(?:\[.\]\s+)?")
_SHORTEST, _MOST, _WIDTH = 20, 6, 180  # characters of a sentence, sentences, characters shown
_HEAD, _HEAD_LINES = 500, 10  # characters and lines of a changelog's head
_REQUIREMENTS: Final = re.compile(
    r"^(?:pyproject\.toml|setup\.\w+|tox\.ini|[\w/-]*requirements[\w/-]*\.(?:txt|in))$"
)
_PLUGINS: Final = re.compile(
    r"\b(pytest-asyncio|anyio|pytest-trio|hypothesis|pytest-mock|pytest-httpserver|vcrpy|"
    r"inline-snapshot|syrupy|freezegun|time-machine|responses|respx)\b"
)
_TOP, _LINKS = (
    40,
    3,
)  # lines of a changelog that are its top; links to commits, if it is made of them
_VERSION: Final = re.compile(r"\bv?\d+\.\d+(?:\.\d+)?\w*")
_MONTH: Final = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATE: Final = re.compile(
    r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b"
    rf"|\b{_MONTH} \d{{1,2}},? \d{{4}}\b|\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTH} \d{{4}}\b",
    re.IGNORECASE,
)
_TO_COME: Final = re.compile(
    r"unreleased|upcoming|in development|\bnext\b|not yet released", re.IGNORECASE
)
_RUN: Final = {
    "--doctest-modules": "examples in docstrings run as tests (--doctest-modules)",
    "--doctest-glob": "examples in documents run as tests (--doctest-glob)",
    "--markdown-docs": "code in Markdown runs as tests (--markdown-docs)",
    "doctest_plus": "examples run as tests (doctest_plus)",
}
_RUNNERS: Final = re.compile(
    r"\b(pytest_examples|sybil|mktestdocs|doctest\.(?:testfile|testmod|DocTestSuite)|"
    r"phmdoctest|markdown-doctest|twoslash)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changelog:
    """How a project keeps its changelog."""

    habit: str  # one line
    head: str = ""  # the first lines of the file, as they are
    path: str = ""


def changelog_of(manifests: Manifests) -> Changelog | None:
    """Return the changelog's habit; None when there is no sign of one."""
    snapshot = manifests.snapshot
    path = _changelog_path(manifests)
    fragments = _fragments(manifests)
    tool = next((tool for name, tool in _TOOLS.items() if name in snapshot.files), "")
    if fragments:
        folder = dirname(fragments[0])
        names = ", ".join(basename(each) for each in fragments[:3])
        habit = f"entries are files in {folder}/, such as {names}; the changelog is made of them"
        return Changelog(habit=habit, path=path)
    if not path:
        return Changelog(habit=f"made by {tool}: no entry by hand") if tool else None
    lines = snapshot.bare(path).text.split("\n")
    start = "\n".join(lines[:_TOP])
    if _GENERATED.search(start):
        said = next(line.strip(" *_<!->#") for line in lines[:_TOP] if _GENERATED.search(line))
        return Changelog(
            habit=f"{path} is generated: no entry by hand ({said[:_WIDTH]})", path=path
        )
    if start.count("/commit/") >= _LINKS:
        return Changelog(habit=f"{path} is made of commits: no entry by hand", path=path)
    by = f"; {tool} is configured" if tool else ""
    top = _top(lines)
    return Changelog(
        habit=f"{path} is kept by hand{by}; {top}it begins:", head=_head(lines), path=path
    )


def _top(lines: Sequence[str]) -> str:
    """Say whether the top section of a changelog is of a version to come."""
    head = [line.strip(" #*_-=[]") for line in lines[:_TOP] if line.strip(" #*_-=[]")]
    version = next((found[0] for line in head if (found := _VERSION.search(line))), "")
    at = next((n for n, line in enumerate(head) if _VERSION.search(line)), len(head))
    to_come = next((n for n, line in enumerate(head[:_HEAD_LINES]) if _TO_COME.search(line)), None)
    if to_come is not None and to_come < at:
        return "its top section is what comes next; "
    if to_come is not None:
        return f"its top section is what comes next{f', {version}' if version else ''}; "
    if not version:
        return ""
    if _DATE.search(head[at]):
        return f"its top section, {version}, is released, so a new one belongs above it; "
    return f"its top section is of {version}; "


def _changelog_path(manifests: Manifests) -> str:
    """Return the changelog of the root, else of the packages that matter; empty for none."""
    for folder in manifests.folders:
        head = f"{folder}/" if folder else ""
        inside = (path for path in manifests.snapshot.files if path.startswith(head))
        found = [path for path in inside if CHANGELOG.match(path.removeprefix(head))]
        for path in sorted(found, key=_outer):
            if _VERSION.search("\n".join(manifests.text(path).split("\n")[:_TOP])):
                return path
    return ""


def _outer(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _fragments(manifests: Manifests) -> list[str]:
    """Return the files that are entries of a changelog to come, in the newest-looking order."""
    files = manifests.snapshot.files
    configured = manifests.tool("towncrier").get("directory") or table(
        manifests.toml("towncrier.toml"), "tool", "towncrier"
    ).get("directory")
    scriv = manifests.tool("scriv").get("fragment_directory") or (
        "changelog.d" if manifests.tool("scriv") else ""
    )
    for written in (configured, scriv):
        folder = normpath(written.strip("/")) if isinstance(written, str) else "."
        if folder != ".":  # the root of all is no folder of entries
            inside = [path for path in files if path.startswith(f"{folder}/")]
            named = [path for path in inside if not _NO_FRAGMENT.search(basename(path))]
            return sorted(named or inside, reverse=True) or [f"{folder}/(none yet)"]
    found = [path for path in files if CHANGELOG_ENTRY.search(path)]
    named = [path for path in found if not _NO_FRAGMENT.search(basename(path))]
    return sorted(named or found, reverse=True)


def _head(lines: Sequence[str]) -> str:
    """Return the beginning of a changelog, down to the first entries of its top section."""
    shown = [line.rstrip()[:_WIDTH] for line in lines if line.strip()][:_HEAD_LINES]
    text = "\n".join(shown)
    return text if len(text) <= _HEAD else text[:_HEAD].rpartition("\n")[0]


# ------------------------------------------------------------------------------- what is asked


def asked_of_changes(snapshot: Snapshot) -> tuple[str, ...]:
    """Return what guides for contributors and agents say of changelog, documents and tests."""
    found: list[tuple[int, str]] = []
    for path in sorted(filter(_GUIDES.match, snapshot.files), key=_outer):
        for number, sentence in _sentences(snapshot.bare(path)):
            if score := _weight(sentence):
                cut = " ..." if len(sentence) > _WIDTH else ""
                found.append((-score, f"{path}:{number}: {sentence[:_WIDTH]}{cut}"))
    best = sorted(enumerate(found), key=lambda each: (each[1][0], each[0]))[:_MOST]
    return tuple(text for _, (_, text) in sorted(best))


def _weight(sentence: str) -> int:
    """Say how much a sentence asks of a change; 0 for nothing."""
    topics = len({match.lower() for match in _TOPIC.findall(sentence)})
    asks = _DUTY.search(sentence) and not _FOR_PEOPLE.search(sentence)
    return topics if asks and len(sentence) >= _SHORTEST else 0


def _sentences(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Yield the bullets and paragraphs of a text, each as one line with its number."""
    start, parts, fence = 0, list[str](), False
    for number, line in enumerate([*file.text.split("\n"), ""], 1):
        fence ^= line.lstrip().startswith(("```", "~~~"))
        ends = not line.strip() or fence or bool(_BULLET.match(line)) or line.startswith("#")
        if ends and parts:
            yield start, " ".join(parts)
            parts = []
        if (
            not fence
            and line.strip()
            and not line.startswith(("#", "```", "|", "===", "---", "~~~"))
        ):
            start = start if parts else number
            parts.append(_BULLET.sub("", line).strip())


# ------------------------------------------------------------------------------- tests


def examples_that_run(manifests: Manifests) -> str:
    """Say whether code in documents or docstrings runs as tests; empty when nothing tells."""
    options = _pytest_options(manifests)
    for sign, said in _RUN.items():
        if sign in options:
            return said
    for path in manifests.snapshot.files:
        file = manifests.snapshot.bare(path)
        is_hook = file.role == "test" and re.search(r"doc|example|readme|conftest", basename(path))
        if is_hook and (found := _RUNNERS.search(file.text)):
            return f"code in documents runs as tests ({path} uses {found[1]})"
    return ""


def settings_of_tests(manifests: Manifests) -> tuple[str, ...]:
    """Return what is special about the project's tests: plugins, modes, warnings as errors."""
    options, found = _pytest_options(manifests), list[str]()
    if re.search(r"filterwarnings\W+error\b(?!:)", options):
        found.append("unexpected warnings are errors in tests")
    if mode := re.search(r"asyncio_mode\W+(\w+)", options):
        found.append(f"asyncio_mode {mode[1]}")
    paths = [path for path in manifests.snapshot.files if _REQUIREMENTS.search(path)]
    texts = "\n".join(manifests.text(path) for path in paths)
    if plugins := list(dict.fromkeys(_PLUGINS.findall(texts))):
        found.append(f"tests use {', '.join(plugins)}")
    return tuple(found)


def _pytest_options(manifests: Manifests) -> str:
    """Return the options of pytest as text, whatever file they stand in."""
    pyproject = manifests.tool("pytest")
    parts = [str(table(pyproject, "ini_options") or pyproject)]
    for path, section in (
        ("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"),
    ):  # fmt: skip
        parser = manifests.ini(path)
        if parser.has_section(section):
            parts += [f"{key} = {value}" for key, value in parser.items(section)]
    return "\n".join(parts)
