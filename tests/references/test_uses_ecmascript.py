import json

import pytest

SHOP = {
    "src/cart.ts": (
        "export function total(items: number[], rate = 1) { return items.length * rate }\n"
        "export interface Options { width: number; tall?: boolean }\n"
        "export class Cart {\n"
        "  constructor(private owner: string) {}\n"
        "  insert(item: number, count?: number) { return this.owner + item }\n"
        "}\n"
        "export default Cart\n"
    ),
    "src/index.ts": "export { total, Cart } from './cart'\nexport * from './cart'\n",
    "src/app.ts": (
        "import Default, { total as sum, Cart, type Options } from './cart.js'\n"
        "import * as whole from './index'\n"
        "const { total: lazy } = await import('./cart')\n"
        "const mine = new Cart('me')\n"
        "function add(total: number, other: any) { return total + other.insert(1) }\n"
        "export const all = [sum([1]), whole.total([2]), mine.insert(2, 3), lazy([3])]\n"
        "const wide: Options = { width: 1 }\n"
        "class Bag extends Cart {\n"
        "  insert(item: number, count?: number) { return super.insert(item, count) }\n"
        "}\n"
        "console.log(wide.width, Default, Bag, structuredClone(all))\n"
    ),
}


def edited(path, *replacements):
    text = SHOP[path]
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return {path: text}


def cart(*replacements):
    return edited("src/cart.ts", *replacements)


STAYS = {
    "a body": cart(("items.length *", "items.length +")),
    "an optional parameter": cart(("rate = 1", "rate = 1, digits?: number")),
    "a parameter's name": cart(("items", "list")),
    "a re-export from a new home": {
        "src/cart.ts": "export * from './inner/cart'\nexport { default } from './inner/cart'\n",
        "src/inner/cart.ts": SHOP["src/cart.ts"],
    },
    "a package, a file that is made, a style sheet": {
        "src/app.ts": "import 'left-pad'\nimport '../dist/made.js'\n" + SHOP["src/app.ts"],
    },
    "a name of the platform": {"src/app.ts": SHOP["src/app.ts"] + "fetch(new Request('x'))\n"},
}


@pytest.mark.parametrize("changed", STAYS.values(), ids=STAYS.keys())
def test_a_change_that_needs_no_other_leaves_no_gap(gaps, changed):
    assert gaps(SHOP, changed) == []


LEFT = {
    "a function renamed": (
        cart(("function total", "function whole")),
        ["src/app.ts:1 sure", "src/app.ts:3 sure", "src/index.ts:1 sure"],
    ),
    "a re-export taken out": (
        {"src/index.ts": "export { Cart } from './cart'\n"},
        ["src/app.ts:6 sure"],
    ),
    "a module moved": (
        {"src/cart.ts": None, "src/basket.ts": SHOP["src/cart.ts"]},
        ["src/app.ts:1 sure", "src/app.ts:3 sure", "src/index.ts:1 sure", "src/index.ts:2 sure"],
    ),
    "a method renamed": (
        cart(("insert(item", "place(item")),
        ["src/app.ts:5 maybe", "src/app.ts:6 likely", "src/app.ts:9 likely"],
    ),
    "a field renamed": (
        cart(("width:", "breadth:")),
        ["src/app.ts:7 likely", "src/app.ts:11 likely"],
    ),
    "a required parameter": (
        cart(("rate = 1", "rate: number")),
        ["src/app.ts:6 sure"],
    ),
    "a parameter of a constructor": (
        cart(("private owner: string", "private owner: string, shop: string")),
        ["src/app.ts:4 sure"],
    ),
    "a required parameter of a method": (
        cart(("count?: number", "count: number, by: string")),
        ["src/app.ts:5 maybe", "src/app.ts:6 sure", "src/app.ts:9 sure"],
    ),
}


@pytest.mark.parametrize(("changed", "places"), LEFT.values(), ids=LEFT.keys())
def test_what_a_change_leaves_behind_is_found(gaps, changed, places):
    assert gaps(SHOP, changed) == places


