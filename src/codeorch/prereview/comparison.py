"""What the user asked for -> the two commits to compare."""

from dataclasses import replace
from typing import Literal

from codeorch.errors import UserError
from codeorch.git import (
    Repo,
    commit_index,
    commit_working_tree,
    current_branch,
    default_base,
    is_shallow,
    merge_base,
)
from codeorch.prereview.finding import Comparison

Extent = Literal["commits", "staged", "dirty"]
_DEEPEN = "fetch the history: git fetch --unshallow (actions/checkout: fetch-depth: 0)"


def comparison_of(repo: Repo, *, base: str, head: str, extent: Extent) -> Comparison:
    """Return the merge base and the head of the branch's change.

    `base` names the branch that it is to be merged into; when it is empty, git's own settings tell.
    `head` is a revision, and has to be HEAD where staged or unsaved edits count as well.

    Raises:
        UserError: nothing tells the base; or its history is cut off or another one.
    """
    commit = repo.resolve(head)
    name = base or default_base(repo)
    if not name:
        raise UserError(
            "nothing tells which branch this one is to be merged into",
            _DEEPEN if is_shallow(repo) else "name it: codeorch prereview --base REF",
        )
    other = _resolve(repo, name)
    ancestor = merge_base(repo, other, commit)
    if not ancestor:
        between = f"merge base of {name} and {head}"
        if is_shallow(repo):
            raise UserError(f"the history is cut off before the {between}", _DEEPEN)
        raise UserError(f"there is no {between}", "name a branch that it came from: --base REF")
    return _comparison(
        repo,
        Comparison(
            base=ancestor, head=commit, base_name=name, head_name=_head_name(repo, head, commit)
        ),
        extent,
    )


def _comparison(repo: Repo, committed: Comparison, extent: Extent) -> Comparison:
    match extent:
        case "staged":
            return replace(committed, head=commit_index(repo), head_name="the index")
        case "dirty":
            head = commit_working_tree(repo)
            return replace(committed, head=head, head_name="the working tree")
        case "commits":
            return committed


def _resolve(repo: Repo, name: str) -> str:
    try:
        return repo.resolve(name)
    except UserError as error:
        if is_shallow(repo):
            raise UserError(f"{name} names no commit in this shallow clone", _DEEPEN) from error
        raise


def _head_name(repo: Repo, head: str, commit: str) -> str:
    """Return how the user knows the head: its branch, where it is HEAD."""
    if head != "HEAD":
        return "" if commit.startswith(head) else head
    return current_branch(repo) or "HEAD"
