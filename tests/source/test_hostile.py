"""Repositories that nobody would make on purpose; benchmarks/reading.py reads a larger one."""

import subprocess

import pytest

from codeorch.git import Repo
from codeorch.retrieval import rank_files, read_snapshot

DEEP = "/".join("d" * 3 for _ in range(120)) + "/deep.py"
LINKS = {"loop": "loop", "ring/a": "../ring/b", "ring/b": "../ring/a", "out": "/etc/passwd"}
FILES = {
    **{f"many/{i // 100}/f{i}.py": f"def f{i}(): pass\n".encode() for i in range(1_000)},
    "huge.py": b"x = 1\n" * 300_000,
    "binary.py": b"x = 1\0\n",
    "latin.py": "def größe(): pass\n".encode("latin-1"),
    "broken.py": b"\xff\xfe\xfdef broken(:\n",
    "wide.txt": "x = 1\n".encode("utf-16"),
    "nested.py": b"[" * 400_000,
    "nested.json": b'{"a":' * 100_000,
    "one_line.js": b"a(" + b"b,c=>d," * 20_000 + b")",
    "empty.py": b"",
    "blank.py": b"\n" * 400_000,
    "token.py": b"x" * 900_000,
    "odd.js": b"class A { 'two\\nlines\n'() {} [b + c]() {} }\n",
    "pointer.py": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    'line\nfeed\t"quoted".py': b"def in_odd_path(): pass\n",
    "-rf.py": b"def dashed(): pass\n",
    DEEP: b"def deep(): pass\n",
}


@pytest.fixture(scope="module")
def repo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    subprocess.run(["git", "init", "-q", folder], check=True)
    stream = [b"commit refs/heads/main\ncommitter A <a@b> 0 +0000\ndata 1\nx\n"]
    rows = [(b"100644", path.encode(), data) for path, data in FILES.items()]
    rows += [(b"120000", path.encode(), goal.encode()) for path, goal in LINKS.items()]
    rows.append((b"100644", b"bytes\xff\xfe.py", b"def unreachable(): pass\n"))
    for mode, path, data in rows:
        quoted = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
        stream.append(b'M %s inline "%s"\ndata %d\n%s\n' % (mode, quoted, len(data), data))
    stream += [b"M 160000 %s sub\n" % (b"1" * 40), b"M 160000 %s vendor/sub\n" % (b"2" * 40)]
    subprocess.run(
        ["git", "-C", folder, "fast-import", "--quiet"], input=b"".join(stream), check=True
    )
    return Repo(folder, folder / ".git")


@pytest.fixture(scope="module")
def snapshot(repo):
    return read_snapshot(repo, repo.resolve("main"))


def test_what_cannot_be_read_is_named_and_the_rest_is_there(snapshot):
    assert snapshot.skipped == {
        "huge.py": "larger than 1 MB",
        "binary.py": "binary",
        "broken.py": "not valid utf-16-le",
        "bytes\udcff\udcfe.py": "its path is not UTF-8",
        "sub": "submodule",
        "vendor/sub": "submodule",
        **{path: f"symbolic link to {goal}" for path, goal in LINKS.items()},
    }
    assert set(snapshot.files) == FILES.keys() - snapshot.skipped.keys()
    assert snapshot.files["pointer.py"].role == "lfs"
    assert snapshot.files["pointer.py"].symbols == snapshot.files["pointer.py"].references == ()


def test_every_file_can_be_looked_at(snapshot):
    for path, file in snapshot.files.items():
        whole = b"" if file.role == "minified" else FILES[path]
        assert file.text.encode(file.encoding) == whole
        assert isinstance(file.symbols + file.references + file.imports, tuple)
    assert [symbol.name for symbol in snapshot.files["latin.py"].symbols] == ["größe"]
    assert snapshot.files["nested.py"].syntax_errors > 0


@pytest.mark.parametrize(
    ("request_text", "path"),
    [
        ("f777", "many/7/f777.py"),
        ("rename in_odd_path", 'line\nfeed\t"quoted".py'),
        ("the dashed function", "-rf.py"),
        ("größe", "latin.py"),
        ("def deep", DEEP),
    ],
)
def test_everything_can_be_found(repo, snapshot, request_text, path):
    assert rank_files(repo, snapshot, request_text)[0].path == path
