"""The first screen: what a planner needs to know where to look, in little room."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.analysis.symbol_index import SnapshotIndex
from codeorch.domain import RankedFile, Request, Snapshot, SourceFile, SourceLine
from codeorch.planning.findings import Findings
from codeorch.planning.first_screen import first_screen
from codeorch.planning.named_things import named_things, written_names
from codeorch.planning.project_facts import ProjectFacts, project_facts
from codeorch.retrieval.look_ups import Codebase
from codeorch.source import parse_file

ROOM = 14_400
CART = """\
class NoSuchItem(Exception):
    "Nothing is called so."


class Cart:
    def total(self, tax=0):
        return sum(self.prices) + tax

    def inspect(self):
        return self.total()

    def find(self, name):
        raise NoSuchItem("no such item here")
"""
FILES = {
    "shop/cart.py": CART,
    "shop/bill.py": (
        "from shop.cart import Cart\n\n\ndef bill(cart: Cart):\n    return cart.total(tax=3)\n"
    ),
    "shop/validate.py": "def validate(x):\n    return x\n",
    "tests/test_cart.py": (
        "from shop.cart import Cart\n\n\ndef test_total():\n    assert Cart().total() == 0\n"
    ),
    "docs/use.md": "# Use\n\nIt says: no such item here.\n",
}


def findings_of(files, ranked, *, parsed=True):
    snapshot = Snapshot(
        commit="0" * 40,
        files={
            path: parse_file(path, text.encode()) if parsed else SourceFile(path=path, text=text)
            for path, text in files.items()
        },
    )

    def lines(texts):
        wanted = [text.casefold() for text in texts]
        return [
            SourceLine(path=path, number=number, text=line)
            for path, file in snapshot.files.items()
            for number, line in enumerate(file.text.split("\n"), 1)
            if any(text in line.casefold() for text in wanted)
        ]

    return Findings(
        snapshot=snapshot,
        ranked=[RankedFile(path=path, score=1.0) for path in ranked],
        names=SnapshotIndex(snapshot),
        lines=lines,
        reading=None,
    )


def screen_of(text, files=FILES, ranked=("shop/cart.py", "shop/bill.py"), **more):
    findings = findings_of(files, ranked)
    facts = ProjectFacts(languages="python 4 files, 1 of them tests")
    return first_screen(Request(text=text, base="0" * 40, **more), findings, facts)


def section(screen, title):
    return screen.partition(f"# {title}")[2].partition("\n\n# ")[0].split("\n")[1:]


def test_what_is_named_comes_with_its_uses():
    screen = screen_of(
        "Let `Cart.total` take a rate; add `NoSuchCart`, do not inspect or validate it."
    )
    assert section(screen, "What the request names") == [
        "`Cart.total`: shop/cart.py:6-7 def total(self, tax=0) [Cart]",
        "  used 3 times in 3 files: shop/bill.py 5; shop/cart.py 10; tests/test_cart.py 5",
        "nothing is called so yet: `NoSuchCart` (almost so: NoSuchItem, shop/cart.py:1)",
    ]
    assert section(screen, "Tests")[0] == "tests/test_cart.py: total 5"


def test_texts_come_with_the_definition_around_them():
    screen = screen_of('It should not say "no such item here" any more, nor --quiet.')
    assert section(screen, "Where texts of the request stand") == [
        "`no such item here`:",
        '  shop/cart.py:13 [Cart.find]: raise NoSuchItem("no such item here")',
        "  docs/use.md:3: It says: no such item here.",
        "Nowhere: `--quiet`",
    ]


def test_ranked_files_have_the_definitions_that_fit():
    screen = screen_of("The total of a bill is wrong: `Cart.total` forgets the tax.")
    ranked = section(screen, "Files that probably matter most")
    assert ranked[:2] == ["shop/cart.py (13 lines)", "  6-7: def total(self, tax=0) [Cart]"]
    assert "  4-5: def bill(cart: Cart)" in ranked
    assert not any("find" in line for line in ranked)


def test_the_rest_is_there_too():
    screen = screen_of("Mend it.", paths=("shop/**",))
    assert screen.startswith(
        "# Change request\n```\nMend it.\n```\nOnly these paths may change: shop/**\n\n"
        "# The project\nCode: python 4 files, 1 of them tests\n\n# All files, folded\n```\n"
    )
    assert "and, with nothing that stands out: shop/cart.py, shop/bill.py" in screen
    assert "by their names, of the files above: tests/test_cart.py" in screen


def test_a_file_that_is_named_comes_first():
    screen = screen_of("In shop/validate.py, validate must return None.")
    last = section(screen, "Files that probably matter most")[-1]
    assert last.startswith("and, with nothing that stands out: shop/validate.py, shop/cart.py")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Let `Cart.total()` call net_total, do not inspect it", ("Cart.total", "net_total")),
        ("Names like `__proto__` or `c.req.header()`", ("__proto__", "c.req.header")),
        ("`x` is short; run(1) is a call and NoSuchThing is new", ("run", "NoSuchThing")),
        ("see https://example.org/a_b and docs/use_it.md", ()),
        ("```\nnot_this()\n```\nbut `that_one`", ("that_one",)),
        ("`params['a'] === 'x'` is an expression", ()),
    ],
)
def test_only_what_is_written_like_code_is_a_name(text, names):
    assert written_names(text) == names


def test_a_receiver_that_is_like_a_class_leads_to_its_method():
    files = {
        "a.ts": "export class HonoRequest {\n  header(n: string) {}\n}\n",
        "b.ts": "export class Other {\n  header(n: string) {}\n}\n",
    }
    findings = findings_of(files, ["a.ts"])
    codebase = Codebase(snapshot=findings.snapshot, names=findings.names, ranked=["a.ts"])
    (thing,) = named_things("`c.req.header()` is lost", codebase)
    assert [one.symbol.qualified for one in thing.definitions] == ["HonoRequest.header"]


def test_callers_of_a_common_name_are_counted_by_folder():
    files = {"lib/core.py": "class Core:\n    def get(self): ...\n"}
    for n in range(120):
        files[f"app/p{n % 7}/m{n}.py"] = "def f(x):\n    return x.get()\n"
    screen = screen_of("`Core.get` must take a key.", files, ["lib/core.py"])
    names = section(screen, "What the request names")
    assert names[0] == "`Core.get`: lib/core.py:2-2 def get(self) [Core]"
    assert names[1].startswith("  the name stands in 121 files of code: app/p0/ (18 files)")


# ------------------------------------------------------------------------------- its size


def many(count):
    """Make a large repository; nothing in it is parsed, so that it takes no time."""
    files = {"pyproject.toml": "[project]\nrequires-python = '>=3.11'\n"}
    for n in range(count):
        folder = "/".join(f"package_{(n // 40**depth) % 40}" for depth in (1, 2, 3))
        files[f"src/{folder}/module_{n}.py"] = f"def total_{n}(cart):\n    return 'no such item'\n"
    return files


@pytest.mark.parametrize("count", [5, 4_000])
@pytest.mark.parametrize(
    "text",
    [
        "Mend it.",
        'It says "no such item" where `total_7(cart)` is called by total_3.',
        " ".join(f"`total_{n}`" for n in range(500)),
        " ".join(f'"some text of number {n}"' for n in range(200)),
    ],
)
def test_it_has_at_most_4000_tokens_whatever_the_repository(count, text):
    files = many(count)
    ranked = [path for path in files if path.endswith(".py")][:2_000]
    findings = findings_of(files, ranked, parsed=False)
    facts = project_facts(findings.snapshot, near=ranked[:5])
    screen = first_screen(Request(text=text, base="0" * 40), findings, facts)
    assert len(screen) <= max(ROOM, len(text) + 8_100)
    assert text in screen
    assert "# All files, folded" in screen
    assert "Supports: Python >=3.11" in screen


NAMES = st.text("abcdefgh_", min_size=1, max_size=12)
FOLDERS = st.lists(NAMES, max_size=3).map(lambda parts: "".join(f"{part}/" for part in parts))


@given(
    st.dictionaries(
        st.builds("{}{}.py".format, FOLDERS, NAMES),
        st.lists(NAMES, max_size=30).map(lambda names: "".join(f"def {n}(): ...\n" for n in names)),
        max_size=40,
    ),
    st.text(max_size=3_000),
)
def test_it_never_outgrows_its_room(files, text):
    findings = findings_of(files, list(files))
    facts = ProjectFacts(languages="python", asked=("x" * 180,) * 50)
    assert len(first_screen(Request(text=text, base="0" * 40), findings, facts)) <= ROOM


def test_a_log_as_a_request_is_cut_in_the_middle():
    screen = screen_of("Mend this:\n" + "x = 1\n" * 40_000 + "the end")
    assert len(screen) < 50_000
    assert "characters are left out ...]" in screen
    assert "the end\n```" in screen


def test_of_the_files_in_which_nothing_stands_out_a_few_are_named():
    files = {f"shop/part{n}.py": "def other(): ...\n" for n in range(16)}
    screen = screen_of("Mend it.", files=files, ranked=list(files))
    line = next(one for one in screen.split("\n") if "nothing that stands out" in one)
    assert line.endswith("shop/part9.py and 6 more")


def test_of_overloads_the_one_with_a_body_is_listed():
    text = (
        "export class Request {\n  header(name: Known): string\n  header(): Headers\n"
        "  header(name?: string) {\n    return this.raw.get(name)\n  }\n}\n"
    )
    files = {**FILES, "src/request.ts": text}
    screen = screen_of("`req.header()` gives an object.", files=files, ranked=["src/request.ts"])
    ranked = section(screen, "Files that probably matter most")
    assert ranked[1] == "  4-6: header(name?: string) [Request]"
