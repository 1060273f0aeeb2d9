"""What a reviewer should look at beside the verdict itself; changed files that no test names."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from codeorch.domain import Snapshot, SourceFile, Verdict
from codeorch.git import Repo
from codeorch.languages import is_package_file
from codeorch.sandbox import Sandbox, Unsafe
from codeorch.source.roles import is_test

_NAMED = 5
_CI = re.compile(
    r"^\.(github|gitlab|circleci|ci)/|^(\.gitlab-ci|azure-pipelines|\.travis)\.yml$"
    r"|(^|/)Jenkinsfile$"
)
_CONFIGURATION = re.compile(
    r"(^|/)(pyproject|\.?ruff|clippy|tox|pytest)\.toml$|(^|/)(tox|pytest|mypy|setup)\.(ini|cfg)$"
    r"|(^|/)(noxfile\.py|\.coveragerc|\.flake8|Makefile|\.pre-commit-config\.yaml)$"
    r"|(^|/)(package|tsconfig[^/]*|\.eslintrc)\.json$|(^|/)\.golangci\.ya?ml$"
    r"|(^|/)(eslint|jest|vitest|vite|babel)\.config\.[^/]+$"
)
_JUDGES: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("tests", is_test),
    ("CI", _CI.search),
    ("test or lint configuration", _CONFIGURATION.search),
)
_NO_NETWORK = re.compile(
    r"name resolution|Name or service not known|[Nn]etwork is unreachable|ENETUNREACH|EAI_AGAIN"
    r"|[Cc]ould not resolve host|no such host|UnknownHostException|in offline mode"
)
_NOT_FOUND = re.compile(r"No module named '?([\w.]+)|Cannot find (?:module|package) '([^'\n]+)'")


def unguarded(sandbox: Sandbox) -> Iterator[str]:
    """Say loudly that nothing held the tests back, when nothing did."""
    if sandbox == Unsafe():
        yield f"UNSAFE: the tests ran without a sandbox; {sandbox.gaps}"


def edited_judges(repo: Repo, base: str, result: str) -> Iterator[str]:
    """Say when a change edits what judges it."""
    old, new = ({(e.path, e.mode, e.blob) for e in repo.tree(commit)} for commit in (base, result))
    left = sorted({path for path, _, _ in old ^ new})
    for what, is_one in _JUDGES:
        hit = [path for path in left if is_one(path)]
        left = [path for path in left if path not in hit]
        if hit:
            more = f" and {len(hit) - _NAMED} more" if len(hit) > _NAMED else ""
            yield f"the change edits {what}: {', '.join(hit[:_NAMED])}{more}"


def new_complaints(findings: Sequence[str]) -> Iterator[str]:
    """Say what linters newly find."""
    if findings:
        many = f"{len(findings)} new lint finding{'s' if len(findings) > 1 else ''}"
        more = f"; and {len(findings) - _NAMED} more" if len(findings) > _NAMED else ""
        yield f"{many}: {'; '.join(findings[:_NAMED])}{more}"


def missing_means(verdict: Verdict, *, network: bool) -> Iterator[str]:
    """Say what the tests lack, when it is something that the user can give them."""
    before, after = verdict.before, verdict.after
    if before is None or after is None or before.green:
        return
    said = before.log + after.log
    if not network and _NO_NETWORK.search(said):
        yield "the tests want the network, which is off; --test-network lets them use it"
    if found := _NOT_FOUND.search(said):
        yield (
            f"the tests cannot find {found[1] or found[2]}: install what they need, e.g. into"
            " .venv or node_modules, or give a --setup-cmd"
        )


_TELLING = 3  # characters; shorter names say little


def unreached(
    after: Snapshot,
    changed: Iterable[str],
    tests: Collection[str],
    users: Callable[[str], Collection[str]],
) -> tuple[str, ...]:
    """Name the changed sources of which no test holds a name: the module's, or a definition's.

    `users` gives the paths that hold a name. Without any tests no source is named: that is said
    of the whole run.
    """
    known = frozenset(tests)
    files = (after.files[path] for path in changed if path in after.files)
    return tuple(
        file.path
        for file in files
        if known and file.role == "source"
        and all(known.isdisjoint(users(name)) for name in _names(file))
    )  # fmt: skip


def _names(file: SourceFile) -> list[str]:
    """Give the names by which a test could speak of a file, the most telling first."""
    place = PurePosixPath(file.path)
    by_folder = is_package_file(file.path)
    module = place.parent.name if by_folder else place.name.partition(".")[0]
    defined = (symbol.name for symbol in file.symbols if not symbol.parent)
    names = {name for name in (module, *defined) if len(name) >= _TELLING}
    return sorted(names, key=lambda name: (-len(name), name))
