"""ChangeSet -> commits -> branch, by plumbing, never in the user's tree."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, product

from codeorch.domain import Branch, ChangeSet, Done, FilePatch, Request
from codeorch.errors import UserError
from codeorch.git import (
    CommitDraft,
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
from codeorch.merge.message import Style, formatting_message, squash_message, style_of, task_message

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


def prepare_landing(
    repo: Repo, request: Request, run_id: str, *, name: str = "", squash: bool = False
) -> Landing:
    """Return how results land, found out while nothing has been spent yet.

    An empty `name` of the branch is made from the request; `squash` means one commit for all.

    Raises:
        UserError: git does not know who writes, cannot sign, or the branch cannot be made.
    """
    check_identity(repo)
    name = name or branch_name(request, run_id)
    if not _is_made_by(repo, name, run_id):  # a run that is resumed may have landed before
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


def write_change(repo: Repo, change: ChangeSet, landing: Landing) -> str:
    """Write a change as commits and return the last one's id; empty when nothing lands.

    There is one commit for each task, or one for all. No branch names them yet.
    """
    if not change.patches:
        return ""
    drafts = _draft_squashed(change, landing) if landing.squash else _draft_steps(change, landing)
    return write_commits(repo, change.base, drafts, landing.signer)[-1]


def write_formatting(
    repo: Repo, commit: str, patches: tuple[FilePatch, ...], landing: Landing
) -> str:
    """Write what formatters changed as one more commit, and return its id; `commit` if nothing."""
    if not patches:
        return commit
    message = formatting_message(landing.run_id, landing.style)
    draft = CommitDraft(message=message, patches=patches)
    return write_commits(repo, commit, [draft], landing.signer)[-1]


def land(repo: Repo, commit: str, landing: Landing) -> Branch:
    """Create the branch at a commit and return it; under the next free name if its own is taken.

    Raises:
        UserError: git cannot make it; says how the commit is reached.
    """
    name_taken: UserError | None = None
    for name in islice(_branch_names(landing.name), _NAMES):
        try:
            create_branch(repo, name, commit)
        except NameTaken as error:
            is_ours = _is_made_by(repo, name, landing.run_id)
            if is_ours and repo.tree_of(name) == repo.tree_of(commit):
                return Branch(name=name, commit=repo.resolve(name))
            name_taken = name_taken or error
        else:
            return Branch(name=name, commit=commit)
    assert name_taken is not None
    raise name_taken


def branch_name(request: Request, run_id: str) -> str:
    """Return a readable and valid name that no other run makes."""
    ascii_text = unicodedata.normalize("NFKD", request.text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", ascii_text.lower())
    slug = "-".join(words)[:40].strip("-") or "change"
    return f"codeorch/{slug}-{run_id}"


def _is_made_by(repo: Repo, name: str, run_id: str) -> bool:
    """Return whether a run made the branch of this name."""
    ref = f"refs/heads/{name}"
    newest = next(repo.log(ref, 1), None) if has_branch(repo, name) else None
    return newest is not None and f"\nCodeorch-Run: {run_id}\n" in f"{newest.message}\n"


def _branch_names(name: str) -> Iterator[str]:
    """Yield other names; without folders, too, because a branch may stand where a folder must."""
    flat = name.replace("/", "-")
    yield from dict.fromkeys((name, flat))
    yield from (f"{base}-{n}" for n, base in product(range(2, _NAMES), dict.fromkeys((name, flat))))


def _draft_squashed(change: ChangeSet, landing: Landing) -> Sequence[CommitDraft]:
    message = squash_message(change.steps, landing.request, landing.run_id, landing.style)
    return [CommitDraft(message=message, patches=change.patches)]


def _draft_steps(change: ChangeSet, landing: Landing) -> Sequence[CommitDraft]:
    """Draft a commit for each task; the files of one codemod are one step, whole or not at all."""
    drafts = []
    for _, group in groupby(change.steps, key=_commit_key):
        steps = tuple(group)
        message = task_message(steps, landing.request, landing.run_id, landing.style)
        drafts.append(CommitDraft(message=message, patches=tuple(step.patch for step in steps)))
    return drafts


def _commit_key(done: Done) -> str:
    return f"by rule: {done.task.goal}" if done.task.is_codemod else done.task.id
