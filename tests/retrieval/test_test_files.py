import pytest

from codeorch.retrieval import test_files

PATHS = (
    "app/cart.py", "app/hook.py", "app/index.ts", "app/commands/run.py", "src/utils/url.ts",
    "tests/cart_test.py", "tests/test_hook_impl.py", "tests/commands/run_test.py",
    "tests/other/run_test.py", "tests/resources/hooks_repo/hook.yaml", "app/index.test.ts",
    "lib/index.test.ts", "web/index.test.ts", "api/index.test.ts",
    "src/utils/url.test.ts", "src/CartTest.java", "src/Contest.java",
)  # fmt: skip


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        (["app/cart.py"], ["tests/cart_test.py"]),
        (["src/Cart.java"], ["src/CartTest.java"]),
        (["src/utils/url.ts"], ["src/utils/url.test.ts"]),
        (["app/commands/run.py"], ["tests/commands/run_test.py", "tests/other/run_test.py"]),
        (["app/hook.py"], ["tests/test_hook_impl.py"]),
        (["app/index.ts"], ["app/index.test.ts"]),
        (["app/nothing.py"], []),
        ([], []),
    ],
)
def test_tests_are_found_by_name_and_the_nearest_comes_first(sources, found):
    assert sorted(test_files.tests_of(sources, PATHS)) == sorted(found)
    assert test_files.tests_of(sources, PATHS)[:1] == tuple(found[:1])


def test_the_tests_of_the_first_source_come_first():
    assert (
        test_files.tests_of(["src/utils/url.ts", "app/cart.py"], PATHS)[0]
        == "src/utils/url.test.ts"
    )
    assert (
        test_files.tests_of(["app/cart.py", "src/utils/url.ts"], PATHS)[0] == "tests/cart_test.py"
    )


def test_data_beside_tests_is_no_test():
    assert "tests/resources/hooks_repo/hook.yaml" not in test_files.tests_of(["app/hook.py"], PATHS)
