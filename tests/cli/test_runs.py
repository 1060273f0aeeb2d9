"""Runs that go on: resume, retry, dead, replay, gc, budgets; over the real SDK.

It is OpenAI's, which loads in less than half the time: each of these runs has a model process.
"""

import json

import pytest

from codeorch.answers import RunFolder
from codeorch.cli import main

FILES = {f"m{n}.py": f"def f{n}(x):\n    return x\n" for n in range(4)}
PLAN = {
    "rationale": "each by itself, the last after the first",
    "tasks": [
        {"id": f"t{n}", "path": f"m{n}.py", "goal": "add a unit", "needs": ["t0"] * (n == 3)}
        for n in range(4)
    ],
}


class Brain:
    """Plans and works; `broken` paths get rubbish, `gone` ones an error of the service."""

    def __init__(self, answer, task_of):
        self.answer, self.task_of, self.broken, self.asked = answer, task_of, set(), []

    def __call__(self, request, _):
        path = self.task_of(request)
        if not path:
            self.asked.append("plan")
            return self.answer(tool={"name": "plan", "input": PLAN})
        self.asked.append(path)
        name = path[:-3].replace("m", "f")
        body = f"-def {name}(x):\n+def {name}(x, unit=1):\n     return x\n"
        if path in self.broken:
            body = "-this is not there\n+nor this\n"
        result = {"status": "done", "summary": f"{path} has units", "reason": "", "paths": []}
        return self.answer(
            text=f"```diff\n--- a/{path}\n+++ b/{path}\n@@ -1,2 +1,2 @@\n{body}```\n",
            tool={"name": "result", "input": result},
        )


@pytest.fixture
def brain(answer, task_of):
    return Brain(answer, task_of)


@pytest.fixture
def project(make_repo, monkeypatch):
    repo = make_repo(FILES)
    monkeypatch.chdir(repo.root)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-key-0123456789")
    monkeypatch.delenv("CODEORCH_NO_STORE")  # answers have to be kept here
    return repo


@pytest.fixture
def call(capsys):
    def run(*args):
        code = main(args)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return run


APPLY = ("apply", "add units", "--no-test", "--json")


def at(api):
    return ("--openai-base-url", f"{api.url}/v1", "--model", "local")


def test_a_failed_task_is_listed_tried_again_and_only_it_is_asked_for(
    serve, brain, project, call, run_git
):
    brain.broken = {"m0.py"}
    with serve(brain) as api:
        code, out, err = call(*APPLY, "--max-rounds", "1", *at(api))
        first = json.loads(out)
        assert (code, first["status"]) == (3, "partial"), err
        assert [f["path"] for f in first["files"]] == ["m1.py", "m2.py"]

        code, out, _ = call("dead", "--json")
        dead = json.loads(out)["dead"]
        assert [(row["task"], row["result"]) for row in dead] == [
            ("t0", "DeadLetter"), ("t3", "Skipped"),
        ]  # fmt: skip
        assert len(dead[0]["attempts"]) == 3
        _, out, err = call("dead")
        assert "m0.py" in out
        assert "codeorch retry" in err

        asked = json.loads(call("dead", "--prompts", "--json")[1])["dead"][0]["exchanges"]
        assert len(asked) == 3
        assert "add a unit" in asked[0]["asked"]
        assert "this is not there" in asked[0]["answered"]

        brain.broken, brain.asked = set(), []
        code, out, err = call("retry", "--json")
        again = json.loads(out)
        assert (code, again["status"]) == (0, "unchecked"), err
        assert sorted(brain.asked) == ["m0.py", "m3.py"]
        assert [f["path"] for f in again["files"]] == [f"m{n}.py" for n in range(4)]
        assert again["branch"]["name"].endswith("-retry")
        names = run_git(project.root, "branch", "--format=%(refname:short)").split()
        assert {first["branch"]["name"], again["branch"]["name"]} < set(names)
    code, _, err = call("retry")
    assert code == 2
    assert "codeorch runs" in err


