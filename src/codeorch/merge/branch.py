"""ChangeSet -> commit -> branch, by plumbing, never in the user's tree."""

import re
import unicodedata
from collections.abc import Iterator

from codeorch.domain import Branch, ChangeSet, Request
from codeorch.repo import Change, Repo

_SUBJECT = 72  # characters; what git's own tools show without wrapping


def write(repo: Repo, change: ChangeSet, request: Request, run_id: str) -> str:
    """Make a commit object of a change; empty when nothing lands. No branch names it yet."""
    if not change.patches:
        return ""
    return repo.write_commit(change.base, tuple(_changes(change)), message(request, change, run_id))


def land(repo: Repo, commit: str, name: str) -> Branch:
    """Let a new branch point at the commit.

    Raises:
        UserError: a branch of this name exists.
    """
    repo.create_branch(name, commit)
    return Branch(name=name, commit=commit)


def branch_name(request: Request, run_id: str) -> str:
    """Give a readable, valid and unused name."""
    plain = unicodedata.normalize("NFKD", request.text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.lower())
    slug = "-".join(words)[:40].strip("-") or "change"
    return f"codeorch/{slug}-{run_id}"


def message(request: Request, change: ChangeSet, run_id: str) -> str:
    """Write the commit message: a subject line, the whole request if longer, and the run."""
    text = request.text.strip()
    first = text.split("\n", 1)[0].strip()
    subject = first if len(first) <= _SUBJECT else first[: _SUBJECT - 4].rsplit(" ", 1)[0] + " ..."
    body = "" if subject == text else f"\n{_plain(text)}\n"
    files = len(change.patches)
    count = f"{files} file{'s' if files != 1 else ''} changed by codeorch."
    return f"{_plain(subject)}\n{body}\n{count}\n\nCodeorch-Run: {run_id}\n"


def _plain(text: str) -> str:
    """Take out control characters, which could deceive whoever reads the log."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf"))


def _changes(change: ChangeSet) -> Iterator[Change]:
    for patch in change.patches:
        if patch.old_path:
            yield Change(path=patch.old_path, data=None)
        yield Change(path=patch.path, data=patch.after, mode=patch.mode)
