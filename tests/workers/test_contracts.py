import pytest

from codeorch.domain import Contract, Deviation, Task
from codeorch.source import parse_file
from codeorch.workers.contracts import check_contracts, parameters, short_name
from codeorch.workers.result_schema import Unusable


@pytest.mark.parametrize(
    ("signature", "names"),
    [
        ("def total(self, nets: list[tuple[int, int]], *, tax=(1, 2)) -> int", ("nets", "tax")),
        ("total(nets, tax)", ("nets", "tax")),
        ("export function total<T>(nets: T[], f: (a: number) => void): number", ("nets", "f")),
        ("pub fn total(&mut self, mut nets: Vec<(u8, u8)>, f: F) -> u8", ("nets", "f")),
        ("async total({ nets, tax }: Props, ...rest)", ("nets", "rest")),
        ("def total(*args, **kwargs)", ("args", "kwargs")),
        ("def total()", ()),
        ("total: int", None),
        ("def subtotal(nets)", None),
        ("def total(", None),
    ],
)
def test_parameters_are_read_in_many_ways_of_writing(signature, names):
    assert parameters(signature, "total") == names


@pytest.mark.parametrize(
    ("symbol", "name"),
    [("Cart.total", "total"), ("`total()`", "total"), ("cart::Cart::total", "total"), ("x", "x")],
)
def test_the_short_name_is_the_last_part(symbol, name):
    assert short_name(symbol) == name


KEPT = [
    ("def f(a, b=1)", "def f(a: int, b: int = 1) -> int:\n    return 1\n"),
    ("f(a, b)", "class C:\n    def f(self, a, b):\n        return 1\n"),
    ("class f(Base)", "class f(Base):\n    x = 1\n"),
    ("f = 3", "f = 3\n"),
    ("def f(a)", "from typing import overload\n@overload\ndef f(a): ...\ndef f(a, b=0): ...\n"),
]
BROKEN = [
    ("def f(a, b=1)", "def f(a):\n    return 1\n"),
    ("def f(a)", "def g(a):\n    return 1\n"),
    ("def f(a, b)", "def f(b, a):\n    return 1\n"),
]


def check(stage, signature, text, deviations=()):
    contract = Contract(symbol="f", signature=signature, defined_in="a.py")
    task = Task(id="a", path="a.py", goal="g")
    context = stage({"a.py": text}, task, contracts=(contract,)).context()
    check_contracts(context, parse_file("a.py", text.encode()), deviations)


@pytest.mark.parametrize(("signature", "text"), KEPT)
def test_a_contract_is_kept_in_its_own_style(stage, signature, text):
    check(stage, signature, text)


@pytest.mark.parametrize(("signature", "text"), BROKEN)
def test_a_broken_contract_is_seen_and_may_be_reported(stage, signature, text):
    with pytest.raises(Unusable, match=r"the contract says that a\.py defines"):
        check(stage, signature, text)
    check(stage, signature, text, (Deviation(symbol="f()", signature="other", why="w"),))


def test_names_with_marks_around_them_occur_as_they_are(stage):
    contract = Contract(symbol="Cart.__init__", signature="def __init__(self, nets, money=1)",
                        defined_in="a.py")  # fmt: skip
    context = stage({"a.py": "x = 1\n"}, Task(id="a", path="a.py", goal="g"), contracts=(contract,))
    kept = (
        "class Cart:\n    def __init__(\n        self,\n        nets,\n        money=1,\n    ):\n"
    )
    check_contracts(context.context(), parse_file("a.py", f"{kept}        pass\n".encode()), ())
    with pytest.raises(Unusable, match="does not occur"):
        check_contracts(context.context(), parse_file("a.py", b"class Cart:\n    nets = 1\n"), ())


def test_a_deviation_that_says_what_the_contract_says_is_none(stage, script, edit):
    contract = Contract(symbol="Cart.f", signature="def f(a, b=1) -> int", defined_in="a.py")
    here = stage({"a.py": "def f(a):\n    pass\n"}, Task(id="a", path="a.py", goal="g"),
                 contracts=(contract,))  # fmt: skip
    same = {"symbol": "f", "signature": "def f(\n    a,\n    b=1,\n) -> int:", "why": "none"}
    other = {**same, "signature": "def f(a) -> int:"}
    for row, written, count in ((same, "def f(a, b=1) -> int:", 0), (other, "def f(a) -> int:", 1)):
        answer = edit("a.py", "def f(a):", written, deviations=[row])
        (done,), _ = here.run(script({"work/a/1": answer}))
        assert len(done.deviations) == count
