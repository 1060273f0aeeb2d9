import os
import subprocess

import pytest

from codeorch.errors import UnsafeError
from codeorch.verify.checkout import check_out


def laid_out(repo, folder, commit="HEAD"):
    folder.mkdir(exist_ok=True)
    check_out(repo, repo.resolve(commit), folder)
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if not path.is_dir()}


def test_files_are_as_in_the_commit_whatever_the_attributes_say(make_repo, run_git, tmp_path):
    files = {
        "a.txt": b"one\r\ntwo\r\n",
        "deep/er/b.bin": bytes(range(256)),
        "hidden.txt": b"left out by git archive",
        ".gitattributes": b"* text=auto eol=crlf filter=evil\nhidden.txt export-ignore\n",
        "odd \xe9\n name": b"x",
        "empty": b"",
    }
    repo = make_repo(files)
    run_git(repo.root, "config", "filter.evil.smudge", "touch SMUDGED")
    finding = laid_out(repo, tmp_path / "out")
    assert {path: file.read_bytes() for path, file in finding.items()} == {
        **files, "a.txt": subprocess.run(
            ["git", "cat-file", "blob", "HEAD:a.txt"], cwd=repo.root, capture_output=True,
            check=True).stdout,
    }  # fmt: skip
    assert not list(tmp_path.rglob("SMUDGED"))


def test_modes_are_kept(make_repo, run_git, tmp_path):
    repo = make_repo({"run.sh": "#!/bin/sh\n", "plain": ""})
    run_git(repo.root, "update-index", "--chmod=+x", "run.sh")
    run_git(repo.root, "commit", "-q", "-m", "executable")
    finding = laid_out(repo, tmp_path / "out")
    assert os.access(finding["run.sh"], os.X_OK)
    assert finding["plain"].stat().st_mode & 0o777 == 0o644


def test_only_links_that_stay_inside_are_laid(make_repo, run_git, tmp_path):
    repo = make_repo({"folder/file": "inside"})
    links = {
        "good": "folder/file", "folder/up": "../good", "dangling": "not/there",
        "absolute": "/etc/passwd", "out": "../outside", "folder/out": "../../outside",
        "deep": "folder/file/../../../outside", "chain": "out", "here": ".",
        "folder/root": "..", "escape": "folder/root/..", "loop": "loop",
    }  # fmt: skip
    for path, target in links.items():
        (repo.root / path).symlink_to(target)
    run_git(repo.root, "add", "-A")
    run_git(repo.root, "commit", "-q", "-m", "links")
    out = tmp_path / "out"
    laid_out(repo, out)
    kept = {str(p.relative_to(out)) for p in out.rglob("*") if p.is_symlink()}
    assert {"good", "folder/up", "dangling", "here", "folder/root"} <= kept
    for path in kept:
        assert os.path.realpath(out / path).startswith(f"{out}")
    assert kept.isdisjoint({"absolute", "out", "folder/out", "chain", "escape"})


def test_a_submodule_is_an_empty_folder(make_repo, run_git, tmp_path):
    repo = make_repo({"a": ""})
    commit = run_git(repo.root, "rev-parse", "HEAD")
    run_git(repo.root, "update-index", "--add", "--cacheinfo", f"160000,{commit},vendor/sub")
    run_git(repo.root, "commit", "-q", "-m", "sub")
    out = tmp_path / "out"
    laid_out(repo, out)
    assert list((out / "vendor/sub").iterdir()) == []


@pytest.mark.parametrize("name", ["..", ".git", ".GIT"])
def test_a_commit_made_to_break_out_is_refused(make_repo, run_git, tmp_path, name):
    repo = make_repo({"a": ""})

    def put(kind, data):
        done = subprocess.run(
            ["git", "hash-object", "-w", "-t", kind, "--literally", "--stdin"],
            cwd=repo.root, input=data, capture_output=True, check=True,
        )  # fmt: skip
        return done.stdout.decode().strip()

    inner = put("tree", b"100644 config\0" + bytes.fromhex(put("blob", b"evil")))
    outer = put("tree", f"40000 {name}\0".encode() + bytes.fromhex(inner))
    commit = run_git(repo.root, "commit-tree", outer, "-m", "evil")
    with pytest.raises(UnsafeError, match="no checkout may have"):
        laid_out(repo, tmp_path / "out", commit)
    assert not (tmp_path / "config").exists()
