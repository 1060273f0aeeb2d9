"""The container sandbox, over a stand-in for docker that takes its arguments at their word.

It refuses to start what is not confined as it should be, and gives what it starts a process space
and the mounts that were asked for, so that the end of a container can be tested.
"""

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from codeorch.config import Settings
from codeorch.errors import UserError
from codeorch.retrieval import read_snapshot
from codeorch.sandbox import Bind, ResourceLimits, SandboxSpec, choose_sandbox
from codeorch.sandbox.container import ContainerSandbox
from codeorch.verify.run_tests import verify
from codeorch.verify.test_setup import prepare_tests

_FAKE = """#!{python} -IS
import json, os, subprocess, sys
here = os.path.dirname(os.path.abspath(__file__))
with open(here + "/calls", "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1] == "rm":
    sys.exit(0)
words = iter(sys.argv[2:])
alone = {{"--rm", "--interactive", "--read-only"}}
options, env, mounts = set(), {{}}, []
for word in words:
    if word in alone:
        options.add(word)
    elif word.startswith("--"):
        value = next(words)
        options.add(word + " " + value)
        if word == "--env":
            env.update([value.split("=", 1)])
        elif word == "--mount":
            mounts.append(dict(part.partition("=")[::2] for part in value.split(",")))
        elif word == "--workdir":
            folder = value
    else:
        break
needed = alone | {{"--network none", "--cap-drop ALL", "--security-opt no-new-privileges",
                  "--user %d:%d" % (os.getuid(), os.getgid()), "--pids-limit 2048"}}
if needed - options:
    sys.exit("this container is not confined: " + " ".join(sorted(needed - options)))
if word != "tools:1":
    sys.exit("Unable to find image '%s' locally" % word)
argv = ["bwrap", "--ro-bind", "/", "/", "--unshare-pid", "--as-pid-1", "--proc", "/proc",
        "--dev", "/dev"]
for mount in mounts:
    kind = "--ro-bind" if "readonly" in mount else "--bind"
    argv += [kind, mount["source"], mount["target"]]
os.execvpe("bwrap", [*argv, "--chdir", folder, "--", *words], {{"PATH": os.defpath}} | env)
"""


@pytest.fixture
def engines(tmp_path, bubblewrap):
    """Put stand-ins for container engines into a folder that can be the search path."""

    def make(*names):
        folder = tmp_path / "engines"
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / name).write_text(_FAKE.format(python=sys.executable))
            (folder / name).chmod(0o755)
        return {"PATH": f"{folder}:{os.defpath}", "HOME": "/nowhere", "API_KEY": "secret"}

    return make


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "scratch").mkdir()
    (tmp_path / "seen").mkdir()
    return SandboxSpec(folder=tmp_path / "scratch", mount_point=tmp_path / "seen", env={"CI": "1"})


def shell(sandbox, script, spec, limits=None):
    return sandbox.run(("/bin/sh", "-c", script), spec, limits or ResourceLimits(time_s=60))


ELSEWHERE = Path("/elsewhere/project")  # a repository that no program is in


def test_an_engine_that_the_repository_brings_is_not_started(engines, tmp_path):
    with pytest.raises(UserError, match="no docker, no podman"):
        choose_sandbox(engines("docker"), tmp_path, container="tools:1")


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_the_named_container_is_used_and_nothing_stronger(engines, engine):
    sandbox = choose_sandbox(engines(engine), ELSEWHERE, container="tools:1")
    assert sandbox.name == "container (tools:1)"
    assert Path(sandbox.program).name == engine
    assert sandbox.has_own_programs


def test_an_image_that_is_not_there_is_refused_with_the_engine_s_own_words(engines):
    with pytest.raises(UserError, match="docker: Unable to find image 'other:1' locally"):
        choose_sandbox(engines("docker"), ELSEWHERE, container="other:1", unsafe=True)


def test_without_an_engine_a_named_container_is_refused(tmp_path):
    with pytest.raises(UserError, match="no docker, no podman"):
        choose_sandbox({"PATH": str(tmp_path)}, ELSEWHERE, container="tools:1", unsafe=True)


