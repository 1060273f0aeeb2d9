import textwrap

import pytest

from codeorch.errors import UserError


def files(**texts):
    return {
        name.replace("__", "/").replace("_dot_", "."): textwrap.dedent(text).lstrip()
        for name, text in texts.items()
    }


LIBRARY = {
    "lib/sum.ts": "export function total(a: number) { return a }\nexport default total\n",
    "lib/index.ts": "export { total, total as sum } from './sum.js'\nexport * from './more'\n",
    "lib/more.ts": "export const more = { total: 1 }\n",
    "app.tsx": textwrap.dedent("""\
        import { total } from './lib'
        import * as lib from './lib/index'
        import plus, { total as t } from './lib/sum'
        import { total as foreign } from 'library'
        const list = { total, a: total, b: more.total, total() { return 1 } }
        export const App = ({ total: n }) => <Sum total={total(n)}>{lib.total(1)}</Sum>
        function hide(total: number) { return total + t(1) + plus(2) + other.total }
        type T = typeof total
        """),
    "lazy.js": textwrap.dedent("""\
        const { total } = require('./lib/sum')
        async function go() {
          const { total: x } = await import('./lib/sum')
          return (await import('./lib/sum')).total(x) + total(1)
        }
        """),
}


def test_a_function_is_followed_through_imports_and_re_exports(changed):
    after = changed("rename function `total` to `add`", LIBRARY)
    assert after == {
        "lib/sum.ts": "export function add(a: number) { return a }\nexport default add\n",
        "lib/index.ts": "export { add, add as sum } from './sum.js'\nexport * from './more'\n",
        "app.tsx": textwrap.dedent("""\
            import { add } from './lib'
            import * as lib from './lib/index'
            import plus, { add as t } from './lib/sum'
            import { total as foreign } from 'library'
            const list = { total: add, a: add, b: more.total, total() { return 1 } }
            export const App = ({ total: n }) => <Sum total={add(n)}>{lib.add(1)}</Sum>
            function hide(total: number) { return total + t(1) + plus(2) + other.total }
            type T = typeof add
            """),
        "lazy.js": textwrap.dedent("""\
            const { add } = require('./lib/sum')
            async function go() {
              const { add: x } = await import('./lib/sum')
              return (await import('./lib/sum')).add(x) + add(1)
            }
            """),
    }


# Each case: a request, the text before, the text after.
CASES = {
    "blocks and parameters hide, var does not stay in its block": (
        "rename function `f` to `g`",
        """
        function f() {}
        { let f = 1; f }
        { f() }
        const h = f => f
        function v() { if (1) { var f = 2 } return f }
        """,
        """
        function g() {}
        { let f = 1; f }
        { g() }
        const h = f => f
        function v() { if (1) { var f = 2 } return f }
        """,
    ),
    "a default value is the outer name, a pattern's default too": (
        "rename variable `limit` to `ceiling`",
        """
        const limit = 1
        function a(x = limit, { y = limit } = {}) { return obj.limit }
        """,
        """
        const ceiling = 1
        function a(x = ceiling, { y = ceiling } = {}) { return obj.limit }
        """,
    ),
    "a property that is taken apart keeps its name": (
        "rename variable `size` to `count`",
        """
        const { size } = options
        const { size: other = 1 } = size
        console.log({ size })
        """,
        """
        const { size: count } = options
        const { size: other = 1 } = count
        console.log({ size: count })
        """,
    ),
    "overloads are one definition": (
        "rename function `f` to `g`",
        """
        export function f(a: string): void
        export function f(a: number): void
        export function f(a: any) { f(a) }
        """,
        """
        export function g(a: string): void
        export function g(a: number): void
        export function g(a: any) { g(a) }
        """,
    ),
    "an interface and its class share a method": (
        "rename method `run` to `start`",
        """
        interface Job { run(): void }
        class Task implements Job { run() { this.run() } }
        class Night extends Task { run() { super.run() } }
        const all = (job: Job) => { job.run(); new Night().run() }
        """,
        """
        interface Job { start(): void }
        class Task implements Job { start() { this.start() } }
        class Night extends Task { start() { super.start() } }
        const all = (job: Job) => { job.start(); new Night().start() }
        """,
    ),
    "a private method": (
        "rename method `count` to `tally`",
        "class A { #n = 1; private count() { return this.#n + this.count() } }\n",
        "class A { #n = 1; private tally() { return this.#n + this.tally() } }\n",
    ),
    "a type and its uses": (
        "rename class `Cart` to `Basket`",
        """
        type Cart = { items: Cart[] }
        const c = <T extends Cart>(x: T, y: ns.Cart): Array<Cart> => [x as Cart]
        """,
        """
        type Basket = { items: Basket[] }
        const c = <T extends Basket>(x: T, y: ns.Cart): Array<Basket> => [x as Basket]
        """,
    ),
}


