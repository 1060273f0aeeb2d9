"""The repository as it is: commits, files, history, state; and what `take` does to it."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from codeorch.errors import ServiceError, UserError
from codeorch.git.process import Git, text


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
class LogEntry:
    """One commit of the history: its message and the paths it touched."""

    commit: str
    time: int  # seconds since the epoch
    message: str
    paths: tuple[str, ...]


# Git maps whole packs into memory, which a history of thousands of commits would fill.
_SMALL_WINDOWS = ("core.packedGitLimit=48m", "core.packedGitWindowSize=4m")
_FILTER = ("clean", "smudge", "process", "required")  # what a filter is made of
# Of packs that git has mapped at once; they would count as memory in use.
_LITTLE_MEMORY = ("core.packedGitWindowSize=1m", "core.packedGitLimit=32m")


class Repo:
    """One repository. Open it with `Repo.open`.

    `root` is the working tree's top folder; `git_dir` is the common git directory, shared by all
    worktrees of the repository.
    """

    def __init__(self, root: Path, git_dir: Path) -> None:
        self.root = root
        self.git_dir = git_dir
        self.git = Git(root)

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
        repo.git.run("init", "--quiet", "--initial-branch=main")
        repo.git.run("add", "--all")
        repo.git.run("commit", "--quiet", "--no-gpg-sign", "--message", message)
        return repo

    # ------------------------------------------------------------------------------- reading

    def tree_of(self, commit: str) -> str:
        """Give the id of a commit's tree: the same files, the same id."""
        return self.git.run("rev-parse", "--verify", f"{commit}^{{tree}}").stdout.decode().strip()

    def resolve(self, revision: str) -> str:
        """Give the full commit id that a revision names.

        Raises:
            UserError: it names no commit, or git does not trust the repository.
        """
        done = self.git.run(
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            f"{revision}^{{commit}}",
            check=False,
        )
        if b"safe.directory" in done.stderr:
            raise UserError(
                f"git does not read {self.root}, as it is somebody else's",
                f"if you trust it: git config --global --add safe.directory {self.root}",
            )
        if done.returncode:
            hint = "make a first commit" if revision == "HEAD" else "see `git log` or `git branch`"
            raise UserError(f"{revision} names no commit", hint)
        return done.stdout.decode().strip()

    def head_branch(self) -> str:
        """Give the short name of the current branch; empty when HEAD is detached."""
        done = self.git.run("symbolic-ref", "--quiet", "--short", "HEAD", check=False)
        return text(done.stdout).strip()

    def tree(self, commit: str) -> tuple[TreeEntry, ...]:
        """List every entry of a commit's tree, in git's order.

        Raises:
            ServiceError: git failed, or lacks a folder.
        """
        args = ("-r", "-z", "--full-tree", commit)
        done = self.git.run("ls-tree", "-l", *args, check=False)
        if not done.returncode:
            return tuple(map(_tree_entry, filter(None, done.stdout.split(b"\0"))))
        # A partial clone that lacks something: git gives no sizes, nor says there what it lacks.
        listed = self.git.run("ls-tree", *args).stdout
        size = self._sizes(commit)
        rows = (row.partition(b"\t") for row in listed.split(b"\0") if row)
        return tuple(
            _tree_entry(b"%s %d\t%s" % (meta, size.get(meta.split()[2].decode(), -1), path))
            for meta, _, path in rows
        )

    def _sizes(self, commit: str) -> dict[str, int]:
        """Give the size of each object of a commit's tree that is there."""
        wanted = ("--objects", "--no-object-names", "--missing=print", f"{commit}^{{tree}}")
        names = self.git.run("rev-list", *wanted).stdout.split()
        asked = b"".join(name + b"\n" for name in names if not name.startswith(b"?"))
        form = "--batch-check=%(objectname) %(objectsize)"
        rows = self.git.run("cat-file", form, stdin=asked).stdout.decode().splitlines()
        return {name: int(size) for name, size in (row.split() for row in rows)}

    def blobs(self, ids: Iterable[str], ahead: int = 1) -> Iterator[tuple[str, bytes]]:
        """Read blobs, in the order asked, through one `git cat-file --batch`.

        So many ids are taken and asked for at a time; some dozens are quicker than one.
        """
        with self._batch() as (asking, answers):
            rest = iter(ids)
            while asked := tuple(islice(rest, ahead)):
                asking.write("".join(f"{blob}\n" for blob in asked).encode())
                asking.flush()
                for blob in asked:
                    yield blob, _batch_answer(answers, blob)

    @contextmanager
    def reader(self) -> Iterator[Callable[[str], bytes]]:
        """Give a function that reads an object of any kind by its id."""
        with self._batch() as (asking, answers):

            def read(name: str) -> bytes:
                asking.write(f"{name}\n".encode())
                asking.flush()
                return _batch_answer(answers, name)

            yield read

    def lines(
        self, commit: str, texts: Sequence[str], longest: int
    ) -> Iterator[tuple[str, int, str]]:
        """Find the lines that hold one of some texts, in any case: path, number and line.

        Lines of more than `longest` bytes are left out, and so is what git cannot read.
        """
        plain = ("--full-name", "--no-color", "--no-column", "--no-textconv")
        asked = (part for each in texts for part in ("-e", each))
        args = ("-znIFi", *plain, "--no-recurse-submodules", *asked, commit)
        with self.git.start("grep", *args, quiet=True) as process:
            if process.stdout is None:  # pragma: no cover
                raise ServiceError("git gave no pipe", kind="git", retryable=False)
            for row in process.stdout:
                path, _, rest = row.partition(b"\0")
                number, _, line = rest.partition(b"\0")
                if len(line) <= longest and number.isdigit():
                    told = line.rstrip(b"\r\n").decode("utf-8", "replace")
                    yield text(path.partition(b":")[2]), int(number), told

    @contextmanager
    def _batch(self) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        with self.git.having(*_LITTLE_MEMORY).start("cat-file", "--batch", quiet=True) as process:
            if process.stdin is None or process.stdout is None:  # pragma: no cover
                raise ServiceError("git gave no pipes", kind="git", retryable=False)
            try:
                yield process.stdin, process.stdout
            finally:
                process.stdin.close()

    def log(self, commit: str, limit: int) -> Iterator[LogEntry]:
        """Walk the newest `limit` commits that lead to `commit`, merges left out."""
        return self._log(f"--max-count={limit}", commit)

    def ancestors(self, commit: str, limit: int) -> tuple[str, ...]:
        """Name the commits that `log` would give."""
        out = self.git.run("rev-list", "--no-merges", f"--max-count={limit}", commit).stdout
        return tuple(out.decode().split())

    def log_of(self, commits: Sequence[str]) -> Iterator[LogEntry]:
        """Give the entries of some commits that are no merges, in the order asked."""
        names = "".join(f"{commit}\n" for commit in commits).encode()
        return self._log("--no-walk=unsorted", "--stdin", stdin=names) if commits else iter(())

    def _log(self, *args: str, stdin: bytes = b"") -> Iterator[LogEntry]:
        out = self.git.having(*_SMALL_WINDOWS).run(
            "log", "--no-merges", "--no-renames", "--no-ext-diff", "--no-textconv", "--name-only",
            "-z", "--format=%x00/%x00%H%x00%ct%x00%B%x00", *args, stdin=stdin,
        ).stdout  # fmt: skip
        for record in out.split(b"\0/\0")[1:]:  # no path is a slash, no message holds a zero
            ident, when, message, names = record.split(b"\0", 3)
            names = names.removeprefix(b"\0").removeprefix(b"\n")
            paths = tuple(text(name) for name in names.split(b"\0") if name)
            yield LogEntry(
                commit=ident.decode(), time=int(when), message=text(message).strip(), paths=paths
            )

    def dirty(self) -> tuple[str, ...]:
        """Name the paths with uncommitted changes, untracked files included.

        The repository's own filters are switched off, so a file that only a filter would make
        equal counts as changed when its time stamp says so.
        """
        out = self.without_filters().run(
            "status", "--porcelain=v1", "-z", "--untracked-files=all",
            "--ignore-submodules=all", "--no-renames",
        ).stdout  # fmt: skip
        return tuple(text(row[3:]) for row in out.split(b"\0") if row)

    def unwatched(self) -> tuple[str, ...]:
        """Name the tracked files that are there and whose edits git was told not to look for."""
        rows = text(self.git.run("ls-files", "-z", "-v").stdout).split("\0")
        told = (row[2:] for row in rows if row[:1].islower() or row[:1] == "S")
        return tuple(path for path in told if (self.root / path).exists())

    def hook(self, name: str) -> Path | None:
        """Find the hook of this name that git would run for the user, if there is one."""
        args = ("config", "-z", "--type=path", "--get-all", "core.hooksPath")
        *configured, _ours, _end = text(self.git.run(*args).stdout).split("\0")
        folder = self.root / configured[-1] if configured else self.git_dir / "hooks"
        file = folder / name
        return file if file.is_file() and os.access(file, os.X_OK) else None

    def has_branch(self, name: str) -> bool:
        """Whether a local branch of this name exists."""
        ref = f"refs/heads/{name}"
        return self.git.run("show-ref", "--verify", "--quiet", ref, check=False).returncode == 0

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` was built on top of `old`."""
        return self.git.run("merge-base", "--is-ancestor", old, new, check=False).returncode == 0

    def changed_paths(self, old: str, new: str) -> tuple[str, ...]:
        """Name the paths that differ between two trees or commits; a rename is two of them."""
        out = self.git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new).stdout
        return tuple(text(path) for path in out.split(b"\0") if path)

    def diff(self, old: str, new: str) -> bytes:
        """Give the difference of two commits as a git patch, binary files included."""
        return self.git.run(
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
        done = self.git.run(*args, stdin=stdin, check=False)
        if done.returncode:
            said = text(done.stderr).strip().splitlines() or ["git gave no reason"]
            raise UserError(
                f"git could not take the change over: {said[0]}",
                "commit or stash your edits, or merge the branch by hand",
            )

    def without_filters(self) -> Git:
        """Give a git for looking at the working tree: the repository's filters do not run."""
        out = self.git.run(
            "config", "-z", "--name-only", "--get-regexp", r"^filter\..*\.", check=False
        ).stdout
        keys = (text(key) for key in out.split(b"\0") if key)
        names = sorted({key[len("filter.") :].rpartition(".")[0] for key in keys})
        return self.git.having(*(f"filter.{name}.{key}=" for name in names for key in _FILTER))


def _tree_entry(row: bytes) -> TreeEntry:
    meta, _, path = row.partition(b"\t")
    mode, _kind, blob, size = meta.split()
    return TreeEntry(
        path=text(path),
        mode=int(mode, 8),
        blob=blob.decode(),
        size=0 if size == b"-" else -1 if size == b"BAD" else int(size),
    )


def _batch_answer(pipe: IO[bytes], blob: str) -> bytes:
    head = pipe.readline().split()
    if len(head) != 3:
        told = f"git has no object {blob}; in a partial clone: git fetch --refetch --no-filter"
        raise ServiceError(told, kind="git", retryable=False)
    data = pipe.read(int(head[2]))
    pipe.read(1)  # the line feed behind each object
    return data
