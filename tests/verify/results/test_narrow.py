import pytest

from codeorch.verify.results import select_files, select_tests

ANYWAY = " -Dsurefire.failIfNoSpecifiedTests=false -DfailIfNoTests=false"
NPM = ("npm", "test")
ONLY = {
    "pytest": (("py", "-m", "pytest"), ["t/a.py::test_x[1]"], "py -m pytest t/a.py::test_x[1]"),
    "unittest": (("py", "-m", "unittest"), ["t.a.C.test_x"], "py -m unittest t.a.C.test_x"),
    "jest": (NPM, ["a.ts > box opens", "a.ts > box (1)"],
             r"npm test -- --testNamePattern ^(box\ \(1\)|box\ opens)$ --runTestsByPath a.ts"),
    "vitest": (("pnpm", "test"), ["a.ts > opens"],
               "pnpm test --testNamePattern ^(opens)$ a.ts"),
    "mocha": (NPM, ["a.js > opens"], "npm test -- --grep ^(opens)$"),
    "go": (("go", "test", "./..."), ["m.org/x/b.TestA/one", "m.org/x.TestB"],
           "go test -count=1 -run ^(TestA|TestB)$ m.org/x m.org/x/b"),
    "cargo": (("cargo", "test"), ["src/lib.rs tests::opens"], "cargo test -- --exact tests::opens"),
    "maven": (("mvn", "test"), ["o.BoxTest.opens(int)[1]", "o.BoxTest.closes", "o.C.d"],
              "mvn test -Dtest=o.BoxTest#opens+closes,o.C#d" + ANYWAY),
    "gradle": (("gradle", "test"), ["o.BoxTest.opens()"],
               "gradle cleanTest test --tests o.BoxTest.opens"),
}  # fmt: skip


@pytest.mark.parametrize("runner", ONLY)
def test_single_tests_are_named_in_the_runner_s_own_way(runner):
    argv, tests, wanted = ONLY[runner]
    assert " ".join(select_tests(runner, argv, tests)) == wanted


@pytest.mark.parametrize(
    ("runner", "test"),
    [
        ("custom", "a"),
        ("make", "a"),
        ("pytest", "tests.test_broken"),  # a file that cannot be collected has no test ids
        ("unittest", "setUpClass (t.a.C)"),
        ("cargo", "doc box src/lib.rs - Box::new"),
        ("go", "m.org/x"),  # a package that does not compile
    ],
)
def test_where_a_test_cannot_be_named_the_command_is_not_narrowed(runner, test):
    assert select_tests(runner, ("x", "y"), [test]) is None


def test_no_test_is_no_narrower_command():
    assert select_tests("pytest", ("pytest",), []) is None
    assert select_files("pytest", ("pytest",), []) is None


WITHIN = {
    "pytest": (("py", "-m", "pytest"), ["t/test_a.py"], "py -m pytest t/test_a.py"),
    "unittest": (("py", "-m", "unittest"), ["t/test_a.py"], "py -m unittest t/test_a.py"),
    "jest": (NPM, ["a.test.ts"], "npm test -- --runTestsByPath a.test.ts"),
    "vitest": (("npm", "test", "--", "run"), ["a.test.ts"], "npm test -- run a.test.ts"),
    "go": (("go", "test", "./..."), ["x/a_test.go", "x/b_test.go", "c_test.go"],
           "go test ./. ./x"),
    "maven": (("mvn", "test"), ["src/test/java/o/BoxTest.java"],
              "mvn test -Dtest=BoxTest" + ANYWAY),
    "gradle": (("gradle", "test"), ["src/test/java/o/BoxTest.java"],
               "gradle cleanTest test --tests *BoxTest"),
}  # fmt: skip


@pytest.mark.parametrize("runner", WITHIN)
def test_files_are_named_in_the_runner_s_own_way(runner):
    argv, paths, wanted = WITHIN[runner]
    assert " ".join(select_files(runner, argv, paths)) == wanted


@pytest.mark.parametrize("runner", ["custom", "make", "tox", "cargo", "mocha"])
def test_a_runner_that_does_not_go_by_files_is_not_narrowed(runner):
    assert select_files(runner, ("x",), ["tests/a"]) is None
