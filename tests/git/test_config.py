"""What git's configuration says, as git itself reads it."""

import os

import pytest

from codeorch.errors import UserError


@pytest.mark.parametrize(
    ("name", "kind", "rows", "value"),
    [
        ("user.name", "", '[user]\n\tname = "Ada # 1" # she\n', "Ada # 1"),
        ("user.name", "", "[user]\n\tname = a\n\tname = b\n", "b"),
        ("USER.Name", "", "[user]\n\tname =\n", ""),
        ("user.name", "", '[user]\n\tname = "a\\nb"\n', "a\nb"),
        ("commit.gpgSign", "bool", "[commit]\n\tgpgSign\n", "true"),
        ("commit.gpgSign", "bool", "[commit]\n\tgpgSign = off\n", "false"),
        ("core.hooksPath", "path", "[core]\n\thooksPath = ~/hooks\n", "{home}/hooks"),
        ("core.pager", "", "", None),
        ("core.hooksPath", "", "", None),
    ],
    ids=["quoted", "the last counts", "empty", "two lines", "a bare name is true", "off",
         "home", "unset", "unset, though we set it ourselves"],
)  # fmt: skip
def test_a_setting_is_what_git_itself_makes_of_it(make_repo, name, kind, rows, value):
    repo = make_repo({"a": "x"})
    with (repo.git_dir / "config").open("a") as file:
        file.write(rows)
    expected = value and value.format(home=os.environ["HOME"])
    assert repo.config_value(name, kind) == expected


def test_settings_of_the_user_and_of_the_environment_count(
    make_repo, run_git, monkeypatch, tmp_path
):
    repo = make_repo({"a": "x"})
    (tmp_path / "gitconfig").write_text("[user]\n\tsigningKey = mine\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    assert repo.config_value("user.signingKey") == "mine"
    run_git(repo.root, "config", "user.signingKey", "the project's")
    assert repo.config_value("user.signingKey") == "the project's"
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.signingKey")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "this time")
    assert repo.config_value("user.signingKey") == "this time"
    entries = [(entry.scope, entry.value) for entry in repo.config_entries(r"^user\.signingkey$")]
    assert entries == [("global", "mine"), ("local", "the project's"), ("command", "this time")]


def test_a_setting_that_git_cannot_read_is_said(make_repo, run_git):
    repo = make_repo({"a": "x"})
    run_git(repo.root, "config", "commit.gpgSign", "perhaps")
    with pytest.raises(UserError, match=r"git cannot read commit\.gpgSign: bad boolean"):
        repo.config_value("commit.gpgSign", "bool")
