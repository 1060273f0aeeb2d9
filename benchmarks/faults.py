"""Inject faults into a share of all model calls, and count what is lost.

    python benchmarks/faults.py [--runs 5] [--tasks 40]

Faults: 429, 529, a call that hangs, an answer with a wrong form, an empty one, one cut off at the
length limit, a refusal, a broken connection. A task is lost when a good answer went out whole and
the task is not done all the same; a failure is untyped when the record gives no kind for it.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import resume  # the same repository, server and command

FAULTS = ("rate", "busy", "hang", "form", "empty", "cut", "refusal", "broken")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tasks", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    bad = 0
    for share in (0.05, 0.2):
        total, kinds = Counter(), Counter()
        for number in range(chosen.runs):
            found, failed = trial(chosen, share, random.Random(1000 * chosen.seed + number))
            total.update(found)
            kinds.update(failed)
        print(
            f"{share:.0%} of calls: {total['calls']} calls, {total['faults']} faults, "
            f"{total['done']} of {total['tasks']} tasks done, {total['lost']} lost, "
            f"{total['untyped']} untyped; attempts that failed: {dict(kinds)}",
            flush=True,
        )
        bad += total["lost"] + total["untyped"]
    return 1 if bad else 0


def trial(chosen, share, chance):
    scene = argparse.Namespace(tasks=chosen.tasks, latency=0.05, layers=8)
    good = resume.brain(scene)
    lock, counted, well = threading.Lock(), Counter(), set()
    answer = resume.server().Answer

    def think(request, number):
        with lock:
            counted["calls"] += 1
            fault = chance.choice(FAULTS) if chance.random() < share else ""
            counted["faults"] += bool(fault)
        if not fault:
            well.add(path_of(request))
            return good(request, number)
        return faulty(fault, answer, request)

    with tempfile.TemporaryDirectory(prefix="codeorch-faults-") as folder:
        repo = resume.make(Path(folder) / "repo", chosen.tasks)
        with resume.server().ApiServer(think) as api:
            process = resume.launch(repo, [
                "apply", "give every function a unit", "--no-test", "--json", "--base-url", api.url,
                "--task-timeout", "5", "--plan-timeout", "5", "--max-rounds", "1",
            ])  # fmt: skip
            out, _ = process.communicate()
    record = json.loads(out)
    if "rounds" not in record:  # the plan itself failed three times over
        return Counter(calls=counted["calls"], faults=counted["faults"], tasks=0), Counter()
    results = record["rounds"][-1]["results"]
    paths = {task["id"]: task["path"] for task in record["rounds"][-1]["plan"]["tasks"]}
    lost = [one for one in results if one["result"] == "DeadLetter" and paths[one["task"]] in well]
    failed = [a for one in results for a in one.get("attempts", ()) if a["error"]]
    if lost:
        print(json.dumps(lost, indent=1)[:3000], file=sys.stderr)
    return Counter(
        calls=counted["calls"], faults=counted["faults"], tasks=len(results), lost=len(lost),
        done=sum(one["result"] == "Done" for one in results),
        untyped=sum(not a["kind"] for a in failed),
    ), Counter(a["kind"] for a in failed)  # fmt: skip


def faulty(fault, answer, request):
    form = {"status": "done", "summary": "", "reason": "", "paths": []}
    name = "result" if resume.server().task_of(request) else "plan"
    return {
        "rate": answer(status=429, headers={"retry-after": "0.2"}, kind="rate_limit_error"),
        "busy": answer(status=529, kind="overloaded_error"),
        "hang": answer(fault="hang"),
        "form": answer(text="x", tool={"name": name, "input": {"status": "perhaps"}}),
        "empty": answer(tool={"name": name, "input": form}),
        "cut": answer(text="--- a/m1.py\n+++ b/m1.py\n@@ -1,2 +1,2 @@\n-def", stop="max_tokens"),
        "refusal": answer(text="I would rather not.", stop="refusal"),
        "broken": answer(text="a" * 400, fault="cut"),
    }[fault]


def path_of(request):
    return resume.server().task_of(request) or "plan"


if __name__ == "__main__":
    sys.exit(main())
