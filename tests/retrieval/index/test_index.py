import os
import random
import sqlite3
import subprocess
import sys

import pytest

from codeorch.retrieval import corpus as in_memory
from codeorch.retrieval import index_of, read_snapshot, search
from codeorch.retrieval import snapshot as opened
from codeorch.retrieval.index import batch, indexer
from codeorch.retrieval.index.store import Store
from codeorch.retrieval.words import identifiers, words

QUESTIONS = ("cart total", "rename rate_of", "twin helper", "größer naïve rate", "style color")


def cache_of(repo):
    (file,) = (repo.git_dir / "codeorch").glob("index-*.sqlite")
    return file


def ranked(repo, text):
    return search.rank_files(repo, read_snapshot(repo, repo.resolve("HEAD")), text)


def commit(repo, run_git, **changes):
    for path, content in changes.items():
        target = repo.root / path.replace("__", "/").replace("_py", ".py")
        target.parent.mkdir(exist_ok=True)
        target.write_text(content)
    run_git(repo.root, "add", "-A")
    run_git(repo.root, "commit", "-q", "-m", "more")


@pytest.fixture
def parsed(monkeypatch):
    """The texts whose names were looked for, in order."""
    seen = []
    real = batch.Batch.add

    def add(self, path, blob, data):
        seen.append(path)
        real(self, path, blob, data)

    monkeypatch.setattr(batch.Batch, "add", add)
    return seen


def test_the_index_answers_as_memory_does(shop):
    snapshot = read_snapshot(shop, shop.resolve("HEAD"))
    expected = in_memory.corpus_of(snapshot)
    corpus = index_of(shop, snapshot.commit).corpus(snapshot.files)
    assert list(corpus.paths) == list(expected.paths)
    assert list(corpus.tests) == list(expected.tests)
    for kind in ("chunks", "names"):
        ours, theirs = getattr(corpus, kind), getattr(expected, kind)
        assert (ours.size, ours.mean_length) == (theirs.size, theirs.mean_length)
        every = {word for path in snapshot.files for word in words(snapshot.files[path].text)}
        for word in every | {"nowhere"}:
            assert sorted(
                (ours.owner(text), ours.length(text), count) for text, count in ours.postings(word)
            ) == sorted(
                (theirs.owner(t), theirs.length(t), count) for t, count in theirs.postings(word)
            )
    for path in expected.paths:
        assert corpus.defined(path) == expected.defined(path)
        assert corpus.used(path) == expected.used(path)
        assert corpus.imported(path) == expected.imported(path)
        for name in expected.defined(path):
            assert set(corpus.definers(name)) == set(expected.definers(name))
    held = {path: identifiers(snapshot.files[path].text) for path in corpus.paths}
    for name in {name for counts in held.values() for name in counts}:
        assert set(corpus.users(name)) == {path for path, counts in held.items() if name in counts}
        assert set(expected.users(name)) <= set(corpus.users(name))


def test_what_is_hidden_is_not_ranked(shop):
    snapshot = read_snapshot(shop, shop.resolve("HEAD"))
    hidden = snapshot.with_files({"shop/cart.py": None})
    assert "shop/cart.py" in [one.path for one in search.rank_files(shop, snapshot, "cart total")]
    assert "shop/cart.py" not in [one.path for one in search.rank_files(shop, hidden, "cart total")]


def test_only_changed_files_are_read_again(shop, run_git, parsed):
    read_snapshot(shop, shop.resolve("HEAD"))
    assert "shop/tax.py" in parsed
    parsed.clear()
    read_snapshot(shop, shop.resolve("HEAD"))
    assert parsed == []
    commit(shop, run_git, shop__tax_py="def other(): pass\n")
    assert ranked(shop, "other")[0].path == "shop/tax.py"
    assert parsed == ["shop/tax.py"]


def test_an_old_commit_is_known_still_and_shows_nothing_new(shop, run_git, parsed):
    old = shop.resolve("HEAD")
    read_snapshot(shop, old)
    commit(shop, run_git, shop__new_py="def brandNew(): pass\n", shop__tax_py="x = 1\n")
    assert "shop/new.py" in [one.path for one in ranked(shop, "brand new")]
    parsed.clear()
    snapshot = read_snapshot(shop, old)
    corpus = index_of(shop, old).corpus(snapshot.files)
    assert list(corpus.definers("brandNew")) == []
    assert list(corpus.definers("rate_of")) == ["shop/tax.py"]
    assert parsed == []


def test_symbols_are_parsed_once(shop, monkeypatch):
    first = read_snapshot(shop, shop.resolve("HEAD")).files["shop/cart.py"]
    found = (first.symbols, first.references, first.imports, first.syntax_errors)
    assert [symbol.qualified for symbol in found[0]] == ["Cart", "Cart.total"]
    del first  # whoever parsed writes it down at the latest when it ends
    monkeypatch.setattr(indexer, "parse", None)  # would fail when called
    again = read_snapshot(shop, shop.resolve("HEAD")).files["shop/cart.py"]
    assert (again.symbols, again.references, again.imports, again.syntax_errors) == found


def test_memory_holds_a_limited_amount_of_text(make_repo, monkeypatch):
    monkeypatch.setattr(opened, "_TEXTS", 2_000)
    repo = make_repo({f"f{i}.py": f"x{i} = 1\n" + "#" * 900 for i in range(9)})
    snapshot = read_snapshot(repo, repo.resolve("HEAD"))
    held = list(snapshot.files.values())
    for _ in range(2):
        assert [file.text[:2] for file in held] == [f"x{i}" for i in range(9)]
    assert len(snapshot.files._texts._entries) <= 3


