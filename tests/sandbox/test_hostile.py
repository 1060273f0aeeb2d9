"""What test code may try, and what must come of it. Effects are looked at from the outside."""

import os
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from codeorch.sandbox import ResourceLimits, SandboxSpec, landlock

_READ_ALL_ENVIRONMENTS = """
import glob, sys
half, other = sys.argv[1:]
for name in glob.glob("/proc/[0-9]*/environ"):
    try:
        if (half + other).encode() in open(name, "rb").read():
            print("FOUND")
    except OSError:
        pass
"""
_DAEMON = """
import os, signal, subprocess, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        open("ready", "w").close()
        os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)",
                                  sys.argv[1]])
    os._exit(0)
import time
while not os.path.exists("ready"):
    time.sleep(0.01)
print("the tests end, the daemon stays", flush=True)
"""


def alive(marker):
    """Tell whether a process with this word in its command line is there."""
    lines = []
    for name in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(name.read_bytes())
        except OSError:
            continue
    return any(marker.encode() in line for line in lines)


@pytest.fixture
def neighbour():
    """Another process of the user, with a key in its environment."""
    key = uuid.uuid4().hex
    process = subprocess.Popen(["sleep", "600"], env={"KEY": key, "PATH": os.environ["PATH"]})
    yield process, key
    process.kill()
    process.wait()


def test_the_probe_for_keys_finds_one_where_nothing_protects(unsafe, run_python, neighbour):
    _, key = neighbour
    assert "FOUND" in run_python(unsafe, _READ_ALL_ENVIRONMENTS, key[:16], key[16:]).log


def test_no_key_can_be_read_from_the_environments_of_processes(safe_sandbox, run_python, neighbour):
    _, key = neighbour
    result = run_python(safe_sandbox, _READ_ALL_ENVIRONMENTS, key[:16], key[16:])
    assert (result.exit_code, result.log) == (0, "")


_PARENT_S_ENVIRONMENT = """
import os
pid = os.getppid()
while pid > 0:
    try:
        print(open(f"/proc/{pid}/environ").read())
    except OSError:
        pass
    lines = open(f"/proc/{pid}/status").read().splitlines()
    pid = next(int(line.split()[1]) for line in lines if line.startswith("PPid:"))
"""


@pytest.mark.parametrize("concealed", [True, False])
def test_codeorch_s_own_key_cannot_be_read_even_without_a_sandbox(tmp_path, concealed):
    key = uuid.uuid4().hex
    script = f"""
import sys
from codeorch.sandbox import init_process
init_process._drop_capabilities()  # else root could read everything; a normal user has none of them
from codeorch.hardening import forbid_memory_access
if {concealed}:
    forbid_memory_access()
from pathlib import Path
from codeorch.sandbox import ResourceLimits, SandboxSpec
from codeorch.sandbox.landlock_sandbox import NoSandbox
print(NoSandbox().run((sys.executable, "-ISc", {_PARENT_S_ENVIRONMENT!r}), SandboxSpec(
    folder=Path({str(tmp_path)!r}), env={{"PATH": "/usr/bin:/bin"}}), ResourceLimits()))
"""
    source = Path(__file__).parents[2] / "src"
    env = {"PYTHONPATH": str(source), "ANTHROPIC_API_KEY": key}
    result = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    )
    assert "exit_code=0" in result.stdout
    assert (key in result.stdout) is not concealed


def test_the_environment_is_what_the_spec_says_and_nothing_else(any_sandbox, run_python):
    script = (
        "import os; print(sorted(set(os.environ) - {'PWD', 'LC_CTYPE', 'OLDPWD', 'SHLVL', '_'}))"
    )
    result = run_python(any_sandbox, script, env={"PATH": "/usr/bin", "CI": "1"})
    assert result.log == "['CI', 'PATH']\n"


