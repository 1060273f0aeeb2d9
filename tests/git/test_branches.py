"""What lies between two commits, whatever lies there."""

from codeorch.git import Hunk, first_parent_paths, hunks


def commit(repo, run_git, message="more"):
    run_git(repo.root, "add", "-A")
    run_git(repo.root, "commit", "-q", "-m", message)


def test_hunks_by_path(make_repo, run_git):
    repo = make_repo({
        "a.txt": "1\n2\n3\n4\n", "gone.txt": "x\n", "b b.txt": "-- a/a.txt\n++ b/a.txt\nx\n",
        "data.bin": b"\0\1", "link": "target\n", "mode.sh": "x\n", "no newline": "x",
    })  # fmt: skip
    (repo.root / "a.txt").write_text("1\nTWO\n3\n4\n5\n")
    (repo.root / "gone.txt").unlink()
    (repo.root / "b b.txt").write_text("x\n")
    (repo.root / "data.bin").write_bytes(b"\0\2")
    (repo.root / "link").unlink()
    (repo.root / "link").symlink_to("a.txt")
    (repo.root / "mode.sh").chmod(0o755)
    (repo.root / "no newline").write_text("y")
    (repo.root / 'q"t.txt').write_text("x\n")
    (repo.root / "new.txt").write_text("x\ny\n")
    commit(repo, run_git)
    assert hunks(repo, "HEAD^", "HEAD") == {
        "a.txt": (Hunk(2, 1, 2, 1), Hunk(4, 0, 5, 1)),
        "gone.txt": (Hunk(1, 1, 0, 0),),
        "b b.txt": (Hunk(1, 2, 0, 0),),
        "data.bin": (), "link": (Hunk(1, 1, 0, 0),), "mode.sh": (),
        "no newline": (Hunk(1, 1, 1, 1),), 'q"t.txt': (), "new.txt": (Hunk(0, 0, 1, 2),),
    }  # fmt: skip


def test_settings_of_the_user_change_nothing(make_repo, run_git):
    repo = make_repo({"a.txt": "1\n2\n", "b.txt": "1\n"})
    (repo.root / "a.txt").write_text("1\n")
    (repo.root / "b.txt").write_text("2\n")
    commit(repo, run_git)
    before = hunks(repo, "HEAD^", "HEAD")
    (repo.root / "order").write_text("b.txt\na.txt\n")
    for name, value in {
        "diff.noprefix": "true", "diff.mnemonicPrefix": "true", "diff.context": "9",
        "diff.orderFile": str(repo.root / "order"), "color.diff": "always",
        "diff.interHunkContext": "9",
    }.items():  # fmt: skip
        run_git(repo.root, "config", name, value)
    assert hunks(repo, "HEAD^", "HEAD") == before


def test_a_merge_is_one_change(make_repo, run_git):
    repo = make_repo({"a.txt": "1\n"})
    run_git(repo.root, "switch", "-q", "-c", "topic")
    for name in ("b.txt", "c d.txt"):
        (repo.root / name).write_text("x\n")
        commit(repo, run_git)
    run_git(repo.root, "switch", "-q", "main")
    run_git(repo.root, "merge", "-q", "--no-ff", "-m", "merge", "topic")
    assert list(first_parent_paths(repo, "HEAD", 5)) == [("b.txt", "c d.txt"), ("a.txt",)]
    assert list(first_parent_paths(repo, "HEAD", 1)) == [("b.txt", "c d.txt")]
