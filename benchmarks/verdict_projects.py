"""Small projects for the verdicts benchmark: a model without a language, and ways to write it."""

import sys
from dataclasses import dataclass, field, replace

from codeorch.verify.command import TestCommand


@dataclass(frozen=True)
class Check:
    """One test: `function(x)` is `want`, or lines of its own."""

    name: str
    function: str = ""
    x: int = 0
    want: int = 0
    skipped: bool = False
    lines: tuple[str, ...] = ()  # Python; in place of the comparison


@dataclass(frozen=True)
class Model:
    """A project in no language: functions a*x+b, and tests in files."""

    functions: dict[str, tuple[int, int]]
    checks: dict[str, tuple[Check, ...]]  # by file
    extra: dict[str, str] = field(default_factory=dict)

    def passes(self, check):
        a, b = self.functions[check.function]
        return a * check.x + b == check.want

    def outcomes(self, flavour):
        """Give what each test must end as."""
        return {
            flavour.name_of(file, check): "skipped" if check.skipped
            else "passed" if check.lines or self.passes(check) else "failed"
            for file, checks in self.checks.items() for check in checks
        }  # fmt: skip

    def edit(self, file, number, change):
        """Give the project with one test changed, or taken out."""
        checks = list(self.checks[file])
        new = change(checks[number])
        checks[number : number + 1] = [new] if new else []
        return replace(self, checks=self.checks | {file: tuple(checks)})

    def bend(self, function):
        """Give the project with one function that computes something else."""
        a, b = self.functions[function]
        return replace(self, functions=self.functions | {function: (a, b + 1)})


def model(rng):
    names = rng.sample(["area", "cost", "size", "rate", "score", "weight", "share", "level"], 4)
    functions = {name: (rng.randint(2, 9), rng.randint(1, 9)) for name in names}
    checks = {}
    for file in ("one", "two"):
        rows = []
        for name in rng.sample(names, rng.randint(2, 4)):
            for x in rng.sample(range(1, 30), rng.randint(1, 2)):
                a, b = functions[name]
                rows.append(Check(f"test_{name}_{x}_{file}", name, x, a * x + b))
        checks[file] = tuple(rows)
    return Model(functions, checks)


class Pytest:
    command = TestCommand(
        argv=("/usr/bin/env", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1", sys.executable, "-m", "pytest",
              "-p", "no:cacheprovider"),
        runner="pytest", reason="",
    )  # fmt: skip
    named = True
    source = "calc.py"

    def files(self, model):
        return {
            self.source: _python_functions(model),
            **{f"test_{file}.py": self.test(checks) for file, checks in model.checks.items()},
            **model.extra,
        }

    def test(self, checks):
        head = "import pytest\nimport calc\n"
        return head + "".join(self.test_source(check) for check in checks)

    def test_source(self, check):
        skip = "\n\n@pytest.mark.skip" if check.skipped else "\n"
        lines = check.lines or (f"assert calc.{check.function}({check.x}) == {check.want}",)
        return f"{skip}\ndef {check.name}():\n" + "".join(f"    {line}\n" for line in lines)

    def name_of(self, file, check):
        return f"test_{file}.py::{check.name}"


class Unittest(Pytest):
    command = TestCommand(argv=(sys.executable, "-m", "unittest"), runner="unittest", reason="")

    def test(self, checks):
        head = "import unittest\nimport calc\n\n\nclass T(unittest.TestCase):\n    x = 0\n"
        return head + "".join(self.test_source(check) for check in checks)

    def test_source(self, check):
        skip = "\n    @unittest.skip('later')" if check.skipped else ""
        lines = check.lines or (
            f"self.assertEqual(calc.{check.function}({check.x}), {check.want})",
        )
        body = "".join(f"        {line}\n" for line in lines)
        return f"{skip}\n    def {check.name}(self):\n{body}"

    def name_of(self, file, check):
        return f"test_{file}.T.{check.name}"


class Counted(Unittest):
    """A command that the user gives: only what it prints can be counted."""

    command = TestCommand(
        argv=("/bin/sh", "-c", f"{sys.executable} -m unittest"), runner="custom", reason=""
    )
    named = False


class ExitCode(Unittest):
    """A command that prints nothing of use."""

    command = TestCommand(
        argv=("/bin/sh", "-c", f"{sys.executable} -m unittest >/dev/null 2>&1"),
        runner="custom", reason="",
    )  # fmt: skip
    named = False


class Go:
    command = TestCommand(argv=("go", "test", "./..."), runner="go", reason="")
    named = True
    source = "calc.go"

    def files(self, model):
        functions = "".join(
            f"\nfunc {name.title()}(x int) int {{ return {a}*x + {b} }}\n"
            for name, (a, b) in model.functions.items()
        )
        tests = {f"{file}_test.go": self.test(checks) for file, checks in model.checks.items()}
        return {"go.mod": "module example.org/calc\n\ngo 1.18\n",
                "calc.go": f"package calc\n{functions}", **tests, **model.extra}  # fmt: skip

    def test(self, checks):
        bodies = "".join(
            f"\nfunc {self.title(check)}(t *testing.T) {{\n"
            + ("\tt.Skip()\n" if check.skipped else "")
            + f"\tif got := {check.function.title()}({check.x}); got != {check.want} {{\n"
            '\t\tt.Errorf("got %d", got)\n\t}\n}\n'
            for check in checks
        )
        return 'package calc\n\nimport "testing"\n' + bodies

    def title(self, check):
        return check.name.title().replace("_", "")

    def name_of(self, file, check):
        return f"example.org/calc.{self.title(check)}"


def _python_functions(model):
    return "".join(
        f"def {name}(x):\n    return {a} * x + {b}\n\n\n"
        for name, (a, b) in model.functions.items()
    )


PYTEST, UNITTEST, COUNTED, EXIT_CODE, GO = Pytest(), Unittest(), Counted(), ExitCode(), Go()
