"""Kill runs at random moments, resume them, and count what was asked twice.

    python benchmarks/resume.py [--kills 100] [--tasks 40] [--latency 0.3] [--body 0.2] [--json]

Each trial starts `codeorch apply` on a repository of many files against a local model server,
kills its process group with SIGKILL two to six times, resuming in between, and resumes it until it
is done. Workers are forks in about half of the trials. Most kills strike at a random moment of some
answer, the others at any moment. The server notes when each question came, when its answer began
and when the answer's last byte had left. So what a kill struck is counted apart: answers that had
*arrived*, answers *in flight* (their body had begun, or had left within 0.05 s of the kill), and
questions still *waiting* for a first byte.
"""

import argparse
import importlib.util
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
IN_FLIGHT_S = 0.05  # an answer on its way through sockets and schedulers, on a busy machine
EVENTS = 16  # of an answer's body, about
BLIND = 0.25  # share of kills at any moment; the others strike while questions are asked


@dataclass(slots=True)
class Question:
    """One request as the server saw it; times in seconds on the monotonic clock."""

    name: tuple[str, int]
    start_s: float
    begin_s: float = float("inf")  # of the answer's body
    end_s: float = float("inf")

    def state_at(self, kill_s):
        """Tell how far the answer had come."""
        if self.end_s < kill_s - IN_FLIGHT_S:
            return "arrived"
        return "in_flight" if self.begin_s < kill_s else "waiting"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--tasks", type=int, default=40)
    parser.add_argument("--latency", type=float, default=0.3, help="to an answer's first byte, s")
    parser.add_argument("--body", type=float, default=0.2, help="from first to last byte, s")
    parser.add_argument("--layers", type=int, default=8, help="tasks that need no other")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    chance = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory(prefix="codeorch-resume-") as folder:
        whole = trial(Path(folder) / "whole", chosen, chance, kills=0)
        total = Counter(dict.fromkeys(COUNTS, 0))
        while total["kills"] < chosen.kills:
            name = Path(folder) / f"t{total['trials']}"
            counts = trial(name, chosen, chance, kills=chance.randint(2, 6), span=whole)
            total.update({key: counts[key] for key in COUNTS if key in counts})
            total.update(trials=1, other_trees=counts["tree"] != whole["tree"])
            shutil.rmtree(name)
            print(dict(total), file=sys.stderr, flush=True)
    seconds, questions = round(whole["seconds"], 1), whole["questions"]
    result = {"seconds": seconds, "questions": questions, **total}
    print(json.dumps(result) if chosen.json else SUMMARY.format(**result))
    faults = ("arrived_again", "other_trees", "partial_branches", "branch_count_wrong")
    return 1 if any(total[name] for name in faults) else 0


COUNTS = (
    "trials", "kills", "arrived", "arrived_again", "in_flight", "in_flight_again", "waiting",
    "waiting_again", "other_trees", "partial_branches", "branch_count_wrong",
)  # fmt: skip
SUMMARY = """\
uninterrupted: {seconds} s, {questions} questions
{kills} kills in {trials} runs struck
  {arrived} answers that had arrived: {arrived_again} asked again
  {in_flight} answers in flight: {in_flight_again} asked again
  {waiting} questions waiting for a first byte: {waiting_again} asked again
{other_trees} other trees, {partial_branches} partial branches after a kill, \
{branch_count_wrong} runs without exactly one branch"""


def trial(folder, chosen, chance, *, kills, span=None):
    repo = make(folder, chosen.tasks)
    start, done, partial, killed, asked = time.monotonic(), 0, 0, [], []
    with server().ApiServer(noting(brain(chosen), asked)) as api:
        command = [
            "apply", "give every function a unit", "--no-test", "--base-url", api.url,
            "--workers", chance.choice(("fork", "fresh")),
        ]  # fmt: skip
        while True:
            process = launch(repo, command)
            if done < kills:
                seen = len(asked) + chance.randint(1, chosen.layers)
                wait_s = chance.uniform(0, chosen.latency + chosen.body)
                if chance.random() < BLIND:
                    seen, wait_s = 0, chance.uniform(0.5, span["seconds"])
                reached = kill(process, lambda seen=seen: len(asked) >= seen, wait_s, killed)
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
        ends = {id(request): when for when, request in api.finished}
    questions = [one for _, one in asked]
    for request, question in asked:
        question.end_s = ends.get(id(request), float("inf"))
    names = branches(repo)
    return {
        "seconds": seconds, "questions": len(questions), "kills": done, **struck(questions, killed),
        "tree": git(repo, "rev-parse", f"{names[0]}^{{tree}}") if names else "",
        "partial_branches": partial, "branch_count_wrong": len(names) != 1,
    }  # fmt: skip


def noting(think, asked):
    """Note each question when it comes and when its answer begins."""

    def noted(request, number):
        question = Question(name_of(request), time.monotonic())
        asked.append((request, question))
        answer = think(request, number)
        question.begin_s = time.monotonic()
        return answer

    return noted


def struck(questions, kills):
    """Count the questions that kills struck, and those asked again, by their state."""
    counts = Counter()
    by_name = {}
    for question in sorted(questions, key=lambda one: one.start_s):
        by_name.setdefault(question.name, []).append(question)
    for repeats in by_name.values():
        for question, following in zip(repeats, [*repeats[1:], None], strict=True):
            later = [kill for kill in kills if kill > question.start_s]
            state = question.state_at(min(later, default=float("inf")))
            counts[state] += bool(later)
            counts[f"{state}_again"] += following is not None
    return counts


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

    pace_s = getattr(chosen, "body", 0.0) / EVENTS

    def think(request, _):
        time.sleep(chosen.latency)
        path = server().task_of(request)
        if not path:
            form = {"name": "plan", "input": {"rationale": "all", "tasks": tasks}}
            return answer(tool=form)
        number = path[1:-3]
        diff = (
            f"--- a/{path}\n+++ b/{path}\n@@ -1,2 +1,2 @@\n-def f{number}(x):\n"
            f"-    return x + {number}\n+def f{number}(x, unit=1):\n"
            f"+    return (x + {number}) * unit\n"
        )
        result = {"status": "done", "summary": "added", "reason": "", "paths": []}
        form = {"name": "result", "input": result}
        return answer(text=f"```diff\n{diff}```\n", tool=form, pace_s=pace_s)

    return think


def name_of(request):
    """Name a question by its task and by how often it was answered before in its conversation."""
    return (server().task_of(request) or "plan", len(request["messages"]))


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


def kill(process, ready, wait_s, killed):
    """Kill some seconds after a condition holds, and note when; False when it ended by itself."""
    ended = threading.Event()

    def strike():
        while not ready() and not ended.wait(0.005):
            pass
        if not ended.wait(wait_s):
            os.killpg(process.pid, signal.SIGKILL)
            killed.append(time.monotonic())

    striking = threading.Thread(target=strike)
    striking.start()
    process.communicate()
    ended.set()
    striking.join()
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
