"""Where a branch left another one: names of branches -> merge base; and what lies between."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from codeorch.git.process import text
from codeorch.git.repository import Repo

_DEFAULTS: Final = ("origin/main", "origin/master", "main", "master")
_HUNK: Final = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class Hunk(NamedTuple):
    """Lines that were exchanged; starts count from 1, and a length of 0 is behind that line."""

    old_start: int
    old_length: int
    new_start: int
    new_length: int


def is_shallow(repo: Repo) -> bool:
    """Return whether the history was cut off when the repository was cloned."""
    return _output_of(repo, "rev-parse", "--is-shallow-repository") == "true"


def current_branch(repo: Repo) -> str:
    """Return the name of the branch that HEAD is on; empty for none."""
    return _output_of(repo, "symbolic-ref", "--quiet", "--short", "HEAD")


def default_base(repo: Repo) -> str:
    """Return the branch that the current one is to be merged into; empty when nothing tells.

    It is the upstream, unless that is the branch's own copy at a remote; the default branch of
    `origin`; or what default branches are called.
    """
    own = current_branch(repo)
    upstream = _output_of(repo, "rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}")
    remote_head = _output_of(repo, "rev-parse", "--abbrev-ref", "origin/HEAD")
    is_copy = upstream == _output_of(repo, "rev-parse", "--abbrev-ref", f"{own}@{{push}}")
    is_copy |= bool(own) and upstream.endswith(f"/{own}")
    order = ("" if is_copy else upstream, remote_head, *_DEFAULTS)
    names = (name for name in order if name and name != "origin/HEAD")
    return next((name for name in names if _exists(repo, name)), "")


def merge_base(repo: Repo, one: str, other: str) -> str:
    """Return the best common ancestor of two commits; empty when there is none here."""
    return _output_of(repo, "merge-base", one, other).partition("\n")[0]


def hunks(repo: Repo, old: str, new: str) -> Mapping[str, tuple[Hunk, ...]]:
    """Return what was exchanged between two commits, by changed path.

    There are no hunks of binary files, links and submodules, nor of paths that git has to quote.
    """
    args = (
        "-r", "--patch", "--unified=0", "--no-renames", "--no-ext-diff", "--no-textconv",
        "--no-color", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/", old, new,
    )  # fmt: skip
    out = text(repo.git.run("diff-tree", *args).stdout)
    found: dict[str, tuple[Hunk, ...]] = dict.fromkeys(repo.changed_paths(old, new), ())
    # Lines of files have a mark in front, so that none begins like a section.
    for section in re.split(r"(?m)^diff --git ", out)[1:]:
        path = _path(section)
        if path in found:
            found[path] += tuple(_hunks(section))
    return found


def _path(section: str) -> str:
    """Return the path that a section is about; empty where its head names none."""
    head = re.split(r"(?m)^@@ ", section, maxsplit=1)[0]
    named = re.findall(r"(?m)^(?:--- a|\+\+\+ b)/(.*?)\t?$", head)
    return named[-1] if named and "mode 120000" not in head and "mode 160000" not in head else ""


def first_parent_paths(repo: Repo, commit: str, limit: int) -> Iterator[tuple[str, ...]]:
    """Yield the paths that each of the newest commits changed, along the first parents.

    So a merge is one change, as it was merged.
    """
    out = repo.git.run(
        "log", "--first-parent", "--diff-merges=first-parent", f"--max-count={limit}",
        "--no-renames", "--no-ext-diff", "--no-textconv", "--name-only", "-z", "--format=%x00/%x00",
        commit,
    ).stdout  # fmt: skip
    for record in out.split(b"\0/\0")[1:]:
        names = record.strip(b"\0\n").split(b"\0")
        yield tuple(text(name) for name in names if name)


def _hunks(section: str) -> Iterator[Hunk]:
    for line in section.split("\n"):
        if match := _HUNK.match(line):
            yield Hunk(*(1 if number is None else int(number) for number in match.groups()))


def _exists(repo: Repo, name: str) -> bool:
    wanted = ("--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return repo.git.run("rev-parse", *wanted, check=False).returncode == 0


def _output_of(repo: Repo, *args: str) -> str:
    """Return what git says; nothing when it fails."""
    process = repo.git.run(*args, check=False)
    return "" if process.returncode else text(process.stdout).strip()
