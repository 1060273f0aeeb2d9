import pytest

from codeorch.errors import UserError
from codeorch.refactoring import Rename, Replace, parse_rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param(
            "rename function `total` to `grand_total`",
            Rename(kind="function", old="total", new="grand_total"),
            id="backticks",
        ),
        pytest.param(
            "Rename CLASS Cart TO Basket",
            Rename(kind="class", old="Cart", new="Basket"),
            id="plain words and any case",
        ),
        pytest.param(
            "rename the method `Cart.total` to `sum`.",
            Rename(kind="method", old="Cart.total", new="sum"),
            id="a dotted name and a full stop",
        ),
        pytest.param(
            "rename function `shop::cart::total` to `sum`",
            Rename(kind="function", old="shop.cart.total", new="sum"),
            id="double colons count as dots",
        ),
        pytest.param(
            "rename variable `LIMIT` to `CEILING` in `src/a.py`, ./lib and docs/*.py",
            Rename(
                kind="variable",
                old="LIMIT",
                new="CEILING",
                within=("src/a.py", "lib", "docs/*.py"),
            ),
            id="several paths",
        ),
        pytest.param(
            "rename Cart.total to amount",
            Rename(kind="", old="Cart.total", new="amount"),
            id="no kind",
        ),
        pytest.param(
            "rename field `Cart.total` to `amount`",
            Rename(kind="variable", old="Cart.total", new="amount"),
            id="another word for a kind",
        ),
        pytest.param(
            "rename parameter scale.factor to ratio",
            Rename(kind="parameter", old="scale.factor", new="ratio"),
            id="a parameter",
        ),
        pytest.param(
            "rename module shop.cart to basket",
            Rename(kind="module", old="shop.cart", new="shop.basket"),
            id="a module by its last name",
        ),
        pytest.param(
            "rename module `src/shop/cart.py` to `src/shop/basket.py`",
            Rename(kind="module", old="src.shop.cart", new="src.shop.basket"),
            id="a module by its path",
        ),
        pytest.param(
            "replace `print($X)` with `log.info($X)`",
            Replace(pattern="print($X)", rewrite="log.info($X)"),
            id="a pattern",
        ),
        pytest.param(
            "replace ``tag`$X` `` with `` ` `` in web/",
            Replace(pattern="tag`$X`", rewrite="`", within=("web/",)),
            id="code that holds backticks",
        ),
        pytest.param(
            "replace `debug($$$A)` with ``",
            Replace(pattern="debug($$$A)", rewrite=""),
            id="nothing instead",
        ),
    ],
)
def test_a_rule_is_read(text, rule):
    assert parse_rule(text) == rule


@pytest.mark.parametrize(
    "text",
    [
        "add a retry to the client",
        "rename function that parses dates to parse_date",
        "rename function `a` to `b` and add a test for it",
        "rename function helper to something more telling",
        "rename the file a.py to b.py",
        "rename a.py to b",
        "rename everything to something better",
        "rename files to snake_case and fix the imports",
        "replace requests with httpx",
        "replace `requests` with httpx everywhere",
        "replace `a` with `b` wherever it makes sense",
        "",
    ],
)
def test_prose_is_left_to_a_model(text):
    assert parse_rule(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rename function", "the rename does not say the old name"),
        ("rename function `a`", "the rename does not say the new name"),
        ("rename class Cart to", "the rename does not say the new name"),
        ("rename function `a b` to `c`", "`a b` is not a name that code can have"),
        ("rename function `a` to `2b`", "`2b` cannot be a name in code"),
        ("rename method `A.run` to `B.run`", "`B.run` cannot be a name in code"),
        ("rename method `A.run` to `run`", "`A.run` is called `run` already"),
    ],
)
def test_a_near_miss_says_what_is_missing(text, message):
    with pytest.raises(UserError) as caught:
        parse_rule(text)
    assert caught.value.message == message
    assert caught.value.hint
