"""Files that run by themselves, at a terminal: who has asked for them, and what is told."""

import json

import pytest

from codeorch.cli import main
from codeorch.edits import autorun_kind, names_kind, names_path

RUN = [
    "conftest.py", "tests/unit/conftest.py", "Tests/CONFTEST.PY", "pytest.ini", "tox.ini",
    "setup.py", "lib/setup.py", "setup.cfg", "pyproject.toml", "noxfile.py", "package.json",
    "web/package.json", "vite.config.ts", "jest.config.js", "Makefile", "GNUmakefile", "rules.mk",
    "CMakeLists.txt", "build.rs", "Cargo.toml", "build.gradle.kts", "pom.xml", "Rakefile",
    "Dockerfile", "docker-compose.yml", "app.csproj", "spec_helper.rb",
]  # fmt: skip
REST = [
    "src/conftest_helpers.py", "setup.md", "docs/makefile.md", "package.py", "calc/core.py",
    "tests/test_setup.py", "config.json", "makefiles/readme.txt", "compose.py", "builder.py",
]  # fmt: skip
FILES = {
    "calc.py": "def area(w, h):\n    return w * h\n",
    "conftest.py": "from calc import area\n\n\ndef pytest_configure():\n    area(1, 2)\n",
    "Makefile": "all:\n\techo\n",
}


@pytest.mark.parametrize("path", RUN)
def test_what_runs_by_itself_is_known_at_any_depth_and_in_any_case(path):
    assert autorun_kind(path)


@pytest.mark.parametrize("path", REST)
def test_what_is_run_by_somebody_is_not_meant(path):
    assert autorun_kind(path) == ""


@pytest.mark.parametrize(
    ("text", "path", "is_named"),
    [
        ("mend `tests/conftest.py`", "tests/conftest.py", True),
        ("mend tests/conftest.py.", "tests/conftest.py", True),
        ("mend tests/conftest.py", "conftest.py", False),
        ("mend tests/conftest.pyx", "tests/conftest.py", False),
        ("mend xtests/conftest.py", "tests/conftest.py", False),
        ("mend conftest.py", "tests/conftest.py", False),
    ],
)
def test_a_path_is_named_whole(text, path, is_named):
    assert names_path(text, path) is is_named


@pytest.mark.parametrize(
    ("text", "path", "is_named"),
    [
        ("add a fixture for rooms", "tests/conftest.py", True),
        ("add a target `lint` to the makefile", "Makefile", True),
        ("drop the dependency on left-pad", "package.json", True),
        ("add a unit", "conftest.py", False),
        ("add a makeshift unit", "Makefile", False),
    ],
)
def test_a_kind_is_named_by_its_words(text, path, is_named):
    assert names_kind(text, path) is is_named


@pytest.fixture
def apply(make_repo, monkeypatch, capsys, serve, answer, task_of):
    """Run `codeorch apply` with a model that always wants to write conftest.py as well."""

    def run(request, *args, path="conftest.py"):
        repo = make_repo(FILES)
        monkeypatch.chdir(repo.root)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-key-0123456789")
        plans = []

        def brain(asked, _):
            if not (one := task_of(asked)):
                tasks = [{"id": "a", "path": "calc.py", "goal": "g"}]
                if len(plans) < 1 or "--insist" in args:
                    tasks.append({"id": "b", "path": path, "goal": "g"})
                plans.append(asked)
                return answer(tool={"name": "plan", "input": {"rationale": "r", "tasks": tasks}})
            text = FILES[one]
            body = "".join(f"-{line}\n" for line in text.splitlines()[:1])
            body += "".join(f"+{line}  # x\n" for line in text.splitlines()[:1])
            form = {"status": "done", "summary": "s", "reason": "", "paths": []}
            return answer(
                text=f"```diff\n--- a/{one}\n+++ b/{one}\n@@\n{body}```\n",
                tool={"name": "result", "input": form},
            )

        with serve(brain) as api:
            code = main(["apply", request, "--base-url", api.url, "--no-test", "--json", *args])
        record = json.loads(capsys.readouterr().out)
        return code, [file["path"] for file in record["files"]], record, plans

    return run


def test_a_request_that_does_not_name_one_does_not_change_it(apply):
    _, paths, _, plans = apply("add a unit to area")
    assert paths == ["calc.py"]
    assert len(plans) == 2
    assert "runs by itself" in json.dumps(plans[1])


@pytest.mark.parametrize("request_text", ["mend conftest.py", "change a fixture of the tests"])
def test_one_that_is_named_by_path_or_kind_lands_and_is_told(apply, request_text):
    _, paths, record, _ = apply(request_text)
    assert paths == ["calc.py", "conftest.py"]
    assert any("conftest.py runs by itself" in notice for notice in record["notices"])


def test_the_user_can_open_one(apply):
    _, paths, _, _ = apply("add a unit to area", "--allow", "conftest.py")
    assert paths == ["calc.py", "conftest.py"]


def test_a_rule_of_the_user_reaches_it(make_repo, monkeypatch, capsys):
    repo = make_repo(FILES)
    monkeypatch.chdir(repo.root)
    assert main(["apply", "rename function area to surface", "--no-test", "--json"]) in (0, 3)
    record = json.loads(capsys.readouterr().out)
    assert {file["path"] for file in record["files"]} == {"calc.py", "conftest.py"}
    assert any("conftest.py runs by itself" in notice for notice in record["notices"])


def test_a_plan_file_shows_it(make_repo, monkeypatch, capsys, tmp_path):
    repo = make_repo(FILES)
    monkeypatch.chdir(repo.root)
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'request = "x"\n[[tasks]]\nid = "m"\npath = "Makefile"\ngoal = "g"\n'
        "diff = '''\n@@\n-all:\n+all: x\n'''\n"
    )
    code = main(["apply", "--plan", str(plan), "--no-test", "--json"])
    out = capsys.readouterr().out
    assert code == 0, out
    assert [file["path"] for file in json.loads(out)["files"]] == ["Makefile"]
