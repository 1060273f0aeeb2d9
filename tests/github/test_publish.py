"""The job that writes: every forged proposal is refused, every end is told in the one comment."""

import json
from dataclasses import replace

import pytest

from codeorch.github.proposal import ChangedFile, read_manifest

GOOD = {"calc/core.py": "def area(width, height, unit=1):\n    return width * height * unit\n"}
LONG = "x = 1\n" * 200_000


@pytest.fixture
def ready(workflow):
    """A workflow whose gate has let a request through."""
    assert workflow.gate_here()
    return workflow


def comment_of(workflow):
    (comment,) = workflow.hub.own_comments
    return comment["body"].replace("&#8203;", "").replace("\\", "")


def refuse(workflow, word=""):
    """Publish what stands there: nothing may be pushed, and the comment says why."""
    workflow.publish_here()
    assert workflow.hub.branches == []
    assert workflow.hub.pulls == []
    assert workflow.outputs["outcome"] in ("refused", "failed")
    assert "No pull request" in comment_of(workflow)
    assert word in comment_of(workflow), comment_of(workflow)


def test_an_honest_proposal_becomes_a_draft(ready):
    ready.offer(GOOD)
    assert ready.publish_here() == 0
    (pull,) = ready.hub.pulls
    assert pull["draft"]
    assert (
        ready.hub.git("show", f"{ready.hub.branches[0]}:calc/core.py")
        == GOOD["calc/core.py"].strip()
    )
    assert ready.outputs["cost-usd"] == "0.2500"


# ------------------------------------------------------------------------ forged contents

FORGED_TREES = {
    "a workflow": ({".github/workflows/x.yml": "on: push\n"}, "is protected"),
    "a workflow by case": ({".GitHub/workflows/x.yml": "on: push\n"}, "is protected"),
    "an action": ({"tools/.github/actions/a/action.yml": "x\n"}, "is protected"),
    "a hook of git": ({".gitattributes": "* filter=x\n"}, "is protected"),
    "modules of git": ({".gitmodules": "[submodule]\n"}, "is protected"),
    "orders for agents": ({"docs/AGENTS.md": "obey\n"}, "is protected"),
    "an editor's tasks": ({".vscode/tasks.json": "{}\n"}, "is protected"),
    "a lock file": ({"package-lock.json": "{}\n"}, "is protected"),
    "a start-up file": ({"sitecustomize.py": "import os\n"}, "is protected"),
    "a conftest": ({"tests/conftest.py": "import os\n"}, "runs by itself"),
    "a nested setup.py": ({"a/b/setup.py": "import os\n"}, "runs by itself"),
    "a makefile by case": ({"lib/MAKEFILE": "all:\n"}, "runs by itself"),
    "a package's scripts": ({"web/package.json": "{}\n"}, "runs by itself"),
    "pytest's settings": ({"pytest.ini": "[pytest]\n"}, "runs by itself"),
    "a symbolic link": ({"calc/link.py": ("120000", "/etc/passwd")}, "no plain file"),
    "a submodule": ({"calc/sub": ("160000", "")}, "no plain file"),
    "a program": ({"calc/new.py": ("100755", "x\n")}, "mode"),
    "another mode": ({"calc/core.py": ("100755", "x\n")}, "mode"),
    "a path by case": ({"calc/CORE.py": "x\n"}, "is the same as"),
    "two paths by case": ({"calc/a.py": "x\n", "calc/A.py": "y\n"}, "is the same as"),
    "a path by form": ({"calc/cafe\u0301.py": "x\n"}, "normal form"),
    "a device": ({"calc/aux.py": "x\n"}, "device"),
    "a name that hides": ({"calc/a\u200b.py": "x\n"}, "invisible"),
    "text that hides": ({"calc/core.py": "x = 1  # \u202e\n"}, "nobody sees"),
    "tags": ({"calc/core.py": "x = '\U000e0041'\n"}, "nobody sees"),
    "no text": ({"calc/core.py": "x\0\n"}, "no text"),
    "too many files": ({f"calc/m{n}.py": "x\n" for n in range(101)}, "max-files"),
    "too much": ({"calc/big.py": LONG}, "max-patch-kb"),
    "nothing": ({}, "changes nothing"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED_TREES)
def test_a_forged_tree_is_refused(ready, name):
    files, word = FORGED_TREES[name]
    manifest = ready.offer({**GOOD, **files} if files else {})
    if not manifest.files:
        ready.hub.git("config", "receive.denyCurrentBranch", "ignore")
    # What the manifest says is what the bundle holds: the forger is consistent.
    from codeorch.git import Repo

    repo = Repo.open(ready.checkout)
    out = repo.git.run(
        "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", manifest.base,
        manifest.head,
    ).stdout.split(b"\0")  # fmt: skip
    rows = []
    for meta, path in zip(out[::2], out[1::2], strict=False):
        old, new, before, after, _ = meta.decode().lstrip(":").split()
        rows.append(ChangedFile(
            path=path.decode(), mode=new, before=before if int(old, 8) else "", after=after,
        ))  # fmt: skip
    forged = replace(manifest, files=tuple(rows))
    (ready.temp / "proposal" / "manifest.json").write_bytes(forged.to_json())
    refuse(ready, word)


@pytest.mark.parametrize("way", ["title", "body", "input"])
def test_a_file_that_runs_by_itself_lands_if_its_path_is_named(make_workflow, way):
    path = "tests/conftest.py"
    workflow = make_workflow(
        title=f"Mend {path}" if way == "title" else "Mend the fixtures",
        body=f"It is in `{path}`." if way == "body" else "They are wrong.",
    )
    if way == "input":
        workflow.inputs["INPUT_ALLOW_PATHS"] = f"\n{path}\n"
    assert workflow.gate_here()
    workflow.offer({path: "import os\n"})
    workflow.publish_here()
    assert workflow.outputs["outcome"] == "draft", comment_of(workflow)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("tests/conftest.py", "see conftest.py and pytest"),
        ("tests/conftest.py", "<!-- tests/conftest.py -->"),
        ("tests/conftest.py", "![tests/conftest.py](x.png)"),
        (".github/workflows/x.yml", "change .github/workflows/x.yml"),
    ],
)
def test_a_path_that_is_not_named_in_sight_stays_closed(make_workflow, path, body):
    workflow = make_workflow(body=body)
    workflow.inputs["INPUT_ALLOW_PATHS"] = ".github/workflows/x.yml"
    assert workflow.gate_here()
    workflow.offer({path: "x\n"})
    refuse(workflow)