@pytest.mark.parametrize(("request_text", "before", "after"), CASES.values(), ids=CASES)
def test_scopes_are_respected(changed, request_text, before, after):
    before, after = textwrap.dedent(before), textwrap.dedent(after)
    assert changed(request_text, {"a.ts": before}) == {"a.ts": after}


def test_common_js_exports_are_followed(changed):
    texts = {
        "a.js": "function f() {}\nmodule.exports = { f, g: f }\nmodule.exports.f = f\n",
        "b.js": "const a = require('./a')\na.f()\na.g()\n",
    }
    assert changed("rename function `f` to `h`", texts) == {
        "a.js": "function h() {}\nmodule.exports = { h, g: h }\nmodule.exports.h = h\n",
        "b.js": "const a = require('./a')\na.h()\na.g()\n",
    }


def test_packages_of_the_repository_and_path_aliases_are_found(changed):
    texts = {
        "packages/core/package.json": '{"name": "@shop/core"}',
        "packages/core/src/index.ts": "export const f = () => 1\n",
        "tsconfig.json": '{\n// paths\n"compilerOptions": {"paths": {"~/*": ["./web/*"],},}}',
        "web/a.ts": "import { f } from '@shop/core'\nexport { f }\n",
        "web/b/c.ts": "import { f } from '~/a'\nimport { f as x } from '@shop/other'\nf()\n",
    }
    assert changed("rename function `f` to `g`", texts) == {
        "packages/core/src/index.ts": "export const g = () => 1\n",
        "web/a.ts": "import { g } from '@shop/core'\nexport { g }\n",
        "web/b/c.ts": "import { g } from '~/a'\nimport { f as x } from '@shop/other'\ng()\n",
    }


def test_methods_of_unrelated_classes_are_ambiguous_until_narrowed(changed, plan_for):
    texts = {
        "a.ts": "export class A { go() {} }\nexport class B { go() {} }\n",
        "b.ts": (
            "import { A, B } from './a'\n"
            "export function f(a: A, b: B, c) { a.go(); b.go(); c.go(); new A().go() }\n"
        ),
    }
    with pytest.raises(UserError, match=r"2 unrelated definitions: a.ts:1, a.ts:2"):
        plan_for("rename method `go` to `run`", texts)
    after = changed("rename method `A.go` to `run`", texts)
    assert after["a.ts"] == texts["a.ts"].replace("A { go", "A { run")
    assert "a.run(); b.go(); c.go(); new A().run()" in after["b.ts"]
    plan = plan_for("rename method `A.go` to `run`", texts)
    assert "b.ts:2" in plan.notes[0]


def test_a_method_of_the_language_is_changed_only_where_the_type_is_told(changed):
    texts = {"a.ts": "class A { map() {} }\nfunction f(x, a: A) { x.map(); a.map(); [1].map() }\n"}
    assert changed("rename method `map` to `chart`", texts) == {
        "a.ts": "class A { chart() {} }\nfunction f(x, a: A) { x.map(); a.chart(); [1].map() }\n"
    }


def test_a_new_name_that_is_taken_is_refused(plan_for):
    texts = {"a.ts": "export const f = 1\n", "b.ts": "import { f } from './a'\nconst g = f\n"}
    with pytest.raises(UserError) as caught:
        plan_for("rename variable `f` to `g`", texts)
    assert caught.value.message == "`g` already means something where `f` is used: b.ts:2"