FORGOTTEN = {
    "an import of a new name": (
        edited("src/app.ts", ("{ total as sum,", "{ whole as sum,"), ("total([2])", "whole([2])")),
        ["src/app.ts:1 sure", "src/app.ts:6 sure"],
    ),
    "a module that nobody made": (
        edited("src/index.ts", ("* from './cart'", "* from './sums'")),
        ["src/index.ts:2 sure"],
    ),
    "a method under a new name": (
        edited("src/app.ts", (".insert(1)", ".place(1)"), ("mine.insert", "mine.place")),
        ["src/app.ts:5 likely", "src/app.ts:6 likely"],
    ),
    "an argument that is not taken": (
        edited("src/app.ts", ("sum([1])", "sum([1], 2, 3)"), ("Cart('me')", "Cart('me', 2)")),
        ["src/app.ts:4 sure", "src/app.ts:6 sure"],
    ),
    "an import taken out": (
        edited("src/app.ts", ("import * as whole from './index'\n", "")),
        ["src/app.ts:5 sure"],
    ),
}


@pytest.mark.parametrize(("changed", "places"), FORGOTTEN.values(), ids=FORGOTTEN.keys())
def test_a_definition_that_was_not_changed_is_missed_where_it_is_used(gaps, changed, places):
    assert gaps(SHOP, changed) == places


def test_a_call_in_javascript_may_leave_arguments_out_but_it_is_told(gaps):
    before = {
        "a.js": "export function draw(shape) {}\n",
        "b.js": "import { draw } from './a.js'\ndraw(1)\n",
    }
    assert gaps(before, {"a.js": "export function draw(pen, shape) {}\n"}) == ["b.js:2 likely"]


def test_what_common_js_exports_is_followed(gaps):
    before = {
        "a.js": "function draw(shape) {}\nmodule.exports = { draw }\n",
        "b.js": "const { draw } = require('./a')\nconst a = require('./a')\na.draw(draw)\n",
    }
    changed = {"a.js": "function paint(shape) {}\nmodule.exports = { paint }\n"}
    assert gaps(before, changed) == ["b.js:1 sure", "b.js:3 sure"]


def test_a_global_is_not_the_type_of_its_name_that_another_file_has(gaps):
    files = {
        "a.ts": "export interface Set { put(): void }\n",
        "b.ts": "export const keys: string[] = []\nkeys.push('a')\n",
    }
    after = {"b.ts": "export const keys = new Set()\nkeys.add('a')\n"}
    assert gaps(files, after) == []


def test_an_object_put_together_from_another_is_one_argument(gaps):
    files = {
        "a.ts": "export function f(x: number, y: object) {}\n",
        "b.ts": "import { f } from './a'\nconst z = {}\nf(1, { ...z })\n",
    }
    after = {"b.ts": "import { f } from './a'\nconst z = {}\nf(0, 1, { ...z })\n"}
    assert gaps(files, after) == ["b.ts:3 sure"]


def test_a_function_whose_type_is_told_takes_what_the_type_says(gaps):
    files = {
        "a.ts": "export const f: F = (x, y) => {}\nexport class A { go: F = (x, y) => {} }\n",
        "b.ts": "import { f, A } from './a'\n",
    }
    after = {"b.ts": "import { f, A } from './a'\nf(1)\nconst a = new A()\na.go(1)\n"}
    assert gaps(files, after) == []


