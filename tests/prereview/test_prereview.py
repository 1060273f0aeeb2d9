"""`codeorch prereview` as a user types it, on real branches of real repositories."""

import json
import os
import subprocess
import sys

import pytest

from codeorch.engines import own_checkers

RENAME = {"shop/prices.py": ("read_prices", "load_prices")}
REGION = {"shop/prices.py": ("def rate(amount):", "def rate(amount, region):")}


def files_of(folder):
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_use_of_what_is_gone_is_one_line_with_its_cause(branch, call):
    branch(RENAME)
    code, out, _ = call()
    assert code == 1
    first, last = out.splitlines()
    assert first.startswith("shop/report.py:5  CO101 `read_prices` is `load_prices` now")
    assert first.endswith("  because shop/prices.py:1 changed  (sure)")
    assert last.startswith("1 left behind (1 sure): 1 definition changed, 1 use looked at (main ")


def test_silence_is_one_line_that_names_both_commits(branch, call, shop, run_git):
    branch({"shop/prices.py": ("return amount", "return 2 * amount")})
    code, out, err = call()
    base, head = (run_git(shop.root, "rev-parse", "--short=7", each) for each in ("main", "topic"))
    line = (
        f"Nothing left behind: 0 definitions changed, 0 uses looked at (main {base}..topic {head})"
    )
    assert (code, out, err) == (0, f"{line}\n", "")


def test_a_call_that_does_not_fit_is_named(branch, findings):
    branch(REGION)
    assert ("CO102", "sure", "shop/tax.py", 5) in findings()


def test_an_override_that_was_left_is_named(branch, findings):
    branch({"shop/prices.py": ("def cost(self):", "def price(self):")})
    assert ("CO103", "likely", "shop/tax.py", 9) in findings()


def test_a_document_that_names_what_no_code_has_is_likely(branch, call, findings):
    branch({**RENAME, "shop/report.py": ("read_prices", "load_prices")})
    assert findings() == [("CO104", "likely", "docs/guide.md", 3)]
    line = call()[1].splitlines()[0]
    assert line.startswith("docs/guide.md:3  CO104 `read_prices` is `load_prices` now")
    assert line.endswith("because shop/prices.py:1 changed  (likely)")


def test_a_name_that_code_still_has_or_a_sentence_may_hold_is_a_maybe(branch, findings):
    branch({
        "shop/prices.py": ("def rate(", "def levy("), "shop/tax.py": ("rate", "levy"),
        "docs/more.md": "The `rate` is what you pay.\n",
    })  # fmt: skip
    assert findings("--select", "CO104") == [("CO104", "maybe", "docs/more.md", 1)]


def test_a_removed_definition_has_the_line_where_it_was_as_its_cause(branch, call):
    branch({"shop/prices.py": ("def rate(amount):\n    return amount\n\n\n", "")})
    value = json.loads(call("--json")[1])
    found = next(each for each in value["findings"] if each["path"] == "shop/tax.py")
    assert (found["rule"], found["cause"]) == ("CO101", {"path": "shop/prices.py", "line": 6})


def test_fail_on_says_what_gives_exit_code_1(branch, call):
    branch({"shop/prices.py": ("def cost(self):", "def price(self):")})
    assert [call("--fail-on", level)[0] for level in ("sure", "likely", "never")] == [0, 1, 0]


def test_what_is_not_committed_counts_when_it_is_asked_for(shop, write, run_git, findings):
    run_git(shop.root, "switch", "-q", "-c", "topic")
    write(RENAME)
    assert findings() == []
    assert findings("--staged") == []
    assert findings("--dirty")[0][:3] == ("CO101", "sure", "shop/report.py")
    run_git(shop.root, "add", "-A")
    assert findings("--staged")[0][:3] == ("CO101", "sure", "shop/report.py")


def test_nothing_is_written_but_the_cache(branch, call, shop, run_git):
    branch(RENAME)
    (shop.root / "notes.txt").write_text("unsaved\n")
    run_git(shop.root, "update-index", "--refresh")

    def state():
        files = files_of(shop.root)
        return {p: d for p, d in files.items() if shop.git_dir / "codeorch" not in p.parents}

    before = state()
    call()
    assert state() == before


def test_json_holds_all_of_it(branch, call, shop, run_git):
    branch(RENAME)
    code, out, _ = call("--json")
    value = json.loads(out)
    assert (code, value["exit_code"], value["status"]) == (1, 1, "left_behind")
    assert value["head"] == {"name": "topic", "commit": run_git(shop.root, "rev-parse", "topic")}
    assert value["base"]["commit"] == run_git(shop.root, "rev-parse", "main")
    assert {f["rule"] for f in value["findings"]} == {"CO101", "CO104"}


def test_nothing_to_review_is_no_all_fine(shop, call):
    code, out, _ = call()
    assert code == 0
    assert out.startswith("Nothing to review: main is at ")
    assert json.loads(call("--json")[1])["status"] == "nothing"


@pytest.mark.parametrize(
    "args",
    [("--select", "CO9"), ("--ignore", "E501"), ("--base", "nowhere"), ("--staged", "--dirty")],
)
def test_what_makes_no_sense_is_one_line_and_exit_code_2(branch, call, args):
    branch(RENAME)
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    assert err.count("\n") == 2  # what, and a hint


