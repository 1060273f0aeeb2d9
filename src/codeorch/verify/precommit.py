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
from codeorch.sandbox import Limits, Ran, Room, Sandbox, choose
from codeorch.verify.checkout import lay_out, private_folder
from codeorch.verify.environment import Host, Scratch, furnish

_CONFIG = ".pre-commit-config.yaml"
_PROGRAMS = ("pre-commit", "prek")
_GENERATED = b"pre-commit.com"  # stands in the hooks that `pre-commit install` writes
_MOST_HOOKS = 200  # files of a hooks folder
_STAGE = (
    'export GIT_LITERAL_PATHSPECS=1 && git init -q . && here=$PWD && cd "$HOME/base"'
    ' && git --git-dir="$here/.git" --work-tree=. add -A -f . && cd "$here"'
    " && git -c user.name=sandbox -c user.email=sandbox@localhost -c gc.auto=0"
    " commit -q --no-gpg-sign --allow-empty -m base"
    ' && git add -A -f --pathspec-from-file="$HOME/changed" --pathspec-file-nul'
)
_LINE = re.compile(r"^(?P<name>\S.*?)\.{3,}.*?(?P<end>Passed|Failed|Skipped)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """How a project's pre-commit is run."""

    argv: tuple[str, ...]  # of the framework; empty when a hook of the user runs
    sandbox: Sandbox
    hook: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)  # of the user's shell
    setup: str = ""
    limits: Limits = field(default_factory=Limits)
    network: bool = False


def prepare_inspection(
    repo: Repo, files: Mapping[str, SourceFile], settings: Settings, variables: Mapping[str, str]
) -> Inspection | None:
    """Find a project's pre-commit; None when nobody asked for it.

    Raises:
        UserError: it was asked for, and there is none, or no sandbox works here.
    """
    if not settings.verify:
        return None
    hook = repo.hook("pre-commit")
    own = hook is not None and _GENERATED not in hook.read_bytes()
    return Inspection(
        argv=() if own else _framework(files, variables.get("PATH", "")),
        hook=hook if own else None,
        sandbox=choose(variables, container=settings.container, unsafe=settings.unsafe_tests),
        variables=variables,
        setup=settings.setup_cmd,
        limits=Limits(time_s=settings.test_timeout_s),
        network=settings.test_network,
    )


def inspect(
    repo: Repo, base: str, result: str, inspection: Inspection, verdict: Verdict
) -> Verdict:
    """Run pre-commit on a result; what it finds counts like a broken test."""
    with private_folder() as private:
        ran, changes = _run(repo, base, result, inspection, private)
    if ran.exit_code == 0:
        return verdict
    names = tuple(failed_hooks(ran.log)) if inspection.hook is None else ("hook",)
    log = f"{ran.log}\n{changes}"
    if not names or ran.exit_code in (None, 126, 127):
        why = f"pre-commit could not run: {_last_line(ran)}"
        proven = verdict.status in (VerdictStatus.VERIFIED, VerdictStatus.NO_WORSE)
        status = VerdictStatus.RED if proven else verdict.status
        return replace(verdict, status=status, reason=f"{why}; {verdict.reason}", precommit=log)
    found = tuple(f"pre-commit: {name}" for name in names)
    worse = f"; {verdict.reason}" if verdict.status == VerdictStatus.BROKEN else ""
    return replace(
        verdict,
        status=VerdictStatus.BROKEN,
        reason=f"pre-commit fails: {', '.join(names)}{worse}",
        broken=(*verdict.broken, *found),
        precommit=log,
    )


def failed_hooks(log: str) -> Iterator[str]:
    """Name the hooks that the output of the framework shows as failed."""
    yield from dict.fromkeys(
        found["name"] for found in _LINE.finditer(log) if found["end"] == "Failed"
    )


def _framework(files: Mapping[str, SourceFile], search_path: str) -> tuple[str, ...]:
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
    repo: Repo, base: str, result: str, inspection: Inspection, private: Path
) -> tuple[Ran, str]:
    """Stage the result on the base and run pre-commit; give what it says and what it changes."""
    scratch = Scratch.make(private)
    lay_out(repo, result, scratch.folder)
    (scratch.home / "base").mkdir()
    lay_out(repo, base, scratch.home / "base")
    paths = "".join(f"{path}\0" for path in repo.changed_paths(base, result))
    (scratch.home / "changed").write_bytes(paths.encode("utf-8", "surrogateescape"))
    argv = inspection.argv
    if inspection.hook is not None:
        argv = (str(_bring(inspection.hook, repo.root, scratch)),)
    room = _room(repo, scratch, inspection)
    shell, sandbox, limits = ("/bin/sh", "-c"), inspection.sandbox, inspection.limits
    for step in filter(None, (_STAGE, inspection.setup)):
        ran = sandbox.run((*shell, step), room, limits)
        if ran.exit_code != 0:
            return replace(ran, exit_code=None), ""
    ran = sandbox.run(argv, room, limits)
    diff = sandbox.run((*shell, "git diff --no-color --no-ext-diff"), room, limits).log
    return ran, f"What it would change:\n{diff}" if diff else ""


def _room(repo: Repo, scratch: Scratch, inspection: Inspection) -> Room:
    sandbox = inspection.sandbox
    return furnish(
        Host(root=repo.root, variables=inspection.variables),
        scratch,
        mounts=sandbox.mounts,
        network=inspection.network,
        foreign=sandbox.foreign,
    )


def _bring(hook: Path, root: Path, scratch: Scratch) -> Path:
    """Copy the user's hooks to where they find what they call; say where the hook is now."""
    hooks = hook.parent
    inside = hooks.is_relative_to(root) and ".git" not in hooks.relative_to(root).parts
    target = (scratch.folder / hooks.relative_to(root)) if inside else scratch.home / "hooks"
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(hooks.iterdir())[:_MOST_HOOKS]:
        copy = target / file.name
        if stat.S_ISREG(file.lstat().st_mode) and not copy.exists():
            shutil.copy(file, copy)
    return hook.relative_to(root) if inside else target / hook.name


def _last_line(ran: Ran) -> str:
    if ran.stopped_by:
        return f"stopped by the limit on {ran.stopped_by}"
    lines = [line for line in ran.log.splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else f"exit code {ran.exit_code}"
