import pytest

from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.domain import Snapshot, SourceFile
from codeorch.llm import Call
from codeorch.retrieval.look_ups import Codebase, LookUps
from codeorch.source import parse_file

SHOP = {
    "shop/__init__.py": "from .cart import Cart\n\n__all__ = [\n    'Cart',\n]\n",
    "shop/cart.py": (
        "from dataclasses import dataclass\nfrom decimal import Decimal\nimport os\n\n\n"
        "@dataclass\nclass Cart:\n    'What somebody buys.'\n\n    tax: Decimal = Decimal(0)\n\n"
        "    # Sums up.\n    def total(self, extra=0):\n        return Decimal(1) + extra\n\n"
        "    def size(self):\n        return self.total()\n\n\n"
        "class Bag:\n    def total(self):\n        return 2\n"
    ),
    "shop/bill.py": (
        "import shop\nfrom shop.cart import Bag\n\n\ndef bill(cart: shop.Cart, bag: Bag, thing):\n"
        "    cart.total(extra=3)\n    bag.total()\n    return thing.total(), cart.total()\n"
    ),
    "tests/test_cart.py": (
        "from shop import Cart\n\n\ndef test_it():\n    assert Cart().total() == 1\n"
    ),
    "docs/use.rst": "Use\n===\n\nCall ``Cart.total``.\n\nMore\n----\n\nNothing.\n",
}


def snapshot_of(files, skipped=()):
    parsed = {path: parse_file(path, text.encode()) for path, text in files.items()}
    assert all(isinstance(file, SourceFile) for file in parsed.values())
    return Snapshot(commit="0" * 40, files=parsed, skipped=dict(skipped))


@pytest.fixture
def shop():
    return dict(SHOP)


@pytest.fixture
def codebase_of():
    def make(files=SHOP, *, skipped=(), **more):
        snapshot = snapshot_of(files, skipped)
        return Codebase(snapshot=snapshot, names=SnapshotIndex(snapshot), **more)

    return make


@pytest.fixture
def caller():
    """Make something that calls one look-up after the other and gives the texts."""

    def make(look_ups):
        def call(tool, **given):
            (returned,) = look_ups.answer([Call(id="c", name=tool, input=given)])
            assert returned.id == "c"
            return returned.text

        return call

    return make


@pytest.fixture
def look(codebase_of, caller):
    """Call look-ups in some files."""

    def make(files=SHOP, **more):
        return caller(LookUps(codebase_of(files, **more)))

    return make