def test_rules_are_selected_and_ignored_by_their_beginnings(branch, findings):
    branch({**RENAME, "shop/tax.py": ("rate(amount)\n\n\nclass", "rate()\n\n\nclass")})
    rules = lambda *args: {rule for rule, *_ in findings(*args)}  # noqa: E731
    assert rules() == {"CO101", "CO102", "CO104"}
    assert rules("--select", "CO102") == {"CO102"}
    assert rules("--ignore", "CO10", "--select", "ALL") == set()
    assert rules("--select", "CO1,CO4", "--ignore", "CO102") == {"CO101", "CO104"}


def test_a_project_says_what_it_looks_for_and_flags_win(branch, call, findings):
    own = '[tool.codeorch]\nprereview_ignore = ["CO101"]\nprereview_fail_on = "likely"\n'
    branch({**RENAME, "shop/tax.py": ("def cost(", "def price("), "pyproject.toml": own})
    assert "CO101" not in {rule for rule, *_ in findings()}
    assert call()[0] == 0
    assert call("--ignore", "CO2")[0] == 1


# ------------------------------------------------------------------------------- the base


def test_the_upstream_is_the_base_unless_it_is_a_copy_of_the_branch(
    shop, branch, call, run_git, tmp_path
):
    run_git(tmp_path, "clone", "-q", "--bare", str(shop.root), "remote.git")
    run_git(shop.root, "remote", "add", "origin", str(tmp_path / "remote.git"))
    run_git(shop.root, "fetch", "-q", "origin")
    branch(RENAME)
    run_git(shop.root, "push", "-q", "-u", "origin", "topic")
    name = lambda: json.loads(call("--json")[1])["base"]["name"]  # noqa: E731
    assert name() == "origin/main"  # and not origin/topic, which has the whole change
    branch({"shop/tax.py": ("return 2", "return 3")}, "onto")
    run_git(shop.root, "branch", "-q", "--set-upstream-to=topic")
    assert name() == "topic"
    run_git(shop.root, "branch", "-q", "--unset-upstream")
    run_git(shop.root, "update-ref", "-d", "refs/remotes/origin/main")
    run_git(shop.root, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/topic")
    assert name() == "origin/topic"


def test_a_shallow_clone_is_no_all_fine(shop, branch, call, run_git, tmp_path, monkeypatch):
    branch(RENAME)
    run_git(shop.root, "switch", "-q", "main")
    (shop.root / "README.md").write_text("shop\n")
    run_git(shop.root, "add", "-A")
    run_git(shop.root, "commit", "-q", "-m", "more")
    url = shop.root.as_uri()
    for name, args in {"two": ("--no-single-branch",), "one": ("--branch", "topic")}.items():
        run_git(tmp_path, "clone", "-q", "--depth", "1", *args, url, name)
        monkeypatch.chdir(tmp_path / name)
        run_git(tmp_path / name, "switch", "-q", "topic")
        for more in ((), ("--base", "origin/main")):
            code, out, err = call(*more)
            assert (code, out) == (2, ""), name
            assert "git fetch --unshallow" in err


def test_a_pull_request_in_a_workflow_names_its_target(
    shop, branch, call, run_git, tmp_path, monkeypatch
):
    branch({"shop/tax.py": ("return 2", "return 3")}, "release")
    run_git(tmp_path, "clone", "-q", "--bare", str(shop.root), "remote.git")
    run_git(shop.root, "remote", "add", "origin", str(tmp_path / "remote.git"))
    run_git(shop.root, "fetch", "-q", "origin")
    branch(RENAME)
    run_git(shop.root, "switch", "-q", "--detach")
    monkeypatch.setenv("GITHUB_BASE_REF", "release")
    value = json.loads(call("--json")[1])
    assert value["base"]["name"] == "origin/release"
    assert value["head"]["name"] == "HEAD"


def test_an_unrelated_base_is_refused(shop, branch, call, run_git):
    run_git(shop.root, "switch", "-q", "--orphan", "other")
    run_git(shop.root, "commit", "-q", "--allow-empty", "-m", "first")
    code, _, err = call()
    assert code == 2
    assert "there is no merge base of main and HEAD" in err


def test_pre_push_names_both_ends(shop, branch, call, run_git, monkeypatch):
    branch(RENAME)
    before = run_git(shop.root, "rev-parse", "HEAD")
    branch(REGION, "")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", before)
    monkeypatch.setenv("PRE_COMMIT_TO_REF", run_git(shop.root, "rev-parse", "HEAD"))
    run_git(shop.root, "switch", "-q", "main")  # what is pushed need not be what is checked out
    value = json.loads(call("--json")[1])
    assert value["base"]["commit"] == before
    assert {f["rule"] for f in value["findings"]} == {"CO102"}


def test_the_help_text_and_the_command_line_load_nothing_heavy():
    code = (
        "import sys; from codeorch.cli import main; code = main(['prereview', '--help']);"
        "print('loaded:', *sorted(sys.modules)); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "COLUMNS": "100"},
    )  # fmt: skip
    loaded = done.stdout.rpartition("loaded:")[2].split()
    assert "codeorch.cli.prereview" in loaded
    heavy = ("codeorch.prereview", "codeorch.references", "codeorch.llm", "git", "pydantic")
    assert [name for name in heavy if name in loaded] == []


@pytest.mark.skipif(not own_checkers(), reason="no type checker is installed")
def test_a_review_loads_no_client_of_a_model(shop, branch):
    branch(RENAME)
    code = (
        "import sys; from codeorch.cli import main; code = main(['prereview']);"
        "print('loaded:', *sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.rpartition("loaded:")[2].split()
    assert "codeorch.references" in loaded
    heavy = ("anthropic", "openai", "pydantic", "asyncio", "httpx2", "codeorch.pipeline", "rich")
    assert [name for name in heavy if name in loaded] == []
