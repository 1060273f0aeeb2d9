from codeorch.retrieval import CodeNames, read_snapshot
from codeorch.source import parse_file

FILES = {
    "shop/cart.py": "class Cart:\n    def total(self):\n        return 1\n",
    "shop/bill.py": "from shop.cart import Cart\n\nprint(Cart().total())\n",
    "tests/test_cart.py": "from shop.cart import Cart\n\n\ndef test_it():\n    Cart().total()\n",
    "notes.md": "The Cart has a total.\n",
}


def names_of(repo, changed=None, hidden=()):
    snapshot = read_snapshot(repo, repo.resolve("HEAD"))
    files = {path: parse_file(path, text.encode()) for path, text in (changed or {}).items()}
    over = snapshot.with_files({**files, **dict.fromkeys(hidden)})
    return CodeNames(repo, over, list(files))


def test_definers_and_users_are_code_tests_included(make_repo):
    names = names_of(make_repo(FILES))
    assert set(names.definers("total")) == {"shop/cart.py"}
    assert set(names.users("Cart")) >= {"shop/bill.py", "tests/test_cart.py"}
    assert "notes.md" not in names.users("Cart")
    assert list(names.definers("nothing")) == []


def test_changed_files_speak_for_themselves_and_hidden_ones_not_at_all(make_repo):
    changed = {"shop/cart.py": "def basket():\n    pass\n", "new.py": "Cart = basket\n"}
    names = names_of(make_repo(FILES), changed, hidden=["tests/test_cart.py"])
    assert list(names.definers("total")) == []
    assert list(names.definers("basket")) == ["shop/cart.py"]
    assert set(names.users("Cart")) == {"shop/bill.py", "new.py"}


def test_damage_that_is_found_while_asking_is_no_failure(make_repo):
    repo = make_repo(FILES)
    names = names_of(repo)
    assert names.definers("total")
    (file,) = (repo.git_dir / "codeorch").glob("index-*.sqlite")
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 100_000)
    assert set(names.definers("Cart")) <= {"shop/cart.py"}
    assert set(names_of(repo).definers("Cart")) == {"shop/cart.py"}


def test_what_tests_define_is_found_when_it_is_asked_for(make_repo):
    helper = {"tests/helper.py": "def basket():\n    pass\n"}
    names = names_of(make_repo(FILES | helper))
    assert list(names.definers("test_it")) == ["tests/test_cart.py"]
    assert list(names.definers("basket")) == ["tests/helper.py"]
    assert list(names.definers("basket", tests=False)) == []
