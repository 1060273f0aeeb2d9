import pytest

FILES = {
    "shop/cart.py": "from shop.tax import rate_of\n\n\nclass Cart:\n    def total(self):\n"
    "        return sum(self.items) * rate_of(self)\n" + "# filler of the first chunk\n" * 70,
    "shop/tax.py": "def rate_of(cart):\n    return 0.2  # größer: naïve_rate\n",
    "shop/empty.py": "",
    "shop/twin_one.py": "def twin():\n    return twinHelper2()\n",
    "shop/twin_two.py": "def twin():\n    return twinHelper2()\n",
    "web/cart.js": "export function showCart(cart) { return cart.total() }\n",
    "web/style.css": ".cart { color: red }\n",
    "tests/test_cart.py": "from shop.cart import Cart\n\ndef test_total():\n    assert Cart()\n",
    "docs/cart.md": "# Cart\n",
    "logo.png": b"\x89PNG\0\0",
}


@pytest.fixture
def shop(make_repo):
    return make_repo(FILES)
