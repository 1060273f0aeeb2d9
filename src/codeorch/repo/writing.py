"""Commits and one branch, written with git's plumbing in a temporary index.

Until the branch is made, nothing names what is written here; and the branch is made by one
compare-and-swap. So whenever a run is stopped, there is the whole branch or none.
"""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from codeorch.domain import FilePatch
from codeorch.errors import ServiceError, UserError
from codeorch.repo.process import text
from codeorch.repo.repository import Repo
from codeorch.repo.signing import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A commit to be made: what it says and what it changes."""

    message: str
    patches: tuple[FilePatch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What differs at one path; a blob that is not there is all zeros."""

    before: str
    after: str
    mode: int = 0


class NameTaken(UserError):
    """There is a branch of this name, or one that keeps git from making it."""


def check_identity(repo: Repo) -> None:
    """Check that git knows who writes commits, from its configuration and not by guessing.

    Raises:
        UserError: `user.name` or `user.email` is missing.
    """
    for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        done = repo.git.having("user.useConfigOnly=true").run("var", who, check=False)
        if done.returncode:
            missing = "user.email" if "no email" in text(done.stderr) else "user.name"
            raise UserError(
                f"git does not know who you are: {missing} is not set",
                "set them: git config --global user.name 'NAME'; "
                "git config --global user.email 'ADDRESS'",
            )


def write_commits(
    repo: Repo, base: str, drafts: Sequence[Draft], signed_by: Signer | None = None
) -> tuple[str, ...]:
    """Write commits one on top of the other, the first on `base`; give their ids. No ref moves.

    A second look at the written trees proves that exactly the declared bytes differ.

    Raises:
        ServiceError: git failed, or a tree is not what was asked for.
    """
    with tempfile.TemporaryDirectory(prefix="codeorch-index-") as folder:
        index = _Index(repo, Path(folder), base)
        index.write_blobs([patch for draft in drafts for patch in draft.patches])
        trees = [repo.tree_of(base), *(index.tree_with(draft.patches) for draft in drafts)]
    for found, draft in zip(_changes(repo, trees), drafts, strict=True):
        if found != dict(_expected(draft.patches, len(base))):
            raise ServiceError(
                "the written tree differs from the planned change", kind="git", retryable=False
            )
    commits = [base]
    for tree, draft in zip(trees[1:], drafts, strict=True):
        commits.append(_commit(repo, commits[-1], tree, draft.message, signed_by))
    return tuple(commits[1:])


def create_branch(repo: Repo, name: str, commit: str) -> None:
    """Make a new branch, only if no branch of this name exists.

    Raises:
        NameTaken: there is one already.
        UserError: git cannot make it now; the commit is kept.
    """
    ref = f"refs/heads/{name}"
    note = ("-m", "branch: made by codeorch")
    zero = "0" * len(commit)
    done = repo.git.run("update-ref", *note, "--no-deref", ref, commit, zero, check=False)
    if not done.returncode:
        return
    said = text(done.stderr).strip()
    kept = f"the result is kept: git branch {name} {commit[:12]}"
    if lock := re.search(r"Unable to create '(.*\.lock)': File exists", said):
        raise UserError(
            f"branch {name} could not be made: {lock[1]} exists",
            f"if no other git command runs, delete that file; {kept}",
        )
    if repo.has_branch(name) or "cannot create" in said:
        raise NameTaken(f"a branch {name} is in the way", f"give another --branch; {kept}")
    raise UserError(f"branch {name} could not be made: {said}", kept)


def check_branch_name(repo: Repo, name: str) -> None:
    """Check that a branch of this name can be made.

    Raises:
        NameTaken: there is one already.
        UserError: git allows no such name.
    """
    ref = f"refs/heads/{name}"
    if name.startswith("-") or repo.git.run("check-ref-format", ref, check=False).returncode:
        raise UserError(f"{name!r} is not a valid branch name", "choose another with --branch")
    if repo.has_branch(name):
        raise NameTaken(f"there is a branch {name} already", "choose another with --branch")