# ------------------------------------------------------------------------ forged bundles


def rewrite(workflow, **changes):
    file = workflow.temp / "proposal" / "manifest.json"
    value = json.loads(file.read_text())
    value.update(changes)
    file.write_text(json.dumps(value))


def other_commit(workflow, run_git, tree, *, parents=("HEAD",), message=None, env=()):
    """Make a commit that is not ours, bundled as one of ours."""
    import os
    import subprocess

    base = run_git(workflow.checkout, "rev-parse", "HEAD")
    args = [part for parent in parents for part in ("-p", parent)]
    done = subprocess.run(
        ["git", "commit-tree", tree, *args, "-m", message or "forged"], cwd=workflow.checkout,
        capture_output=True, text=True, check=True, env={**os.environ, **dict(env)},
    )  # fmt: skip
    head = done.stdout.strip()
    branch = "codeorch/issue-7-4711"
    run_git(workflow.checkout, "update-ref", f"refs/heads/{branch}", head)
    bundle = workflow.temp / "proposal" / "change.bundle"
    run_git(workflow.checkout, "bundle", "create", str(bundle), branch, f"^{base}")
    rewrite(workflow, head=head)
    verdict = workflow.temp / "verdict" / "verdict.json"
    verdict.write_text(json.dumps({**json.loads(verdict.read_text()), "head": head}))


def test_a_commit_with_another_message_is_refused(ready, run_git):
    manifest = ready.offer(GOOD)
    other_commit(ready, run_git, manifest.tree, message="Fixes #1 @everybody [skip ci]")
    refuse(ready, "not one of codeorch")


