"""The project's pre-commit, run in the sandbox on what would be committed -> findings.

Plumbing runs no hooks, and the user's repository is nothing to try them in; so the hook runs in a
checkout of its own, with the base committed and the result staged, as git would run it.
"""

import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from codeorch.config import Settings
from codeorch.domain import SourceFile, Verdict, VerdictStatus
from codeorch.errors import UserError
from codeorch.git import Repo
from codeorch.sandbox import (
    ProcessResult,
    ResourceLimits,
    Sandbox,
    SandboxSpec,
    choose_sandbox,
    scratch_folder,
)
from codeorch.verify.checkout import check_out
from codeorch.verify.test_sandbox import Host, ScratchFolders, prepare_environment

_CONFIG = ".pre-commit-config.yaml"
_PROGRAMS = ("pre-commit", "prek")
_GENERATED_MARK = b"pre-commit.com"  # stands in the hooks that `pre-commit install` writes
_MOST_HOOKS = 200  # files of a hooks folder
_STAGE = (
    'export GIT_LITERAL_PATHSPECS=1 && git init -q . && here=$PWD && cd "$HOME/base"'
    ' && git --git-dir="$here/.git" --work-tree=. add -A -f . && cd "$here"'
    " && git -c user.name=sandbox -c user.email=sandbox@localhost -c gc.auto=0"
    " commit -q --no-gpg-sign --allow-empty -m base"
    ' && git add -A -f --pathspec-from-file="$HOME/changed" --pathspec-file-nul'
)
_HOOK_LINE = re.compile(r"^(?P<name>\S.*?)\.{3,}.*?(?P<end>Passed|Failed|Skipped)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecommitSetup:
    """How a project's pre-commit is run."""

    argv: tuple[str, ...]  # of the framework; empty when a hook of the user runs
    sandbox: Sandbox
    hook: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)  # of the user's shell
    setup_command: str = ""
    limits: ResourceLimits = field(default_factory=ResourceLimits)
    network: bool = False


def prepare_precommit(
    repo: Repo, files: Mapping[str, SourceFile], settings: Settings, variables: Mapping[str, str]
) -> PrecommitSetup | None:
    """Return how a project's pre-commit is run; None when the settings do not ask for it.

    Raises:
        UserError: it was asked for, and there is none, or no sandbox works here.
    """
    if not settings.verify:
        return None
    hook = repo.hook("pre-commit")
    is_own = hook is not None and _GENERATED_MARK not in hook.read_bytes()
    return PrecommitSetup(
        argv=() if is_own else _framework_argv(files, variables.get("PATH", "")),
        hook=hook if is_own else None,
        sandbox=choose_sandbox(
            variables, repo.root, container=settings.container, unsafe=settings.unsafe_tests
        ),
        variables=variables,
        setup_command=settings.setup_cmd,
        limits=ResourceLimits(time_s=settings.test_timeout_s),
        network=settings.test_network,
    )


def run_precommit(
    repo: Repo, base: str, result: str, setup: PrecommitSetup, verdict: Verdict
) -> Verdict:
    """Run pre-commit on a result, and return the verdict with what it found.

    A hook that fails counts like a broken test; one that cannot run makes a verified change red.
    """
    with scratch_folder("check") as workspace:
        process, changes = _run(repo, base, result, setup, workspace)
    if process.exit_code == 0:
        return verdict
    names = tuple(failed_hooks(process.log)) if setup.hook is None else ("hook",)
    log = f"{process.log}\n{changes}"
    if not names or process.exit_code in (None, 126, 127):
        why = f"pre-commit could not run: {_last_line(process)}"
        proven = verdict.status in (VerdictStatus.VERIFIED, VerdictStatus.NO_WORSE)
        status = VerdictStatus.RED if proven else verdict.status
        return replace(verdict, status=status, reason=f"{why}; {verdict.reason}", precommit=log)
    failures = tuple(f"pre-commit: {name}" for name in names)
    worse = f"; {verdict.reason}" if verdict.status == VerdictStatus.BROKEN else ""
    return replace(
        verdict,
        status=VerdictStatus.BROKEN,
        reason=f"pre-commit fails: {', '.join(names)}{worse}",
        broken=(*verdict.broken, *failures),
        precommit=log,
    )


def failed_hooks(log: str) -> Iterator[str]:
    """Return the names of the hooks that the framework's output shows as failed, each once."""
    yield from dict.fromkeys(
        match["name"] for match in _HOOK_LINE.finditer(log) if match["end"] == "Failed"
    )


def _framework_argv(files: Mapping[str, SourceFile], search_path: str) -> tuple[str, ...]:
    if _CONFIG not in files:
        raise UserError(
            f"--verify was given, but there is neither a pre-commit hook nor {_CONFIG}",
            "leave --verify out",
        )
    for name in _PROGRAMS:
        if shutil.which(name, path=search_path):
            return (name, "run", "--color=never", "--show-diff-on-failure")
    raise UserError(
        f"--verify was given and there is {_CONFIG}, but pre-commit is not installed",
        "install it, e.g. with `pipx install pre-commit`",
    )


# ------------------------------------------------------------------------------- the run


def _run(
    repo: Repo, base: str, result: str, setup: PrecommitSetup, workspace: Path
) -> tuple[ProcessResult, str]:
    """Stage the result on the base and run pre-commit; return how it ended and what it changes."""
    scratch = ScratchFolders.create(workspace)
    check_out(repo, result, scratch.folder)
    (scratch.home / "base").mkdir()
    check_out(repo, base, scratch.home / "base")
    paths = "".join(f"{path}\0" for path in repo.changed_paths(base, result))
    (scratch.home / "changed").write_bytes(paths.encode("utf-8", "surrogateescape"))
    argv = setup.argv
    if setup.hook is not None:
        argv = (str(_copy_hooks(setup.hook, repo.root, scratch)),)
    spec = _sandbox_spec(repo, scratch, setup)
    shell, sandbox, limits = ("/bin/sh", "-c"), setup.sandbox, setup.limits
    for step in filter(None, (_STAGE, setup.setup_command)):
        process = sandbox.run((*shell, step), spec, limits)
        if process.exit_code != 0:
            return replace(process, exit_code=None), ""
    process = sandbox.run(argv, spec, limits)
    diff = sandbox.run((*shell, "git diff --no-color --no-ext-diff"), spec, limits).log
    return process, f"What it would change:\n{diff}" if diff else ""


def _sandbox_spec(repo: Repo, scratch: ScratchFolders, setup: PrecommitSetup) -> SandboxSpec:
    sandbox = setup.sandbox
    return prepare_environment(
        Host(root=repo.root, variables=setup.variables),
        scratch,
        can_mount=sandbox.can_mount,
        network=setup.network,
        has_own_programs=sandbox.has_own_programs,
    )


def _copy_hooks(hook: Path, root: Path, scratch: ScratchFolders) -> Path:
    """Copy the user's hooks to where they find what they call; return where the hook is now."""
    hooks = hook.parent
    inside = hooks.is_relative_to(root) and ".git" not in hooks.relative_to(root).parts
    target = (scratch.folder / hooks.relative_to(root)) if inside else scratch.home / "hooks"
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(hooks.iterdir())[:_MOST_HOOKS]:
        copy = target / file.name
        if stat.S_ISREG(file.lstat().st_mode) and not copy.exists():
            shutil.copy(file, copy)
    return hook.relative_to(root) if inside else target / hook.name


def _last_line(process: ProcessResult) -> str:
    if process.stopped_by:
        return f"stopped by the limit on {process.stopped_by}"
    lines = [line for line in process.log.splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else f"exit code {process.exit_code}"
