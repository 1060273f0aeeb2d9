"""What the workflow files must and must not say, read as they are."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github/workflows/codeorch-issue.yml"
ACTIONS = sorted((ROOT / ".github/actions").glob("*/action.yml"))
CALLERS = sorted((ROOT / "docs/how-to").glob("*.yml"))
EVERY = [WORKFLOW, ROOT / ".github/workflows/ci.yml", *ACTIONS, *CALLERS]
PIN = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d[\w.]*")
RUNS_CODE = {"test"}  # the jobs that run code of the repository


def read(file):
    return YAML(typ="safe").load(file.read_text())


def jobs():
    return read(WORKFLOW)["jobs"]


def named(file):
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("name", ["gate", "propose", "test", "publish"])
def test_no_job_holds_two_of_key_write_token_and_code(name):
    job = jobs()[name]
    text = str(job)
    holds = {
        "model key": bool(re.search(r"secrets\.\w*API_KEY", text)),
        "write token": "write" in job["permissions"].values() or "PUBLISH_TOKEN" in text,
        "code of the repository": name in RUNS_CODE,
    }
    assert sum(holds.values()) <= 1, holds


def test_only_one_action_runs_code_of_the_repository():
    """All others call one step of codeorch, in the project's own checkout."""
    for file in ACTIONS:
        scripts = [step["run"] for step in read(file)["runs"]["steps"]]
        calls = re.findall(r"codeorch github (\w+)", "\n".join(scripts))
        assert calls == [file.parent.name]
        assert ("$SETUP" in str(scripts)) == (file.parent.name in RUNS_CODE)
        assert ("pip install" in str(scripts)) == (file.parent.name in ("propose", "test"))


def test_tokens_reach_only_the_jobs_that_have_to_write():
    for name, job in jobs().items():
        given = [step.get("with", {}).get("token") for step in job["steps"]]
        assert any(given) == (name in ("gate", "publish"))


@pytest.mark.parametrize("file", [WORKFLOW, *CALLERS], ids=named)
def test_nothing_is_permitted_that_a_job_does_not_ask_for(file):
    assert read(file)["permissions"] == {}


@pytest.mark.parametrize("file", EVERY, ids=named)
def test_there_is_no_cache_and_no_dangerous_event(file):
    text = file.read_text()
    for word in ("actions/cache", "pull_request_target", "workflow_run", "cache:", "inherit"):
        assert word not in text, word


@pytest.mark.parametrize("file", EVERY, ids=named)
def test_what_is_used_is_pinned_by_commit_and_version(file):
    for line in re.findall(r"uses: *(.+)", file.read_text()):
        assert line.startswith("$/") or PIN.fullmatch(line), line


@pytest.mark.parametrize("file", EVERY, ids=named)
def test_no_expression_stands_in_a_script(file):
    def scripts(node):
        if isinstance(node, dict):
            if isinstance(node.get("run"), str):
                yield node["run"]
            for value in node.values():
                yield from scripts(value)
        elif isinstance(node, list):
            for value in node:
                yield from scripts(value)

    for script in scripts(read(file)):
        assert "${{" not in script


@pytest.mark.parametrize("file", EVERY, ids=named)
def test_expressions_stand_where_they_are_values(file):
    places = {"env", "if", "with", "outputs", "group", "timeout-minutes", "secrets", "value"}

    def check(node, keys):
        if isinstance(node, dict):
            for key, value in node.items():
                check(value, (*keys, str(key)))
        elif isinstance(node, list):
            for value in node:
                check(value, keys)
        elif isinstance(node, str) and "${{" in node and "matrix." not in node:
            assert places & set(keys), keys

    check(read(file), ())


def test_checkouts_keep_no_credentials():
    for job in jobs().values():
        for step in job["steps"]:
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_every_job_ends():
    for job in jobs().values():
        assert "timeout-minutes" in job


def test_the_file_to_copy_is_the_one_in_the_guide():
    guide = (ROOT / "docs/how-to/github.md").read_text()
    assert f"```yaml\n{(ROOT / 'docs/how-to/codeorch.yml').read_text()}```" in guide
    assert len((ROOT / "docs/how-to/codeorch.yml").read_text().splitlines()) <= 28


def test_the_guide_names_every_input_and_output():
    guide = (ROOT / "docs/how-to/github.md").read_text()
    called = read(WORKFLOW)["on"]["workflow_call"]
    for name in (*called["inputs"], *called["outputs"]):
        assert f"`{name}`" in guide, name


def test_the_environment_for_the_jobs_is_pinned_with_hashes():
    lines = (ROOT / ".github/requirements.txt").read_text().splitlines()
    packages = [line for line in lines if re.match(r"\w", line)]
    assert all("==" in line and line.endswith("\\") for line in packages)
    assert len([line for line in lines if "--hash=sha256:" in line]) >= len(packages)


def test_the_environment_for_the_jobs_has_what_the_project_needs():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = (ROOT / ".github/requirements.txt").read_text()
    for need in project["dependencies"]:
        name = re.match(r"[\w-]+", need)[0].lower()
        assert re.search(rf"(?m)^{re.escape(name)}==", pinned), name
