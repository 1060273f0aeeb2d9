"""A bundle from another job -> proven facts, or a refusal in words.

The bundle is unpacked into a repository of its own that borrows the objects of the checkout, so
nothing of it reaches the checkout, and git checks each object while it is unpacked. What may be
pushed is one commit on the base, whose every byte but the files' contents is known beforehand.
See git-bundle(1), gitformat-bundle(5), git-index-pack(1), git-fsck(1).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from codeorch.errors import ServiceError, UnsafeError
from codeorch.git import Repo
from codeorch.github.commit_form import expected_commit
from codeorch.github.path_policy import PathPolicy
from codeorch.github.proposal import ChangedFile, Manifest
from codeorch.github.request import IssueRequest
from codeorch.invisible import added_characters, named_characters
from codeorch.sandbox import scratch_folder

_LONGEST_BUNDLE = 256 << 20  # bytes
_LONGEST_HEADER = 64 << 10
_FILE_MODES = ("100644", "100755")
_NO_MODE = "000000"
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a change may be."""

    files: int = 100
    patch_bytes: int = 1024 << 10  # of all new contents


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenChange:
    """A change of which everything was looked at. `repo` holds its objects."""

    repo: Repo
    base: str
    head: str
    files: tuple[ChangedFile, ...]


def refuse(reason: str) -> UnsafeError:
    """Return the refusal of a proposal."""
    return UnsafeError(f"the proposal was refused: {reason}", "nothing was pushed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a proposal has to fit, known without it."""

    request: IssueRequest
    policy: PathPolicy
    limits: Limits
    branch: str  # that it may be pushed to


@contextmanager
def prove(checkout: Repo, bundle: Path, manifest: Manifest, terms: Terms) -> Iterator[ProvenChange]:
    """Yield the change that a bundle holds, while the repository with its objects is there.

    Raises:
        UnsafeError: the bundle is not exactly what the manifest says, or may not be pushed.
        ServiceError: git failed.
    """
    if manifest.request != terms.request.digest:
        raise refuse("it answers another request")
    if manifest.branch != terms.branch:
        raise refuse("it is for another branch")
    if manifest.base != checkout.resolve("HEAD"):
        raise refuse("it is built on another commit than this run's")
    pack = _pack_of(bundle, checkout, manifest)
    with scratch_folder("bundle") as folder:
        repo = _quarantine(checkout, folder, pack)
        _check_commit(repo, manifest, terms.request)
        files = tuple(changed_files(repo, manifest.base, manifest.head))
        if files != manifest.files:
            raise refuse("its files are not those of the manifest")
        _check_files(repo, manifest, files, terms)
        _check_contents(repo, files, terms)
        yield ProvenChange(repo=repo, base=manifest.base, head=manifest.head, files=files)


def _pack_of(bundle: Path, checkout: Repo, manifest: Manifest) -> bytes:
    """Return the pack in a bundle with one ref and one prerequisite, both as they have to be."""
    if bundle.is_symlink() or not bundle.is_file():
        raise refuse("there is no bundle")
    if bundle.stat().st_size > _LONGEST_BUNDLE:
        raise refuse("the bundle is too large")
    raw = bundle.read_bytes()
    head, end, pack = raw.partition(b"\n\n")
    lines = head[:_LONGEST_HEADER].decode("utf-8", "replace").split("\n")
    if not end or not lines[0].startswith("# v") or not _ID.fullmatch(manifest.head):
        raise refuse("it is no bundle of git")
    rows = [line for line in lines[1:] if not line.startswith("@object-format=")]
    needs = [line.split(" ", 1)[0] for line in rows if line.startswith("-")]
    refs = [line for line in rows if not line.startswith("-")]
    if needs != [f"-{manifest.base}"]:
        raise refuse("the bundle is built on another commit")
    if refs != [f"{manifest.head} refs/heads/{manifest.branch}"]:
        raise refuse("the bundle holds other refs than the one branch")
    if checkout.git.run("bundle", "verify", "--quiet", str(bundle), check=False).returncode:
        raise refuse("git does not take the bundle")
    return pack


def _quarantine(checkout: Repo, folder: Path, pack: bytes) -> Repo:
    """Return a new repository that holds the objects of a pack, each of them checked by git."""
    repo = Repo(folder, folder / ".git")
    form = checkout.git.run("rev-parse", "--show-object-format").stdout.decode().strip()
    repo.git.run("init", "--quiet", "--template=", f"--object-format={form}")
    objects = checkout.git.run("rev-parse", "--git-path", "objects").stdout.decode().strip()
    borrowed = (checkout.root / objects).resolve()
    (repo.git_dir / "objects" / "info").mkdir(exist_ok=True)
    (repo.git_dir / "objects" / "info" / "alternates").write_text(f"{borrowed}\n", "utf-8")
    try:
        repo.git.run(
            "index-pack", "--stdin", "--fix-thin", "--strict", "--fsck-objects", stdin=pack
        )
        # Only the new objects: those of the checkout are the repository's own.
        repo.git.run("fsck", "--strict", "--no-full", "--no-dangling", "--no-reflogs")
    except ServiceError as error:
        raise refuse("git finds faults in its objects") from error
    return repo


def _check_commit(repo: Repo, manifest: Manifest, request: IssueRequest) -> None:
    process = repo.git.run("cat-file", "commit", manifest.head, check=False)
    raw = process.stdout
    if process.returncode:
        raise refuse("its commit is not in the bundle")
    tree = raw.split(b"\n", 1)[0].decode("utf-8", "replace").removeprefix("tree ")
    stamp = re.search(rb"^author .*> ([0-9]{1,12}) \+0000$", raw, re.MULTILINE)
    if stamp is None or tree != manifest.tree:
        raise refuse("its commit is not one of codeorch")
    if raw != expected_commit(tree, manifest.base, int(stamp[1]), request):
        raise refuse("its commit is not one of codeorch")


def changed_files(repo: Repo, base: str, head: str) -> Iterator[ChangedFile]:
    """Yield what differs between two commits, as git's trees have it.

    Raises:
        UnsafeError: something else than plain files, or a mode, was changed.
        ServiceError: git failed.
    """
    args = ("-r", "-z", "--raw", "--no-abbrev", "--no-renames", base, head)
    fields = repo.git.run("diff-tree", *args).stdout.split(b"\0")
    for meta, raw_path in zip(fields[::2], fields[1::2], strict=False):
        old, new, before, after, _ = meta.decode().lstrip(":").split()
        path = raw_path.decode("utf-8", "surrogateescape")
        for mode in (old, new):
            if mode not in (*_FILE_MODES, _NO_MODE):
                raise refuse(f"{path!r} is no plain file (mode {mode})")
        expected = "100644" if old == _NO_MODE else old
        if new not in (_NO_MODE, expected):
            raise refuse(f"the mode of {path!r} was changed to {new}")
        yield ChangedFile(
            path=path, mode=expected,
            before=before if old != _NO_MODE else "", after=after if new != _NO_MODE else "",
        )  # fmt: skip


def _check_files(
    repo: Repo, manifest: Manifest, files: tuple[ChangedFile, ...], terms: Terms
) -> None:
    if not files:
        raise refuse("it changes nothing")
    if len(files) > terms.limits.files:
        raise refuse(
            f"it changes {len(files)} files; {terms.limits.files} may be (input max-files)"
        )
    before = {entry.path for entry in repo.tree(manifest.base)}
    after = {entry.path for entry in repo.tree(manifest.head)}
    for file in files:
        # A new path must fit beside all that will be there, those that are new as well included.
        tree = before if file.before else (after - {file.path})
        if fault := terms.policy.fault(file.path, tree):
            raise refuse(f"{file.path!r} {fault}")


def _check_contents(repo: Repo, files: tuple[ChangedFile, ...], terms: Terms) -> None:
    named = named_characters(terms.request.text)
    total = 0
    with repo.reader() as read:
        for file in files:
            after = read(file.after) if file.after else b""
            before = read(file.before) if file.before else b""
            total += len(after)
            if total > terms.limits.patch_bytes:
                raise refuse(
                    f"its files have over {terms.limits.patch_bytes >> 10} kB (input max-patch-kb)"
                )
            if b"\0" in after and b"\0" not in before:
                raise refuse(f"{file.path!r} is no text")
            old, new = (data.decode("utf-8", "replace") for data in (before, after))
            if odd := added_characters(old, new, named):
                raise refuse(f"{file.path!r} has characters that nobody sees: {odd[0]}")