QUIET = {
    "an import of what is global, too, taken out": (
        {"a.ts": "import { crypto } from 'node:crypto'\ncrypto.subtle()\ncrypto.subtle()\n"},
        {"a.ts": "crypto.subtle()\n"},
    ),
    "types that are inferred and mapped": (
        {
            "a.ts": (
                "export type T = string\nexport type Q = T\nexport type A<X> = X\n"
                "export const f = (first: T, more: T, S: T, K: T) => first + more + S + K\n"
            )
        },
        {
            "a.ts": (
                "export type A<X> = X extends P<infer T, infer S extends string> ? [T, S] : never\n"
                "export type M<X> = { [K in keyof X as `a${K}`]: X[K] }\n"
                "export type F<X> = X extends (a: infer Q) => void ? Q : never\n"
                "export type L = (...all: [first: number, more?: string]) => void\n"
            )
        },
    ),
    "what every object has": (
        {"a.ts": "export class A {\n  toString() { return 'a' }\n}\nnew A().toString()\n"},
        {"a.ts": "export class A {}\nnew A().toString()\n"},
    ),
    "a call that is wrong on purpose": (
        {
            "a.ts": "export function f(x?: number) {}\n",
            "b.ts": "import { f } from './a'\n// @ts-expect-error it wants one\nf()\n",
        },
        {"a.ts": "export function f(x: number) {}\n"},
    ),
    "what is taken apart, in another way than before": (
        {
            "a.ts": (
                "export interface Env { config: Config }\nexport interface Config { input: string }"
                "\nexport type List = string[]\nexport enum Mode { Dev }\n"
            ),
            "b.ts": "import { type Env, type List, Mode } from './a'\n",
        },
        {
            "b.ts": (
                "import { type Env, type List, Mode } from './a'\n"
                "export function f(env: Env, list: List) {\n  const { config } = env\n"
                "  list.push(config.input, Mode.Dev)\n}\n"
                "import('./a').then((a) => a.Mode)\n"
            )
        },
    ),
    "a field that is gone, of a value that others have as well": (
        {
            "a.ts": "interface Entry { size: number }\nexport const f = (css: Entry) => css.size\n",
            "b.ts": "export const g = (css: any) => css.size\n",
        },
        {"a.ts": "interface Entry { name: string }\nexport const f = (css: Entry) => css.name\n"},
    ),
    "a field that other objects may have": (
        {
            "a.ts": "export interface A { file: string; id: number }\n",
            "b.ts": "const x = { file: 1 }\nBun.file(x.file)\n",
        },
        {"a.ts": "export interface A { id: number }\n"},
    ),
}


@pytest.mark.parametrize(("before", "after"), QUIET.values(), ids=QUIET.keys())
def test_what_stays_well_is_not_open(gate, before, after):
    assert gate(before, after).open == ()


@pytest.mark.parametrize("alias", ["#types/cart", "@/types/cart", "~types/cart"])
def test_imports_by_an_alias_are_followed_or_told_by_the_name_of_the_file(gaps, alias):
    files = {
        "package.json": '{"imports": {"#types/*": {"types": "./src/types/*.d.ts"}}}',
        "src/types/cart.d.ts": "export interface Cart {\n  id: string\n}\n",
        "src/a.ts": f"import type {{ Cart }} from '{alias}'\nlet c: Cart\n",
        "src/b.ts": "import type { Cart } from 'other/till'\nlet c: Cart\n",
    }
    after = {"src/types/cart.d.ts": "export interface Basket {\n  id: string\n}\n"}
    told = "sure" if alias.startswith("#") else "likely"
    assert gaps(files, after) == [f"src/a.ts:1 {told}"]


def test_a_name_of_a_namespace_that_was_not_renamed_is_missed(gaps):
    files = {
        "a.ts": "export namespace kit {\n  export type Never<T> = T\n}\n",
        "b.ts": "import { kit } from './a'\nlet x: kit.Never<number>\n",
    }
    after = {"b.ts": "import { kit } from './a'\nlet x: kit.NeverAnew<number>\n"}
    assert gaps(files, after) == ["b.ts:2 likely"]


def test_an_import_from_elsewhere_that_is_new_is_of_something_else(gaps):
    files = {
        "src/types/cart.d.ts": "export interface Cart {\n  id: string\n}\n",
        "src/a.ts": "import type { Cart } from './types/cart'\nlet c: Cart\n",
        "src/b.ts": "import type { Cart } from '@/types/cart'\nlet c: Cart\n",
    }
    after = {
        "src/types/cart.d.ts": "export interface Basket {\n  id: string\n}\n",
        "src/a.ts": "import type { Cart } from 'other/cart'\nlet c: Cart\n",
    }
    assert gaps(files, after) == ["src/b.ts:1 likely"]


def test_the_keys_of_an_object_are_those_of_the_type_that_is_told_of_it(gaps):
    files = {
        "a.ts": "export interface Item {\n  label: string\n}\n",
        "b.ts": "import type { Item } from './a'\nexport const one: Item = { label: 'a' }\n",
        "c.ts": "import type { Item } from './a'\nconst f = ({ label: l }: Item) => l\n",
        "d.ts": "export class Other {\n  label = 'b'\n}\nconst two = { label: 'c' }\n",
    }
    assert gaps(files, {"a.ts": files["a.ts"].replace("label", "title")}) == [
        "b.ts:2 likely",
        "c.ts:2 likely",
    ]
    assert gaps(files, {"b.ts": files["b.ts"].replace("label", "title")}) == ["b.ts:2 likely"]


