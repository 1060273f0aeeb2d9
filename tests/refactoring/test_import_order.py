import pytest

RUFF = {"pyproject.toml": '[tool.ruff.lint]\nselect = ["E", "I"]\n'}
SHOP = {
    "shop/__init__.py": "",
    "shop/cart.py": "LIMIT = 3\nclass Cart: ...\ndef add(): ...\ndef total(): ...\n",
    "app.py": (
        '"""App."""\n\n'
        "import os\n"
        "import sys\n\n"
        "import shop.base\n"
        "from shop.cart import LIMIT, Cart, add, total\n"
        "from shop.do import it\n\n"
        "print(total, add, Cart, LIMIT)\n"
    ),
    "shop/base.py": "",
    "shop/do.py": "def it(): ...\n",
    "odd.py": "from shop.cart import total, Cart\nfrom shop.base import x\n",
}


@pytest.mark.parametrize(
    ("config", "names"),
    [
        (RUFF, "aaa, add"),
        ({".isort.cfg": "[settings]\nprofile = black\n"}, "aaa, add"),
        ({"ruff.toml": '[lint]\nextend-select = ["I001"]\n'}, "aaa, add"),
        ({"pyproject.toml": '[tool.ruff.lint]\nselect = ["E"]\n'}, "add, aaa"),
    ],
)
def test_names_are_put_in_order_where_the_linter_asks(changed, config, names):
    after = changed("rename function total to aaa", {**SHOP, **config})
    assert after["app.py"].split("\n")[6] == f"from shop.cart import LIMIT, Cart, {names}"
    assert after["odd.py"].startswith("from shop.cart import aaa, Cart\n")  # it never was


def test_modules_are_put_in_order(changed, plan_for):
    plan = plan_for("rename module shop.cart to shop.zoo", {**SHOP, **RUFF})
    edit = next(task.answer for task in plan.tasks if task.path == "app.py")
    assert "-from shop.cart import" in edit
    assert "+from shop.do import it\n+from shop.zoo import LIMIT" in edit.replace(" from", "+from")
