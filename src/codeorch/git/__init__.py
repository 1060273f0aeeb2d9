"""The git repository: objects in, objects and one new ref out. The only door to git.

Everything here is plumbing that runs no code of the repository: hooks, filters, fsmonitor and
external programs are switched off, and the user's working tree, index and HEAD are only read.
What takes a result over, when the user asks, is the one exception.
"""

from codeorch.git.branches import (
    Hunk,
    current_branch,
    default_base,
    first_parent_paths,
    hunks,
    is_shallow,
    merge_base,
)
from codeorch.git.commits import (
    CommitDraft,
    Signer,
    check_identity,
    find_signer,
    merge_texts,
    write_commits,
)
from codeorch.git.refs import NameTaken, check_branch_name, create_branch, has_branch, is_ancestor
from codeorch.git.repository import ConfigEntry, LogEntry, Repo, TreeEntry
from codeorch.git.worktree import (
    apply_patch,
    commit_index,
    commit_working_tree,
    dirty_paths,
    fast_forward,
    is_working_tree_commit,
    unwatched_paths,
)

__all__ = [
    "CommitDraft",
    "ConfigEntry",
    "Hunk",
    "LogEntry",
    "NameTaken",
    "Repo",
    "Signer",
    "TreeEntry",
    "apply_patch",
    "check_branch_name",
    "check_identity",
    "commit_index",
    "commit_working_tree",
    "create_branch",
    "current_branch",
    "default_base",
    "dirty_paths",
    "fast_forward",
    "find_signer",
    "first_parent_paths",
    "has_branch",
    "hunks",
    "is_ancestor",
    "is_shallow",
    "is_working_tree_commit",
    "merge_base",
    "merge_texts",
    "unwatched_paths",
    "write_commits",
]