# Each case: a request, the text, what is written in the place of what, and the lines left open.
KINDS = {
    "members by the type that is said of a literal or a pattern": (
        "rename variable `Props.size` to `width`",
        """\
interface Props { size: number; inner?: Props }
interface Other { size: number; box: { size: number } }
const one: Props = { size: 1, inner: { size: 2 } };
const two = { size: 3 };
function show({ size }: Props): Props { return { size }; }
const make = (size: number): Props => ({ size });
const many: Props[] = [{ size: 4 }];
for (const each of many) { each.size; }
function read(x: Partial<Props> | null, o: Other) { return x?.size + many[0].size + o.size; }
const { size } = one;
const last = { size: 5 } satisfies Props;
""",
        [
            ("Props { size", "Props { width"),
            ("= { size: 1, inner: { size: 2 }", "= { width: 1, inner: { width: 2 }"),
            ("({ size }: Props)", "({ width: size }: Props)"),
            ("return { size }", "return { width: size }"),
            ("=> ({ size })", "=> ({ width: size })"),
            ("[{ size: 4 }]", "[{ width: 4 }]"),
            ("each.size", "each.width"),
            ("x?.size + many[0].size", "x?.width + many[0].width"),
            ("const { size } = one", "const { width: size } = one"),
            ("{ size: 5 }", "{ width: 5 }"),
        ],
        [4],
    ),
    "members by a string": (
        "rename variable `Props.size` to `width`",
        """\
interface Props { size: number }
interface Other { size: number }
type A = Props["size"] | Pick<Props, "size"> | Other["size"];
const read = (p: Props, o: Other) => p["size"] + o["size"];
const key: keyof Props = "size";
const text = "size";
""",
        [
            ("Props { size", "Props { width"),
            ('Props["size"]', 'Props["width"]'),
            ('Pick<Props, "size">', 'Pick<Props, "width">'),
            ('p["size"]', 'p["width"]'),
        ],
        [5],
    ),
    "members by a string that a function or an operator looks up": (
        "rename method `Cart.total` to `sum`",
        """\
class Cart { total() { return 1 } has(k: string) { return "total" in this } }
function go(cart: Cart, other: string[], any: unknown) {
  jest.spyOn(cart, "total"); vi.spyOn(Cart.prototype, "total"); log(cart, "total");
  return Reflect.has(other, "total") || "total" in other;
}
const may = (some) => Object.hasOwn(some, "total");
""",
        [
            ("total() { return 1", "sum() { return 1"),
            ('"total" in this', '"sum" in this'),
            ('jest.spyOn(cart, "total")', 'jest.spyOn(cart, "sum")'),
            ('vi.spyOn(Cart.prototype, "total")', 'vi.spyOn(Cart.prototype, "sum")'),
        ],
        [6],
    ),
    "a member of an enum that another one names": (
        "rename variable `Color.Red` to `Ruby`",
        """\
enum Color { Red = "r", Also = Red, Both = Color.Red }
enum Lamp { Blue = Red }
""",
        [
            ("{ Red =", "{ Ruby ="),
            ("Also = Red", "Also = Ruby"),
            ("Color.Red", "Color.Ruby"),
        ],
        [],
    ),
    "a field that a constructor's parameter makes": (
        "rename variable `Person.name` to `label`",
        """\
class Person {
  constructor(private readonly name: string, other: string) { log(name, this.name); }
  hi() { return this.name; }
}
""",
        [
            ("readonly name", "readonly label"),
            ("log(name, this.name)", "log(label, this.label)"),
            ("return this.name", "return this.label"),
        ],
        [],
    ),
    "an object of the language's own": (
        "rename method `Stack.push` to `put`",
        """\
class Stack { items: number[] = []; push(x: number) { this.items.push(x); } }
function go(s: Stack, a: number[]) { s.push(1); a.push(2); [].push(); }
""",
        [("push(x: number)", "put(x: number)"), ("s.push(1)", "s.put(1)")],
        [],
    ),
}


@pytest.mark.parametrize(("request_", "text", "edits", "left"), KINDS.values(), ids=KINDS)
def test_a_kind_of_use_is_followed_or_named(changed, plan_for, request_, text, edits, left):
    wanted = text
    for old, new in edits:
        assert wanted.count(old) == 1, old
        wanted = wanted.replace(old, new)
    assert changed(request_, {"a.ts": text}) == {"a.ts": wanted}
    assert [use.line for use in plan_for(request_, {"a.ts": text}).unproven_uses] == left


def test_the_type_of_an_import_names_an_export(changed):
    texts = {
        "a.ts": "export const limit = 3;\n",
        "b.ts": 'export type L = typeof import("./a.js").limit;\n',
    }
    assert changed("rename variable limit to ceiling", texts) == {
        path: text.replace("limit", "ceiling") for path, text in texts.items()
    }


def test_an_import_in_a_type_is_the_module_itself(changed):
    texts = {
        "a.ts": "export class User {}\n",
        "b.ts": (
            'type A = import("./a").User;\nlet b: import("./a").User | null;\n'
            'const c = d as import("./a").User;\nimport("./a").then(load);\n'
        ),
    }
    assert changed("rename class User to Person", texts) == {
        path: text.replace("User", "Person") for path, text in texts.items()
    }


