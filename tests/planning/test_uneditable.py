"""Files that no model can edit, in plans of a model, of a hand and of the fallback."""

import asyncio
import json

import pytest

from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.cli import main
from codeorch.config import Settings
from codeorch.domain import Request
from codeorch.errors import PlanInvalid, UserError
from codeorch.llm import Call, Conversation, ReplayModel, Reply
from codeorch.planning import Opening, decompose, plan_file, plan_tool, project_facts
from codeorch.planning.fallback import fall_back
from codeorch.planning.faults import Limits
from codeorch.planning.findings import Findings, Reading
from codeorch.planning.plan_schema import read
from codeorch.retrieval import Codebase, read_snapshot
from codeorch.source.syntax import strings_and_comments

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
FILES = {
    "a.py": b"def area():\n    return 1\n",
    "logo.png": b"\x89PNG\r\n\x1a\n\0\0",
    "big.py": (b"x = 1  # " + b"1" * 90 + b"\n") * 12_000,
    "wide.txt": "x = 1\n".encode("utf-16"),
    "unmarked.txt": "x = 1\n".encode("utf-16-le"),
    "model.bin": POINTER,
    "app.min.js": b"var a=1;\n",
    "bundle.js": b"a(" + b"b,c=>d," * 2_000 + b")",
    "data.json": b"[" + b"1,2,3," * 3_000 + b"4]",
    "docs/real.md": b"# Real\n",
    ".gitignore": b"build/\n*.local\n",
}
REASONS = {
    "logo.png": "logo.png is binary",
    "big.py": "big.py is larger than 1 MB",
    "wide.txt": "wide.txt is in UTF-16",
    "unmarked.txt": "unmarked.txt is in UTF-16 without a byte order mark",
    "model.bin": "model.bin is a pointer of git-lfs",
    "app.min.js": "app.min.js is minified",
    "bundle.js": "bundle.js is minified",
    "data.json": "data.json is minified",
    "link.md": "link.md is a symbolic link to docs/real.md; change docs/real.md instead",
    "out": "out is a symbolic link to /etc",
    "folder/real.md": "is behind folder, a symbolic link to docs; its real path is docs/real.md",
    "out/passwd": "is behind out, a symbolic link to /etc, outside of the repository",
    "vendor/x": "vendor/x is submodule vendor/x",
    "vendor/x/lib.py": "vendor/x/lib.py is in submodule vendor/x, a repository of its own",
    "build/out.py": "build/out.py is ignored by git",
    "settings.local": "settings.local is ignored by git",
}
STAY = {"link.md", "out", "folder/real.md", "out/passwd", "vendor/x", "vendor/x/lib.py"}
MOVABLE = REASONS.keys() - STAY - {"build/out.py", "settings.local"}


@pytest.fixture
def repo(make_repo, run_git):
    found = make_repo(FILES)
    (found.root / "link.md").symlink_to("docs/real.md")
    (found.root / "folder").symlink_to("docs")
    (found.root / "out").symlink_to("/etc")
    run_git(found.root, "add", "-A")
    head = found.resolve("HEAD")
    run_git(found.root, "update-index", "--add", "--cacheinfo", f"160000,{head},vendor/x")
    run_git(found.root, "commit", "-q", "-m", "odd ones")
    return found


@pytest.fixture
def limits(repo):
    reading = Reading(mask=strings_and_comments, preview=None, is_ignored=repo.is_ignored)
    request = Request(text="r", base=repo.resolve("HEAD"))
    return Limits.of(request, read_snapshot(repo, request.base), Settings(), reading)


def plan(path, action="edit", **more):
    task = {"id": "t", "path": path, "action": action, "goal": "make it 2", **more}
    return {"rationale": "r", "tasks": [task]}


def faults(data, limits, source="model"):
    with pytest.raises(PlanInvalid) as caught:
        read(data, limits, source)
    return caught.value.faults


@pytest.mark.parametrize("source", ["model", "manual"])
@pytest.mark.parametrize("path", REASONS)
def test_each_is_refused_with_its_reason_and_no_other(limits, path, source):
    for action in ("edit", "create"):
        (fault,) = faults(plan(path, action), limits, source)
        assert REASONS[path] in fault
        assert "No worker can edit it" in fault


def test_the_user_gets_one_line_and_a_hint(limits, tmp_path):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan("vendor/x/lib.py")))
    with pytest.raises(UserError) as caught:
        plan_file.read_file(file, limits)
    assert "is in submodule vendor/x" in caught.value.message
    assert caught.value.hint == "edit the plan file"