def merged(repo: Repo, base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """Merge two edits of one text; None when they touch the same lines or are no text."""
    with tempfile.TemporaryDirectory(prefix="codeorch-merge-") as folder:
        files = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for file, data in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(data)
        done = repo.git.run("merge-file", "--stdout", *map(str, files), check=False)
    return None if done.returncode else done.stdout


# ------------------------------------------------------------------------------- trees


class _Index:
    """A temporary index of a commit, beside the contents that go into it."""

    def __init__(self, repo: Repo, folder: Path, commit: str) -> None:
        # A split index would leave a part of itself in the user's git directory.
        self._git = repo.git.having("core.splitIndex=false")
        self._folder = folder
        self._env = {"GIT_INDEX_FILE": str(folder / "index")}
        self._length = len(commit)
        self._git.run("read-tree", commit, env=self._env)

    def write_blobs(self, patches: Sequence[FilePatch]) -> None:
        """Put new contents into the object store."""
        contents = [patch.after for patch in patches if patch.after is not None]
        names = []
        for number, data in enumerate(contents):
            file = self._folder / str(number)
            file.write_bytes(data)
            names.append(f"{file}\n")
        args = ("hash-object", "-w", "--stdin-paths", "--no-filters")
        written = text(self._git.run(*args, stdin="".join(names).encode()).stdout).split()
        if written != [_blob_id(data, self._length) for data in contents]:
            raise ServiceError("git wrote other contents", kind="git", retryable=False)

    def tree_with(self, patches: Sequence[FilePatch]) -> str:
        """Put edits into the index and write it as a tree."""
        gone = {p.old_path or p.path for p in patches if p.old_path or p.after is None}
        # Deletions come first, to make room for folders.
        rows = [f"0 {'0' * self._length}\t{path}\0" for path in gone]
        rows += [
            f"{p.mode:o} {_blob_id(p.after, self._length)}\t{p.path}\0"
            for p in patches
            if p.after is not None
        ]
        fed = "".join(rows).encode("utf-8", "surrogateescape")
        self._git.run("update-index", "-z", "--index-info", stdin=fed, env=self._env)
        # Blobs of the base may be missing in a partial clone; they are not looked at.
        return text(self._git.run("write-tree", "--missing-ok", env=self._env).stdout).strip()


def _changes(repo: Repo, trees: Sequence[str]) -> list[dict[str, _Row]]:
    """Say what differs between each tree and the one before it, as git sees it."""
    pairs = [f"{old} {new}" for old, new in pairwise(trees) if old != new]
    args = ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
    out = text(repo.git.run(*args, stdin="".join(f"{pair}\n" for pair in pairs).encode()).stdout)
    found: dict[str, dict[str, _Row]] = {}
    rows: dict[str, _Row] = {}
    fields = out.split("\0")
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        pair, _, meta = head.rpartition("\n")
        if pair:  # it is named before its first row
            rows = found.setdefault(pair, {})
        _, mode, before, after, _ = meta.split()
        rows[path] = _Row(before=before, after=after, mode=int(mode, 8))
    return [found.get(f"{old} {new}", {}) for old, new in pairwise(trees)]


def _expected(patches: Sequence[FilePatch], id_length: int) -> Iterator[tuple[str, _Row]]:
    """Say which rows git must show, from nothing but the bytes."""
    none = "0" * id_length
    rows: dict[str, _Row] = {}
    for patch in patches:
        source = patch.old_path or patch.path
        if patch.before is not None:
            row = rows.get(source, _Row(before=none, after=none))
            rows[source] = replace(row, before=_blob_id(patch.before, id_length))
        if patch.after is not None:
            row = rows.get(patch.path, _Row(before=none, after=none))
            after = _blob_id(patch.after, id_length)
            rows[patch.path] = replace(row, after=after, mode=patch.mode)
    return ((path, row) for path, row in rows.items() if row.before != row.after)


def _blob_id(data: bytes, length: int) -> str:
    name = "sha1" if length == 40 else "sha256"
    return hashlib.new(name, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _commit(repo: Repo, parent: str, tree: str, message: str, signed_by: Signer | None) -> str:
    git = repo.git.having(*signed_by.settings) if signed_by else repo.git
    args = ("commit-tree", *(("-S",) if signed_by else ()), tree, "-p", parent, "-F", "-")
    return text(git.run(*args, stdin=message.encode("utf-8", "replace")).stdout).strip()
