"""Exactly one commit to exactly one branch, by git, with a token that no command line shows.

Git asks a program for the password (`GIT_ASKPASS`, gitcredentials(7)), and that program reads it
from a file that only we can read and that is gone afterwards. The push is a compare-and-swap.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from codeorch.git import Repo
from codeorch.sandbox import scratch_folder

_ANSWER_PROGRAM = """#!/bin/sh
exec cat "${0%/*}/token"
"""
_PLAIN = (
    "http.followRedirects=false",
    "push.gpgSign=false",
    "push.followTags=false",
    "push.recurseSubmodules=no",
    "transfer.credentialsInUrl=die",
)


@dataclass(frozen=True, slots=True)
class PushResult:
    """Whether the branch is there now, and what git and the server say if not."""

    is_done: bool
    reason: str = ""


def push(repo: Repo, url: str, token: str, head: str, branch: str, expected: str) -> PushResult:
    """Push a commit to a branch that stands where it is expected, or, if empty, is not there.

    Raises:
        UserError: there is no git.
    """
    parts = urlsplit(url)
    ref = f"refs/heads/{branch}"
    place = urlunsplit(parts._replace(netloc=f"x-access-token@{parts.netloc}"))
    with scratch_folder("push") as folder:
        secret, program = folder / "token", folder / "askpass"
        secret.touch(0o600)
        secret.write_text(token, encoding="utf-8")
        program.touch(0o700)
        program.write_text(_ANSWER_PROGRAM, encoding="utf-8")
        process = repo.git.with_settings(*_PLAIN).run(
            "push", "--porcelain", "--no-verify", "--no-thin",
            f"--force-with-lease={ref}:{expected}", place, f"{head}:{ref}",
            env={"GIT_ASKPASS": str(program), "GIT_ALLOW_PROTOCOL": parts.scheme},
            check=False,
        )  # fmt: skip
    if not process.returncode:
        return PushResult(is_done=True)
    words = (process.stderr + b"\n" + process.stdout).decode("utf-8", "replace")
    return PushResult(is_done=False, reason=_reason(words, token))


def _reason(words: str, token: str) -> str:
    """Return what git says, without the token, should a server repeat it, and without addresses."""
    lines = (line.strip() for line in words.replace(token, "***").splitlines())
    rows = [line for line in lines if line and not line.startswith(("To ", "Done", "hint:"))]
    return re.sub(r"(?<=://)[^/@\s]+@", "", "\n".join(rows))[:4_000]