def test_nothing_outside_the_folder_can_be_written(safe_sandbox, run_python, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    script = """
import os, sys
out = sys.argv[1]
os.symlink(out, "link")
for path in (f"{out}/a", "link/b", "../outside/c", "/usr/d", os.path.expanduser("~/e"), "/etc/f"):
    try:
        open(path, "w").close()
    except OSError:
        pass
open("inside", "w").close()
"""
    result = run_python(safe_sandbox, script, outside, env={"HOME": str(outside)})
    assert result.exit_code == 0, result.log
    assert list(outside.iterdir()) == []
    assert (tmp_path / "scratch/inside").exists()
    assert not Path("/usr/d").exists()
    assert not Path("/etc/f").exists()


def test_files_outside_the_spec_cannot_be_read(safe_sandbox, run_python, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("never to be seen")
    result = run_python(safe_sandbox, "import sys; print(open(sys.argv[1]).read())", secret)
    assert result.exit_code == 1
    assert "never to be seen" not in result.log


_CONNECT = """
import socket, sys
family, address = (socket.AF_INET, ("127.0.0.1", int(sys.argv[1]))) if sys.argv[1].isdigit() else (
    socket.AF_UNIX, sys.argv[1])
with socket.socket(family) as client:
    client.settimeout(5)
    client.connect(address)
    print("CONNECTED")
"""


def test_the_machine_s_servers_cannot_be_reached(safe_sandbox, run_python):
    with socket.create_server(("127.0.0.1", 0)) as server:
        result = run_python(safe_sandbox, _CONNECT, server.getsockname()[1])
    assert result.exit_code == 1
    assert "CONNECTED" not in result.log


def test_with_network_the_machine_s_servers_can_be_reached(any_sandbox, run_python):
    with socket.create_server(("127.0.0.1", 0)) as server:
        result = run_python(any_sandbox, _CONNECT, server.getsockname()[1], network=True)
    assert result.log == "CONNECTED\n"


def test_sockets_of_the_user_s_services_cannot_be_reached(safe_sandbox, run_python, tmp_path):
    path = tmp_path / "service"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        result = run_python(safe_sandbox, _CONNECT, path)
    assert "CONNECTED" not in result.log


def test_a_server_of_its_own_works_in_bubblewrap(bubblewrap, run_python):
    script = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname()).close()
print("served")
"""
    assert run_python(bubblewrap, script).log == "served\n"


def test_event_loops_work_without_sockets(safe_sandbox, run_python):
    script = "import asyncio; asyncio.run(asyncio.sleep(0)); print('looped')"
    assert run_python(safe_sandbox, script).log == "looped\n"


def test_the_user_s_processes_cannot_be_killed(safe_sandbox, run_python, neighbour):
    if "signal" in safe_sandbox.gaps:
        pytest.skip(f"Landlock {landlock.abi()} does not guard signals")
    process, _ = neighbour
    run_python(safe_sandbox, "import os, sys; os.kill(int(sys.argv[1]), 9)", process.pid)
    assert process.poll() is None


def test_no_new_name_space_can_be_made(safe_sandbox, run_python):
    script = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.unshare(0x10000000), libc.ptrace(0, 0, 0, 0))
"""
    assert run_python(safe_sandbox, script).log == "-1 -1\n"


def test_no_daemon_outlives_the_tests(any_sandbox, run_python):
    marker = uuid.uuid4().hex
    result = run_python(any_sandbox, _DAEMON, marker)
    assert (result.exit_code, result.log) == (0, "the tests end, the daemon stays\n")
    assert not alive(marker)


def test_what_ignores_signals_and_hangs_is_stopped_with_its_children(any_sandbox, run_python):
    marker = uuid.uuid4().hex
    script = _DAEMON + "\nimport threading; threading.Event().wait()"
    result = run_python(any_sandbox, script, marker, limits=ResourceLimits(time_s=0.6))
    assert (result.exit_code, result.stopped_by) == (None, "time")
    assert "the daemon stays" in result.log
    assert not alive(marker)


def test_a_flood_of_output_is_stopped_and_head_and_tail_are_kept(any_sandbox, run_python):
    script = """
print("the very start")
while True:
    print("x" * 9999)
"""
    limits = ResourceLimits(time_s=60, output_bytes=8 << 20, log_bytes=1 << 16)
    result = run_python(any_sandbox, script, limits=limits)
    assert (result.exit_code, result.stopped_by) == (None, "output")
    assert result.log.startswith("the very start\n")
    assert "bytes left out" in result.log
    assert len(result.log) < (1 << 16) + 100


def test_a_crowd_of_processes_is_stopped(any_sandbox, run_python):
    script = """
import os, time
for _ in range(400):
    if os.fork() == 0:
        time.sleep(600)
time.sleep(600)
"""
    result = run_python(any_sandbox, script, limits=ResourceLimits(time_s=60, processes=100))
    # Where the kernel itself counts, the script dies of it first.
    assert result.stopped_by == "processes" or "Resource temporarily unavailable" in result.log


def test_greed_for_memory_is_stopped(any_sandbox, run_python):
    script = """
import time
hoard = []
while True:
    hoard.append(b"x" * 20_000_000)
    time.sleep(0.01)
"""
    result = run_python(
        any_sandbox, script, limits=ResourceLimits(time_s=60, memory_bytes=300 << 20)
    )
    assert (result.exit_code, result.stopped_by) == (None, "memory")


def test_a_huge_file_is_refused(any_sandbox, run_python, tmp_path):
    script = """
with open("huge", "wb") as file:
    while True:
        file.write(b"x" * (1 << 20))
"""
    result = run_python(any_sandbox, script, limits=ResourceLimits(time_s=60, file_bytes=4 << 20))
    assert result.exit_code not in (0, None)
    assert (tmp_path / "scratch/huge").stat().st_size <= 4 << 20


def test_there_is_neither_input_nor_a_terminal(any_sandbox, run_python):
    script = """
import sys
print(repr(sys.stdin.read()))
try:
    open("/dev/tty")
    print("a terminal")
except OSError:
    print("none")
"""
    assert run_python(any_sandbox, script).log == "''\nnone\n"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("raise SystemExit(3)", 3),
        ("import os; os.kill(os.getpid(), 9)", 137),
        ("import os, sys; os.close(1); os.close(2); import time; time.sleep(0.1)", 0),
    ],
    ids=["its own code", "a signal", "it closes its output and goes on"],
)
def test_the_exit_code_is_the_command_s_own(any_sandbox, run_python, script, code):
    assert run_python(any_sandbox, script).exit_code == code