def test_a_worn_index_is_made_anew(make_repo, run_git):
    repo = make_repo({f"f{i}.py": f"def old{i}(): pass\n" for i in range(9)})
    for age in range(6):
        for i in range(8):
            (repo.root / f"f{i}.py").write_text(f"def young{age}{i}(): pass\n")
        run_git(repo.root, "commit", "-qam", "another")
        assert {one.path for one in ranked(repo, f"old8 young{age}3")[:2]} == {"f8.py", "f3.py"}
    with sqlite3.connect(cache_of(repo)) as base:
        ((files,),) = base.execute("SELECT count(*) FROM files")
    base.close()
    assert files == 9


def test_a_script_reads_without_a_guard_around_its_main_part(shop):
    script = shop.root / "script.py"
    script.write_text(
        "from pathlib import Path; from codeorch.retrieval import read_snapshot\n"
        "from codeorch.git import Repo\n"
        "repo = Repo.open(Path.cwd())\n"
        "print(len(read_snapshot(repo, repo.resolve('HEAD')).files))\n"
    )
    env = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    argv = [sys.executable, str(script)]
    run = subprocess.run(argv, cwd=shop.root, capture_output=True, text=True, env=env, check=False)
    snapshot = read_snapshot(shop, shop.resolve("HEAD"))
    assert (run.stdout, run.stderr) == (f"{len(snapshot.files)}\n", "")


def test_many_batches_answer_like_one(shop, monkeypatch):
    expected = ranked(shop, "cart total")
    indexer.discard(cache_of(shop))
    batches = []
    real = Store.add

    def add(self, documents):
        batches.append(documents)
        real(self, documents)

    monkeypatch.setattr(Store, "add", add)
    monkeypatch.setattr(batch, "_ENOUGH", 1)
    assert ranked(shop, "cart total") == expected
    assert len(batches) > 2


def test_without_a_place_to_write_memory_does(shop, monkeypatch):
    expected = ranked(shop, "cart total")
    indexer.discard(cache_of(shop))
    monkeypatch.setattr(indexer, "_folders", lambda repo: iter([]))
    assert ranked(shop, "cart total") == expected
    assert list((shop.git_dir / "codeorch").glob("index-*")) == []


def test_a_git_directory_that_is_read_only_is_left_alone(shop, monkeypatch, tmp_path):
    (shop.git_dir / "codeorch").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert ranked(shop, "cart total")
    assert len(list((tmp_path / "cache").rglob("index-*.sqlite"))) == 1


def test_two_runs_at_once_give_the_same_answer(shop):
    expected = [one.path for one in ranked(shop, "cart total")]
    indexer.discard(cache_of(shop))
    script = (
        "import sys; from pathlib import Path; from codeorch.retrieval import rank_files\n"
        "from codeorch.retrieval import read_snapshot; from codeorch.git import Repo\n"
        "repo = Repo.open(Path.cwd()); snapshot = read_snapshot(repo, repo.resolve('HEAD'))\n"
        "print(*(one.path for one in rank_files(repo, snapshot, 'cart total')))\n"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", script], cwd=shop.root, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        )
        for _ in range(3)
    ]  # fmt: skip
    assert [run.communicate() for run in runs] == [(" ".join(expected) + "\n", "")] * 3


def test_a_damaged_cache_is_rebuilt_and_never_wrong(shop):
    expected = {text: ranked(shop, text) for text in QUESTIONS}
    symbols = {p: f.symbols for p, f in read_snapshot(shop, shop.resolve("HEAD")).files.items()}
    whole = cache_of(shop).read_bytes()
    chance = random.Random(0)
    for _ in range(20):
        harm(cache_of(shop), whole, chance)
        text = chance.choice(QUESTIONS)
        assert ranked(shop, text) == expected[text]
        path = chance.choice(sorted(symbols))
        assert read_snapshot(shop, shop.resolve("HEAD")).files[path].symbols == symbols[path]


def harm(file, whole, chance):
    data = bytearray(whole)
    kind = chance.choice(("flip", "zero", "cut", "noise"))
    at = chance.randrange(len(data))
    if kind == "flip":
        for _ in range(chance.choice((1, 30))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == "zero":
        data[at : at + 4096] = bytes(len(data[at : at + 4096]))
    elif kind == "cut":
        del data[at:]
    else:
        data[at : at + 100] = chance.randbytes(len(data[at : at + 100]))
    indexer.discard(file)
    file.write_bytes(data)


def test_a_clone_without_old_folders_ranks_without_the_past(make_repo, run_git):
    repo = make_repo({"a.py": "def rate(): pass\n"})
    tree = run_git(repo.root, "rev-parse", "HEAD^{tree}")
    commit(repo, run_git, b_py="def other(): pass\n")
    (repo.git_dir / "objects" / tree[:2] / tree[2:]).unlink()
    assert ranked(repo, "rate")[0].path == "a.py"


def test_indexes_of_other_versions_go_when_nobody_has_used_them_for_long(shop):
    folder = shop.git_dir / "codeorch"
    folder.mkdir()
    for name, time in (("old", 0), ("new", None)):
        (folder / f"index-{name}.sqlite").write_bytes(b"")
        if time is not None:
            os.utime(folder / f"index-{name}.sqlite", (time, time))
    ranked(shop, "cart")
    left = {file.name for file in folder.glob("index-*.sqlite")}
    assert "index-new.sqlite" in left
    assert "index-old.sqlite" not in left
    assert len(left) == 2
