import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.errors import UserError
from codeorch.retrieval.index import store as store_module
from codeorch.retrieval.index.store import (
    TEXTS_PER_FILE,
    Damaged,
    Document,
    FileRow,
    Store,
    term_of,
)
from codeorch.retrieval.words import words

NAMES = st.text(st.characters(), min_size=1, max_size=8)
ROW = FileRow("a.py", "1" * 40, "source", "python", "", 0, b"")


def file_with(field, *texts):
    return Document(row=ROW, terms={field: [" ".join(map(term_of, text)) for text in texts]})


@given(st.lists(st.sets(NAMES, max_size=5), max_size=6), NAMES)
def test_each_name_has_exactly_its_texts(texts, other):
    store = Store(None)
    store.add([file_with("uses", *texts)])
    for name in {name for text in texts for name in text} | {other}:
        expected = [TEXTS_PER_FILE + i for i, text in enumerate(texts) if name in text]
        assert [number for number, _ in store.counts("uses", name)] == expected
    store.close()


@given(st.lists(st.text(max_size=30), max_size=5))
def test_words_are_counted_in_each_text(texts):
    store = Store(None)
    counts = [words(text) for text in texts]
    store.add([file_with("text", *(count.elements() for count in counts))])
    for word in {word for count in counts for word in count}:
        expected = [(TEXTS_PER_FILE + i, c[word]) for i, c in enumerate(counts) if word in c]
        assert store.counts("text", word) == expected
    store.close()


def test_names_that_differ_only_in_case_or_signs_are_different_terms():
    names = ["getItem", "getitem", "get^49tem", "get-item", "get item", "~item", "item", "\ud800"]
    assert len({term_of(name) for name in names}) == len(names)


def test_data_is_no_term():
    assert term_of("x" * 201) == ""


def test_cleared_words_are_gone_and_commits_stay():
    store = Store(None)
    commit = store_module.CommitRow("1" * 40, 1, "[]")
    store.add([file_with("text", ["cart"]), Document(row=commit, terms={"messages": ["cart"]})])
    store.clear()
    assert (store.counts("text", "cart"), list(store.files())) == ([], [])
    assert store.counts("messages", "cart") == [(TEXTS_PER_FILE, 1)]
    assert list(store.commits()) == [(1, commit)]
    store.close()


@pytest.mark.parametrize("table", ["files", "commits", "text_data", "uses_idx", "seal"])
def test_an_altered_table_is_noticed(tmp_path, table):
    store = Store(tmp_path / "index")
    commit = Document(row=store_module.CommitRow("1" * 40, 0, "[]"), terms={"messages": [""]})
    store.add([file_with("text", ["cart"]), file_with("uses", ["cart"]), commit])
    store.freeze()
    store.thaw()
    store._base.execute(f"DELETE FROM {table}")
    with pytest.raises(Damaged):
        store.freeze()
    store.close()


def test_a_python_without_full_text_search_is_named(monkeypatch):
    tables = store_module._FIELD_TABLES.replace("fts5(", "fts0(")
    monkeypatch.setattr(store_module, "_FIELD_TABLES", tables)
    with pytest.raises(UserError, match="no FTS5"):
        Store(None)
