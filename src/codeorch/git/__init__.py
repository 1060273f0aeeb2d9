"""The git repository: objects in, objects and one new ref out. The only door to git.

Everything here is plumbing that runs no code of the repository: hooks, filters, fsmonitor and
external programs are switched off, and the user's working tree, index and HEAD are only read.
What takes a result over, when the user asks, is the one exception.
"""

from codeorch.git.commits import (
    Draft,
    NameTaken,
    Signer,
    check_branch_name,
    check_identity,
    create_branch,
    merged,
    signer,
    write_commits,
)
from codeorch.git.repository import LogEntry, Repo, TreeEntry
from codeorch.git.worktree import commit_working_tree, is_of_working_tree

__all__ = [
    "Draft",
    "LogEntry",
    "NameTaken",
    "Repo",
    "Signer",
    "TreeEntry",
    "check_branch_name",
    "check_identity",
    "commit_working_tree",
    "create_branch",
    "is_of_working_tree",
    "merged",
    "signer",
    "write_commits",
]
