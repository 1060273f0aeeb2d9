from hypothesis import given, settings
from hypothesis import strategies as st

from codeorch.retrieval.index.postings import Postings, bucket_of, find

TERMS = st.text(st.characters(exclude_characters="\n"), min_size=1, max_size=8)


def looked_up(buckets, term):
    return list(find(term, buckets[bucket_of(term, len(buckets))]))


@settings(deadline=None)
@given(st.lists(st.dictionaries(TERMS, st.integers(1, 300), max_size=5), max_size=8), TERMS)
def test_what_is_added_is_found_again(texts, other):
    postings = Postings()
    for number, counts in enumerate(texts):
        postings.add(number, counts)
    buckets = list(postings.buckets())
    for term in {term for counts in texts for term in counts} | {other}:
        expected = [(n, min(c[term], 255)) for n, c in enumerate(texts) if term in c]
        assert looked_up(buckets, term) == expected


def test_many_terms_are_spread_over_small_buckets():
    postings = Postings()
    postings.add(0, {f"word{i}": 1 for i in range(10_000)})
    buckets = list(postings.buckets())
    assert 100 < len(buckets) < 200
    assert max(map(len, buckets)) < 5 * sum(map(len, buckets)) / len(buckets)
    assert looked_up(buckets, "word77") == [(0, 1)]
    assert looked_up(buckets, "word10000") == []