def test_the_same_request_again_costs_nothing_unless_asked_fresh(serve, brain, project, call):
    with serve(brain) as api:
        code, out, _ = call(*APPLY, *at(api))
        assert (code, json.loads(out)["usage"]["calls"]) == (0, 5)
        brain.asked = []
        code, out, _ = call(*APPLY, *at(api))
        again = json.loads(out)
        assert (code, brain.asked, again["usage"]["calls"]) == (0, [], 0)
        assert (again["reused_answers"], again["new_answers"]) == (5, 0)
        call(*APPLY, "--fresh", *at(api))
        assert len(brain.asked) == 5


def test_a_run_is_replayed_offline_to_the_same_tree_without_a_key(
    serve, brain, project, call, run_git, monkeypatch
):
    brain.broken = {"m2.py"}
    with serve(brain) as api:
        _, out, _ = call(*APPLY, *at(api))
        asked = len(brain.asked)
        branches = run_git(project.root, "branch")
        monkeypatch.delenv("OPENAI_API_KEY")
        code, said, _ = call("replay")
    assert code == 0
    assert "the same tree" in said
    assert len(brain.asked) == asked
    assert run_git(project.root, "branch") == branches
    code, said, _ = call("replay", "--branch", "again")
    assert code == 0
    branch = json.loads(out)["branch"]["name"]
    assert run_git(project.root, "diff", branch, "again") == ""


def test_an_interrupted_run_is_listed_and_resumed_where_it_stopped(
    serve, brain, project, call, monkeypatch
):

    def stop(*_):
        raise KeyboardInterrupt

    with serve(brain) as api:
        with monkeypatch.context() as patch:
            patch.setattr("codeorch.merge.write_change", stop)
            assert call(*APPLY, *at(api))[0] == 130
        code, out, _ = call("runs", "--json")
        assert [run["status"] for run in json.loads(out)["runs"]] == ["interrupted"]
        brain.asked = []
        code, out, err = call("resume", "--json")
        resumed = json.loads(out)
        assert (code, resumed["status"], brain.asked) == (0, "unchecked", []), err
        assert resumed["usage"]["calls"] == 5  # what the run cost in all
    code, _, err = call("resume", resumed["run"])
    assert code == 2
    assert "is finished" in err


def test_a_ceiling_ends_a_run_with_what_is_done_and_exit_code_6(serve, brain, project, call):
    with serve(brain) as api:
        code, out, _ = call(*APPLY, *at(api), "--max-tokens", "100", "--max-rounds", "1")
        failure = json.loads(out)
        assert (code, failure["status"], failure["exit_code"]) == (6, "over_budget", 6)
        assert "budget" in failure["error"]["message"]


def test_a_run_whose_record_is_lost_or_of_another_version_is_listed_as_what_it_is(
    serve, brain, project, call
):
    with serve(brain) as api:
        run = json.loads(call(*APPLY, *at(api))[1])["run"]
    folder = RunFolder(project.git_dir / "codeorch" / "runs" / run)
    file = folder.path / "record.json"
    record = json.loads(file.read_text())
    del record["schema_version"]
    file.write_text(json.dumps({"schema": 1, **record}))
    for command in ("show", "take", "retry", "replay", "dead"):
        code, _, err = call(command, run)
        assert (code, err.count("\n")) == (2, 2)
        assert f"run {run} was written by another version" in err
    assert "  unreadable   " in call("runs")[1]
    assert "no finished run" in call("show")[2]
    file.unlink()
    assert "  interrupted  " in call("runs")[1]
    with folder.lock():
        assert "  running      " in call("runs")[1]


def test_gc_drops_old_runs_and_answers(serve, brain, project, call):
    with serve(brain) as api:
        call(*APPLY, *at(api))
        assert "0 runs" in call("gc")[1]
        assert "1 run would" in call("gc", "--days", "0", "--dry-run")[1]
        assert "1 run and 5 answers" in call("gc", "--days", "0")[1]
        assert call("runs")[2] == "no runs yet\n"
        brain.asked = []
        call(*APPLY, *at(api))
        assert len(brain.asked) == 5


