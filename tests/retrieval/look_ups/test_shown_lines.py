from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from codeorch.retrieval.look_ups import ShownLines

RANGES = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), max_size=12)


@given(RANGES, st.integers(1, 60), st.integers(1, 60))
def test_what_is_missing_is_what_was_never_added(ranges, first, last):
    shown = ShownLines()
    lines = set()
    for a, b in ranges:
        shown.add("a", a, b)
        lines |= set(range(a, b + 1))
    wanted = set(range(first, last + 1))
    missing = shown.missing("a", first, last)
    assert {n for a, b in missing for n in range(a, b + 1)} == wanted - lines
    assert shown.has("a", first, last) == (bool(wanted) and wanted <= lines) or not wanted
    kept = shown.ranges.get("a", ())
    assert all(b + 1 < c for (_, b), (c, _) in pairwise(kept))


def test_a_copy_grows_on_its_own_and_forgets_what_has_changed():
    shown = ShownLines({"a": [(1, 3)], "b": [(1, 9)]})
    other = shown.copy(without=["b"])
    other.add("a", 4, 5)
    assert other.ranges == {"a": ((1, 5),)}
    assert shown.ranges == {"a": ((1, 3),), "b": ((1, 9),)}
