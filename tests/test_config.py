import pytest

from codeorch.config import Settings, load_settings
from codeorch.domain import WorkerKind
from codeorch.errors import UserError


def test_flags_win_over_the_project_and_the_project_over_the_user(tmp_path):
    user = tmp_path / "config.toml"
    user.write_text('worker_model = "from-user"\nplanner_model = "from-user"\nmax-tasks = 9\n')
    (tmp_path / "pyproject.toml").write_text('[tool.codeorch]\nworker-model = "from-project"\n')
    settings = load_settings(tmp_path, user, {"max_parallel": 3})
    assert settings == Settings(
        worker_model="from-project", planner_model="from-user", max_tasks=9, max_parallel=3
    )


@pytest.mark.parametrize(
    "line",
    [
        'base_url = "https://evil.example"',
        "unsafe_tests = true",
        "test_network = true",
        'allow = [".github/workflows/ci.yml"]',
        "max_tasks = 1000",
    ],
)
def test_a_repository_cannot_loosen_what_protects_the_user(tmp_path, line):
    (tmp_path / ".codeorch.toml").write_text(line)
    with pytest.raises(UserError, match="cannot be set by a repository"):
        load_settings(tmp_path, tmp_path / "none.toml", {})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no_such = 1", "unknown setting"),
        ('max_tasks = "many"', "must be a int"),
        ("max_tasks = 0", "max_tasks must be at least 1"),
        ("look_ups = -1", "look_ups must be at least 0"),
        ("look_ups = true", "must be a int"),
        ("task_timeout_s = -1", "above 0"),
        ("[broken", "cannot be read"),
        ("workers = 1", "must be tables"),
        ("[workers.x]\ndescription = 'd'", "lacks a description or instructions"),
        ("[workers.x]\ndescription = 'd'\ninstructions = 'i'\nshell = 'sh'", "'shell'"),
        ("[workers.x]\ndescription = 'd'\ninstructions = 'i'\neffort = 'lots'", "'lots'"),
        ("[workers.x]\ndescription = 'd'\ninstructions = 'i'\ntimeout_s = 0", "above 0"),
        ('retry_ladder = ["prayer"]', "no change for a retry"),
    ],
)
def test_a_faulty_user_file_is_explained(tmp_path, line, said):
    user = tmp_path / "config.toml"
    user.write_text(line)
    with pytest.raises(UserError, match=said):
        load_settings(tmp_path, user, {})


def test_a_model_class_is_looked_up_and_a_name_kept():
    settings = Settings(worker_model="w", planner_model="p", cheap_model="c")
    assert [settings.model(m) for m in ("planner", "worker", "cheap", "other")] == [
        "p",
        "w",
        "c",
        "other",
    ]


def test_kinds_of_worker_add_up_and_the_project_wins(tmp_path):
    user = tmp_path / "config.toml"
    kind = "description = 'd'\ninstructions = '{}'\ntimeout_s = 60\n"
    user.write_text("[workers.'My Own']\n" + kind.format("mine"))
    (tmp_path / "pyproject.toml").write_text(
        "[tool.codeorch.workers.'my own']\n" + kind.format("ours")
        + "[tool.codeorch.workers.other]\n" + kind.format("o")
    )  # fmt: skip
    found = load_settings(tmp_path, user, {}).workers
    assert found == {
        "my own": WorkerKind(description="d", instructions="ours", timeout_s=60.0),
        "other": WorkerKind(description="d", instructions="o", timeout_s=60.0),
    }
