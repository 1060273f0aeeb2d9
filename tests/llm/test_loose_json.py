"""JSON as models write it: read where one reading is possible, refused in words elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.llm.loose_json import NotJson, read_array, read_object


@pytest.mark.parametrize("number", ["007", "-01", "9" * 5_000, "0" * 9, "00.5"])
def test_a_number_that_is_none_is_refused_in_words(number):
    with pytest.raises(NotJson, match="is no number of JSON"):
        read_object(f"{{a: {number}}}")
    with pytest.raises(NotJson, match="is no number of JSON"):
        read_array(f"[1, {number},]")


@pytest.mark.parametrize(("number", "value"), [("0", 0), ("-1.5e3", -1500.0), ("70", 70)])
def test_a_number_is_read(number, value):
    assert read_object(f"{{a: {number},}}")[0] == {"a": value}


JSON_LIKE = st.lists(
    st.sampled_from([*"{}[]:,'\"`\\/ \n", "a", "007", "1e9", "-", ".", "true", "None", "\\u12",
                     "//", "“", "9" * 4_500]),
    max_size=14,
)  # fmt: skip


@given(JSON_LIKE)
def test_whatever_comes_is_read_or_refused(parts):
    for begin, read in (("{", read_object), ("[", read_array)):
        try:
            _, behind = read(begin + "".join(parts))
        except NotJson:
            continue
        assert behind <= 1 + len("".join(parts))
