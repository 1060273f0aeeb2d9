"""One repository, its remote, and a GitHub that serves both; the steps as the runner calls them."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codeorch.errors import CodeorchError
from codeorch.git import Repo

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
        self.pauses = []  # seconds that were waited for GitHub
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

    def step(self, name, folder=None, python=None, before=None, **variables):
        """Run one step; return its exit code, with `outputs` and `logs` kept."""
        env = self.environment(**variables)
        done = subprocess.run(
            [python or sys.executable, *(before or ["-P", "-m", "codeorch"]), "github", name],
            cwd=folder or self.checkout, env=env, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        self.logs.append(done.stdout + done.stderr)
        self.outputs = read_outputs(Path(env["GITHUB_OUTPUT"]).read_text())
        assert "Traceback" not in self.logs[-1], self.logs[-1]
        return done.returncode

    def environment(self, **variables):
        """Give the variables of a step, with an empty file for its outputs."""
        temp = self.folder / "temp"
        temp.mkdir(exist_ok=True)
        event, output = self.folder / "event.json", self.folder / "output"
        event.write_text(json.dumps(self.event))
        output.write_text("")
        summary = self.folder / "summary"
        return {
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

    # ------------------------------------------------------------------ in this process

    def here(self, name, **variables):
        """Run one step in this process; return its exit code, with `outputs` kept."""
        from codeorch.github import gate, judge, propose, publish
        from codeorch.github.api import Api
        from codeorch.github.step import Step

        env = self.environment(**variables)
        token = load("github_server").TOKEN
        own, other = env.pop("GITHUB_TOKEN", token), env.pop("PUBLISH_TOKEN", "")
        step = Step(variables=env, token=own, publish_token=other)
        api, writer = (
            Api(self.hub.api_url, "acme/shop", one or own, pause=self.pauses.append)
            for one in (own, other)
        )
        code = {
            "gate": lambda: gate.run(step, api),
            "propose": lambda: propose.run(step, self.checkout),
            "test": lambda: judge.run(step, self.checkout),
            "publish": lambda: publish.run(step, api, writer, self.checkout),
        }[name]()
        self.outputs = read_outputs(Path(env["GITHUB_OUTPUT"]).read_text())
        return code

    def gate_here(self, **variables):
        self.here("gate", **variables)
        self.gate_outputs = self.outputs
        return self.outputs["go"] == "true"

    def publish_here(self, proposed="success", tested="success", **variables):
        self.hand_over()
        return self.here(
            "publish", PROPOSED=proposed, TESTED=tested, COMMENT=self.gate_outputs["comment"],
            REQUEST=self.gate_outputs["request"], **variables,
        )  # fmt: skip

    @property
    def request(self):
        from codeorch.github.request import read_request

        return read_request((self.temp / "request.json").read_bytes())

    def offer(self, files, *, status="verified", tests="verified"):
        """Leave a proposal and a verdict as honest jobs would, for a change of these files."""
        from codeorch.github.bundle import changed_files
        from codeorch.github.proposal import Manifest, PlanLine
        from codeorch.github.propose import write_bundle
        from codeorch.github.request import branch_name
        from codeorch.github.test_verdict import TestVerdict, write_verdict

        repo = Repo.open(self.checkout)
        base = repo.resolve("HEAD")
        branch = branch_name(7, self.run_id)
        tree = tree_with(self.checkout, files)
        for name in ("proposal", "verdict"):
            (self.temp / name).mkdir(exist_ok=True)
        bundle = self.temp / "proposal" / "change.bundle"
        head = write_bundle(repo, self.request, tree, branch, bundle)
        plan = tuple(PlanLine(path=p, action="edit", goal="as asked", ending="done") for p in files)
        try:
            rows = tuple(changed_files(repo, base, head))
        except CodeorchError:  # forged ones are described by whoever forges them
            rows = ()
        manifest = Manifest(
            request=self.request.digest, base=base, head=head, tree=tree, branch=branch,
            files=rows, status=status, headline="complete", plan=plan, cost="1 model call",
            cost_usd=0.25,
        )  # fmt: skip
        (self.temp / "proposal" / "manifest.json").write_bytes(manifest.to_json())
        verdict = TestVerdict(
            head=head, status=tests, reason="as the test wants", before="1 passed",
            after="1 passed", regressions=int(tests == "broken"),
        )  # fmt: skip
        write_verdict(self.temp / "verdict", verdict)
        return manifest

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


def tree_with(folder, files):
    """Write the tree of HEAD with files put in: text, None = gone, or (mode, content)."""
    env = {**os.environ, "GIT_INDEX_FILE": str(folder / ".git" / "forged-index")}

    def git(*args, text=None):
        done = subprocess.run(
            ["git", *args], cwd=folder, env=env, input=text, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        return done.stdout.strip()

    git("read-tree", "HEAD")
    for path, content in files.items():
        if content is None:
            git("update-index", "--force-remove", path)
            continue
        mode, text = content if isinstance(content, tuple) else ("100644", content)
        kind = mode == "160000"
        blob = git("rev-parse", "HEAD") if kind else git("hash-object", "-w", "--stdin", text=text)
        git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}")
    return git("write-tree")


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
def project_files():
    return FILES


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
