"""What a checker says of names and calls, and what of it is new after a change."""

import os

import pytest

from codeorch.engines import (
    Diagnostic,
    Engines,
    PythonEnvironment,
    check,
    new_diagnostics,
    own_checkers,
)
from codeorch.errors import ServiceError
from codeorch.sandbox.process_tree import descendants

CHECKERS = [pytest.param(each, id=each.program.name) for each in own_checkers()]
SHOP = {
    "shop/__init__.py": "",
    "shop/cart.py": "class Cart:\n    def total(self, tax):\n        return tax\n",
    "app.py": "from shop.cart import Cart\n\n\ndef main(cart: Cart):\n    return cart.total(1)\n",
}


def places(diagnostics):
    return [(each.path, each.line) for each in diagnostics]


@pytest.mark.parametrize("engine", CHECKERS)
@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"shop/cart.py": "class Cart:\n    def sum(self, tax):\n        return tax\n"}, 5),
        ({"shop/cart.py": "class Cart:\n    def total(self):\n        return 1\n"}, 5),
        ({"shop/cart.py": "class Basket:\n    pass\n"}, 1),
        ({"shop/cart.py": None, "shop/basket.py": SHOP["shop/cart.py"]}, 1),
    ],
    ids=["method", "parameter", "class", "module"],
)
def test_what_a_change_leaves_behind_is_new(make_tree, engine, change, place):
    after = {path: text for path, text in {**SHOP, **change}.items() if text is not None}
    assert check(make_tree(SHOP), (), engine) == []
    assert places(check(make_tree(after), (), engine)) == [("app.py", place)]
    assert check(make_tree(after), ("shop/cart.py",), engine) == []


@pytest.mark.parametrize("engine", CHECKERS)
def test_what_is_not_installed_is_not_missing(make_tree, tmp_path, engine):
    app = "import yaml\nimport shop.gone\nfrom .beside import it\n\nprint(yaml.load(it))\n"
    tree = make_tree({**SHOP, "tools/__init__.py": "", "tools/app.py": app})
    assert places(check(tree, (), engine)) == [("tools/app.py", 2), ("tools/app.py", 3)]
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "yaml.py").write_text("def dump(value): ...\n")
    engines = Engines(environment=PythonEnvironment(site_packages=(tmp_path / "site",)))
    found = check(tree, (), engine, engines)
    assert places(found) == [("tools/app.py", 2), ("tools/app.py", 3), ("tools/app.py", 5)]


@pytest.mark.parametrize("engine", CHECKERS)
def test_settings_of_the_project_leave_nothing_out(make_tree, engine):
    own = "[tool.pyrefly]\nproject-includes = []\n[tool.ty.src]\nexclude = ['**']\n"
    files = {"pyproject.toml": own, ".gitignore": "*.py\n", "node_modules/a.py": "gone()\n"}
    assert places(check(make_tree(files), (), engine)) == [("node_modules/a.py", 1)]


@pytest.mark.parametrize("engine", CHECKERS)
def test_a_file_goes_by_the_name_that_others_import_it_by(make_tree, engine):
    texts = {"src/shop/__init__.py": "", "src/shop/cart.py": "def total(): ...\n"}
    tree = make_tree({**texts, "tests/test_it.py": "from shop.cart import sum_of\n"})
    (found,) = check(tree, (), engine)
    assert (found.path, "shop.cart" in found.message) == ("tests/test_it.py", True)
    assert "src.shop" not in found.message


def test_an_answer_is_kept_by_tree_and_settings(make_tree, make_engine, tmp_path):
    engine = make_engine(
        "open(os.path.dirname(__file__) + '/runs', 'a').write('x')\n"
        "error = dict(path='app.py', line=1, name='unknown-name', concise_description='no')\n"
        "open(sys.argv[-1].removeprefix('json:'), 'w').write(json.dumps(dict(errors=[error])))\n"
    )
    cache = tmp_path / "cache"

    def runs(tree, **environment):
        engines = Engines(cache=cache, environment=PythonEnvironment(**environment))
        assert places(check(tree, (), engine, engines)) == [("app.py", 1)]
        return (tmp_path / "runs").read_text()

    assert [runs(make_tree(SHOP)), runs(make_tree(SHOP))] == ["x", "x"]
    assert runs(make_tree({**SHOP, "b.py": ""})) == "xx"
    assert runs(make_tree(SHOP), site_packages=(tmp_path,)) == "xxx"
    for file in cache.iterdir():
        file.write_text("[[1")
    assert runs(make_tree(SHOP)) == "xxxx"


