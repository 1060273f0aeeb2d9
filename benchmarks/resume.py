"""Kill runs at random moments, resume them, and count what was asked twice.

    python benchmarks/resume.py [--kills 100] [--tasks 40] [--latency 0.3]

Each trial starts `codeorch apply` on a repository of many files against a local model server,
kills it with SIGKILL two to six times, resuming in between, and resumes it until it is done.
The server's log says which questions were answered whole and asked again all the same.
"""

import argparse
import importlib.util
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
IN_FLIGHT_S = 0.05  # an answer on its way through sockets and schedulers, on a busy machine


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--tasks", type=int, default=40)
    parser.add_argument("--latency", type=float, default=0.3, help="of each answer, in seconds")
    parser.add_argument("--layers", type=int, default=8, help="tasks that need no other")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    chance = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory(prefix="codeorch-resume-") as folder:
        whole = trial(Path(folder) / "whole", chosen, chance, kills=0)
        print(f"uninterrupted: {whole['seconds']:.1f} s, {whole['asked']} questions")
        total = Counter()
        while total["kills"] < chosen.kills:
            name = Path(folder) / f"t{total['trials']}"
            found = trial(name, chosen, chance, kills=chance.randint(2, 6), span=whole)
            total.update(
                trials=1,
                kills=found["kills"],
                again=found["again"],
                in_flight=found["in_flight"],
                broken=found["tree"] != whole["tree"],
                partial=found["partial"],
                refs=found["branches"] != 1,
            )
            shutil.rmtree(name)
            print(dict(total), flush=True)
    print(
        f"{total['kills']} kills in {total['trials']} runs: {total['again']} finished questions "
        f"asked again, and {total['in_flight']} whose answer left the server within "
        f"{IN_FLIGHT_S} s of the kill; {total['broken']} other trees, {total['partial']} "
        f"partial branches after a kill, {total['refs']} runs without exactly one branch"
    )
    return 1 if total["again"] or total["broken"] or total["partial"] or total["refs"] else 0


def trial(folder, chosen, chance, *, kills, span=None):
    repo = make(folder, chosen.tasks)
    start, done, partial, killed = time.monotonic(), 0, 0, []
    with server().ApiServer(brain(chosen)) as api:
        command = ["apply", "give every function a unit", "--no-test", "--base-url", api.url]
        while True:
            process = launch(repo, command)
            if done < kills:
                reached = kill(process, chance.uniform(0.5, span["seconds"]), killed)
                partial += len(branches(repo)) > 0 and not whole_branch(repo, chosen.tasks)
                done += reached
                if not reached:
                    break
                started = any((repo / ".git/codeorch/runs").glob("*/job.json"))
                command = ["resume"] if started else command
                continue
            out, err = process.communicate()
            if process.returncode:
                if "is finished" in err or "no such run" in err:  # killed after the very end
                    break
                raise SystemExit(f"exit {process.returncode}: {out[-2000:]} {err[-2000:]}")
            break
        seconds = time.monotonic() - start
        finished = sorted((when, name_of(request)) for when, request in api.finished)
        asked = len(api.requests)
    again = in_flight = 0
    first = {}
    for when, name in finished:
        if name in first:  # it had an answer, and got another one
            # What left the server when the kill had struck has reached nobody, either.
            gap = min(abs(kill - first[name]) for kill in [*killed, start - 9.9])
            again += gap > IN_FLIGHT_S
            in_flight += gap <= IN_FLIGHT_S
        first.setdefault(name, when)
    found = branches(repo)
    return {
        "seconds": seconds, "asked": asked, "again": again, "in_flight": in_flight,
        "kills": done,
        "tree": git(repo, "rev-parse", f"{found[0]}^{{tree}}") if found else "", "partial": partial,
        "branches": len(found),
    }  # fmt: skip


def make(folder, tasks):
    folder.mkdir()
    for number in range(tasks):
        (folder / f"m{number}.py").write_text(f"def f{number}(x):\n    return x + {number}\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "first")
    return folder


def brain(chosen):
    """Plan a task for each file, in layers of eight, and carry each out."""
    names = [f"m{n}.py" for n in range(chosen.tasks)]
    tasks = [
        {
            "id": f"t{n}",
            "path": name,
            "goal": "add a unit",
            "needs": [f"t{n - chosen.layers}"] * (n >= chosen.layers),
        }
        for n, name in enumerate(names)
    ]
    answer = server().Answer

    def think(request, _):
        time.sleep(chosen.latency)
        if request["tools"][0]["name"] == "plan":
            return answer(tool={"name": "plan", "input": {"rationale": "all", "tasks": tasks}})
        path = re.search(r"# Your task\nedit (\S+)", text_of(request))[1]
        number = path[1:-3]
        diff = (
            f"--- a/{path}\n+++ b/{path}\n@@ -1,2 +1,2 @@\n-def f{number}(x):\n"
            f"-    return x + {number}\n+def f{number}(x, unit=1):\n"
            f"+    return (x + {number}) * unit\n"
        )
        result = {"status": "done", "summary": "added", "reason": "", "paths": []}
        return answer(text=f"```diff\n{diff}```\n", tool={"name": "result", "input": result})

    return think


def text_of(request):
    return "\n".join(b["text"] for m in request["messages"] for b in m["content"] if "text" in b)


def name_of(request):
    """Name a question by its task and by how often it was answered before in its conversation."""
    found = re.search(r"# Your task\nedit (\S+)", text_of(request))
    return (found[1] if found else "plan", len(request["messages"]))


def launch(repo, command):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CODEORCH_")} | {
        "PYTHONPATH": str(ROOT / "src"), "ANTHROPIC_API_KEY": "none",
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "codeorch", *command], cwd=repo, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def kill(process, after_s, killed):
    """Kill after a time and note when; False when it had ended by itself."""

    def strike():
        os.killpg(process.pid, signal.SIGKILL)
        killed.append(time.monotonic())

    timer = threading.Timer(after_s, strike)
    timer.start()
    process.communicate()
    timer.cancel()
    return process.returncode == -signal.SIGKILL


def branches(repo):
    out = git(repo, "for-each-ref", "--format=%(refname)", "refs/heads/codeorch/")
    return out.split()


def whole_branch(repo, tasks):
    changed = git(repo, "diff", "--name-only", f"main...{branches(repo)[0]}").split()
    return len(changed) == tasks


def git(folder, *args):
    return subprocess.run(
        ["git", *args], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


def server():
    if "api_server" not in sys.modules:
        spec = importlib.util.spec_from_file_location("api_server", ROOT / "tests/api_server.py")
        sys.modules["api_server"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["api_server"])
    return sys.modules["api_server"]


if __name__ == "__main__":
    sys.exit(main())
