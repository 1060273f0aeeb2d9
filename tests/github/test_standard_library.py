"""`gate` and `publish` need nothing that has to be installed."""

import subprocess
import sys

BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if root not in sys.stdlib_module_names and root != "codeorch":
            raise ImportError(f"{name} is no part of Python")

sys.meta_path.insert(0, Blocker())
sys.argv = ["codeorch", *sys.argv[1:]]
from codeorch.__main__ import run
run()
"""
BLOCKED = ["-P", "-c", BLOCKER]


def test_the_blocker_blocks():
    code = BLOCKER.replace("from codeorch", "import click\nfrom codeorch")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "click is no part of Python" in done.stderr


def test_gate_and_publish_run_with_every_other_package_blocked(workflow, hub_module):
    token = {"GITHUB_TOKEN": hub_module.TOKEN}
    assert workflow.step("gate", before=BLOCKED, **token) == 0, workflow.logs
    outputs = workflow.outputs
    assert outputs["go"] == "true"
    workflow.offer({"calc/core.py": "x = 1\n"})
    workflow.hand_over()
    code = workflow.step(
        "publish", before=BLOCKED, **token, PROPOSED="success", TESTED="success",
        COMMENT=outputs["comment"], REQUEST=outputs["request"],
    )  # fmt: skip
    assert code == 0, workflow.logs
    assert len(workflow.hub.pulls) == 1


def test_a_folder_full_of_modules_is_not_imported_from(workflow, hub_module, tmp_path):
    """The steps run in the repository: what it calls `json.py` is its own."""
    for name in ("json", "codeorch", "urllib", "sitecustomize", "click"):
        (workflow.checkout / f"{name}.py").write_text("raise SystemExit('imported')\n")
    assert workflow.step("gate", GITHUB_TOKEN=hub_module.TOKEN) == 0
    assert "imported" not in workflow.logs[-1]


def test_a_step_that_is_none_is_named(workflow):
    assert workflow.step("deploy") == 2
    assert "gate,propose,test,publish" in workflow.logs[-1]


def test_a_step_without_its_runner_is_one_line(workflow, hub_module):
    code = workflow.step("gate", GITHUB_TOKEN=hub_module.TOKEN, GITHUB_EVENT_NAME="")
    assert code == 1
    assert "GITHUB_EVENT_NAME is not set" in workflow.logs[-1]