ENTRIES = {
    "where it is built": {"exports": {".": {"import": "./dist/node/index.js"}}},
    "without a subpath": {"exports": {"types": "./x.d.ts", "default": "./dist/node/index.js"}},
    "the main one": {"main": "dist/node/index.js"},
    "by a pattern": {"exports": {"./*": "./dist/*.js"}},
}


@pytest.mark.parametrize("told", ENTRIES.values(), ids=ENTRIES.keys())
def test_what_a_package_of_the_repository_gives_is_followed_to_its_source(gaps, told):
    name = "kit/node/index" if "./*" in told.get("exports", {}) else "kit"
    files = {
        "packages/kit/package.json": json.dumps({"name": "kit", **told}),
        "packages/kit/src/node/index.ts": "export { sumUp } from './sums'\n",
        "packages/kit/src/node/sums.ts": "export function sumUp(all: number[]) {}\n",
        "play/app.js": f"import {{ sumUp }} from '{name}'\nsumUp([1])\n",
    }
    after = {
        path: files[path].replace("sumUp", "total")
        for path in files
        if path.startswith("packages/kit/src")
    }
    assert gaps(files, after) == ["play/app.js:1 sure"]


def test_this_in_a_function_of_its_own_is_not_the_class(gaps):
    text = (
        "class Line {\n  open(socket: any) {\n    socket.on(KIND { this.reply('x') })\n  }\n"
        "  close() {}\n}\n"
    )
    before = {"a.ts": text.replace("KIND", "() =>").replace("this.reply('x')", "this.close()")}
    assert gaps(before, {"a.ts": text.replace("KIND", "function ()")}) == []


def test_members_go_along_with_their_class(gaps):
    """Where a value of the class is used, its members are what they were."""
    state = "export interface State {\n  list: string[]\n  view: string[]\n}\n"
    before = {
        "old.ts": state + "export const first = 1\n",
        "use.ts": "export function f(store: any) { return store.state.list }\n",
    }
    changed = {"old.ts": "export const first = 1\n", "new/index.ts": state}
    assert gaps(before, changed) == []


def test_the_field_of_an_object_may_be_any_objects(gaps):
    text = "function f(opts: { input: { lastId: number } }) {\n  return opts.input.lastId\n}\n"
    before = {"a.ts": text, "b.ts": "export const g = (opts: any) => opts.input.lastId\n"}
    found = gaps(before, {"a.ts": "function f() {\n  return 1\n}\n"})
    assert not [gap for gap in found if gap.startswith("b.ts") and "maybe" not in gap]


def test_what_no_test_imports_of_its_data_is_data(gaps):
    before = {
        "test/__fixtures__/hooks/page.ts": "import { api } from './api'\napi()\n",
        "test/run.test.ts": "import { readFileSync } from 'fs'\n",
        "test/__fixtures__/hooks/api.ts": "export function api() {}\n",
    }
    gone = {"test/__fixtures__/hooks/api.ts": None}
    assert gaps(before, gone) == []
    before["test/run.test.ts"] = "import './__fixtures__/hooks/page'\n"
    assert gaps(before, gone)[:1] == ["test/__fixtures__/hooks/page.ts:1 sure"]


def test_an_import_that_led_somewhere_before_is_lost(gaps):
    """By an alias for everything, what is gone cannot be told from a library's."""
    options = {"baseUrl": ".", "paths": {"*": ["src/*"]}}
    before = {
        "ui/tsconfig.json": json.dumps({"compilerOptions": options}),
        "ui/src/Foot/Form.tsx": "export default function Form() {\n  return null\n}\n",
        "ui/src/Foot/Foot.tsx": "import Form from 'Foot/Form'\nexport const x = Form\n",
    }
    assert gaps(before, {"ui/src/Foot/Form.tsx": None}) == ["ui/src/Foot/Foot.tsx:1 likely"]
