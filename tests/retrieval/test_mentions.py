import pytest

from codeorch.retrieval.query import score_mentions

PATHS = (
    "shop/__init__.py",
    "shop/web/__init__.py",
    "shop/web/static.py",
    "shop/web/routes.py",
    "shop/api/routes.py",
    "ui/src/cart/index.ts",
    "ui/src/cart/total.test.ts",
    "ui/src/cart/total.ts",
    "engine/src/main/java/org/shop/Tax.java",
    "Makefile",
)


def named(text):
    found = score_mentions(text, PATHS)
    most = max(found.values(), default=0)
    return {path for path, score in found.items() if score == most}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("in shop/web/static.py please", "shop/web/static.py"),
        ("static.py is wrong", "shop/web/static.py"),
        ("`web/routes.py`, line 3", "shop/web/routes.py"),
        ("see shop.web.static", "shop/web/static.py"),
        ("shop.web.static.FOLDER is wrong", "shop/web/static.py"),
        ("shop.web does too much", "shop/web/__init__.py"),
        ('File "/srv/app/shop/api/routes.py", line 1', "shop/api/routes.py"),
        ("C:\\work\\shop\\web\\static.py:12: error", "shop/web/static.py"),
        ("import from '../cart/total'", "ui/src/cart/total.ts"),
        ("total.test.ts fails", "ui/src/cart/total.test.ts"),
        ("import from 'src/cart'", "ui/src/cart/index.ts"),
        ("at org.shop.Tax.rate(Tax.java:7)", "engine/src/main/java/org/shop/Tax.java"),
        ("crate::web::static::serve panics", "shop/web/static.py"),
    ],
)
def test_the_file_that_is_meant_is_found(text, path):
    assert named(text) == {path}


def test_a_name_that_many_files_have_means_each_of_them():
    assert named("routes.py is wrong") == {"shop/web/routes.py", "shop/api/routes.py"}


def test_more_of_a_path_is_worth_more():
    scores = score_mentions("shop/web/routes.py and static.py, with src.cart.total", PATHS)
    assert scores["shop/web/routes.py"] > scores["ui/src/cart/total.ts"]
    assert scores["ui/src/cart/total.ts"] > scores["shop/web/static.py"]


def test_a_folder_means_a_little_each_file_in_it():
    found = score_mentions("clean up shop/api", PATHS)
    assert set(found) == {"shop/api/routes.py"}
    assert found["shop/api/routes.py"] < score_mentions("routes.py", PATHS)["shop/api/routes.py"]


@pytest.mark.parametrize(
    "text",
    ["", "e.g. a total and/or a tax", "version 3.12", "self.total", "static", "x.py", "...", "a.b"],
)
def test_ordinary_text_names_no_file(text):
    assert score_mentions(text, PATHS) == {}


def test_a_path_of_a_file_that_is_not_there_names_nothing():
    assert score_mentions("in lib/other/thing.py", PATHS) == {}
