"""From the label to the draft pull request: all four jobs, as processes, over real HTTP and git."""

import json
import sys

import pytest


def carry_out(workflow, api, **variables):
    assert workflow.gate() == (0, True), workflow.logs
    assert workflow.propose(api.url, **variables) == 0, workflow.logs
    assert workflow.test() == 0, workflow.logs
    return workflow.publish()


@pytest.fixture(autouse=True)
def quick_tests(workflow):
    workflow.inputs["INPUT_TEST_CMD"] = f"{sys.executable} -m pytest -q -p no:cacheprovider"


def test_a_label_becomes_a_draft_pull_request(workflow, serve, unit_brain, run_git):
    hub = workflow.hub
    with serve(unit_brain) as api:
        assert carry_out(workflow, api) == 0, workflow.logs
    assert len(hub.pulls) == 1, (workflow.logs, hub.comments)
    (pull,) = hub.pulls
    (comment,) = hub.comments
    assert pull["draft"]
    assert pull["head"]["ref"] == "codeorch/issue-7-4711"
    assert pull["user"]["login"] == "github-actions[bot]"
    assert f"#{pull['number']}" in comment["body"]
    assert hub.branches == ["codeorch/issue-7-4711"]
    text = hub.git("show", "codeorch/issue-7-4711:calc/core.py")
    assert "unit=1" in text
    for part in ("For #7", "`ada`", "Give `area` a unit.", "calc/room.py", "give area a unit",
                 "before: 1 passed", "after: 1 passed", "Cost:", "Approve and run"):  # fmt: skip
        assert part in pull["body"], part
    for part in ("2 of 2 tasks done", "Expected of its workers", "before: 1 passed"):
        assert part in comment["body"], part
    assert workflow.outputs["outcome"] == "draft"
    assert workflow.outputs["pr-url"] == pull["html_url"]
    assert workflow.outputs["regressions"] == "0"


def test_neither_key_nor_token_is_left_anywhere(workflow, serve, unit_brain, key, hub_module):
    with serve(unit_brain) as api:
        carry_out(workflow, api)
    places = [*workflow.logs, *(one["body"] for one in workflow.hub.comments + workflow.hub.pulls)]
    files = [file for file in workflow.temp.rglob("*") if file.is_file()]
    places += [file.read_bytes().decode("utf-8", "replace") for file in files]
    for secret in (key, hub_module.TOKEN):
        shown = [place for place in places if secret in place.replace(f"::add-mask::{secret}", "")]
        assert shown == []


def test_the_manifest_is_what_the_bundle_holds(workflow, serve, unit_brain, run_git):
    with serve(unit_brain) as api:
        assert workflow.gate() == (0, True)
        workflow.propose(api.url)
    manifest = json.loads((workflow.temp / "proposal" / "manifest.json").read_text())
    assert [file["path"] for file in manifest["files"]] == ["calc/core.py", "calc/room.py"]
    assert manifest["base"] == run_git(workflow.checkout, "rev-parse", "HEAD")
    assert (workflow.temp / "proposal" / "change.bundle").stat().st_size > 100
