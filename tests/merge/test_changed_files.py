from codeorch.merge import Landed


def test_files_are_as_the_change_leaves_them(make_repo, step, change_on):
    repo = make_repo({"a.txt": "1\n", "b.txt": "2\n"})
    change = change_on(
        repo, step("t1", "a.txt", b"1\n", b"3\n"), step("t2", "n.sh", None, b"", mode=0o100755)
    )
    landed = Landed(repo, change)
    assert {p: landed.bytes_of(p) for p in ("a.txt", "b.txt", "n.sh")} == {
        "a.txt": b"3\n", "b.txt": b"2\n", "n.sh": b"",
    }  # fmt: skip
    assert [landed.mode_of(p) for p in ("b.txt", "n.sh")] == [0o100644, 0o100755]
