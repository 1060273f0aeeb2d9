import pytest

from codeorch.errors import UserError

SHOP = {
    "src/shop/__init__.py": 'from . import cart\nfrom .cart import Cart\n__all__ = ["cart"]\n',
    "src/shop/cart.py": "from .base import B\nclass Cart(B): ...\ndef total(): ...\n",
    "src/shop/cart.pyi": "class Cart: ...\n",
    "src/shop/base.py": "class B: ...\n",
    "app.py": (
        "import importlib, logging\n"
        "import shop.cart\n"
        "import shop.cart as sc\n"
        "from shop import cart, base\n"
        "from shop.cart import total\n"
        'log = logging.getLogger("shop.cart")\n'
        "shop.cart.total(); sc.total(); cart.total(); total()\n"
        "def f(cart): return cart\n"
        'importlib.import_module("shop.cart")\n'
    ),
    "test_cart.py": 'from unittest.mock import patch\npatch("shop.cart.total")\n',
    "pyproject.toml": (
        '[project]\nname = "shop"\n[project.scripts]\nx = "shop.cart:total"\n'
        '[tool.t]\nf = ["src/shop/cart.py"]\n[tool.u]\npackages = ["shop"]\n'
    ),
}


def moves(plan):
    return {task.old_path: task.path for task in plan.tasks if task.action == "rename"}


def lines(plan):
    return {
        task.old_path or task.path: [
            line[1:] for line in task.answer.splitlines()
            if line.startswith("+") and not line.startswith("+++")
        ]
        for task in plan.tasks
    }  # fmt: skip


@pytest.mark.parametrize(
    "request_",
    [
        "rename module shop.cart to shop.basket",
        "rename module `cart` to `basket`",
        "rename module src/shop/cart.py to src/shop/basket.py",
    ],
)
def test_a_module_moves_with_what_imports_it(plan_for, request_):
    plan = plan_for(request_, SHOP)
    assert moves(plan) == {
        "src/shop/cart.py": "src/shop/basket.py",
        "src/shop/cart.pyi": "src/shop/basket.pyi",
    }
    assert lines(plan) == {
        "src/shop/__init__.py": [
            "from . import basket", "from .basket import Cart", '__all__ = ["basket"]'
        ],
        "src/shop/cart.py": [],
        "src/shop/cart.pyi": [],
        "app.py": [
            "import shop.basket",
            "import shop.basket as sc",
            "from shop import basket, base",
            "from shop.basket import total",
            "shop.basket.total(); sc.total(); basket.total(); total()",
            'importlib.import_module("shop.basket")',
        ],
        "test_cart.py": ['patch("shop.basket.total")'],
        "pyproject.toml": ['x = "shop.basket:total"', 'f = ["src/shop/basket.py"]'],
    }  # fmt: skip
    assert not plan.unproven_uses


def test_a_package_moves_with_all_that_is_in_it(plan_for):
    plan = plan_for("rename module shop to store", {**SHOP, "src/shop/data/a.json": "{}"})
    assert set(moves(plan).values()) == {
        "src/store/__init__.py", "src/store/cart.py", "src/store/cart.pyi", "src/store/base.py",
        "src/store/data/a.json",
    }  # fmt: skip
    assert lines(plan)["app.py"][:4] == [
        "import store.cart",
        "import store.cart as sc",
        "from store import cart, base",
        "from store.cart import total",
    ]
    assert lines(plan)["pyproject.toml"] == [
        'x = "store.cart:total"', 'f = ["src/store/cart.py"]', 'packages = ["store"]'
    ]  # fmt: skip


def test_a_module_is_followed_into_the_commands_that_run_it(changed):
    texts = {
        "tools/__init__.py": "",
        "tools/run.py": "x = 1\n",
        "Makefile": "run:\n\tpython -m tools.run --run\n\tpytest -m run && ./run.sh\n",
        "Dockerfile": 'COPY tools/run.py run.py /app/\nCMD ["python3", "-u", "-m", "tools.run"]\n',
        "ci/run.yaml": 'run: "run"\nsteps:\n  - run: python -m tools.run\n',
        "run.sh": "run() { python tools/run.py; }\nother.tools.run\n",
    }
    after = changed("rename module tools.run to go", texts)
    assert {path: after[path] for path in after if not path.startswith("tools")} == {
        "Makefile": "run:\n\tpython -m tools.go --run\n\tpytest -m run && ./run.sh\n",
        "Dockerfile": 'COPY tools/go.py run.py /app/\nCMD ["python3", "-u", "-m", "tools.go"]\n',
        "ci/run.yaml": 'run: "run"\nsteps:\n  - run: python -m tools.go\n',
        "run.sh": "run() { python tools/go.py; }\nother.tools.run\n",
    }


def test_a_module_of_no_package_is_known_where_it_is_run(changed):
    texts = {"run.py": "x = 1\n", "Makefile": "run:\n\tpython -m run\n\tpytest -m run\n"}
    after = changed("rename module run to go", texts)
    assert after["Makefile"] == "run:\n\tpython -m go\n\tpytest -m run\n"


@pytest.mark.parametrize(
    ("request_", "texts", "message"),
    [
        ("rename module cart to base", SHOP, "`base` already means something"),
        ("rename module shop.cart to till.cart", SHOP, "`till.cart` is in another package"),
        ("rename module util to json", {"util.py": ""}, "`json` is a module of Python's own"),
        ("rename module conftest to other", {"conftest.py": ""}, "`conftest` is found by its name"),
        (
            "rename module util to tools",
            {"util.py": "x = 1\n", "a.py": "import util\ndef f(tools): return util.x\n"},
            "`tools` already means something",
        ),
        ("rename module util to class", {"util.py": ""}, "`class` is a reserved word"),
    ],
)
def test_a_module_name_that_is_taken_is_refused(plan_for, request_, texts, message):
    with pytest.raises(UserError) as caught:
        plan_for(request_, texts)
    assert caught.value.message.startswith(message)
