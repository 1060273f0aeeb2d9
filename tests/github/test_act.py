"""The real workflow, run by `act` on this machine: no container, no network, our own GitHub.

`act` is no hosted runner: it enforces neither permissions nor environments nor concurrency. What
it does not know yet is written in words that it knows: `$/` (the workflow's own repository at the
running commit) as one of that name, and `cache-mode` is left out.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
STUBS = {
    "actions/checkout": """
        git clone -q --no-hardlinks "$REMOTE_FOLDER" "$IN_PATH"
        git -C "$IN_PATH" remote remove origin
    """,
    "actions/upload-artifact": """
        mkdir -p "$ARTIFACTS/$IN_NAME"
        if [ -e "$IN_PATH" ]; then cp -r "$IN_PATH" "$ARTIFACTS/$IN_NAME/"; fi
    """,
    # A single file or the contents of a folder, as the real ones pack them.
    "actions/download-artifact": """
        mkdir -p "$IN_PATH"
        for part in "$ARTIFACTS/$IN_NAME"/*; do
          if [ -d "$part" ]; then cp -r "$part/." "$IN_PATH"; else cp "$part" "$IN_PATH"; fi
        done
    """,
}


COMMIT = "c0de" * 10  # in place of the running commit


def program(name):
    """Name a program that has to be there: its absence is a failure, not a skip."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    assert found, f"{name} is not installed"
    return found


@pytest.fixture
def act(make_workflow, tmp_path, key, hub_module):
    """Give a function that runs the caller's file with an event, and what it needs."""
    workflow = make_workflow()
    place = tmp_path / "act"
    files = place / ".github" / "workflows"
    files.mkdir(parents=True)
    real = (ROOT / ".github/workflows/codeorch-issue.yml").read_text()
    real = re.sub(r"uses: \$/(\S+)", rf"uses: codeorch/codeorch/\1@{COMMIT}", real)
    files.joinpath("codeorch-issue.yml").write_text(re.sub(r"(?m)^cache-mode:.*\n", "", real))
    own = tmp_path / "own"
    own.mkdir()
    shutil.copy(ROOT / "action.yml", own)
    for name in (".github", "src"):
        shutil.copytree(ROOT / name, own / name, ignore=shutil.ignore_patterns("__pycache__"))
    arguments = _local("codeorch/codeorch", COMMIT, own)
    for name, script in STUBS.items():
        (pin,) = set(re.findall(rf"{name}@([0-9a-f]{{40}})", real))
        stub = tmp_path / "stubs" / name
        stub.mkdir(parents=True)
        stub.joinpath("action.yml").write_text(_stub(script))
        arguments += _local(name, pin, stub)

    def run(caller="codeorch.yml", event="issues", secret=key, file="", **variables):
        if caller:
            write_caller(caller)
        return start(file or caller, event, secret, variables)

    def write_caller(caller):
        text = (ROOT / "docs/how-to" / caller).read_text()
        text = re.sub(r"uses: codeorch/codeorch/(\S+)@0{40}.*", r"uses: ./\1", text)
        text = re.sub(r"(?m)^cache-mode:.*\n|^  queue:.*\n", "", text)
        text = text.replace("    secrets:", "      base-url: ${{ vars.BASE_URL }}\n"
                            "      test-cmd: ${{ vars.TEST_CMD }}\n    secrets:")  # fmt: skip
        files.joinpath(caller).write_text(text)

    def start(caller, event, secret, variables):
        subprocess.run(["git", "init", "-q", "-b", "main"], cwd=place, check=True)
        subprocess.run(["git", "add", "-A"], cwd=place, check=True)
        subprocess.run(["git", "commit", "-q", "-m", "x"], cwd=place, check=True)
        event_file = tmp_path / "event.json"
        event_file.write_text(json.dumps(workflow.event))
        secrets = tmp_path / "secrets"
        secrets.write_text(f"ANTHROPIC_API_KEY={secret}\nGITHUB_TOKEN={hub_module.TOKEN}\n")
        env = {
            "GITHUB_API_URL": workflow.hub.api_url, "GITHUB_SERVER_URL": workflow.hub.url,
            "GITHUB_REPOSITORY": "acme/shop", "GITHUB_RUN_ID": "4711",
            "GITHUB_TRIGGERING_ACTOR": workflow.actor, "CODEORCH_PYTHON": sys.executable,
            "REMOTE_FOLDER": str(workflow.hub.remote), "ARTIFACTS": str(tmp_path / "artifacts"),
            **variables.pop("env", {}),
        }  # fmt: skip
        done = subprocess.run(
            [program("act"), event, "-e", str(event_file), "-W", f".github/workflows/{caller}",
             "-P", "ubuntu-24.04=-self-hosted", "--no-cache-server", "--no-skip-checkout",
             "--secret-file", str(secrets),
             *(part for name, value in env.items() for part in ("--env", f"{name}={value}")),
             *(part for name, value in variables.items() for part in ("--var", f"{name}={value}")),
             *arguments],
            cwd=place, capture_output=True, text=True, timeout=300, check=False,
            env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"],
                 "XDG_CACHE_HOME": str(tmp_path / "cache"), "GIT_CONFIG_GLOBAL": os.devnull},
        )  # fmt: skip
        workflow.logs.append(done.stdout + done.stderr)
        return done.returncode

    run.workflow = workflow
    run.real = real
    run.artifacts = tmp_path / "artifacts"
    return run


def _local(name, commit, folder):
    """Give what makes `act` read an action from a folder of this machine."""
    names = (name, f"https://github.com/{name}")
    return [part for one in names for part in ("--local-repository", f"{one}@{commit}={folder}")]


def _stub(script):
    body = "\n".join(" " * 8 + line.strip() for line in script.strip().splitlines())
    return f"""name: stub
description: stub
inputs:
  name: {{description: name, required: false, default: ""}}
  path: {{description: path, required: false, default: ""}}
runs:
  using: composite
  steps:
    - shell: bash
      env:
        IN_NAME: ${{{{ inputs.name }}}}
        IN_PATH: ${{{{ inputs.path }}}}
      run: |
        set -u
{body}
"""


TEST_CMD = f"{sys.executable} -m pytest -q -p no:cacheprovider"


def test_a_label_becomes_a_draft_pull_request(act, serve, unit_brain, key, hub_module):
    hub = act.workflow.hub
    hub.issue["title"] = 'Take the `unit`; $(touch /tmp/owned) "into" account && `id`'
    act.workflow.label()
    with serve(unit_brain) as api:
        code = act(BASE_URL=api.url, TEST_CMD=TEST_CMD)
    log = act.workflow.logs[-1]
    assert code == 0, log
    (pull,) = hub.pulls
    assert pull["draft"]
    assert "after: 1 passed" in pull["body"]
    assert hub.branches == ["codeorch/issue-7-4711"]
    assert len(hub.comments) == 1
    assert f"#{pull['number']}" in hub.comments[0]["body"]
    for secret in (key, hub_module.TOKEN):
        assert secret not in log
    assert sorted(path.name for path in act.artifacts.iterdir()) == [
        "proposal-1", "request-1", "verdict-1",
    ]  # fmt: skip


def test_a_model_that_fails_is_told_in_the_comment(act, serve, answer):
    def brain(request, _):
        return answer(status=401, kind="authentication_error", message="invalid x-api-key")

    with serve(brain) as api:
        code = act(BASE_URL=api.url, TEST_CMD=TEST_CMD)
    assert code == 0, act.workflow.logs[-1]
    (comment,) = act.workflow.hub.comments
    assert "No pull request" in comment["body"]
    assert act.workflow.hub.pulls == []
    assert act.workflow.hub.branches == []


def test_a_comment_asks_for_a_plan_alone(act, serve, unit_brain):
    act.workflow.comment("/codeorch plan")
    with serve(unit_brain) as api:
        code = act("codeorch-comment.yml", "issue_comment", BASE_URL=api.url, TEST_CMD=TEST_CMD)
    assert code == 0, act.workflow.logs[-1]
    (comment,) = act.workflow.hub.comments
    assert "give area a unit" in comment["body"]
    assert act.workflow.hub.pulls == []


def test_who_may_not_ask_costs_nothing(act, serve, unit_brain):
    act.workflow.label("tess")
    with serve(unit_brain) as api:
        code = act(BASE_URL=api.url)
    assert code == 0, act.workflow.logs[-1]
    assert api.requests == []
    assert act.workflow.hub.comments == []
    assert act.workflow.hub.reactions == ["-1"]


def test_the_one_job_action_hands_out_branch_and_report(act, tmp_path):
    """action.yml at the root: a rule, under an identity of its own, without a model."""
    caller = tmp_path / "act" / ".github" / "workflows" / "one.yml"
    checkout = re.search(r"actions/checkout@[0-9a-f]{40}", act.real)[0]
    caller.write_text(f"""on: workflow_dispatch
permissions: {{}}
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - uses: {checkout}
        with:
          path: .
      - id: codeorch
        uses: codeorch/codeorch@{COMMIT}
        with:
          request: rename function area to surface
          test_cmd: {TEST_CMD}
      - env:
          BRANCH: ${{{{ steps.codeorch.outputs.branch }}}}
          REPORT: ${{{{ steps.codeorch.outputs.report }}}}
        run: |
          git log -1 --format='by %an: %s' "$BRANCH"
          grep -c '"run"' "$REPORT"
          git push -q "$REMOTE_FOLDER" "$BRANCH"
""")
    act.workflow.dispatch()
    assert act(caller="", event="workflow_dispatch", file="one.yml") == 0, act.workflow.logs[-1]
    (branch,) = act.workflow.hub.branches
    assert "def surface" in act.workflow.hub.git("show", f"{branch}:calc/core.py")
    log = act.workflow.logs[-1]
    assert "by codeorch: " in log
    assert f"git push origin {branch}" in log


def test_a_job_that_dies_stops_what_comes_after(act, serve, unit_brain):
    """The job that writes is killed; nothing is pushed, and the comment says so."""
    env = {"CODEORCH_PYTHON": "/nowhere/python"}
    with serve(unit_brain) as api:
        code = act(BASE_URL=api.url, TEST_CMD=TEST_CMD, env=env)
    assert code != 0
    assert act.workflow.hub.pulls == []
    assert act.workflow.hub.branches == []
    (comment,) = act.workflow.hub.comments
    assert "the job that writes the change ended as: failure" in comment["body"]
