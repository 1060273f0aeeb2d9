"""ChangeSet -> commits -> branch, by plumbing, never in the user's tree."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, product

from codeorch.domain import Branch, ChangeSet, Done, FilePatch, Request
from codeorch.errors import UserError
from codeorch.git import (
    Draft,
    NameTaken,
    Repo,
    Signer,
    check_branch_name,
    check_identity,
    create_branch,
    find_signer,
    has_branch,
    write_commits,
)
from codeorch.merge.message import Style, of_all, of_task, of_tidying, style_of

_RECENT = 100  # commits whose subjects show the repository's style
_NAMES = 50  # tried before giving up


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What commits and the branch are made with, found out before work starts."""

    request: Request
    run_id: str
    name: str  # of the branch
    style: Style
    signer: Signer | None = None
    squash: bool = False  # one commit for all tasks


def prepare(
    repo: Repo, request: Request, run_id: str, *, name: str = "", squash: bool = False
) -> Landing:
    """Find out how results land, while nothing has been spent yet.

    Raises:
        UserError: git does not know who writes, cannot sign, or the branch cannot be made.
    """
    check_identity(repo)
    name = name or branch_name(request, run_id)
    if not _made_by(repo, name, run_id):  # a run that is resumed may have landed before
        check_branch_name(repo, name)
    subjects = [entry.message.split("\n", 1)[0] for entry in repo.log(request.base, _RECENT)]
    return Landing(
        request=request,
        run_id=run_id,
        name=name,
        style=style_of(subjects),
        signer=find_signer(repo, request.base),
        squash=squash,
    )


def write(repo: Repo, change: ChangeSet, landing: Landing) -> str:
    """Write a change as commits and give the last one; empty when nothing lands.

    There is one commit for each task, or one for all. No branch names them yet.
    """
    if not change.patches:
        return ""
    drafts = _squashed(change, landing) if landing.squash else _step_by_step(change, landing)
    return write_commits(repo, change.base, drafts, landing.signer)[-1]


def write_tidied(repo: Repo, commit: str, patches: tuple[FilePatch, ...], landing: Landing) -> str:
    """Write what formatters changed as one more commit, and give it."""
    if not patches:
        return commit
    said = of_tidying(landing.run_id, landing.style)
    return write_commits(repo, commit, [Draft(message=said, patches=patches)], landing.signer)[-1]


def land(repo: Repo, commit: str, landing: Landing) -> Branch:
    """Let a new branch point at the commit; of the next free name, if this one was taken.

    Raises:
        UserError: git cannot make it; says how the commit is reached.
    """
    taken: UserError | None = None
    for name in islice(_names(landing.name), _NAMES):
        try:
            create_branch(repo, name, commit)
        except NameTaken as error:
            if _made_by(repo, name, landing.run_id) and repo.tree_of(name) == repo.tree_of(commit):
                return Branch(name=name, commit=repo.resolve(name))
            taken = taken or error
        else:
            return Branch(name=name, commit=commit)
    assert taken is not None
    raise taken


def branch_name(request: Request, run_id: str) -> str:
    """Give a readable and valid name that no other run gives."""
    plain = unicodedata.normalize("NFKD", request.text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.lower())
    slug = "-".join(words)[:40].strip("-") or "change"
    return f"codeorch/{slug}-{run_id}"


def _made_by(repo: Repo, name: str, run_id: str) -> bool:
    """Tell whether a run made the branch of this name."""
    ref = f"refs/heads/{name}"
    last = next(repo.log(ref, 1), None) if has_branch(repo, name) else None
    return last is not None and f"\nCodeorch-Run: {run_id}\n" in f"{last.message}\n"


def _names(name: str) -> Iterator[str]:
    """Give other names; without folders, too, because a branch may stand where a folder must."""
    flat = name.replace("/", "-")
    yield from dict.fromkeys((name, flat))
    yield from (f"{base}-{n}" for n, base in product(range(2, _NAMES), dict.fromkeys((name, flat))))


def _squashed(change: ChangeSet, landing: Landing) -> Sequence[Draft]:
    said = of_all(change.steps, landing.request, landing.run_id, landing.style)
    return [Draft(message=said, patches=change.patches)]


def _step_by_step(change: ChangeSet, landing: Landing) -> Sequence[Draft]:
    """Draft a commit for each task; the files of one codemod are one step, whole or not at all."""
    drafts = []
    for _, group in groupby(change.steps, key=_step_of):
        steps = tuple(group)
        said = of_task(steps, landing.request, landing.run_id, landing.style)
        drafts.append(Draft(message=said, patches=tuple(step.patch for step in steps)))
    return drafts


def _step_of(done: Done) -> str:
    return f"by rule: {done.task.goal}" if done.task.answer else done.task.id
