"""One repository, its remote, and a GitHub that serves both; the steps as the runner calls them."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEY = "sk-ant-api03-" + "k3yM4t3r14l" * 6
FILES = {
    "calc/core.py": "def area(width, height):\n    return width * height\n",
    "calc/room.py": "from calc.core import area\n\n\ndef floor(room):\n    return area(*room)\n",
    "calc/__init__.py": "",
    "tests/test_room.py": (
        "from calc.room import floor\n\n\ndef test_floor():\n    assert floor((2, 3)) == 6\n"
    ),
    "README.md": "# Rooms\n",
}


def load(name):
    """Load a module that stands beside this one; tests are no package."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


class Workflow:
    """The steps of one run, each in a process with the environment that its job has."""

    def __init__(self, folder, hub, checkout):
        self.folder, self.hub, self.checkout = folder, hub, checkout
        self.run_id, self.attempt = "4711", "1"
        self.inputs = {}
        self.outputs = {}
        self.logs = []
        self.event_name = "issues"
        self.event = {}
        self.label()

    def label(self, sender="ada", name="codeorch"):
        self.event_name = "issues"
        kind = "Bot" if sender.endswith("[bot]") else "User"
        self.event = {
            "action": "labeled", "label": {"name": name}, "issue": dict(self.hub.issue),
            "sender": {"login": sender, "type": kind},
        }  # fmt: skip
        self.actor = sender

    def comment(self, body, sender="ada", action="created"):
        self.label(sender)
        self.event_name = "issue_comment"
        self.event = {**self.event, "action": action, "comment": {"body": body}}

    def dispatch(self, sender="ada"):
        self.label(sender)
        self.event_name = "workflow_dispatch"
        del self.event["issue"]

    def step(self, name, folder=None, python=None, **variables):
        """Run one step; return its exit code, with `outputs` and `logs` kept."""
        temp = self.folder / "temp"
        temp.mkdir(exist_ok=True)
        event, output = self.folder / "event.json", self.folder / "output"
        event.write_text(json.dumps(self.event))
        output.write_text("")
        summary = self.folder / "summary"
        env = {
            "PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT / "src"), "RUNNER_TEMP": str(temp),
            "GITHUB_ACTIONS": "true", "GITHUB_API_URL": self.hub.api_url,
            "GITHUB_SERVER_URL": self.hub.url, "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_EVENT_NAME": self.event_name, "GITHUB_EVENT_PATH": str(event),
            "GITHUB_RUN_ID": self.run_id, "GITHUB_RUN_ATTEMPT": self.attempt,
            "GITHUB_TRIGGERING_ACTOR": self.actor, "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary), "GIT_CONFIG_GLOBAL": os.devnull,
            "INPUT_ISSUE": "7", **self.inputs, **variables,
        }  # fmt: skip
        done = subprocess.run(
            [python or sys.executable, "-P", "-m", "codeorch", "github", name],
            cwd=folder or self.checkout, env=env, capture_output=True, text=True, timeout=300,
        )
        self.logs.append(done.stdout + done.stderr)
        self.outputs = read_outputs(output.read_text())
        assert "Traceback" not in self.logs[-1], self.logs[-1]
        return done.returncode

    # ------------------------------------------------------------------ whole jobs

    def gate(self, **variables):
        code = self.step("gate", GITHUB_TOKEN=load("github_server").TOKEN, **variables)
        self.gate_outputs = self.outputs
        return code, self.outputs.get("go") == "true"

    def propose(self, url, **variables):
        return self.step("propose", ANTHROPIC_API_KEY=KEY, INPUT_BASE_URL=url, **variables)

    def test(self):
        return self.step("test")

    def publish(self, proposed="success", tested="success", **variables):
        self.hand_over()
        return self.step(
            "publish", GITHUB_TOKEN=load("github_server").TOKEN, PROPOSED=proposed, TESTED=tested,
            COMMENT=self.gate_outputs["comment"], REQUEST=self.gate_outputs["request"],
            **variables,
        )  # fmt: skip

    def hand_over(self):
        """Copy what the jobs left to where the last one finds it, as artefacts are."""
        temp = self.folder / "temp"
        for name in ("request", "proposal", "verdict"):
            target = temp / "in" / name
            target.mkdir(parents=True, exist_ok=True)
            source = [temp / "request.json"] if name == "request" else (temp / name).glob("*")
            for file in source:
                if file.exists():
                    (target / file.name).write_bytes(file.read_bytes())

    @property
    def temp(self):
        return self.folder / "temp"


def read_outputs(text):
    outputs, lines = {}, iter(text.splitlines())
    for line in lines:
        name, _, mark = line.partition("<<")
        rows = []
        for row in lines:
            if row == mark:
                break
            rows.append(row)
        outputs[name] = "\n".join(rows)
    return outputs


@pytest.fixture
def hub_module():
    return load("github_server")


@pytest.fixture
def key():
    return KEY


@pytest.fixture
def make_workflow(tmp_path, make_repo, run_git, hub_module, description):
    """Make a repository with its remote, and start a GitHub that serves it."""
    servers = []

    def make(files=FILES, title="Take the unit into account", body="Give `area` a unit."):
        repo = make_repo(files)
        remote = tmp_path / "remote" / "shop.git"
        remote.parent.mkdir()
        run_git(tmp_path, "clone", "-q", "--bare", str(repo.root), str(remote))
        hub = hub_module.GitHubServer(remote, description=description)
        hub.issue.update(title=title, body=body)
        servers.append(hub.__enter__())
        return Workflow(tmp_path, hub, repo.root)

    yield make
    for hub in servers:
        hub.__exit__()
        assert hub.faults == []


@pytest.fixture
def workflow(make_workflow):
    return make_workflow()


@pytest.fixture(scope="session")
def description():
    """GitHub's OpenAPI description; None where it is not at hand (`CODEORCH_OPENAPI`)."""
    file = os.environ.get("CODEORCH_OPENAPI")
    return load("openapi").Description(Path(file)) if file else None


DIFFS = {
    "calc/core.py": (
        "@@ def area\n-def area(width, height):\n-    return width * height\n"
        "+def area(width, height, unit=1):\n+    return width * height * unit\n"
    ),
    "calc/room.py": (
        "@@ def floor\n-def floor(room):\n-    return area(*room)\n"
        "+def floor(room, unit=1):\n+    return area(*room, unit)\n"
    ),
}
PLAN = {
    "rationale": "A unit is handed through.",
    "tasks": [
        {"id": "core", "path": "calc/core.py", "goal": "give area a unit"},
        {"id": "room", "path": "calc/room.py", "goal": "hand it on", "needs": ["core"]},
    ],
}


@pytest.fixture
def unit_brain(answer, task_of):
    """A model that plans, and writes what `DIFFS` say."""

    def think(request, _):
        if not (path := task_of(request)):
            return answer(tool={"name": "plan", "input": PLAN})
        result = {"status": "done", "summary": f"changed {path}", "reason": "", "paths": []}
        return answer(
            text=f"```diff\n--- a/{path}\n+++ b/{path}\n{DIFFS[path]}```\n",
            tool={"name": "result", "input": result},
        )

    return think
