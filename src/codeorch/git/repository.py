"""The repository as it is: commits, files, history and settings. Nothing here writes to it."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Literal

from codeorch.errors import ServiceError, UserError
from codeorch.git.gitpython import open_gitpython, remote_urls
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


ConfigKind = Literal["", "bool", "path"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigEntry:
    """One setting of git's configuration."""

    scope: str  # `system`, `global`, `local`, `worktree` or `command`
    name: str  # section and variable in lower case
    value: str


# Git maps whole packs into memory, which a history of thousands of commits would fill.
_SMALL_WINDOWS = ("core.packedGitLimit=48m", "core.packedGitWindowSize=4m")
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
        self._plain_git = Git(root, ())  # for settings, which ours would hide

    @classmethod
    def open(cls, folder: Path) -> "Repo":
        """Open the repository that `folder` lies in.

        Raises:
            UserError: there is none, it has no working tree, or that is not where `.git` is.
        """
        with open_gitpython(folder) as view:
            root, common = view.working_tree_dir, view.common_dir
        if root is None:
            raise UserError(f"{folder} is a bare repository", "run codeorch in a working tree")
        repo = cls(Path(root), Path(common).resolve())
        # `core.worktree` may name any folder of this machine, whose files git would then take.
        process = repo.git.run("rev-parse", "--show-toplevel", check=False)
        top = text(process.stdout).removesuffix("\n")
        if top and Path(top) != repo.root.resolve():
            raise UserError(
                f"{root} has its files in {top}", "codeorch needs them beside .git: core.worktree"
            )
        return repo

    def with_objects_of(self, other: "Repo") -> "Repo":
        """Return this working tree with the objects of a repository that holds more of them."""
        repo = Repo(self.root, other.git_dir)
        repo.git = other.git
        return repo

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
        """Return the id of a commit's tree: the same files, the same id."""
        return self.git.run("rev-parse", "--verify", f"{commit}^{{tree}}").stdout.decode().strip()

    def is_whole(self, commit: str, base: str) -> bool:
        """Return whether all objects of a commit are there that its base has not.

        What no ref names may be pruned by anybody at any time.
        """
        args = ("--objects", "--quiet", commit, f"^{base}")
        return self.git.run("rev-list", *args, check=False).returncode == 0

    def resolve(self, revision: str) -> str:
        """Return the full commit id that a revision names.

        Raises:
            UserError: it names no commit, or git does not trust the repository.
        """
        wanted = ("--end-of-options", f"{revision}^{{commit}}")
        process = self.git.run("rev-parse", "--verify", "--quiet", *wanted, check=False)
        if b"safe.directory" in process.stderr:
            raise UserError(
                f"git does not read {self.root}, as it is somebody else's",
                f"if you trust it: git config --global --add safe.directory {self.root}",
            )
        if process.returncode:
            hint = "make a first commit" if revision == "HEAD" else "see `git log` or `git branch`"
            raise UserError(f"{revision} names no commit", hint)
        return process.stdout.decode().strip()

    def tree(self, commit: str) -> tuple[TreeEntry, ...]:
        """Return every entry of a commit's tree, in git's order.

        Raises:
            ServiceError: git failed, or lacks a folder.
        """
        args = ("-r", "-z", "--full-tree", commit)
        process = self.git.run("ls-tree", "-l", *args, check=False)
        if not process.returncode:
            return tuple(map(_tree_entry, filter(None, process.stdout.split(b"\0"))))
        # A partial clone that lacks something: git gives no sizes, nor says there what it lacks.
        listing = self.git.run("ls-tree", *args).stdout
        size = self._sizes(commit)
        rows = (row.partition(b"\t") for row in listing.split(b"\0") if row)
        return tuple(
            _tree_entry(b"%s %d\t%s" % (meta, size.get(meta.split()[2].decode(), -1), path))
            for meta, _, path in rows
        )

    def _sizes(self, commit: str) -> dict[str, int]:
        """Return the size in bytes of each object of a commit's tree that is there."""
        wanted = ("--objects", "--no-object-names", "--missing=print", f"{commit}^{{tree}}")
        names = self.git.run("rev-list", *wanted).stdout.split()
        present = b"".join(name + b"\n" for name in names if not name.startswith(b"?"))
        form = "--batch-check=%(objectname) %(objectsize)"
        rows = self.git.run("cat-file", form, stdin=present).stdout.decode().splitlines()
        return {name: int(size) for name, size in (row.split() for row in rows)}

    def blobs(self, ids: Iterable[str], ahead: int = 1) -> Iterator[tuple[str, bytes]]:
        """Yield the id and the bytes of blobs, in their order, through one `git cat-file --batch`.

        `ahead` ids are taken and sent at a time; some dozens are quicker than one.

        Raises:
            ServiceError: git lacks one.
        """
        with self._batch() as (requests, answers):
            rest = iter(ids)
            while batch := tuple(islice(rest, ahead)):
                requests.write("".join(f"{blob}\n" for blob in batch).encode())
                requests.flush()
                for blob in batch:
                    yield blob, _batch_answer(answers, blob)

    @contextmanager
    def reader(self) -> Iterator[Callable[[str], bytes]]:
        """Yield a function that returns the bytes of an object of any kind by its id."""
        with self._batch() as (requests, answers):

            def read(name: str) -> bytes:
                requests.write(f"{name}\n".encode())
                requests.flush()
                return _batch_answer(answers, name)

            yield read

    def grep(
        self, commit: str, texts: Sequence[str], longest: int
    ) -> Iterator[tuple[str, int, str]]:
        """Yield path, number and text of the lines that hold one of some texts, in any case.

        Lines of more than `longest` bytes are left out, and so is what git cannot read.
        """
        plain = ("--full-name", "--no-color", "--no-column", "--no-textconv")
        patterns = (option for each in texts for option in ("-e", each))
        args = ("-znIFi", *plain, "--no-recurse-submodules", *patterns, commit)
        with self.git.start("grep", *args, quiet=True) as process:
            if process.stdout is None:  # pragma: no cover
                raise ServiceError("git gave no pipe", kind="git", retryable=False)
            for row in process.stdout:
                path, _, rest = row.partition(b"\0")
                number, _, line = rest.partition(b"\0")
                if len(line) <= longest and number.isdigit():
                    shown = line.rstrip(b"\r\n").decode("utf-8", "replace")
                    yield text(path.partition(b":")[2]), int(number), shown

    @contextmanager
    def _batch(self) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
        git = self.git.with_settings(*_LITTLE_MEMORY)
        with git.start("cat-file", "--batch", quiet=True) as process:
            if process.stdin is None or process.stdout is None:  # pragma: no cover
                raise ServiceError("git gave no pipes", kind="git", retryable=False)
            try:
                yield process.stdin, process.stdout
            finally:
                process.stdin.close()

    def is_ignored(self, path: str) -> bool:
        """Return whether git ignores a path, by the ignore files of the working tree."""
        # It knows no literal paths, and takes each for one; `./` keeps a colon from being magic.
        args = ("--no-literal-pathspecs", "check-ignore", "--quiet", "--no-index", "--")
        try:
            return self.git.run(*args, f"./{path}", check=False).returncode == 0
        except (ValueError, OSError):  # what no process can be given is no path, either
            return False

    # ------------------------------------------------------------------------------- history

    def log(self, commit: str, limit: int) -> Iterator[LogEntry]:
        """Yield the newest `limit` commits that lead to `commit`, merges left out."""
        return self._log(f"--max-count={limit}", commit)

    def ancestors(self, commit: str, limit: int) -> tuple[str, ...]:
        """Return the ids of the commits that `log` would yield."""
        out = self.git.run("rev-list", "--no-merges", f"--max-count={limit}", commit).stdout
        return tuple(out.decode().split())

    def log_of(self, commits: Sequence[str]) -> Iterator[LogEntry]:
        """Yield the entries of commits that are no merges, in their order."""
        names = "".join(f"{commit}\n" for commit in commits).encode()
        return self._log("--no-walk=unsorted", "--stdin", stdin=names) if commits else iter(())

    def _log(self, *args: str, stdin: bytes = b"") -> Iterator[LogEntry]:
        out = self.git.with_settings(*_SMALL_WINDOWS).run(
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

    def changed_paths(self, old: str, new: str) -> tuple[str, ...]:
        """Return the paths that differ between two trees or commits; a rename is two of them."""
        out = self.git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new).stdout
        return tuple(text(path) for path in out.split(b"\0") if path)

    def diff(self, old: str, new: str) -> bytes:
        """Return the difference of two commits as a git patch, binary files included."""
        return self.git.run(
            "diff", "--no-ext-diff", "--no-textconv", "--no-renames", "--binary", "--full-index",
            old, new,
        ).stdout  # fmt: skip

    # ----------------------------------------------------------------------- configuration

    def config_value(self, name: str, kind: ConfigKind = "") -> str | None:
        """Return a setting as git itself would use it, None if it is not set.

        All of git's configuration counts: the system's, the user's, the repository's, the work
        tree's and that of the environment. A `bool` is given as `true` or `false`, a `path` with
        `~` replaced.

        Raises:
            UserError: the value is not of that kind.
        """
        options = ("-z", f"--type={kind}") if kind else ("-z",)
        process = self._plain_git.run("config", *options, "--get", name, check=False)
        if process.returncode > 1:
            reason = text(process.stderr).strip().removeprefix("fatal: ")
            raise UserError(f"git cannot read {name}: {reason}", f"see `git config --get {name}`")
        return None if process.returncode else text(process.stdout).removesuffix("\0")

    def config_entries(self, pattern: str) -> tuple[ConfigEntry, ...]:
        """Return all settings whose names match, in git's order: of equal names the last counts."""
        args = ("config", "-z", "--show-scope", "--get-regexp", pattern)
        fields = text(self._plain_git.run(*args, check=False).stdout).split("\0")
        rows = (
            (scope, row.partition("\n"))
            for scope, row in zip(fields[::2], fields[1::2], strict=False)
        )
        return tuple(
            ConfigEntry(scope=scope, name=name, value=value) for scope, (name, _, value) in rows
        )

    def remotes(self) -> dict[str, str]:
        """Return the address that git would fetch from for each remote, by its name.

        Shorthands (`url.<base>.insteadOf`) are written out. A remote without an address is left
        out, and so is one with a name that git takes for an option.
        """
        return remote_urls(self.root)

    def hook(self, name: str) -> Path | None:
        """Return the hook of this name that git would run for the user, None if there is none."""
        configured = self.config_value("core.hooksPath", "path")
        folder = self.root / configured if configured else self.git_dir / "hooks"
        file = folder / name
        return file if file.is_file() and os.access(file, os.X_OK) else None


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
        hint = "in a partial clone: git fetch --refetch --no-filter"
        raise ServiceError(f"git has no object {blob}; {hint}", kind="git", retryable=False)
    data = pipe.read(int(head[2]))
    pipe.read(1)  # the line feed behind each object
    return data
