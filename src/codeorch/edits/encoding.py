"""Bytes <-> text without loss: encoding, byte order mark and line ends stay as they are."""

import codecs
from dataclasses import dataclass

from codeorch.edits.hunks import Refusal

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4_000  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A file's text and the codec that turns it back into the very same bytes."""

    text: str  # a UTF-16 byte order mark stays in front as U+FEFF, a UTF-8 one does not
    encoding: str


def decode(data: bytes) -> Decoded:
    """Decode a file.

    Raises:
        Refusal: it is binary, or its encoding cannot be kept byte for byte.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _marked(data, encoding)
    if b"\0" in data:
        unmarked = _is_unmarked_utf16(data[:_SAMPLE])
        why = "it is in UTF-16 without a byte order mark" if unmarked else "it is binary"
        raise Refusal(code="binary", brief=why)
    for encoding in ("utf-8", "cp1252"):
        try:
            return Decoded(text=data.decode(encoding), encoding=encoding)
        except UnicodeDecodeError:
            continue
    # Any byte is a character in Latin-1, so nothing is lost, whatever it really was.
    return Decoded(text=data.decode("latin-1"), encoding="latin-1")


def encode(text: str, encoding: str) -> bytes:
    """Encode a text as its file was.

    Raises:
        Refusal: the text holds characters that the file's encoding has not.
    """
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        odd = text[error.start : error.end]
        raise Refusal(
            code="encoding",
            brief=f"the file is in {encoding}, which cannot hold {odd!r}",
            detail="Use only characters that the file's encoding has, e.g. escapes.",
        ) from error


def _is_unmarked_utf16(data: bytes) -> bool:
    """Whether nearly every second byte is zero, and none of the others: Latin text in UTF-16."""
    zeros = [half.count(0) for half in (data[::2], data[1::2])]
    return min(zeros) == 0 and max(zeros) >= len(data) * 0.4


def _marked(data: bytes, encoding: str) -> Decoded:
    """Decode a file that begins with a byte order mark."""
    if encoding == "utf-32":
        raise Refusal(code="encoding", brief="it is in UTF-32, which is not supported")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refusal(code="encoding", brief=f"it is not valid {encoding}") from error
    if "\0" in text:
        raise Refusal(code="binary", brief="it is binary")
    if text.encode(encoding) != data:
        raise Refusal(code="encoding", brief=f"its {encoding} cannot be kept byte for byte")
    return Decoded(text=text, encoding=encoding)
