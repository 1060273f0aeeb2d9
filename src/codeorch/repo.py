"""The git repository: objects in, objects and one new ref out. The only door to git.

Everything here is plumbing that runs no code of the repository: hooks, filters, fsmonitor and
external programs are switched off, and the user's working tree, index and HEAD are only read.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from codeorch.errors import ServiceError, UserError

# Measured: with these, the calls below start no program that a repository could name.
_HARDENING = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.editor=true",
    "core.sshCommand=false",
    "commit.gpgSign=false",
    "credential.helper=",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
    "core.quotePath=false",
)
_DROPPED_ENV = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_EXTERNAL_DIFF",
    "GIT_EDITOR",
    "GIT_ASKPASS",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_NAMESPACE",
)
_KEYS = ("_API_KEY", "_AUTH_TOKEN")  # how the names of model keys end; git needs none of them


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEntry:
    """One entry of a commit's tree."""

    path: str  # undecodable bytes are kept as surrogates
    mode: int
    blob: str
    size: int  # in bytes; 0 for a submodule, -1 when git lacks the object, as in a partial clone

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file: no symlink, no submodule."""
        return self.mode in (0o100644, 0o100755)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One path of a commit to be made: its new bytes, or None to delete it."""

    path: str
    data: bytes | None
    mode: int = 0o100644


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One commit of the history: its message and the paths it touched."""

    commit: str
    time: int  # seconds since the epoch
    message: str
    paths: tuple[str, ...]


class Repo:
    """One repository. Open it with `Repo.open`.

    `root` is the working tree's top folder; `git_dir` is the common git directory, shared by all
    worktrees of the repository.
    """

    def __init__(self, root: Path, git_dir: Path) -> None:
        self.root = root
        self.git_dir = git_dir

    @classmethod
    def open(cls, folder: Path) -> "Repo":
        """Open the repository that `folder` lies in.

        Raises:
            UserError: there is none, or it has no working tree.
        """
        import git  # noqa: PLC0415 - costs 0.1 s, and starts a process

        try:
            with git.Repo(folder, search_parent_directories=True) as found:
                root, common = found.working_tree_dir, found.common_dir
        except (git.InvalidGitRepositoryError, git.NoSuchPathError) as error:
            raise UserError(
                f"{folder} is not inside a git repository",
                "run codeorch in a repository, or make one with `git init` and a first commit",
            ) from error
        if root is None:
            raise UserError(f"{folder} is a bare repository", "run codeorch in a working tree")
        return cls(Path(root), Path(common).resolve())

    @classmethod
    def create(cls, folder: Path, message: str) -> "Repo":
        """Make a new repository of a folder's files, with one commit on branch main."""
        repo = cls(folder, folder / ".git")
        repo._run("init", "--quiet", "--initial-branch=main")
        repo._run("add", "--all")
        repo._run("commit", "--quiet", "--message", message)
        return repo

    # ------------------------------------------------------------------------------- reading

    def resolve(self, revision: str) -> str:
        """Give the full commit id that a revision names.

        Raises:
            UserError: it names no commit.
        """
        done = self._run(
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            f"{revision}^{{commit}}",
            check=False,
        )
        if done.returncode:
            hint = "make a first commit" if revision == "HEAD" else "see `git log` or `git branch`"
            raise UserError(f"{revision} names no commit", hint)
        return done.stdout.decode().strip()

    def head_branch(self) -> str:
        """Give the short name of the current branch; empty when HEAD is detached."""
        done = self._run("symbolic-ref", "--quiet", "--short", "HEAD", check=False)
        return _text(done.stdout).strip()

    def tree(self, commit: str) -> tuple[TreeEntry, ...]:
        """List every entry of a commit's tree, in git's order."""
        out = self._run("ls-tree", "-r", "-z", "-l", "--full-tree", commit).stdout
        return tuple(_tree_entry(row) for row in out.split(b"\0") if row)

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Read blobs, in the order asked, through one `git cat-file --batch`."""
        with self._start("cat-file", "--batch") as process:
            if process.stdin is None or process.stdout is None:  # pragma: no cover
                raise ServiceError("git gave no pipes", kind="git", retryable=False)
            try:
                for blob in ids:
                    process.stdin.write(blob.encode() + b"\n")
                    process.stdin.flush()
                    yield blob, _batch_answer(process.stdout, blob)
            finally:
                process.stdin.close()

    def log(self, commit: str, limit: int) -> Iterator[LogEntry]:
        """Walk the newest `limit` commits that lead to `commit`, merges left out."""
        out = self._run(
            "log", "--no-merges", "--no-renames", "--no-ext-diff", "--no-textconv", "--name-only",
            "-z", f"--max-count={limit}", "--format=%x01%H%x02%ct%x02%B%x03", commit,
        ).stdout  # fmt: skip
        for record in out.split(b"\x01")[1:]:
            head, _, names = record.partition(b"\x03")
            ident, when, message = head.split(b"\x02", 2)
            paths = tuple(_text(name) for name in names.strip(b"\n\0").split(b"\0") if name)
            yield LogEntry(
                commit=ident.decode(), time=int(when), message=_text(message).strip(), paths=paths
            )

    def dirty(self) -> tuple[str, ...]:
        """Name the paths with uncommitted changes, untracked files included.

        The repository's own filters are switched off, so a file that only a filter would make
        equal counts as changed when its time stamp says so.
        """
        off = [part for name in self._filters() for part in _filter_off(name)]
        out = self._run(
            *off, "status", "--porcelain=v1", "-z", "--untracked-files=all",
            "--ignore-submodules=all", "--no-renames",
        ).stdout  # fmt: skip
        return tuple(_text(row[3:]) for row in out.split(b"\0") if row)

    def identity(self) -> None:
        """Check that git knows who writes commits.

        Raises:
            UserError: `user.name` or `user.email` is missing.
        """
        if self._run("var", "GIT_AUTHOR_IDENT", check=False).returncode:
            raise UserError(
                "git does not know who you are",
                "set them: git config user.name 'NAME'; git config user.email 'ADDRESS'",
            )

    # ------------------------------------------------------------------------------- writing

    def write_commit(self, base: str, changes: Sequence[Change], message: str) -> str:
        """Make a commit object on top of `base` and give its id. No ref is moved.

        Everything happens in a temporary index; a second look at the written tree proves that
        exactly the declared paths differ.

        Raises:
            ServiceError: git failed, or the tree is not what was asked for.
        """
        with tempfile.TemporaryDirectory(prefix="codeorch-index-") as folder:
            env = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._run("read-tree", base, env=env)
            blobs = self._write_blobs(changes, Path(folder))
            rows = b"".join(_index_row(change, blobs, len(base)) for change in changes)
            self._run("update-index", "-z", "--index-info", stdin=rows, env=env)
            tree = self._run("write-tree", env=env).stdout.decode().strip()
        if set(self.changed_paths(base, tree)) != {change.path for change in changes}:
            raise ServiceError(
                "the written tree differs from the planned change", kind="git", retryable=False
            )
        done = self._run("commit-tree", tree, "-p", base, "-F", "-", stdin=message.encode())
        return done.stdout.decode().strip()

    def create_branch(self, name: str, commit: str) -> None:
        """Make a new branch, only if no branch of this name exists.

        Raises:
            UserError: there is one already.
        """
        ref = f"refs/heads/{name}"
        if self._run("check-ref-format", ref, check=False).returncode:
            raise UserError(f"{name!r} is not a valid branch name", "choose another with --branch")
        done = self._run("update-ref", "--no-deref", ref, commit, "0" * len(commit), check=False)
        if done.returncode:
            raise UserError(
                f"branch {name} could not be made: {_text(done.stderr).strip()}",
                "choose another name with --branch, or delete the old branch",
            )

    def has_branch(self, name: str) -> bool:
        """Whether a local branch of this name exists."""
        ref = f"refs/heads/{name}"
        return self._run("show-ref", "--verify", "--quiet", ref, check=False).returncode == 0

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` was built on top of `old`."""
        return self._run("merge-base", "--is-ancestor", old, new, check=False).returncode == 0

    def changed_paths(self, old: str, new: str) -> tuple[str, ...]:
        """Name the paths that differ between two trees or commits; a rename is two of them."""
        out = self._run("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new).stdout
        return tuple(_text(path) for path in out.split(b"\0") if path)

    def diff(self, old: str, new: str) -> bytes:
        """Give the difference of two commits as a git patch, binary files included."""
        return self._run(
            "diff", "--no-ext-diff", "--no-textconv", "--no-renames", "--binary", "--full-index",
            old, new,
        ).stdout  # fmt: skip

    def fast_forward(self, commit: str) -> None:
        """Move the current branch and the working tree forward to `commit`.

        Raises:
            UserError: git refuses, e.g. because of unsaved edits.
        """
        self._take("merge", "--ff-only", "--no-verify", "--quiet", commit)

    def apply_patch(self, patch: bytes) -> None:
        """Apply a git patch to the working tree, whole or not at all.

        Raises:
            UserError: it does not fit.
        """
        self._take("apply", "--whitespace=nowarn", stdin=patch)

    def _take(self, *args: str, stdin: bytes = b"") -> None:
        done = self._run(*args, stdin=stdin, check=False)
        if done.returncode:
            said = _text(done.stderr).strip().splitlines() or ["git gave no reason"]
            raise UserError(
                f"git could not take the change over: {said[0]}",
                "commit or stash your edits, or merge the branch by hand",
            )

    def _write_blobs(self, changes: Sequence[Change], folder: Path) -> dict[str, bytes]:
        """Write the new contents into the object store; give the blob id for each path."""
        given = [change for change in changes if change.data is not None]
        for number, change in enumerate(given):
            (folder / str(number)).write_bytes(change.data or b"")
        names = "".join(f"{folder / str(number)}\n" for number in range(len(given)))
        out = self._run(
            "hash-object", "-w", "--stdin-paths", "--no-filters", stdin=names.encode()
        ).stdout
        return dict(zip((change.path for change in given), out.split(), strict=True))

    def _filters(self) -> tuple[str, ...]:
        out = self._run(
            "config", "-z", "--name-only", "--get-regexp", r"^filter\..*\.", check=False
        ).stdout
        keys = (_text(key) for key in out.split(b"\0") if key)
        return tuple(sorted({key[len("filter.") :].rpartition(".")[0] for key in keys}))

    # ------------------------------------------------------------------------------- processes

    def _argv(self, *args: str) -> list[str]:
        settings = [part for setting in _HARDENING for part in ("-c", setting)]
        return ["git", "--literal-pathspecs", *settings, *args]

    def _env(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {
            key: value
            for key, value in os.environ.items()
            if key not in _DROPPED_ENV and not key.endswith(_KEYS)
        }
        return kept | {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"} | dict(extra or {})

    def _start(self, *args: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._argv(*args),
            cwd=self.root,
            env=self._env(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def _run(
        self,
        *args: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            self._argv(*args),
            cwd=self.root,
            env=self._env(env),
            input=stdin,
            capture_output=True,
            check=False,
        )
        if check and done.returncode:
            said = _text(done.stderr).strip() or f"exit code {done.returncode}"
            raise ServiceError(f"git {args[0]} failed: {said}", kind="git", retryable=False)
        return done


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _index_row(change: Change, blobs: Mapping[str, bytes], id_length: int) -> bytes:
    path = change.path.encode("utf-8", "surrogateescape")
    if change.data is None:
        return b"0 " + b"0" * id_length + b"\t" + path + b"\0"
    return b"%o %s\t%s\0" % (change.mode, blobs[change.path], path)


def _filter_off(name: str) -> tuple[str, ...]:
    keys = (f"filter.{name}.{key}=" for key in ("clean", "smudge", "process"))
    return tuple(
        part for setting in (*keys, f"filter.{name}.required=false") for part in ("-c", setting)
    )


def _tree_entry(row: bytes) -> TreeEntry:
    meta, _, path = row.partition(b"\t")
    mode, _kind, blob, size = meta.split()
    return TreeEntry(
        path=_text(path),
        mode=int(mode, 8),
        blob=blob.decode(),
        size=0 if size == b"-" else -1 if size == b"BAD" else int(size),
    )


def _batch_answer(pipe: IO[bytes], blob: str) -> bytes:
    head = pipe.readline().split()
    if len(head) != 3:
        raise ServiceError(f"git has no object {blob}", kind="git", retryable=False)
    data = pipe.read(int(head[2]))
    pipe.read(1)  # the line feed behind each object
    return data
