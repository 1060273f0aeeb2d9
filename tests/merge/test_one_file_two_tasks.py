"""Whole runs in which two tasks of a plan change one file."""

import json

import pytest

from codeorch.cli import main

FILES = {"conf.py": "TIMEOUT = 5\n\n\ndef wait():\n    return TIMEOUT\n\n\nRETRIES = 1\n"}
LONGER = {"id": "longer", "path": "conf.py", "goal": "wait for ten seconds"}
FLOAT = {"id": "float", "path": "conf.py", "goal": "make the time-out a float"}
OFTEN = {"id": "often", "path": "conf.py", "goal": "try three times"}
EDITS = {
    "wait for ten seconds": "@@\n-TIMEOUT = 5\n+TIMEOUT = 10\n",
    "make the time-out a float": "@@\n-TIMEOUT = 5\n+TIMEOUT = 5.0\n",
    "try three times": "@@\n-RETRIES = 1\n+RETRIES = 3\n",
}


def diff(body):
    return f"```diff\n--- a/conf.py\n+++ b/conf.py\n{body}```\n"


class Brain:
    """Plans these tasks, whatever is said about them; makes the edits; reconciles as told."""

    def __init__(self, answer, words_of, tasks, joined="", edits=EDITS, contracts=()):
        self.answer, self.words_of = answer, words_of
        self.tasks, self.joined, self.edits = tasks, joined, edits
        self.contracts = contracts
        self.plans, self.work, self.clashes = [], [], []

    def __call__(self, request, _):
        words = self.words_of(request)
        goal = words.partition("## Task\n")[2]
        if not request.get("tools"):
            self.clashes.append(words)
            return self.answer(text=self.joined)
        if not goal:
            self.plans.append(words)
            plan = {"rationale": "two things about one file", "tasks": self.tasks,
                    "contracts": self.contracts}  # fmt: skip
            return self.answer(tool={"name": "plan", "input": plan})
        self.work.append(words)
        body = next(body for wanted, body in self.edits.items() if wanted in goal)
        form = {"status": "done", "summary": "ok", "reason": "", "paths": []}
        return self.answer(text=diff(body), tool={"name": "result", "input": form})


@pytest.fixture
def repo(make_repo, monkeypatch):
    repo = make_repo(FILES)
    monkeypatch.chdir(repo.root)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key-0123456789")
    return repo


@pytest.fixture
def apply(repo, serve, answer, words_of, capsys, run_git):
    """Carry out a plan of these tasks; gives the brain, the code, the record and the file."""

    def run(*tasks, args=(), **more):
        brain = Brain(answer, words_of, tasks, **more)
        with serve(brain) as api:
            code = main(["apply", "tune it", "--base-url", api.url, "--no-test", "--json",
                         "--max-rounds", "1", *args])  # fmt: skip
        record = json.loads(capsys.readouterr().out)
        name = (record.get("branch") or {}).get("name")
        return brain, code, record, run_git(repo.root, "show", f"{name}:conf.py") if name else ""

    return run


def test_a_task_that_needs_the_other_one_builds_on_it(apply, repo, run_git):
    edits = {**EDITS, "make the time-out a float": "@@\n-TIMEOUT = 10\n+TIMEOUT = 10.0\n"}
    brain, code, record, text = apply({**FLOAT, "needs": ["longer"]}, LONGER, edits=edits)
    assert (code, len(brain.plans), brain.clashes) == (0, 1, [])
    assert text.startswith("TIMEOUT = 10.0\n")
    assert "TIMEOUT = 5\n\n\ndef wait" in brain.work[0]
    assert "TIMEOUT = 10\n\n\ndef wait" in brain.work[1]
    log = run_git(repo.root, "log", "--reverse", "--format=%s", f"main..{record['branch']['name']}")
    assert [line.rpartition(": ")[2] for line in log.splitlines()] == [
        "wait for ten seconds",
        "make the time-out a float",
    ]


@pytest.mark.parametrize("kept", [True, False])
def test_a_contract_of_the_file_binds_the_last_of_its_tasks(apply, kept):
    signature = "def wait(unit)" if kept else "def wait(unit, most)"
    contract = {"symbol": "wait", "signature": signature, "defined_in": "conf.py"}
    edits = {**EDITS, "make the time-out a float": "@@\n-def wait():\n+def wait(unit):\n"}
    _, code, record, _ = apply(
        LONGER, {**FLOAT, "needs": ["longer"]}, edits=edits, contracts=[contract]
    )
    assert code == (0 if kept else 3)
    first, second = record["rounds"][0]["results"]
    assert len(first["attempts"]) == 1
    assert second["attempts"][0]["kind"] == ("" if kept else "contract")


def test_without_an_order_the_plan_goes_back_once_and_then_the_edits_are_merged(apply):
    brain, code, record, text = apply(LONGER, OFTEN)
    assert (code, len(brain.plans), brain.clashes) == (0, 2, [])
    fault = "Tasks 'longer' and 'often' both change conf.py. Join them, or let one need the other."
    assert fault in brain.plans[1]
    assert (text[:12], text[-11:]) == ("TIMEOUT = 10", "RETRIES = 3")
    (note,) = record["rounds"][0]["plan"]["notes"]
    assert note == ("tasks longer and often both edit conf.py in no order: their edits are merged")


def test_edits_that_contradict_each_other_are_reconciled_by_one_call(apply):
    joined = diff("@@\n-TIMEOUT = 10\n+TIMEOUT = 10.0\n")
    brain, code, record, text = apply(LONGER, FLOAT, joined=joined)
    assert (code, len(brain.clashes)) == (0, 1)
    assert "wait for ten seconds" in brain.clashes[0]
    assert "make the time-out a float" in brain.clashes[0]
    assert text.startswith("TIMEOUT = 10.0\n")
    repairs = [result["repairs"] for result in record["rounds"][0]["results"]]
    assert repairs[0] == []
    assert repairs[1][0].startswith("reconciled with the edit of longer by ")


def test_what_cannot_be_reconciled_is_refused_by_name_and_the_first_edit_stands(apply):
    brain, code, record, text = apply(LONGER, FLOAT, joined="CONTRADICTION: it is either or")
    assert (code, record["status"], len(brain.clashes)) == (3, "partial", 1)
    assert text.startswith("TIMEOUT = 10\n")
    lost = record["rounds"][0]["results"][1]
    assert (lost["task"], lost["kind"]) == ("float", "contradiction")
    assert "contradicts that of longer" in lost["error"]
    assert "it is either or" in lost["error"]


def test_a_plan_written_by_hand_is_taken_at_its_word(apply, tmp_path):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"rationale": "r", "tasks": [LONGER, OFTEN]}))
    brain, code, _, text = apply(args=("--plan", str(file)))
    assert (code, brain.plans, len(brain.work)) == (0, [], 2)
    assert (text[:12], text[-11:]) == ("TIMEOUT = 10", "RETRIES = 3")


def test_a_move_and_an_edit_of_one_file_are_no_plan(apply):
    move = {**LONGER, "action": "rename", "old_path": "conf.py", "path": "settings.py"}
    brain, code, record, _ = apply(move, OFTEN)
    assert (code, len(brain.plans), brain.work) == (1, 3, [])
    assert "both change conf.py. Join them." in record["error"]["message"]
