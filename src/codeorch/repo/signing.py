"""Whether and how the user signs commits.

Which key signs may stand in the repository; which program is started may not, because the text
of a repository is not the user's word.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from codeorch.errors import UserError
from codeorch.repo.process import text
from codeorch.repo.repository import Repo

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