def test_only_files_of_which_nothing_is_known_are_checked(make_tree, make_engine, tmp_path):
    engine = make_engine(
        "named = sys.argv[sys.argv.index('--') + 1:] if '--' in sys.argv else ['all']\n"
        "open(os.path.dirname(__file__) + '/runs', 'a').write(' '.join(named) + ';')\n"
        "output = next(each for each in sys.argv if each.startswith('json:'))[5:]\n"
        "open(output, 'w').write(json.dumps(dict(errors=[])))\n"
    )
    engines = Engines(cache=tmp_path / "cache")
    texts = dict.fromkeys(("a.py", "b.py", "c.py", "d.py"), "")
    for paths in (["a.py"], ["b.py", "a.py"], ["a.py", "b.py"], [], ["d.py"], ["gone.py"]):
        check(make_tree(texts), paths, engine, engines)
    assert (tmp_path / "runs").read_text() == "a.py;b.py;c.py d.py;"


def test_the_cache_holds_a_bounded_number_of_trees(make_tree, make_engine, tmp_path):
    engine = make_engine("open(sys.argv[-1][5:], 'w').write('{\"errors\": []}')\n")
    cache = tmp_path / "cache"
    cache.mkdir()
    for number in range(100):
        (cache / f"{number}.json").write_text("{}")
    check(make_tree(SHOP), (), engine, Engines(cache=cache))
    assert len(list(cache.iterdir())) <= 64


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("time.sleep(600)", "limit of time"),
        ("sys.exit(7)", "exit code 7"),
        ("os.abort()", "exit code 134"),
        ("open(sys.argv[-1][5:], 'w').write('{\"errors\": [1]}')", "nothing that can be read"),
        ("open(sys.argv[-1][5:], 'w').write('[' * 10**5)", "nothing that can be read"),
        ("if not os.fork(): time.sleep(600)\nopen(sys.argv[-1][5:], 'wb').write(b'\\xff')", "read"),
    ],
)
def test_an_engine_that_fails_loses_its_voice(make_tree, make_engine, script, words):
    limit_s = 1.0 if "time" in words else 60.0
    with pytest.raises(ServiceError, match=words) as error:
        check(make_tree(SHOP), (), make_engine(script), Engines(time_limit_s=limit_s))
    assert error.value.kind == "engine"
    assert descendants(os.getpid()) == []


def test_what_lies_outside_of_the_tree_is_not_believed(make_tree, make_engine):
    engine = make_engine(
        "paths = ['/etc/passwd', '../app.py', 'gone.py', 'app.py']\n"
        "errors = [dict(path=p, line=1, name='unknown-name', concise_description='x\\ny')"
        " for p in paths]\n"
        "open(sys.argv[-1][5:], 'w').write(json.dumps(dict(errors=errors)))\n"
    )
    assert check(make_tree(SHOP), (), engine) == [Diagnostic("app.py", 1, "unknown-name", "x")]


# ------------------------------------------------------------------------------- what is new


def said(line, message="no `total`", path="a.py"):
    return Diagnostic(path, line, "missing-attribute", message)


def test_a_line_that_moved_is_not_new():
    assert new_diagnostics([said(3), said(9)], [said(4), said(12)]) == []


def test_of_the_same_message_the_surplus_is_new_where_nothing_was():
    assert new_diagnostics([said(3), said(9)], [said(3), said(5), said(9)]) == [said(5)]
    assert new_diagnostics([said(3)], [said(3), said(3, path="b.py")]) == [said(3, path="b.py")]


def test_a_new_name_in_a_message_makes_it_not_new():
    before = [said(1, "`Cart` has no `x`"), said(2, "`Carton` has no `x`")]
    after = [said(1, "`Basket` has no `x`"), said(2, "`Basketon` has no `x`")]
    assert new_diagnostics(before, after, names={"Cart": "Basket"}) == after[1:]


def test_a_file_that_moved_takes_its_messages_along():
    assert new_diagnostics([said(1)], [said(1, path="b.py")], moves={"a.py": "b.py"}) == []