@pytest.mark.parametrize("path", sorted(MOVABLE))
def test_what_cannot_be_edited_can_be_deleted_and_moved(limits, path):
    (task,) = read(plan(path, "delete"), limits, "model").plan.tasks
    assert not task.needs_model
    (task,) = read(
        plan(f"new/{path}", "rename", old_path=path, goal=""), limits, "model"
    ).plan.tasks
    assert (task.needs_model, task.old_path) == (False, path)
    (fault,) = faults(plan(f"new/{path}", "rename", old_path=path), limits)
    assert REASONS[path] in fault


@pytest.mark.parametrize("path", sorted(STAY))
def test_what_is_not_ours_is_not_even_deleted(limits, path):
    for data in (plan(path, "delete"), plan("new.py", "rename", old_path=path, goal="")):
        (fault,) = faults(data, limits)
        assert REASONS[path] in fault


def test_nothing_is_moved_to_where_no_commit_reaches(limits):
    for path in ("build/a.py", "vendor/x/a.py", "folder/a.py"):
        (fault,) = faults(plan(path, "rename", old_path="a.py", goal=""), limits)
        assert "Nothing can be moved there" in fault


def test_what_the_user_opened_may_be_made_although_git_ignores_it(repo):
    reading = Reading(mask=strings_and_comments, preview=None, is_ignored=repo.is_ignored)
    request = Request(text="r", base=repo.resolve("HEAD"))
    snapshot = read_snapshot(repo, request.base)
    opened = Limits.of(request, snapshot, Settings(allow=("build/out.py",)), reading)
    (task,) = read(plan("build/out.py", "create"), opened, "manual").plan.tasks
    assert task.path == "build/out.py"


def findings(repo, text):
    request = Request(text=text, base=repo.resolve("HEAD"))
    snapshot = read_snapshot(repo, request.base)
    reading = Reading(mask=strings_and_comments, preview=None, is_ignored=repo.is_ignored)
    found = Findings(
        snapshot=snapshot, ranked=(), names=SnapshotIndex(snapshot), lines=lambda _: (),
        reading=reading,
    )  # fmt: skip
    return request, found


def test_a_model_is_told_and_the_fallback_leaves_them_out(repo):
    request, found = findings(repo, "set `area` to 2, in app.min.js and a.py, everywhere")
    call = Call(id="p", name="plan", input=plan("app.min.js"))
    bad = Reply(text="", stop="tool_use", calls=(call,))
    model = ReplayModel({"plan/1": bad, "plan/1/2": bad, "plan/1/3": bad})
    opening = Opening(
        conversation=Conversation(tools=(plan_tool(),)),
        facts=project_facts(found.snapshot),
        codebase=Codebase(snapshot=found.snapshot, names=found.names),
        on_look_ups=lambda _calls, _look_ups: None,
    )
    answer = asyncio.run(decompose(request, found, opening, model, Settings()))
    (returned,) = model.asked[1].conversation.messages[-1].returned
    assert "app.min.js is minified" in returned.text
    assert [task.path for task in answer.draft.plan.tasks] == ["a.py"]
    assert "app.min.js is minified" in answer.draft.plan.notes[0]


def test_a_fallback_of_nothing_else_says_why(repo, limits):
    request, found = findings(repo, "set it in app.min.js")
    with pytest.raises(PlanInvalid, match=r"app\.min\.js is minified"):
        fall_back(request, found, limits)


def test_deletions_and_moves_are_carried_out_without_a_model(repo, monkeypatch, capsys, run_git):
    tasks = [
        {"id": "gone", "path": "app.min.js", "action": "delete"},
        {"id": "bin", "path": "img/logo.png", "action": "rename", "old_path": "logo.png"},
        {"id": "py", "path": "./lib//a.py", "action": "rename", "old_path": "a.py",
         "goal": "Move a.py to lib/. Nothing in it changes."},
        {"id": "big", "path": "big.py", "action": "delete", "goal": "nobody needs it"},
        {"id": "lfs", "path": "data/model.bin", "action": "rename", "old_path": "model.bin"},
        {"id": "wide", "path": "old/wide.txt", "action": "rename", "old_path": "wide.txt"},
    ]  # fmt: skip
    file = repo.root.parent / "plan.json"
    file.write_text(json.dumps({"request": "tidy up", "rationale": "r", "tasks": tasks}))
    monkeypatch.chdir(repo.root)
    code = main(["apply", "--plan", str(file), "--no-test", "--json", "-y"])
    record = json.loads(capsys.readouterr().out)
    assert (code, record["status"], record["usage"]["calls"]) == (0, "unchecked", 0)
    changed = run_git(repo.root, "diff", "--name-status", "-M", "main", record["commit"])
    assert sorted(line.split("\t") for line in changed.splitlines()) == [
        ["D", "app.min.js"],
        ["D", "big.py"],
        ["R100", "a.py", "lib/a.py"],
        ["R100", "logo.png", "img/logo.png"],
        ["R100", "model.bin", "data/model.bin"],
        ["R100", "wide.txt", "old/wide.txt"],
    ]
