import pytest

from codeorch.verify.renamed_tests import renamed_test_matcher

OLD = """
import pytest

class AreaTest:
    def test_area(self):
        # as big as it says

        assert area(2, 3) == 6
        assert area("2", 3) == 6

    def test_far(self):
        pass
"""
JAVASCRIPT = (
    "describe('box', () => {\n  test('opens', () => {\n    expect(open(1)).toBe(2);\n  });\n});\n"
)
GO = "func TestArea(t *testing.T) {\n\tif area(2) != 4 {\n\t\tt.Error()\n\t}\n}\n\nvar x = 1\n"
RENAMED = {
    "its name alone": (OLD, "test_area", OLD.replace("test_area", "test_size"), "test_size"),
    "with the function it tests": (OLD, "test_area", OLD.replace("area", "size"), "test_size"),
    "one case of many": (OLD, "test_area[1-2]", OLD.replace("area", "size"), "test_size[1-2]"),
    "a title": (JAVASCRIPT, "opens", JAVASCRIPT.replace("'opens'", "'starts'"), "starts"),
    "a title in a group": (
        JAVASCRIPT, "box opens", JAVASCRIPT.replace("'opens'", "'starts'"), "box starts"),
    "in Go": (GO, "TestArea/sub", GO.replace("TestArea", "TestSize"), "TestSize/sub"),
    "beside other edits": (OLD, "test_area", OLD.replace("area", "size") + "more = 1", "test_size"),
}  # fmt: skip
REPLACED = {
    "another value": (OLD, "test_area", OLD.replace("area", "size").replace("6", "7"), "test_size"),
    "nothing to prove": (
        OLD, "test_area", OLD.replace("test_area", "test_b").replace("assert ", ""), "test_b"),
    "another test": (OLD, "test_area", OLD.replace("test_area", "gone"), "test_far"),
    "two names become one": (
        "def test_a():\n    f(x, y)\n", "test_a", "def test_b():\n    f(z, z)\n", "test_b"),
    "one name becomes two": (
        "def test_a():\n    f(x, x)\n", "test_a", "def test_b():\n    f(y, z)\n", "test_b"),
    "a shorter one": (GO, "TestArea", "func TestSize(t *testing.T) {\n}\n", "TestSize"),
    "a name that is nowhere": (OLD, "setup of nothing", OLD, "test_far"),
    "no name": (OLD, "[1]", OLD, "[2]"),
}  # fmt: skip


@pytest.mark.parametrize("case", RENAMED)
def test_a_test_that_only_changed_names_is_the_same(case):
    old, name, new, now = RENAMED[case]
    assert renamed_test_matcher([old], ["unrelated", new])(name, now)


@pytest.mark.parametrize("case", REPLACED)
def test_a_test_with_other_values_or_less_to_prove_is_another(case):
    old, name, new, now = REPLACED[case]
    assert not renamed_test_matcher([old], [new])(name, now)