def test_what_declares_a_module_beside_it_is_one_with_it(changed):
    texts = {
        "lib/net.js": "export function ping() {}\n",
        "lib/net.d.ts": "export declare function ping(): void;\n",
        "other.d.ts": "export declare function ping(): void;\n",
        "a.ts": 'import { ping } from "./lib/net.js";\nping();\n',
    }
    wanted = {path: text.replace("ping", "probe") for path, text in texts.items()}
    del wanted["other.d.ts"]
    for path in ("lib/net.js", "lib/net.d.ts"):
        assert changed(f"rename function ping to probe in `{path}`", texts) == wanted


def test_a_file_that_holds_a_script_among_other_things_is_told(changed, plan_for):
    texts = {
        "a.ts": "export function load() {}\n",
        "b.vue": "<script>\nimport { load } from './a';\nreload();\n</script>\n",
    }
    request = "rename function load to fetchAll"
    assert changed(request, texts) == {"a.ts": "export function fetchAll() {}\n"}
    left = plan_for(request, texts).unproven_uses
    assert [(use.path, use.line) for use in left] == [("b.vue", 2)]


def test_a_static_member_is_not_taken_for_one_of_objects(plan_for):
    text = "class Tank {\n  static level = 1;\n  get level() { return Tank.level }\n}\n"
    with pytest.raises(UserError, match="is a static member and one of objects"):
        plan_for("rename variable Tank.level to depth", {"a.ts": text})


def test_a_member_of_a_derived_class_is_not_overridden_unawares(plan_for):
    text = (
        "class A { area() {} }\nclass B extends A { area() {} }\nclass C extends B { size() {} }\n"
    )
    with pytest.raises(UserError):
        plan_for("rename method A.area to size", {"a.ts": text})


API = "export function load() { return 1; }\nexport const loadAll = 2;\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("const { load } = api;\nload();", "const { read: load } = api;\nload();"),
        ("const { load: first, loadAll } = api;", "const { read: first, loadAll } = api;"),
        ("let load;\n({ load = 1 } = api);", "let load;\n({ read: load = 1 } = api);"),
        ("const { load } = other;\nload();", ""),
        ('vi.spyOn(api, "load");', 'vi.spyOn(api, "read");'),
        ('vi.spyOn(other, "load");', ""),
        ('api["load"]();', 'api["read"]();'),
        ('"load" in api;', '"read" in api;'),
        ('vi.mock("./api", () => ({ load: one }));', 'vi.mock("./api", () => ({ read: one }));'),
        ('vi.mock("./x", () => ({ load: one }));', ""),
        ('vi.mock("./api", () => ({ x: { load: 1 } }));', ""),
        (
            'jest.mock("./api", () => { return { ...jest.requireActual("./api"), load: f }; });',
            'jest.mock("./api", () => { return { ...jest.requireActual("./api"), read: f }; });',
        ),
        ('jest.requireActual("./api").load();', 'jest.requireActual("./api").read();'),
        ('import("./api").then((m) => m.load());', 'import("./api").then((m) => m.read());'),
        (
            'import("./api").then(({ load: go }) => go());',
            'import("./api").then(({ read: go }) => go());',
        ),
        ("other.then((m) => m.load());", ""),
    ],
)
def test_an_export_is_followed_through_its_module_as_a_whole(changed, before, after):
    head = 'import * as api from "./api";\nimport other from "lib";\n'
    texts = changed(
        "rename function load to read", {"api.ts": API, "use.test.ts": f"{head}{before}\n"}
    )
    assert texts.get("use.test.ts", head + "\n") == f"{head}{after}\n"


@pytest.mark.parametrize(
    ("code", "is_named"),
    [
        ("api[`lo${end}`]();", True),
        ('api["lo" + end]();', True),
        ("api[word]();", True),
        ('api["re" + end]();', False),
        ("other[word]();", False),
    ],
)
def test_a_name_that_is_put_together_for_a_module_is_named(plan_for, code, is_named):
    use = f'import * as api from "./api";\nimport other from "lib";\n{code}\n'
    plan = plan_for("rename function load to read", {"api.ts": API, "use.ts": use})
    assert [(u.path, u.line) for u in plan.unproven_uses] == [("use.ts", 3)] * is_named


ROBOT = """\
export class Robot {
  onStop(): number { return 2; }
  run(word: string): number { return SPELLED; }
}
export class Other {
  run(word: string): number { return this[`on${word}`](); }
}
"""


