"""Hermetic tests: no user configuration, no network, no key; real git in temporary folders."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from codeorch.errors import UserError
from codeorch.git import Repo
from codeorch.sandbox import Bind, ResourceLimits, SandboxSpec
from codeorch.sandbox import landlock as landlock_calls
from codeorch.sandbox.bubblewrap import BubblewrapSandbox
from codeorch.sandbox.landlock_sandbox import LandlockSandbox, NoSandbox
from codeorch.sandbox.selection import first_working
from codeorch.verify.interpreter import Python

# No test asserts wall time, so properties must not, either: a busy machine is no failure.
# `.ci/run` tries them a second time, with more examples: --hypothesis-profile=thorough.
_PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", max_examples=25, **_PATIENT)
settings.register_profile("thorough", max_examples=150, **_PATIENT)
settings.load_profile("quick")

_REAL_CONNECT = socket.socket.connect


class NetworkUsed(AssertionError):
    """A test reached for an address outside of this machine."""


def _local_only(self, address):
    host = address[0] if isinstance(address, tuple) else ""
    if host not in ("", "127.0.0.1", "::1", "localhost"):
        raise NetworkUsed(f"a test tried to reach {address}")
    return _REAL_CONNECT(self, address)


@pytest.fixture(autouse=True)
def hermetic(monkeypatch, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("GIT_", "ANTHROPIC_", "OPENAI_", "CODEORCH_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada Tester")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
        monkeypatch.setenv(f"GIT_{role}_DATE", "2026-01-02T03:04:05Z")
    # Stored answers and type checkers have tests of their own; each takes a process that costs more
    # than all the rest of a run.
    monkeypatch.setenv("CODEORCH_NO_STORE", "1")
    monkeypatch.setenv("CODEORCH_ENGINES", "off")
    monkeypatch.setattr(socket.socket, "connect", _local_only)


@pytest.fixture
def with_engines(monkeypatch):
    """Let commands ask type checkers, as they do by default."""
    monkeypatch.delenv("CODEORCH_ENGINES")


def git(folder: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="session")
def empty_repo(tmp_path_factory):
    """A repository without a commit, to be copied; sample hooks are left out."""
    folder = tmp_path_factory.mktemp("empty")
    # Made before any test, so the user's environment is not yet out of the way.
    harmless = {"PATH": os.defpath, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    command = ("git", "init", "-q", "-b", "main", "--template=", folder)
    subprocess.run(command, env=harmless, check=True)
    return folder


@pytest.fixture
def make_repo(tmp_path, empty_repo):
    """Make a real repository with one commit out of {path: text or bytes}."""

    def make(files, name="project"):
        folder = tmp_path / name
        shutil.copytree(empty_repo, folder)
        for path, content in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        git(folder, "add", "-A")
        git(folder, "-c", "maintenance.auto=false", "-c", "gc.auto=0", "commit", "-qm", "first")
        return Repo.open(folder)

    return make


@pytest.fixture
def run_git():
    return git


def _api_server_module():
    # Tests are imported one by one, without a package; a shared module is loaded by its path.
    if "api_server" not in sys.modules:
        file = Path(__file__).with_name("api_server.py")
        spec = importlib.util.spec_from_file_location("api_server", file)
        module = importlib.util.module_from_spec(spec)
        sys.modules["api_server"] = module
        spec.loader.exec_module(module)
    return sys.modules["api_server"]


@pytest.fixture
def answer():
    """What a brain gives back; see api_server.py."""
    return _api_server_module().Answer


@pytest.fixture
def task_of():
    """Name the path that a worker is asked to change; empty for a planner."""
    return _api_server_module().task_of


@pytest.fixture
def words_of():
    """Give all that was said to a model in a request, tools aside."""
    return _api_server_module().words_of


@pytest.fixture
def serve():
    """Start a local model server: `with serve(brain) as server: server.url, server.requests`."""
    return _api_server_module().ApiServer


# Real sandboxes; those that this machine lacks are skipped, and say so.

PATH = os.environ.get("PATH", os.defpath)


@cache
def _working_bubblewrap():
    program = shutil.which("bwrap")
    try:
        return first_working(
            [BubblewrapSandbox(program=program)] if program else [], search_path=PATH
        )
    except UserError:
        return None


def _bubblewrap():
    return _working_bubblewrap() or pytest.skip("bubblewrap is not installed, or not allowed here")


def _restricted():
    if landlock_calls.abi() < landlock_calls.LEAST_ABI:
        pytest.skip("this kernel's Landlock is missing or too old")
    return LandlockSandbox()


_SANDBOXES = {"bubblewrap": _bubblewrap, "landlock": _restricted, "unsafe": NoSandbox}


@pytest.fixture(params=("bubblewrap", "landlock", "unsafe"))
def any_sandbox(request):
    return _SANDBOXES[request.param]()


@pytest.fixture(params=("bubblewrap", "landlock"))
def safe_sandbox(request):
    return _SANDBOXES[request.param]()


@pytest.fixture
def bubblewrap():
    return _bubblewrap()


@pytest.fixture
def landlock():
    return _restricted()


@pytest.fixture
def unsafe():
    return NoSandbox()


@pytest.fixture
def quick():
    """The sandbox that costs least, for tests that are about something else."""
    return _working_bubblewrap() or NoSandbox()


@pytest.fixture
def run_python(tmp_path):
    """Run a script in a sandbox, in a fresh folder, with the interpreter that runs the tests."""
    python = Python(program=Path(sys.executable), reason="")
    folder = tmp_path / "scratch"
    folder.mkdir()
    binds = tuple(Bind(source=path, target=path) for path in python.folders())

    def run(sandbox, script, *args, limits=None, **fields):
        spec = SandboxSpec(**{"folder": folder, "binds": binds, "env": {"PATH": PATH}, **fields})
        argv = (sys.executable, "-I", "-S", "-c", script, *map(str, args))
        return sandbox.run(argv, spec, limits or ResourceLimits(time_s=60))

    return run


# The project's own TypeScript: `npm install typescript@5` in a folder `5` of TYPESCRIPT_MODULES.

TYPESCRIPTS = ("5", "6", "7")


@pytest.fixture(params=TYPESCRIPTS)
def any_typescript(request, install_typescript):
    """Give what puts a TypeScript of each version into a project."""
    return lambda root: install_typescript(root, request.param)


@pytest.fixture
def install_typescript():
    """Put a TypeScript of a version into a project, as files of its own."""

    def install(root, version):
        modules = Path(os.environ.get("TYPESCRIPT_MODULES", "none"), version, "node_modules")
        if not (modules / "typescript").is_dir():
            pytest.skip(f"no TypeScript {version}: npm install it in TYPESCRIPT_MODULES/{version}")
        if version in "56" and not shutil.which("node"):
            pytest.skip("node is not on the PATH")
        shutil.copytree(modules, root / "node_modules", symlinks=True, copy_function=_link)
        return root

    return install


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
