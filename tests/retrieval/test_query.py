import pytest

from codeorch.retrieval.query import query_of, score_mentions


def test_words_are_weighed_by_how_often_they_are_said_up_to_a_limit():
    once, twice, often = (query_of("tax " * n).words["tax"] for n in (1, 2, 30))
    assert once < twice < often
    assert often == query_of("tax " * 3).words["tax"]


@pytest.mark.parametrize(
    "noise",
    [
        "Signed-off-by: Mona Lisa <mona@example.org>",
        "Co-authored-by: Mona Lisa",
        "Reviewers: Mona, Lisa",
        "see https://example.org/mona/lisa.html",
        "<!-- mona: describe\nthe lisa -->",
        "ask mona.lisa@example.org",
    ],
)
def test_people_links_and_hints_of_templates_are_no_words(noise):
    found = query_of(f"Round the tax\n\n{noise}\n")
    assert "tax" in found.words
    assert not found.words.keys() & {"mona", "lisa"}
    assert not {name.lower() for name in found.names} & {"mona", "lisa"}


@pytest.mark.parametrize(
    "text",
    ["rate_of", "rateOf", "Http2", "_rate", "`rate`", "a `rate * 2` b", "rate(", "TaxRate"],
)
def test_what_looks_like_code_is_surely_a_name(text):
    assert 1.0 in query_of(f"the {text} is").names.values()


@pytest.mark.parametrize("text", ["rate", "Rate", "RATE", "the rate (of tax)", "snake_"])
def test_an_ordinary_word_is_only_perhaps_a_name(text):
    names = query_of(text).names
    assert names
    assert 1.0 not in names.values()


@pytest.mark.parametrize("part", ["a", "_", "x@", "<!--", "A-", "a.b/", "(", "`", "é", "数"])
def test_a_long_run_of_anything_is_read_in_one_go(part):
    request = f"round the tax {part * 300_000} in shop/tax.py"
    assert "round" in query_of(request).words
    score_mentions(request, ["shop/tax.py", "a/b.py"])


def test_names_stand_beside_chinese_letters_without_a_space():
    query = query_of("修复get_rate的返回值、见shop/tax.py文件")
    assert query.names["get_rate"] == 1.0
    assert {"rate", "修复", "返回", "回值"} <= query.words.keys()
    assert score_mentions(query.text, ["shop/tax.py", "shop/rate.py"]) == {"shop/tax.py": 1.0}
