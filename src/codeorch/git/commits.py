"""ChangeSet's files -> commits, signed where the user signs; plumbing, no index.

Which key signs may stand in the repository; which program is started may not, because the text
of a repository is not the user's word.

Until `create_branch` makes the branch, by one compare-and-swap, nothing names what is written here.
So whenever a run is stopped, there is the whole branch or none.
"""

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
from codeorch.git.trees import Entry, TreeWriter

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


def find_signer(repo: Repo, commit: str) -> Signer | None:
    """Return how the user wants commits to be signed, tried on a commit nobody names.

    None stands for no signature.

    Raises:
        UserError: the user wants it, and git cannot do it.
    """
    if repo.config_value("commit.gpgSign", "bool") != "true":
        return None
    signer = Signer(settings=tuple(_program_settings(repo)))
    git = repo.git.with_settings(*signer.settings)
    process = git.run(
        "commit-tree", "-S", f"{commit}^{{tree}}", "-m", "can it be signed?", check=False
    )
    if process.returncode:
        reason = text(process.stderr).strip().splitlines() or ["git gave no reason"]
        raise UserError(
            f"commit.gpgSign is set, but git cannot sign: {reason[0]}",
            "see that `git commit -S` works here, or switch it off: "
            "git config commit.gpgSign false",
        )
    return signer


def _program_settings(repo: Repo) -> Iterator[str]:
    """Yield each program of signing as the user's own configuration names it."""
    programs = dict(_PROGRAMS)
    for entry in repo.config_entries(r"^gpg\.(.*\.)?"):
        # `gpg.program` is an older name.
        name = "gpg.openpgp.program" if entry.name == "gpg.program" else entry.name
        if entry.scope in _TRUSTED_SCOPES and name in programs:
            programs[name] = entry.value
    yield from (f"{name}={value}" for name, value in programs.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitDraft:
    """A commit to be made: its message and its changes."""

    message: str
    patches: tuple[FilePatch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What differs at one path; a blob that is not there is all zeros."""

    before: str
    after: str
    mode: int = 0


def check_identity(repo: Repo) -> None:
    """Check that git knows who writes commits, from its configuration and not by guessing.

    Raises:
        UserError: `user.name` or `user.email` is missing.
    """
    for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        git = repo.git.with_settings("user.useConfigOnly=true")
        process = git.run("var", who, check=False)
        if process.returncode:
            missing = "user.email" if "no email" in text(process.stderr) else "user.name"
            raise UserError(
                f"git does not know who you are: {missing} is not set",
                "set them: git config --global user.name 'NAME'; "
                "git config --global user.email 'ADDRESS'",
            )


def write_commits(
    repo: Repo, base: str, drafts: Sequence[CommitDraft], signer: Signer | None = None
) -> tuple[str, ...]:
    """Write commits one on top of the other, the first on `base`, and return their ids.

    No ref moves.

    A second look at the written trees proves that exactly the declared bytes differ.

    Raises:
        ServiceError: git failed, or a tree is not what was asked for.
    """
    blobs = [p.after for d in drafts for p in d.patches if p.after is not None]
    trees = [repo.tree_of(base)]
    with repo.reader() as read:
        writer = TreeWriter(read)
        for draft in drafts:
            trees.append(writer.edit(trees[-1], _edits(draft.patches, len(base))))
    steps = list(zip(trees[1:], [draft.message for draft in drafts], strict=True))
    commits = [] if signer else _commit_objects(repo, base, steps)
    objects = {"blob": blobs, "tree": list(writer.new_trees.values()), "commit": commits}
    write_objects(repo, objects, len(base))
    for changes, draft in zip(_tree_changes(repo, trees), drafts, strict=True):
        if changes != dict(_expected_rows(draft.patches, len(base))):
            raise ServiceError(
                "the written tree differs from the planned change", kind="git", retryable=False
            )
    if signer:
        return tuple(_signed_commits(repo, base, steps, signer))
    return tuple(object_id("commit", data, len(base)) for data in commits)


def merge_texts(repo: Repo, base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """Return two edits of one text as one; None if they touch the same lines or are no text."""
    with tempfile.TemporaryDirectory(prefix="codeorch-merge-") as folder:
        files = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for file, data in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(data)
        process = repo.git.run("merge-file", "--stdout", *map(str, files), check=False)
    return None if process.returncode else process.stdout


# ------------------------------------------------------------------------------- objects


def _edits(patches: Sequence[FilePatch], id_length: int) -> dict[str, Entry | None]:
    edits: dict[str, Entry | None] = {p.old_path or p.path: None for p in patches}
    for p in patches:
        if p.after is not None:
            edits[p.path] = Entry(p.mode, object_id("blob", p.after, id_length))
    return edits


def _commit_objects(repo: Repo, base: str, steps: Sequence[tuple[str, str]]) -> list[bytes]:
    """Return commits as bytes, each on top of the one before it, as `git commit-tree` has them."""
    author, committer = (
        repo.git.run("var", who).stdout.strip()
        for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT")
    )
    commits: list[bytes] = []
    parent = base
    for tree, message in steps:
        head = f"tree {tree}\nparent {parent}\n".encode()
        who = b"author %s\ncommitter %s\n\n" % (author, committer)
        commits.append(head + who + message.encode("utf-8", "replace"))
        parent = object_id("commit", commits[-1], len(base))
    return commits


def _signed_commits(
    repo: Repo, parent: str, steps: Sequence[tuple[str, str]], signer: Signer
) -> Iterator[str]:
    git = repo.git.with_settings(*signer.settings)
    for tree, message in steps:
        args = ("commit-tree", "-S", tree, "-p", parent, "-F", "-")
        parent = text(git.run(*args, stdin=message.encode("utf-8", "replace")).stdout).strip()
        yield parent


def _tree_changes(repo: Repo, trees: Sequence[str]) -> list[dict[str, _Row]]:
    """Return what differs between each tree and the one before it by path, as git sees it."""
    pairs = [f"{old} {new}" for old, new in pairwise(trees) if old != new]
    args = ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
    out = text(repo.git.run(*args, stdin="".join(f"{pair}\n" for pair in pairs).encode()).stdout)
    changes: dict[str, dict[str, _Row]] = {}
    rows: dict[str, _Row] = {}
    fields = out.split("\0")
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        pair, _, meta = head.rpartition("\n")
        if pair:  # it is named before its first row
            rows = changes.setdefault(pair, {})
        _, mode, before, after, _ = meta.split()
        rows[path] = _Row(before=before, after=after, mode=int(mode, 8))
    return [changes.get(f"{old} {new}", {}) for old, new in pairwise(trees)]


def _expected_rows(patches: Sequence[FilePatch], id_length: int) -> Iterator[tuple[str, _Row]]:
    """Return the rows that git must show, from nothing but the bytes."""
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
