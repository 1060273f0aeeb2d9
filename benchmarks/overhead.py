"""Measure what the engine adds to the time that the model takes.

    python benchmarks/overhead.py [--engine dbos|inline]

A model server answers each question after exactly two seconds. A plan of 20 independent tasks is
carried out at 20 at once, then one of 200 at 50 at once, in processes of their own. The critical
path is the plan's answer and the answers that cannot be had at the same time.
"""

import argparse
import compileall
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import resume  # the same repository, server and command

LATENCY_S = 2.0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--engine", default="dbos", choices=["dbos", "inline"])
    chosen = parser.parse_args()
    # As installed: this shell may keep Python from writing its bytecode down.
    compileall.compile_dir(resume.ROOT / "src", quiet=1)
    missed = False
    for tasks, parallel, allowed, start_s in ((20, 20, 1.15, 2.0), (200, 50, 1.25, 2.0)):
        wall, cpu, path = measure(tasks, parallel, chosen.engine)
        limit = allowed * path + start_s
        missed |= wall > limit
        print(
            f"{tasks} tasks at {parallel}: {wall:.2f} s wall, critical path {path:.0f} s, limit "
            f"{limit:.1f} s, {cpu:.1f} s CPU, {1000 * cpu / tasks:.0f} ms CPU a task"
        )
    return 1 if missed else 0


def measure(tasks, parallel, engine):
    with tempfile.TemporaryDirectory(prefix="codeorch-overhead-") as folder:
        repo = resume.make(Path(folder) / "repo", tasks)
        chosen = argparse.Namespace(tasks=tasks, latency=LATENCY_S, layers=tasks)
        with resume.server().ApiServer(resume.brain(chosen)) as api:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            start = time.monotonic()
            process = resume.launch(repo, [
                "apply", "give every function a unit", "--no-test", "--base-url", api.url,
                "--max-tasks", str(tasks), "--max-parallel", str(parallel), "--engine", engine,
                "--json",
            ])  # fmt: skip
            out, err = process.communicate()
            wall = time.monotonic() - start
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode:
            raise SystemExit(f"exit {process.returncode}: {out[-1000:]} {err[-2000:]}")
        timings = {
            t["stage"]: round(t["end_s"] - t["start_s"], 2) for t in json.loads(out)["timings"]
        }
        print(timings)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, LATENCY_S * (1 + -(-tasks // parallel))


if __name__ == "__main__":
    sys.exit(main())
