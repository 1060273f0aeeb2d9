"""ChangeSet's files -> commits, signed where the user signs, and one branch; plumbing, no index.

Which key signs may stand in the repository; which program is started may not, because the text
of a repository is not the user's word.

Until the branch is made, nothing names what is written here; and the branch is made by one
compare-and-swap. So whenever a run is stopped, there is the whole branch or none.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from codeorch.domain import FilePatch
from codeorch.errors import ServiceError, UserError
from codeorch.git.objects import object_id, write_objects
from codeorch.git.process import text
from codeorch.git.repository import Repo
from codeorch.git.trees import Entry, Trees

# Settings that start programs, each with git's own default.
_PROGRAMS = {
    "gpg.openpgp.program": "gpg",
    "gpg.x509.program": "gpgsm",
    "gpg.ssh.program": "ssh-keygen",
    "gpg.ssh.defaultkeycommand": "false",
}
_TRUSTED_SCOPES = ("system", "global", "command")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """How commits are signed: the settings for git."""

    settings: tuple[str, ...]


def signer(repo: Repo, commit: str) -> Signer | None:
    """Find out whether the user wants signed commits, and try it on a commit nobody names.

    Raises:
        UserError: the user wants it, and git cannot do it.
    """
    wanted = repo.git.run("config", "--type=bool", "--get", "commit.gpgSign", check=False)
    if text(wanted.stdout).strip() != "true":
        return None
    found = Signer(settings=tuple(_settings(repo)))
    git = repo.git.having(*found.settings)
    done = git.run(
        "commit-tree", "-S", f"{commit}^{{tree}}", "-m", "can it be signed?", check=False
    )
    if done.returncode:
        said = text(done.stderr).strip().splitlines() or ["git gave no reason"]
        raise UserError(
            f"commit.gpgSign is set, but git cannot sign: {said[0]}",
            "see that `git commit -S` works here, or switch it off: "
            "git config commit.gpgSign false",
        )
    return found


def _settings(repo: Repo) -> Iterator[str]:
    """Give each program as the user's own configuration names it."""
    programs = dict(_PROGRAMS)
    args = ("config", "-z", "--show-scope", "--get-regexp", r"^gpg\.(.*\.)?")
    fields = text(repo.git.run(*args, check=False).stdout).split("\0")
    for scope, row in zip(fields[::2], fields[1::2], strict=False):
        key, _, value = row.partition("\n")
        key = "gpg.openpgp.program" if key == "gpg.program" else key  # an older name
        if scope in _TRUSTED_SCOPES and key in programs:
            programs[key] = value
    yield from (f"{key}={value}" for key, value in programs.items())


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
    blobs = [p.after for d in drafts for p in d.patches if p.after is not None]
    trees = [repo.tree_of(base)]
    with repo.reader() as read:
        made = Trees(read)
        for draft in drafts:
            trees.append(made.edited(trees[-1], _edits(draft.patches, len(base))))
    steps = list(zip(trees[1:], [draft.message for draft in drafts], strict=True))
    commits = [] if signed_by else _commits(repo, base, steps)
    objects = {"blob": blobs, "tree": list(made.made.values()), "commit": commits}
    write_objects(repo, objects, len(base))
    for found, draft in zip(_changes(repo, trees), drafts, strict=True):
        if found != dict(_expected(draft.patches, len(base))):
            raise ServiceError(
                "the written tree differs from the planned change", kind="git", retryable=False
            )
    if signed_by:
        return tuple(_signed_commits(repo, base, steps, signed_by))
    return tuple(object_id("commit", data, len(base)) for data in commits)


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


# ------------------------------------------------------------------------------- objects


def _edits(patches: Sequence[FilePatch], id_length: int) -> dict[str, Entry | None]:
    edits: dict[str, Entry | None] = {p.old_path or p.path: None for p in patches}
    for p in patches:
        if p.after is not None:
            edits[p.path] = Entry(p.mode, object_id("blob", p.after, id_length))
    return edits


def _commits(repo: Repo, base: str, steps: Sequence[tuple[str, str]]) -> list[bytes]:
    """Word commits, each on top of the one before it, as `git commit-tree` would."""
    author, committer = (
        repo.git.run("var", who).stdout.strip()
        for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT")
    )
    commits: list[bytes] = []
    parent = base
    for tree, message in steps:
        head = f"tree {tree}\nparent {parent}\n".encode()
        who = b"author %s\ncommitter %s\n\n" % (author, committer)
        said = message.encode("utf-8", "replace")
        commits.append(head + who + said)
        parent = object_id("commit", commits[-1], len(base))
    return commits


def _signed_commits(
    repo: Repo, parent: str, steps: Sequence[tuple[str, str]], signed_by: Signer
) -> Iterator[str]:
    git = repo.git.having(*signed_by.settings)
    for tree, message in steps:
        args = ("commit-tree", "-S", tree, "-p", parent, "-F", "-")
        parent = text(git.run(*args, stdin=message.encode("utf-8", "replace")).stdout).strip()
        yield parent


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
            rows[source] = replace(row, before=object_id("blob", patch.before, id_length))
        if patch.after is not None:
            row = rows.get(patch.path, _Row(before=none, after=none))
            after = object_id("blob", patch.after, id_length)
            rows[patch.path] = replace(row, after=after, mode=patch.mode)
    return ((path, row) for path, row in rows.items() if row.before != row.after)