def test_a_command_sees_what_its_spec_names_and_of_the_user_nothing(engines, spec, tmp_path):
    sandbox = ContainerSandbox.from_variables(
        str(tmp_path / "engines/docker"), "tools:1", engines("docker")
    )
    (tmp_path / "library").mkdir()
    binds = (Bind(source=tmp_path / "library", target=tmp_path / "library"),)
    spec = SandboxSpec(folder=spec.folder, mount_point=spec.mount_point, env=spec.env, binds=binds)
    script = f"pwd; env | grep -v PWD | sort; echo x > new; echo x > {tmp_path}/library/new; exit 3"
    result = shell(sandbox, script, spec)
    where, *rest = result.log.splitlines()
    assert result.exit_code == 3
    assert where == str(tmp_path / "seen")
    assert (tmp_path / "scratch/new").exists()
    assert not (tmp_path / "library/new").exists()
    assert {line.partition("=")[0] for line in rest[:2]} == {"CI", "PATH"}
    assert "secret" not in (tmp_path / "engines/calls").read_text()


def test_a_container_is_removed_however_it_ends(engines, spec, tmp_path):
    sandbox = ContainerSandbox.from_variables(
        str(tmp_path / "engines/docker"), "tools:1", engines("docker")
    )
    marker = f"sleep 600.{uuid.uuid4().int}"
    result = shell(sandbox, f"{marker} & {marker}", spec, ResourceLimits(time_s=0.3))
    assert result.stopped_by == "time"
    assert not _alive(marker)
    started, removed = (tmp_path / "engines/calls").read_text().splitlines()
    name = started.partition('"--name", "')[2].partition('"')[0]
    assert removed == f'["rm", "--force", "{name}"]'


def test_a_container_ends_when_codeorch_is_killed(engines, spec, tmp_path):
    sandbox = ContainerSandbox.from_variables(
        str(tmp_path / "engines/docker"), "tools:1", engines("docker")
    )
    marker = f"sleep 600.{uuid.uuid4().int}"
    script = f"""
from pathlib import PosixPath
from codeorch.sandbox import ResourceLimits, SandboxSpec
from codeorch.sandbox.container import ContainerSandbox
{sandbox!r}.run(("/bin/sh", "-c", "touch up; {marker} & {marker}"), {spec!r}, ResourceLimits())
"""
    source = Path(__file__).parents[2] / "src"
    parent = subprocess.Popen([sys.executable, "-c", script], env={"PYTHONPATH": str(source)})
    try:
        _until(lambda: _alive(marker))
    finally:
        parent.kill()
        parent.wait()
    _until(lambda: not _alive(marker))


def test_a_change_is_judged_in_a_container_by_the_image_s_own_programs(engines, make_repo, run_git):
    if not Path("/usr/bin/python3").exists():
        pytest.skip("the stand-in shows this machine's python3, and there is none")
    test = "import calc, unittest\n\nclass T(unittest.TestCase):\n    def test_x(self):\n"
    repo = make_repo({"calc.py": "X = 1\n", "test_calc.py": f"{test}        assert calc.X == 1\n"})
    (repo.root / "calc.py").write_text("X = 2\n")
    run_git(repo.root, "commit", "-qam", "change")
    base, result = repo.resolve("HEAD^"), repo.resolve("HEAD")
    files = read_snapshot(repo, base).files
    settings = Settings(container="tools:1", test_cmd="python3 -m unittest")
    test_setup = prepare_tests(repo, files, settings, engines("docker"), print)
    verdict = verify(repo, base, result, test_setup)
    assert (verdict.status, verdict.protection) == ("broken", "container (tools:1)")
    assert "test_calc.py" in verdict.evidence
    setup = prepare_tests(repo, files, Settings(container="tools:1"), engines("docker"), print)
    assert setup.command.argv == ("python3", "-m", "unittest")


def _alive(command):
    lines = []
    for name in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(name.read_bytes().replace(b"\0", b" "))
        except OSError:
            continue
    return any(line.startswith(command.encode()) for line in lines)


def _until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never came to this"
        time.sleep(0.02)