def test_a_run_that_never_began_is_not_listed(project, call, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    assert call(*APPLY)[0] == 2
    assert call("runs")[2] == "no runs yet\n"


# ------------------------------------------------------------------------------- failed on the way


def test_a_run_that_fails_at_its_model_is_kept_as_failed_and_goes_on(
    serve, answer, brain, project, call
):
    with serve(lambda *_: answer(status=401, message="no such key")) as api:
        code, _, err = call(*APPLY, *at(api))
        assert (code, "no such key" in err) == (1, True)
    listed = json.loads(call("runs", "--json")[1])["runs"]
    assert [row["status"] for row in listed] == ["failed"]
    _, shown, _ = call("show")
    assert "no such key" in shown
    assert f"codeorch resume {listed[0]['run']}" in shown
    record = json.loads(call("show", "--json")[1])
    assert (record["rounds"], record["exit_code"]) == ([], 1)
    assert "no such key" in record["reason"]
    assert "no such key" in call("show", "--markdown")[1]
    assert call("dead")[0] == 0
    code, _, err = call("retry", listed[0]["run"])
    assert (code, "codeorch resume" in err) == (2, True)


def test_a_failed_run_is_resumed_and_its_better_record_stays(serve, answer, brain, project, call):
    is_down = True

    def either(request, number):
        return answer(status=401, message="no such key") if is_down else brain(request, number)

    with serve(either) as api:
        call(*APPLY, *at(api))
        is_down = False
        code, out, err = call("resume", "--json")
        assert (code, json.loads(out)["status"]) == (0, "unchecked"), err
        assert [row["status"] for row in json.loads(call("runs", "--json")[1])["runs"]] == [
            "unchecked"
        ]
        assert call("resume")[0] == 2


def test_a_run_that_a_ceiling_stopped_says_so(serve, brain, project, call):
    with serve(brain) as api:
        code, _, _ = call(*APPLY, "--max-tokens", "5000", *at(api))
    assert code == 6
    record = json.loads(call("show", "--json")[1])
    assert (record["status"], "budget" in record["reason"]) == ("over_budget", True)


def test_the_log_of_a_run_tells_when_each_task_was_queued_and_done_but_not_what_arrives(
    serve, brain, project, monkeypatch
):
    from codeorch.domain import Request
    from codeorch.events import AnswerArrival
    from codeorch.session import Session, run_to_end

    heard = []
    with serve(brain) as api:
        session = Session.open(project.root)
        where = {"openai_base_url": f"{api.url}/v1", "planner_model": "m", "worker_model": "m"}
        settings = session.settings({**where, "no_test": True})
        request = Request(text="add units", base=project.resolve("HEAD"))
        folder = session.create_run(request, settings)
        run_to_end(session.carry_out(folder, listener=heard.append))
    arrivals = [event for event in heard if isinstance(event, AnswerArrival)]
    assert {(one.task, one.attempt) for one in arrivals} == {
        ("", 0), ("t0", 1), ("t1", 1), ("t2", 1), ("t3", 1),
    }  # fmt: skip
    assert {one.place for one in arrivals if one.task == "t3"} == {"1/work/t3/1"}
    log = (folder.path / "log.jsonl").read_text()
    lines = map(json.loads, log.splitlines())
    seen = [(line["event"], line["task"]) for line in lines if line.get("task")]
    for task in ("t0", "t1", "t2", "t3"):
        assert [e for e, t in seen if t == task] == ["TaskQueued", "TaskStarted", "TaskFinished"]
    assert seen.index(("TaskFinished", "t0")) < seen.index(("TaskQueued", "t3"))
    assert "AnswerArrival" not in log
    assert "sk-test-key" not in log