def test_a_command_that_is_not_there_ends_with_127(any_sandbox, tmp_path):
    result = any_sandbox.run(
        ("no-such-command",),
        SandboxSpec(folder=tmp_path, env={"PATH": "/usr/bin"}),
        ResourceLimits(),
    )
    assert result.exit_code == 127
    assert "not found" in result.log


def test_tests_end_when_codeorch_is_killed(any_sandbox, tmp_path):
    marker = uuid.uuid4().hex
    script = f"""
import sys
from pathlib import Path
from codeorch.sandbox import ResourceLimits, SandboxSpec
from codeorch.sandbox.bubblewrap import BubblewrapSandbox
from codeorch.sandbox.landlock_sandbox import LandlockSandbox, NoSandbox
spec = SandboxSpec(folder=Path({str(tmp_path)!r}), env={{"PATH": "/usr/bin:/bin"}})
shell = "(setsid sh -c 'sleep 600; : {marker}' &) ; touch up; sleep 600; : {marker}"
{any_sandbox!r}.run(("/bin/sh", "-c", shell), spec, ResourceLimits())
"""
    source = Path(__file__).parents[2] / "src"
    parent = subprocess.Popen([sys.executable, "-c", script], env={"PYTHONPATH": str(source)})
    _until((tmp_path / "up").exists)
    assert alive(f": {marker}")
    parent.kill()
    parent.wait()
    _until(lambda: not alive(f": {marker}"))


def _until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never came to this"
        time.sleep(0.02)
