"""Measure what a change costs through codeorch, beside a single agent that does the same.

    python benchmarks/economy.py [--json] [--mirror DIR] [--window N] [--only NAME]

Real changes are replayed by a scripted model that gives the right look-ups and edits: the tasks of
../shared/bench/e2e whose repositories are under --mirror, and two wide ones of 30 and 100 files
that are made here. Cache, price and pace of the model follow ../shared/bench/bridge/accounting.py;
without these files there is nothing to measure, and a line says so. The server answers at a
fiftieth of a model's time, so that calls side by side stay side by side; the cache forgets by the
model's time.

The single agent is a fixed script: a head of 4,000 tokens; a turn that lists and searches (6,000
tokens of answers); for each four files a turn that reads them (at most 1,500 tokens each) and one
that writes their edits; a test run (500 tokens); a last word of 200. It marks the end of each turn
for the cache. Both sides use one model, and thinking is not counted; `usd_mix` is codeorch with
its own choice of models.
"""

import argparse
import json
import re
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import resume  # the server of the tests
from economy_changes import SHARED, changed_lines, changed_ranges, changes

MODEL = "claude-opus-5-5"
FASTER = 50  # times as fast as a model answers the server
LONG_EDIT = 60  # changed lines; a worker makes longer edits
TOKEN = 3.6  # characters
# Up to eight files, 30 and 100: price and modelled time, at most so many times the single agent's.
BARS = ((8, 1.0, 0.8), (30, 0.9, 0.3), (100, 0.6, 0.2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--mirror", type=Path, help="folder with owner+name/repo of each task")
    parser.add_argument("--window", type=int, default=0, help="tokens that the model takes")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", type=Path, help="folder for the prompts, to be read")
    chosen = parser.parse_args()
    if not (SHARED / "bridge" / "accounting.py").exists():
        print("../shared/bench/bridge is not there: nothing to measure")
        return 0
    rows = [row(change, chosen) for change in changes(chosen.mirror) if chosen.only in change.name]
    if chosen.json:
        print(json.dumps({"rows": rows}))
    else:
        for one in rows:
            print(LINE.format(**one), *one["missed"], sep="\n  missed: ")
    return 1 if any(one["missed"] for one in rows) else 0


LINE = (
    "{name}: {files} files, {calls} calls, fresh {fresh:,}, cached {cached:,}, out {output:,}; "
    "${usd:.3f} against ${usd_single:.3f} ({price_ratio}), mix ${usd_mix:.3f}; modelled "
    "{seconds} s against {seconds_single} s ({time_ratio})"
)


# ------------------------------------------------------------------------------- codeorch


class ModelClock:
    """Seconds as the model's cache counts them.

    They pass FASTER times as fast as ours while an answer is awaited, and as ours between the
    calls: what codeorch does there is no faster than at work.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._calls, self._now, self._at = 0, 0.0, time.monotonic()

    def pass_call(self, begins):
        """Take note that a call begins or ends; returns when that is."""
        with self._lock:
            now = time.monotonic()
            self._now += (now - self._at) * (FASTER if self._calls else 1)
            self._at = now
            self._calls += 1 if begins else -1
            return self._now


class Recorder:
    """The scripted model, and how each call is billed."""

    def __init__(self, change, window):
        self.change, self.window = change, window
        self.calls = []  # (request, arrival, answered, output); the times are those of the clock
        self.clock = ModelClock()

    def think(self, request, _):
        arrival = self.clock.pass_call(begins=True)
        answer = resume.server().Answer
        size = len(json.dumps(request)) / TOKEN
        if self.window and size + request["max_tokens"] > self.window:
            self.clock.pass_call(begins=False)
            return answer(
                status=400, kind="invalid_request_error",
                message=f"prompt is too long: {size:.0f} tokens > {self.window} maximum",
            )  # fmt: skip
        text, calls = self.reply(request)
        output = int((len(text) + sum(len(json.dumps(call)) for call in calls)) / TOKEN)
        time.sleep(ACCOUNT.pace(0, output) / FASTER)
        self.calls.append((request, arrival, self.clock.pass_call(begins=False), output))
        return answer(text=text, calls=tuple(calls[:-1]), tool=calls[-1])

    def reply(self, request):
        last = request["messages"][-1]["content"][-1].get("text", "")
        task = re.search(r"(?m)^## Task\n\w+ (\S+)", last)
        if task:
            return self.work(task[1])
        if self.is_repair(request):
            return "", [tool("plan", {"rationale": "all is done", "tasks": []})]
        return "", self.plan(sum(m["role"] == "assistant" for m in request["messages"]))

    @staticmethod
    def is_repair(request):
        return "# Outcome of each task" in json.dumps(request["messages"][-1])

    def work(self, path):
        form = {"status": "done", "summary": f"changed {path}", "reason": "", "paths": []}
        return f"```diff\n{self.change.diff(path)}```\n", [tool("result", form)]

    def plan(self, turn):
        """Look for the names of the request, then read around each change, then plan."""
        if turn == 0:
            names = re.findall(r"`([A-Za-z_][\w.]+)", self.change.request)[:2] or ["main"]
            paths = list(self.change.before)[:1]
            return [
                *(tool("references", {"name": name}) for name in dict.fromkeys(names)),
                *(tool("outline", {"path": path}) for path in paths),
            ]
        if turn == 1:
            places = list(self.places())
            return [tool("read", {"places": places[n : n + 12]}) for n in range(0, len(places), 12)]
        return [tool("plan", self.form())]

    def places(self):
        if self.change.reads:
            yield from self.change.reads
            return
        for path, before in self.change.before.items():
            for first, last in changed_ranges(before, self.change.after[path]):
                yield f"{path}:{first}-{last}"

    def form(self):
        grouped = {row["path"] for row in (self.change.group or {"rows": []})["rows"]}
        tasks = []
        for number, path in enumerate(self.change.after, start=1):
            if path in grouped:
                continue
            diff = self.change.diff(path)
            task = {"id": f"t{number}", "path": path, "goal": "as asked for, in this file"}
            if path not in self.change.before:
                task["action"] = "create"
            if changed_lines(diff) <= LONG_EDIT:
                task["diff"] = diff
            else:
                task["goal"] = "Do the part of the request that belongs here, as read above. " * 3
            tasks.append(task)
        form = {"rationale": "What the request names, and who uses it.", "tasks": tasks}
        if self.change.group:
            form["groups"] = [self.change.group]
            form["contracts"] = [{
                "symbol": "area", "signature": "def area(width, height, *, unit)",
                "defined_in": "plots/area.py", "used_in": ["pages"],
            }]  # fmt: skip
        return form


def tool(name, form):
    return {"name": name, "input": form}


def row(change, chosen):
    ours, record = through_codeorch(change, chosen, ["--workers", "fork"])
    mix, _ = through_codeorch(change, chosen, [])
    single = single_agent(change)
    landed = {one["path"] for one in record["files"]}
    files = len(change.after)
    price_ratio = round(ours["usd"] / single["usd"], 2)
    time_ratio = round(ours["seconds"] / single["seconds"], 2)
    missed = []
    if landed != set(change.after):
        missed.append(f"changed {sorted(set(change.after) ^ landed)[:5]} wrongly or not")
    _, price_bar, time_bar = next(bar for bar in BARS if files <= bar[0])
    if price_ratio > price_bar:
        missed.append(f"price {price_ratio} > {price_bar}")
    if time_ratio > time_bar:
        missed.append(f"time {time_ratio} > {time_bar}")
    if files <= 5 and ours["fresh"] > 25_000:
        missed.append(f"fresh {ours['fresh']} > 25,000")
    share = ours["cached"] / (ours["cached"] + ours["fresh"])
    if ours["calls"] >= 5 and share < 0.6 and not chosen.window:  # small windows begin anew
        missed.append(f"cached share {share:.2f} < 0.6")
    return {
        "name": change.name, "files": files, "calls": ours["calls"], "fresh": ours["fresh"],
        "cached": ours["cached"], "output": ours["output"], "usd": round(ours["usd"], 4),
        "usd_single": round(single["usd"], 4), "usd_mix": round(mix["usd"], 4),
        "seconds": round(ours["seconds"], 1), "seconds_single": round(single["seconds"], 1),
        "price_ratio": price_ratio, "time_ratio": time_ratio, "missed": missed,
    }  # fmt: skip


def through_codeorch(change, chosen, flags):
    """Carry a change out; returns how its calls are billed, and the record of the run."""
    recorder = Recorder(change, chosen.window)
    with tempfile.TemporaryDirectory(prefix="codeorch-economy-") as folder:
        repo = change.lay_out(Path(folder) / "repo")
        with resume.server().ApiServer(recorder.think) as api:
            process = resume.launch(repo, [
                "apply", change.request, "-y", "--json", "--no-test", "--base-url", api.url,
                "--max-parallel", "50", "--task-timeout", "60", *flags,
            ])  # fmt: skip
            out, err = process.communicate()
    if not out.strip():
        raise SystemExit(f"{change.name}: exit {process.returncode}: {err[-2000:]}")
    if chosen.keep:
        keep(chosen.keep / change.name, recorder.calls)
    same = [MODEL] * len(recorder.calls) if flags else [c[0]["model"] for c in recorder.calls]
    return bill(recorder.calls, same), json.loads(out)


def bill(calls, models):
    """Bill calls in the order of time, each as one to a model."""
    cache, events = ACCOUNT.PromptCache(), []
    for number, (_, arrival, answered, _) in enumerate(calls):
        events += [(arrival, 1, number), (answered, 0, number)]
    total, chain = defaultdict(float), []
    for _, arrives, number in sorted(events):
        request, arrival, answered, output = calls[number]
        if not arrives:
            cache.answered(number, answered)
            continue
        body = {**request, "model": models[number]}
        billed = cache.arrive(number, "anthropic", body, arrival)
        uncached = billed.fresh + billed.written
        total["calls"] += 1
        total["fresh"] += uncached
        total["cached"] += billed.read
        total["output"] += output
        total["usd"] += ACCOUNT.usd(models[number], billed, output)
        seconds = ACCOUNT.pace(uncached, output)
        chain.append({"arrival": arrival, "answered": answered, "model_seconds": seconds})
    total["seconds"] = ACCOUNT.longest_chain(chain)
    return {name: int(value) if name not in ("usd", "seconds") else value
            for name, value in total.items()}  # fmt: skip


def keep(folder, calls):
    folder.mkdir(parents=True, exist_ok=True)
    for number, (request, *_) in enumerate(calls, start=1):
        (folder / f"{number:03}.json").write_text(json.dumps(request, indent=1, ensure_ascii=False))


# ------------------------------------------------------------------------------- the single agent


def single_agent(change):
    """Bill the fixed script of a single agent for the same change."""
    cache, total, messages, clock = ACCOUNT.PromptCache(), defaultdict(float), [], 0.0

    def words(tokens):
        return "x" * int(tokens * TOKEN)

    def turn(said, output):
        """Send what was said last with a mark at its end, and get an answer."""
        nonlocal clock
        mark = {"cache_control": {"type": "ephemeral"}}
        text = {"type": "text", "text": said}
        body = {
            "model": MODEL, "system": [{"type": "text", "text": words(4_000)}],
            "messages": [*messages, {"role": "user", "content": [{**text, **mark}]}],
        }  # fmt: skip
        call = int(total["calls"])
        billed = cache.arrive(call, "anthropic", body, clock)
        seconds = ACCOUNT.pace(billed.fresh + billed.written, output)
        clock += seconds
        cache.answered(call, clock)
        messages.append({"role": "user", "content": [{**text, **mark}]})
        messages.append({"role": "assistant", "content": [{"type": "text", "text": words(output)}]})
        total["calls"] += 1
        total["fresh"] += billed.fresh + billed.written
        total["cached"] += billed.read
        total["output"] += output
        total["usd"] += ACCOUNT.usd(MODEL, billed, output)
        total["seconds"] += seconds

    paths = list(change.after)
    turn(change.request, 150)  # lists and searches
    said = words(6_000)
    for start in range(0, len(paths), 4):
        some = paths[start : start + 4]
        turn(said, 40 * len(some))  # reads
        said = words(sum(min(1_500, len(change.before.get(p, "")) / TOKEN) for p in some))
        turn(said, sum(int(len(change.diff(p)) / TOKEN) + 60 for p in some))  # writes
        said = words(60 * len(some))
    turn(said, 60)  # runs the tests
    turn(words(500), 200)
    return total


def load_accounting():
    sys.path.insert(0, str(SHARED / "bridge"))
    import accounting  # noqa: PLC0415 - found in a folder beside the project

    return accounting


if __name__ == "__main__":
    ACCOUNT = load_accounting() if (SHARED / "bridge" / "accounting.py").exists() else None
    sys.exit(main())
