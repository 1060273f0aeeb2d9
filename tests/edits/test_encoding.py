import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeorch.edits import Refusal, decode, encode


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"", "", "utf-8"),
        (b"a\r\nb\rc\n", "a\r\nb\rc\n", "utf-8"),
        ("é\n".encode(), "é\n", "utf-8"),
        (codecs.BOM_UTF8 + b"a", "a", "utf-8-sig"),
        (codecs.BOM_UTF16_LE + "a\n".encode("utf-16-le"), "\ufeffa\n", "utf-16-le"),
        (codecs.BOM_UTF16_BE + "é".encode("utf-16-be"), "\ufeffé", "utf-16-be"),
        (b"caf\xe9", "café", "cp1252"),
        (b"5 \x80 \x93so\x94", "5 € \u201cso\u201d", "cp1252"),
        (b"caf\xe9 \x81", "café \x81", "latin-1"),  # a byte that cp1252 has not
    ],
)
def test_a_text_is_decoded_and_comes_back_byte_for_byte(data, text, encoding):
    decoded = decode(data)
    assert (decoded.text, decoded.encoding) == (text, encoding)
    assert encode(decoded.text, decoded.encoding) == data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a\0b", "binary"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary"),
        (codecs.BOM_UTF16_LE + b"\0\0", "encoding"),  # which is UTF-32's mark
        (codecs.BOM_UTF16_BE + b"\0\0", "binary"),
        (codecs.BOM_UTF32_BE + b"\0\0\0a", "encoding"),
        (codecs.BOM_UTF16_LE + b"a", "encoding"),
        (codecs.BOM_UTF8 + b"\xff", "encoding"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(data, code):
    with pytest.raises(Refusal) as refused:
        decode(data)
    assert refused.value.code == code


def test_utf16_without_a_mark_is_named():
    for encoding in ("utf-16-le", "utf-16-be"):
        with pytest.raises(Refusal, match="UTF-16 without a byte order mark"):
            decode("x = 1  # größer\n".encode(encoding))


def test_a_character_that_the_encoding_has_not_is_named():
    with pytest.raises(Refusal, match="'→'") as refused:
        encode("a → b", "latin-1")
    assert refused.value.code == "encoding"


@given(st.binary(max_size=200))
def test_any_bytes_come_back_or_are_refused(data):
    try:
        decoded = decode(data)
    except Refusal:
        return
    assert encode(decoded.text, decoded.encoding) == data