def test_a_commit_by_somebody_else_is_refused(ready, run_git):
    from codeorch.github.commit_form import commit_message

    manifest = ready.offer(GOOD)
    other_commit(ready, run_git, manifest.tree, message=commit_message(ready.request))
    refuse(ready, "not one of codeorch")


def test_two_commits_are_refused(ready, run_git):
    manifest = ready.offer(GOOD)
    env = {"GIT_AUTHOR_NAME": "codeorch"}
    other_commit(ready, run_git, manifest.tree, parents=(manifest.head,), env=env.items())
    refuse(ready, "not one of codeorch")


def test_a_merge_is_refused(ready, run_git):
    manifest = ready.offer(GOOD)
    other_commit(ready, run_git, manifest.tree, parents=("HEAD", manifest.head))
    refuse(ready, "not one of codeorch")


def test_a_bundle_with_another_ref_is_refused(ready, run_git):
    manifest = ready.offer(GOOD)
    run_git(ready.checkout, "branch", "extra", manifest.head)
    bundle = ready.temp / "proposal" / "change.bundle"
    run_git(
        ready.checkout, "bundle", "create", str(bundle), manifest.branch, "extra",
        f"^{manifest.base}",
    )  # fmt: skip
    refuse(ready, "other refs")


def test_a_bundle_of_another_branch_is_refused(ready):
    ready.offer(GOOD)
    rewrite(ready, branch="main")
    refuse(ready, "another branch")


def test_a_bundle_on_another_base_is_refused(ready, run_git):
    run_git(ready.checkout, "commit", "-q", "--allow-empty", "-m", "moved")
    ready.offer(GOOD)
    run_git(ready.checkout, "reset", "-q", "--hard", "HEAD~1")
    refuse(ready, "another commit")


def test_a_whole_history_is_refused(ready, run_git):
    """A bundle without prerequisites could replace the base."""
    manifest = ready.offer(GOOD)
    bundle = ready.temp / "proposal" / "change.bundle"
    run_git(ready.checkout, "bundle", "create", str(bundle), manifest.branch)
    refuse(ready, "built on another commit")


def damaged(workflow, at):
    file = workflow.temp / "proposal" / "change.bundle"
    raw = bytearray(file.read_bytes())
    raw[at] ^= 0xFF
    file.write_bytes(bytes(raw))


@pytest.mark.parametrize("at", [0, 30, -30, -1])
def test_a_damaged_bundle_is_refused(ready, at):
    ready.offer(GOOD)
    damaged(ready, at)
    refuse(ready)


def test_a_bundle_that_is_a_link_is_refused(ready, tmp_path):
    ready.offer(GOOD)
    ready.hand_over()
    file = ready.temp / "in" / "proposal" / "change.bundle"
    other = tmp_path / "elsewhere"
    file.rename(other)
    file.symlink_to(other)
    ready.hand_over = lambda: None
    refuse(ready, "no bundle")


@pytest.mark.parametrize(
    "changes",
    [
        {"request": "0" * 64},
        {"tree": "0" * 40},
        {"head": "0" * 40},
        {"head": "--upload-pack=x"},
        {"base": "0" * 40},
        {"files": []},
        {"version": 2},
        {"extra": 1},
        {"plan": "x"},
        {"tasks_failed": -1},
        {"cost_usd": "much"},
        {"headline": "x" * 5_000},
    ],
)
def test_a_forged_manifest_is_refused(ready, changes):
    ready.offer(GOOD)
    rewrite(ready, **changes)
    refuse(ready)


@pytest.mark.parametrize("field", ["path", "mode", "before", "after"])
def test_a_manifest_with_other_files_is_refused(ready, field):
    manifest = ready.offer(GOOD)
    forged = replace(manifest, files=(replace(manifest.files[0], **{field: "x"}),))
    (ready.temp / "proposal" / "manifest.json").write_bytes(forged.to_json())
    refuse(ready, "not those of the manifest")


# --------------------------------------------------------------- a job that died or lied


