"""Bytes in pieces of any size -> the same values."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.llm.event_stream import Events, NotAnApi


def read(data, *, size=7, is_stream=True):
    async def chunks():
        for start in range(0, len(data), size):
            yield data[start : start + size]

    async def all_of_it():
        events = Events(chunks(), is_stream=is_stream)
        return [one async for one in events], events.is_done

    return asyncio.run(all_of_it())


TEXTS = st.lists(st.text(max_size=20), max_size=5)


@given(TEXTS, st.integers(1, 40), st.sampled_from(["\n", "\r\n"]))
def test_events_come_whole_whatever_the_pieces(texts, size, end):
    lines = [f"data: {json.dumps({'text': one}, ensure_ascii=False)}{end}{end}" for one in texts]
    data = "".join([*lines, f"data: [DONE]{end}{end}"]).encode("utf-8", "surrogatepass")
    assert read(data, size=size) == ([("", {"text": one}) for one in texts], True)


def test_comments_names_and_marks_are_read_as_the_standard_says():
    data = b'\xef\xbb\xbf: hello\n\nevent: a\nid: 1\ndata: {"x":\ndata: 1}\n\n\n\ndata:{}\n\n'
    assert read(data) == ([("a", {"x": 1}), ("", {})], False)


def test_a_stream_that_ends_in_the_middle_of_an_event_is_not_done():
    assert read(b'data: {"a": 1}\n\ndata: {"b"') == ([("", {"a": 1})], False)


def test_a_body_is_one_value_and_may_be_a_stream_after_all():
    assert read(b'\xef\xbb\xbf{"a": 1}', is_stream=False) == ([("", {"a": 1})], True)
    assert read(b'data: {"a": 1}\n\ndata: [DONE]', is_stream=False) == ([("", {"a": 1})], True)
    assert read(b" \n", is_stream=False) == ([], False)


@pytest.mark.parametrize(("data", "is_stream"), [(b"<html>", False), (b"data: {oops\n\n", True)])
def test_what_is_no_json_is_said(data, is_stream):
    with pytest.raises(NotAnApi):
        read(data, is_stream=is_stream)
