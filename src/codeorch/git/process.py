"""Git as a process that runs no code of the repository; the only module that starts git."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from codeorch.errors import ServiceError, UserError
from codeorch.hardening import trusted_search_path

# Measured: with these, the calls of this package start no program that a repository could name.
HARDENING = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.editor=true",
    "core.sshCommand=false",
    "credential.helper=",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
)
# With these, what is read and written does not depend on the user's taste.
_PLAIN = (
    "core.quotePath=false",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
    "core.filesRefLockTimeout=3000",  # ms; another git process may be about to finish
)
_REPOSITORY_VARIABLES = (
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
_EMPTY_VARIABLE = "CODEORCH_NOTHING"
_OWN_VARIABLES = {
    _EMPTY_VARIABLE: "",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
    # A partial clone fetches what it lacks, one object at a time, by a program that its
    # configuration names. What is missing is missing; older versions of git know only the second.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
}


class Git:
    """Runs git in one folder, with settings that no configuration can change."""

    def __init__(self, folder: Path, settings: tuple[str, ...] = (*HARDENING, *_PLAIN)) -> None:
        self._folder = folder
        self._settings = settings

    def with_settings(self, *settings: str) -> "Git":
        """Return a git with more settings, such as `core.splitIndex=false`."""
        return Git(self._folder, (*self._settings, *settings))

    def run(
        self,
        *args: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git to its end and return what it printed; `env` adds variables.

        Raises:
            ServiceError: it failed, and `check` is set.
            UserError: there is no git.
        """
        process = subprocess.run(
            self._argv(*args),
            cwd=self._folder,
            env=self._env(env),
            input=stdin,
            capture_output=True,
            check=False,
        )
        if check and process.returncode:
            reason = (
                "; ".join(text(process.stderr).split("\n")).strip("; ")
                or f"exit code {process.returncode}"
            )
            raise ServiceError(f"git {args[0]} failed: {reason}", kind="git", retryable=False)
        return process

    def start(self, *args: str, quiet: bool = False) -> subprocess.Popen[bytes]:
        """Start git with pipes to talk through; when `quiet`, its complaints are dropped.

        Raises:
            UserError: there is no git.
        """
        return subprocess.Popen(
            self._argv(*args),
            cwd=self._folder,
            env=self._env(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else None,
        )

    def _argv(self, *args: str) -> list[str]:
        options = [option for setting in self._settings for option in _options(setting)]
        return [git_program(self._folder), "--literal-pathspecs", *options, *args]

    def _env(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        env = {
            name: value
            for name, value in os.environ.items()
            if name not in _REPOSITORY_VARIABLES and not name.endswith(_KEYS)
        }
        return env | variables(self._folder) | dict(extra or {})


def git_program(folder: Path) -> str:
    """Return the absolute path of the git that serves the repository around `folder`.

    Raises:
        UserError: there is none on PATH outside of the repository.
    """
    program = _program(trusted_search_path(_path_variable(), folder))
    if program is None:
        raise UserError(
            "git is not found on PATH",
            "install git; relative folders of PATH, and those in the repository, do not count",
        )
    return program


def variables(folder: Path) -> dict[str, str]:
    """Return the variables of git's environment that are the same whoever runs it.

    Git looks for programs of its own, such as gpg, on PATH, too.
    """
    return _OWN_VARIABLES | {"PATH": trusted_search_path(_path_variable(), folder)}


def key_variables() -> tuple[str, ...]:
    """Return the names of the variables that hold keys of models."""
    return tuple(name for name in os.environ if name.endswith(_KEYS))


def text(raw: bytes) -> str:
    """Return what git prints as text; undecodable bytes become surrogates."""
    return raw.decode("utf-8", "surrogateescape")


def _path_variable() -> str:
    return os.environ.get("PATH", os.defpath)


@lru_cache(maxsize=32)
def _program(path: str) -> str | None:
    return shutil.which("git", path=path) if path else None


def _options(setting: str) -> tuple[str, ...]:
    """Return git's options for a setting: `-c` takes what is before the first `=` for the name."""
    name, _, value = setting.rpartition("=")
    if "=" in name and not value:
        return (f"--config-env={name}={_EMPTY_VARIABLE}",)
    return ("-c", setting)