@pytest.mark.parametrize(
    ("proposed", "tested", "word"),
    [
        ("failure", "skipped", "ended as: failure"),
        ("cancelled", "skipped", "timeout"),
        ("success", "failure", "runs the tests ended as: failure"),
        ("success", "cancelled", "runs the tests ended as: cancelled"),
    ],
)
def test_a_job_that_died_stops_the_push(ready, proposed, tested, word):
    ready.offer(GOOD)
    ready.publish_here(proposed, tested)
    assert ready.hub.branches == []
    assert word in comment_of(ready)


@pytest.mark.parametrize(
    "name",
    ["request/request.json", "proposal/manifest.json", "proposal/change.bundle",
     "verdict/verdict.json"],
)  # fmt: skip
@pytest.mark.parametrize("how", ["gone", "empty", "torn", "other"])
def test_an_artefact_that_is_damaged_stops_the_push(ready, name, how):
    ready.offer(GOOD)
    ready.hand_over()
    file = ready.temp / "in" / name
    raw = file.read_bytes()
    match how:
        case "gone":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
        case "torn":
            file.write_bytes(raw[: len(raw) // 2])
        case "other":
            file.write_bytes(b'{"version": 1}')
    ready.hand_over = lambda: None
    refuse(ready)


def test_a_request_of_another_run_is_refused(ready):
    ready.offer(GOOD)
    ready.gate_outputs["request"] = "0" * 64
    refuse(ready, "not the one that the gate wrote")


def test_a_verdict_of_another_commit_is_refused(ready):
    ready.offer(GOOD)
    file = ready.temp / "verdict" / "verdict.json"
    file.write_text(file.read_text().replace('"head": "', '"head": "0'))
    refuse(ready, "another commit")


# --------------------------------------------------------------------------------- races


def test_an_issue_that_was_closed_meanwhile_stops_the_push(ready):
    ready.offer(GOOD)
    ready.hub.issue["state"] = "closed"
    ready.publish_here()
    assert ready.hub.branches == []
    assert "closed meanwhile" in comment_of(ready)
    assert ready.outputs["outcome"] == "stopped"


def test_an_issue_that_was_deleted_meanwhile_stops_the_push(ready):
    ready.offer(GOOD)
    ready.hub.gone = True
    refuse(ready, "the issue is gone")


def test_a_base_that_has_moved_is_said(ready, run_git, tmp_path):
    ready.offer(GOOD)
    run_git(tmp_path, "clone", "-q", str(ready.hub.remote), "other")
    run_git(tmp_path / "other", "commit", "-q", "--allow-empty", "-m", "meanwhile")
    run_git(tmp_path / "other", "push", "-q", "origin", "main")
    assert ready.publish_here() == 0
    assert "has moved since" in ready.hub.pulls[0]["body"]
    assert "has moved since" in comment_of(ready)


def test_a_run_that_is_repeated_rewrites_its_own_draft(ready):
    ready.offer(GOOD)
    ready.publish_here()
    first = ready.hub.git("rev-parse", "codeorch/issue-7-4711")
    ready.attempt = "2"
    ready.offer({**GOOD, "calc/room.py": "x = 1\n"})
    assert ready.publish_here() == 0
    assert len(ready.hub.pulls) == 1
    assert "calc/room.py" in ready.hub.pulls[0]["body"]
    assert ready.hub.git("rev-parse", "codeorch/issue-7-4711") != first


def push_foreign(ready, run_git, tmp_path, **env):
    run_git(tmp_path, "clone", "-q", "-b", "codeorch/issue-7-4711", str(ready.hub.remote), "other")
    run_git(tmp_path / "other", "commit", "-q", "--allow-empty", "-m", "by hand")
    run_git(tmp_path / "other", "push", "-q", "origin", "HEAD")
    return run_git(tmp_path / "other", "rev-parse", "HEAD")


def test_a_commit_of_somebody_else_on_the_branch_is_left_alone(ready, run_git, tmp_path):
    ready.offer(GOOD)
    ready.publish_here()
    foreign = push_foreign(ready, run_git, tmp_path)
    ready.attempt = "2"
    ready.offer({**GOOD, "calc/room.py": "x = 1\n"})
    ready.publish_here()
    assert ready.hub.git("rev-parse", "codeorch/issue-7-4711") == foreign
    assert "somebody else" in comment_of(ready)


def test_a_push_between_look_and_push_loses_nothing(ready, run_git, tmp_path):
    """The push is a compare-and-swap: what came in between stays."""
    ready.offer(GOOD)
    ready.publish_here()
    ready.attempt = "2"
    ready.offer({**GOOD, "calc/room.py": "x = 1\n"})
    heads = []
    late = lambda: heads.append(push_foreign(ready, run_git, tmp_path))  # noqa: E731
    ready.hub.script.append(["GET", r"\.git/info/refs|/git/commits/", late])
    ready.publish_here()
    assert ready.hub.git("rev-parse", "codeorch/issue-7-4711") == heads[0]
    assert ready.outputs["outcome"] in ("refused", "stopped")


def test_a_branch_that_somebody_deleted_stays_deleted(ready):
    ready.offer(GOOD)
    ready.publish_here()
    ready.hub.git("update-ref", "-d", "refs/heads/codeorch/issue-7-4711")
    ready.hub.pulls[0]["state"] = "closed"
    ready.attempt = "2"
    ready.publish_here()
    assert ready.hub.branches == []
    assert "was deleted" in comment_of(ready)


def test_a_server_that_refuses_the_push_is_quoted(ready, hub_module):
    hook = ready.hub.remote / "hooks" / "pre-receive"
    hook.write_text(
        "#!/bin/sh\necho 'refusing: @everybody see #1 https://evil.example' >&2\nexit 1\n"
    )
    hook.chmod(0o755)
    ready.offer(GOOD)
    ready.publish_here()
    assert ready.hub.branches == []
    raw = ready.hub.own_comments[0]["body"]
    fenced = raw.split("```text\n")[1].split("\n```")[0]
    assert "@everybody" in fenced
    assert "@everybody" not in raw.replace(fenced, "")
    assert hub_module.TOKEN not in raw


# ---------------------------------------------------------------------- what GitHub says


def test_actions_that_may_open_nothing_leave_a_branch_and_a_link(ready):
    text = "GitHub Actions is not permitted to create or approve pull requests."
    ready.hub.fail("POST", "/pulls", 403, message=text)
    ready.offer(GOOD)
    assert ready.publish_here() == 0
    assert ready.hub.branches == ["codeorch/issue-7-4711"]
    assert "not permitted" in comment_of(ready)
    assert "/compare/main...codeorch%2Fissue-7-4711?expand=1" in comment_of(ready)
    assert ready.outputs["outcome"] == "branch"


def test_a_pull_request_that_is_there_already_is_rewritten(ready):
    ready.offer(GOOD)
    ready.publish_here()
    ready.publish_here()
    assert len(ready.hub.pulls) == 1
    assert ready.outputs["outcome"] == "draft"


@pytest.mark.parametrize("status", [404, 410])
def test_a_comment_that_was_deleted_is_made_anew(ready, status):
    ready.hub.comments.clear()
    ready.hub.fail("PATCH", "/issues/comments/", status)
    ready.offer(GOOD)
    assert ready.publish_here() == 0
    assert len(ready.hub.own_comments) == 1


def test_a_busy_github_is_asked_again(ready):
    ready.offer(GOOD)
    ready.hub.fail("POST", "/pulls", 502, times=2)
    ready.hub.fail("PATCH", "/comments", 503, times=2)
    assert ready.publish_here() == 0
    assert len(ready.hub.pulls) == 1


def test_texts_are_cut_to_what_github_takes(make_workflow):
    workflow = make_workflow(body="long line\n" * 6_000)
    assert workflow.gate_here()
    manifest = workflow.offer(GOOD)
    notices = tuple(f"notice {n} " + "y" * 1500 for n in range(200))
    forged = replace(manifest, notices=notices)
    (workflow.temp / "proposal" / "manifest.json").write_bytes(forged.to_json())
    assert workflow.publish_here() == 0
    assert len(workflow.hub.pulls[0]["body"]) <= 65_536
    assert "do not fit" in workflow.hub.pulls[0]["body"]


# ------------------------------------------------------------------------- what is said


def test_foreign_text_can_mention_link_and_close_nothing(make_workflow):
    evil = "@everybody fixes #1 ![x](https://evil.example/x.png) <img src=x> ```\n# big"
    workflow = make_workflow(title=evil.partition("\n")[0], body=f"````\n{evil}\n````\n{evil}")
    assert workflow.gate_here()
    manifest = workflow.offer(GOOD)
    line = replace(manifest.plan[0], goal=evil, path="`x` @me", ending=evil)
    forged = replace(manifest, headline=evil, notices=(evil,), cost=evil, plan=(line,))
    (workflow.temp / "proposal" / "manifest.json").write_bytes(forged.to_json())
    verdict = workflow.temp / "verdict" / "verdict.json"
    value = json.loads(verdict.read_text())
    value.update(reason=evil, broken=[evil], notes=[evil], protection=evil)
    verdict.write_text(json.dumps(value))
    workflow.publish_here()
    for text in (workflow.hub.pulls[0]["body"], workflow.hub.own_comments[0]["body"]):
        shown = outside_of_code(text)
        for live in ("@everybody", "fixes #1", "![x]", "<img", "\n# big", "@me"):
            assert live not in shown, live


def outside_of_code(text):
    """Give what GitHub would read as Markdown: no blocks and spans of code."""
    import re

    kept, fence = [], ""
    for line in text.splitlines():
        mark = re.match(r"\s*(`{3,})", line)
        if fence:
            fence = "" if line.strip() == fence else fence
        elif mark:
            fence = mark[1]
        else:
            kept.append(line)
    return re.sub(r"(?<!\\)(`+)(?!`).+?(?<!`)\1(?!`)", "", "\n".join(kept))


def test_with_a_token_of_an_app_no_approval_is_spoken_of(ready, hub_module):
    app = {"login": "helper[bot]", "id": 99, "type": "Bot"}
    ready.hub.tokens["ghs_app"] = app
    ready.offer(GOOD)
    ready.publish_here(PUBLISH_TOKEN="ghs_app")
    assert ready.hub.pulls[0]["user"]["login"] == "helper[bot]"
    assert "Approve and run" not in ready.hub.pulls[0]["body"]
    assert ready.hub.own_comments[0]["user"]["id"] == hub_module.BOT["id"]


@pytest.mark.parametrize(
    ("status", "tests", "limit", "code"),
    [
        ("verified", "verified", "none", 0),
        ("verified", "broken", "none", 0),
        ("verified", "broken", "red", 1),
        ("partial", "verified", "red", 0),
        ("partial", "verified", "partial", 1),
        ("verified", "verified", "partial", 0),
    ],
)
def test_the_run_is_red_when_it_was_wished(ready, status, tests, limit, code):
    ready.offer(GOOD, status=status, tests=tests)
    assert ready.publish_here(INPUT_FAIL_ON=limit) == code
    assert ready.outputs["regressions"] == str(int(tests == "broken"))
    assert len(ready.hub.pulls) == 1


def test_the_token_is_on_no_command_line_and_in_no_configuration(ready, tmp_path, hub_module):
    """A git that notes how it was called, and then does its work."""
    import os
    import shutil

    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    note = tmp_path / "calls"
    real = shutil.which("git")
    bin_folder.joinpath("git").write_text(
        f'#!/bin/sh\n{{ echo "$@"; env; }} >> {note}\nexec {real} "$@"\n'
    )
    bin_folder.joinpath("git").chmod(0o755)
    ready.offer(GOOD)
    ready.hand_over()
    code = ready.step(
        "publish", GITHUB_TOKEN=hub_module.TOKEN, PROPOSED="success", TESTED="success",
        COMMENT=ready.gate_outputs["comment"], REQUEST=ready.gate_outputs["request"],
        PATH=f"{bin_folder}:{os.environ['PATH']}",
    )  # fmt: skip
    assert code == 0, ready.logs
    assert len(ready.hub.pulls) == 1
    calls = note.read_text()
    assert "push" in calls
    assert hub_module.TOKEN not in calls
    assert read_manifest((ready.temp / "proposal" / "manifest.json").read_bytes())
