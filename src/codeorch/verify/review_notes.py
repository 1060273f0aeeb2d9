"""What a reviewer should look at beside the verdict itself; changed files that no test names."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from codeorch.domain import Snapshot, SourceFile, Verdict
from codeorch.edits import autorun_kind
from codeorch.git import Repo
from codeorch.languages import is_package_file
from codeorch.sandbox import NoSandbox, Sandbox
from codeorch.source import is_test

_MOST_NAMED = 5
_CI = re.compile(
    r"^\.(github|gitlab|circleci|ci)/|^(\.gitlab-ci|azure-pipelines|\.travis)\.yml$"
    r"|(^|/)Jenkinsfile$"
)
_LINTERS = re.compile(
    r"(^|/)(\.?ruff|clippy|tox)\.toml$|(^|/)mypy\.(ini|cfg)$"
    r"|(^|/)(\.flake8|\.pre-commit-config\.yaml)$"
    r"|(^|/)(tsconfig[^/]*|\.eslintrc)\.json$|(^|/)\.golangci\.ya?ml$"
)
_CHECK_FILES: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("tests", is_test),
    ("CI", _CI.search),
    ("test or lint configuration", lambda path: autorun_kind(path) or _LINTERS.search(path)),
)
_NO_NETWORK = re.compile(
    r"name resolution|Name or service not known|[Nn]etwork is unreachable|ENETUNREACH|EAI_AGAIN"
    r"|[Cc]ould not resolve host|no such host|UnknownHostException|in offline mode"
)
_NOT_FOUND = re.compile(r"No module named '?([\w.]+)|Cannot find (?:module|package) '([^'\n]+)'")


def no_sandbox_notes(sandbox: Sandbox) -> Iterator[str]:
    """Yield a note when nothing held the tests back."""
    if sandbox == NoSandbox():
        yield f"UNSAFE: the tests ran without a sandbox; {sandbox.gaps}"


def edited_check_notes(repo: Repo, base: str, result: str) -> Iterator[str]:
    """Yield a note for each kind of file that judges the change and that it edits."""
    old, new = ({(e.path, e.mode, e.blob) for e in repo.tree(commit)} for commit in (base, result))
    remaining = sorted({path for path, _, _ in old ^ new})
    for what, is_one in _CHECK_FILES:
        matches = [path for path in remaining if is_one(path)]
        remaining = [path for path in remaining if path not in matches]
        if matches:
            more = f" and {len(matches) - _MOST_NAMED} more" if len(matches) > _MOST_NAMED else ""
            yield f"the change edits {what}: {', '.join(matches[:_MOST_NAMED])}{more}"


def lint_notes(findings: Sequence[str]) -> Iterator[str]:
    """Yield a note on what linters newly find."""
    if findings:
        many = f"{len(findings)} new lint finding{'s' if len(findings) > 1 else ''}"
        more = f"; and {len(findings) - _MOST_NAMED} more" if len(findings) > _MOST_NAMED else ""
        yield f"{many}: {'; '.join(findings[:_MOST_NAMED])}{more}"


def environment_notes(verdict: Verdict, *, network: bool) -> Iterator[str]:
    """Yield a note on what the tests lack, when it is something that the user can give them."""
    before, after = verdict.before, verdict.after
    if before is None or after is None or before.green:
        return
    log = before.log + after.log
    if not network and _NO_NETWORK.search(log):
        yield "the tests want the network, which is off; --test-network lets them use it"
    if match := _NOT_FOUND.search(log):
        yield (
            f"the tests cannot find {match[1] or match[2]}: install what they need, e.g. into"
            " .venv or node_modules, or give a --setup-cmd"
        )


_MIN_NAME_LENGTH = 3  # characters; shorter names say little


def untested_files(
    after: Snapshot,
    changed: Iterable[str],
    tests: Collection[str],
    users: Callable[[str], Collection[str]],
) -> tuple[str, ...]:
    """Return the changed sources of which no test holds a name: the module's, or a definition's.

    `users` gives the paths that hold a name. Without any tests no source is named: that is said
    of the whole run.
    """
    test_paths = frozenset(tests)
    files = (after.files[path] for path in changed if path in after.files)
    return tuple(
        file.path
        for file in files
        if test_paths and file.role == "source"
        and all(test_paths.isdisjoint(users(name)) for name in _names(file))
    )  # fmt: skip


def _names(file: SourceFile) -> list[str]:
    """Return the names by which a test could speak of a file, the most telling first."""
    place = PurePosixPath(file.path)
    by_folder = is_package_file(file.path)
    module = place.parent.name if by_folder else place.name.partition(".")[0]
    defined = (symbol.name for symbol in file.symbols if not symbol.parent)
    names = {name for name in (module, *defined) if len(name) >= _MIN_NAME_LENGTH}
    return sorted(names, key=lambda name: (-len(name), name))
