"""Measure what codeorch adds to the time that the model takes, beside a bare client.

    python benchmarks/overhead.py [--runs 5] [--json]

A model server answers each question after exactly two seconds. A plan of 20 independent tasks is
carried out at 20 at once, then one of 200 at 50 at once, each in a process of its own from its
start to its end. The critical path is the plan's answer and the answers that cannot be had at the
same time. Beside each run a bare asyncio client, in a process of its own, asks the same server the
same questions, as many at once: the plan's question first, then the others. Both are timed from
the start of their process to its end. Figures are medians of alternating runs.
"""

import argparse
import asyncio
import compileall
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import resume  # the same repository, server and command

LATENCY_S = 2.0
TIMES_BARE = 1.5  # so many times what the bare client adds may be added, and the seconds below
# tasks, tasks at once, seconds beyond the critical path, CPU seconds
SIZES = ((20, 20, 1.0, 2.5), (200, 50, 1.5, 5.0))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--bare", nargs=3, metavar=("URL", "FILE", "PARALLEL"), help="ask and end")
    chosen = parser.parse_args()
    if chosen.bare:
        url, file, parallel = chosen.bare
        asyncio.run(ask_bare(url, json.loads(Path(file).read_text()), int(parallel)))
        return 0
    # As installed: this shell may keep Python from writing its bytecode down.
    compileall.compile_dir(resume.ROOT / "src", quiet=1)
    rows = [row(*size, chosen.runs) for size in SIZES]
    if chosen.json:
        print(json.dumps({"rows": rows}))
    else:
        for one in rows:
            print(LINE.format(**one))
    missed = [one for one in rows if one["seconds"] > one["limit"] or one["cpu"] > one["cpu_limit"]]
    return 1 if missed else 0


LINE = (
    "{tasks} tasks at {parallel}: {seconds} s wall (limit {limit}), critical path "
    "{path_seconds} s, bare client {bare_seconds} s; {cpu} s CPU (limit {cpu_limit})"
)


def row(tasks, parallel, allowed_s, allowed_cpu_s, runs):
    """Return the medians for one size, and the limits that they are held to."""
    measures = [measure(tasks, parallel) for _ in range(runs)]
    seconds, bare, cpu = (statistics.median(column) for column in zip(*measures, strict=True))
    path = LATENCY_S * (1 + -(-tasks // parallel))
    limit = path + allowed_s + TIMES_BARE * max(0.0, bare - path)
    return {
        "tasks": tasks, "parallel": parallel, "runs": runs, "seconds": round(seconds, 2),
        "bare_seconds": round(bare, 2), "path_seconds": path, "cpu": round(cpu, 2),
        "limit": round(limit, 2), "cpu_limit": allowed_cpu_s,
    }  # fmt: skip


def measure(tasks, parallel):
    """Carry out one plan, then ask its questions bare; return seconds, bare seconds and CPU."""
    with tempfile.TemporaryDirectory(prefix="codeorch-overhead-") as folder:
        repo = resume.make(Path(folder) / "repo", tasks)
        chosen = argparse.Namespace(tasks=tasks, latency=LATENCY_S, layers=tasks)
        with resume.server().ApiServer(resume.brain(chosen)) as api:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            start = time.monotonic()
            process = resume.launch(repo, [
                "apply", "give every function a unit", "--no-test", "--base-url", api.url,
                "--max-tasks", str(tasks), "--max-parallel", str(parallel), "--json",
            ])  # fmt: skip
            out, err = process.communicate()
            seconds = time.monotonic() - start
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            if process.returncode:
                raise SystemExit(f"exit {process.returncode}: {out[-1000:]} {err[-2000:]}")
            timings = json.loads(out)["timings"]
            stages = {t["stage"]: round(t["end_s"] - t["start_s"], 2) for t in timings}
            print(f"{seconds:.2f} s: {stages}", file=sys.stderr)
            questions = Path(folder) / "questions.json"
            questions.write_text(json.dumps(api.requests))
            start = time.monotonic()
            argv = [sys.executable, __file__, "--bare", api.url, questions, str(parallel)]
            subprocess.run(argv, check=True)
            bare_seconds = time.monotonic() - start
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, bare_seconds, cpu


async def ask_bare(url, questions, parallel):
    """Ask the first question, then the others so many at once."""
    host, _, port = url.removeprefix("http://").partition(":")
    turns = asyncio.Semaphore(parallel)

    async def ask(question):
        body = json.dumps(question).encode()
        async with turns:
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(
                f"POST /v1/messages HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(body)}\r\n\r\n"
                .encode() + body
            )  # fmt: skip
            answer = await reader.read()
            writer.close()
        assert answer.startswith(b"HTTP/1.1 200"), answer[:200]

    await ask(questions[0])
    await asyncio.gather(*map(ask, questions[1:]))


if __name__ == "__main__":
    sys.exit(main())
