"""What the gate says where the project's own TypeScript reads the result as well."""

import os

import pytest

from codeorch.engines import Engines, FoundPrograms, choose_engines
from codeorch.errors import UserError
from codeorch.sandbox import choose_sandbox

CART = (
    "export class Cart {\n  total(tax: number) { return tax; }\n  lines: string[] = [];\n}\n"
    "export const make = () => ({ all: [new Cart()] });\n"
    "export function fill(cart: Cart, count: number) { return cart; }\n"
)
USE = (
    "import { make } from './cart';\n"
    "const carts = make().all.filter(Boolean);\n"
    "export const [sum] = carts.map((each) => each.total(3));\n"
    "export const label = (thing: any) => thing.total(1);\n"
)
FILES = {"cart.ts": CART, "use.ts": USE}
RENAMED = {"cart.ts": CART.replace("total", "sum")}


@pytest.fixture
def checked(gate, tmp_path, install_typescript):
    """Give the gaps as `path:line certainty` where TypeScript was asked."""
    root = install_typescript(tmp_path, "5")
    try:
        sandbox = choose_sandbox(dict(os.environ), root)
    except UserError:
        pytest.skip("no sandbox works here")
    found = FoundPrograms(search_path=os.environ["PATH"])
    engines = choose_engines("found", root, lambda: sandbox, found, Engines())

    def check(before, changed):
        completeness = gate(before, changed, engines=engines)
        (name,) = completeness.type_checkers
        assert name.startswith("typescript 5")
        return [f"{gap.path}:{gap.line} {gap.certainty}" for gap in completeness.gaps]

    return check


def test_what_types_tell_is_sure_and_the_rest_is_as_before(checked, gaps):
    assert "use.ts:3 sure" not in gaps(FILES, RENAMED)
    told = checked(FILES, RENAMED)
    assert "use.ts:3 sure" in told
    assert told == [
        each.replace("use.ts:3 likely", "use.ts:3 sure") for each in gaps(FILES, RENAMED)
    ]


def test_a_call_that_does_not_fit_is_sure(checked):
    call = "import { make, fill } from './cart';\nmake().all.map((each) => fill(each, 1));\n"
    changed = {"cart.ts": CART.replace("(cart: Cart, count: number)", "(cart: Cart)")}
    assert checked({**FILES, "call.ts": call}, changed) == ["call.ts:2 sure"]


def test_what_is_not_installed_raises_nothing(checked):
    new = (
        "import React from 'react';\nimport { z } from 'zod';\nimport aside from '@aside/lib';\n"
        "describe('x', () => { vi.fn(); process.exit(globalThing); });\n"
        "export const view = z.object(React.createElement(aside.total));\n"
    )
    assert checked(FILES, {"new.ts": new, "use.ts": USE + "\nwindow.total;\n"}) == []