@pytest.mark.parametrize(
    ("spelled", "is_named"),
    [
        ("this[`on${word}`]()", True),
        ('this["on" + word]()', True),
        ("this[word]()", True),
        ("this[word]", False),
        ("this[`off${word}`]()", False),
        ("this[0]", False),
    ],
)
def test_a_member_that_an_object_looks_up_in_itself_is_named(plan_for, spelled, is_named):
    text = ROBOT.replace("SPELLED", spelled)
    plan = plan_for("rename method Robot.onStop to onHalt", {"robot.ts": text})
    assert [use.line for use in plan.unproven_uses] == [3] * is_named


BADGE = """\
export interface BadgeProps { size: number; }
export interface OtherProps { size: number; }
export function Badge(props: BadgeProps) { return <b>{props.size}</b>; }
export const Small: React.FC<BadgeProps> = ({ size }) => <b>{size}</b>;
export function Other(props: OtherProps) { return <b>{props.size}</b>; }
"""
PAGE = """\
import { Link } from "lib";
import * as ui from "./badge";
import { Badge, Small as Tiny, Other } from "./badge";
export const a = <Badge size={1} />;
export const b = <Tiny size={1}>x</Tiny>;
export const c = <ui.Badge size={1} />;
export const d = <Other size={1} />;
export const e = <input size={1} />;
export const f = <Link size={1} />;
"""


def test_attributes_of_jsx_are_followed_by_what_the_component_takes(changed):
    texts = changed(
        "rename variable BadgeProps.size to scale", {"badge.tsx": BADGE, "page.tsx": PAGE}
    )
    assert "({ scale: size })" in texts["badge.tsx"]
    changes = [
        after.partition("<")[2].split()[:2]
        for before, after in zip(PAGE.splitlines(), texts["page.tsx"].splitlines(), strict=True)
        if before != after
    ]
    assert changes == [
        ["Badge", "scale={1}"],
        ["Tiny", "scale={1}>x</Tiny>;"],
        ["ui.Badge", "scale={1}"],
    ]


def test_an_attribute_of_jsx_is_none_of_the_object_around_it(changed):
    text = (
        "interface Row { size: number; cell: unknown; }\n"
        "export const row: Row = { size: 1, cell: <input size={2} /> };\n"
    )
    texts = changed("rename variable Row.size to width", {"row.tsx": text})
    assert "{ width: 1, cell: <input size={2} /> }" in texts["row.tsx"]


def test_a_default_import_of_a_module_without_one_is_the_module(changed):
    texts = {
        "a.js": "function log(x) { return x; }\nmodule.exports = { log };\n",
        "b.js": 'import a from "./a.js";\na.log(2);\nconsole.log(1);\n',
    }
    after = changed("rename function log to trace", texts)
    assert after["b.js"] == 'import a from "./a.js";\na.trace(2);\nconsole.log(1);\n'


def test_strings_that_may_be_names_of_members_are_named(plan_for):
    texts = {
        "a.ts": "export interface Props { size: number }\nexport type Keys = keyof Props;\n",
        "b.ts": 'import { Keys } from "./a";\nexport const key: Keys = "size";\n',
        "c.ts": 'export const size = "size";\n',
    }
    plan = plan_for("rename variable Props.size to scale", texts)
    assert [(use.path, use.line) for use in plan.unproven_uses] == [("b.ts", 2)]


@pytest.mark.parametrize(
    ("declared", "is_edited"),
    [
        ("Tank", True),
        ("Tank | null", True),
        ("Tank | string", True),
        ("Tank | Can", True),
        ("Tank | Box", True),
        ("Tank | Cup", False),
        ("Cup | Tank | null", False),
        ("Tank | Foreign", False),
    ],
)
def test_a_member_of_one_class_of_several_is_left_where_another_may_have_it(
    plan_for, declared, is_edited
):
    text = (
        'import { Foreign } from "library"\n'
        "class Tank { fill() { return 1 } }\n"
        "class Cup { fill() { return 2 } }\n"
        "class Can extends Tank { }\n"
        "class Box { open() { return 3 } }\n"
        f"export const run = (each: {declared}) => each.fill()\n"
    )
    plan = plan_for("rename method Tank.fill to pour", {"a.ts": text})
    assert [use.line for use in plan.unproven_uses] == ([] if is_edited else [6])
    assert ("each.pour()" in plan.tasks[0].answer) == is_edited
