"""Bytes of a text file become UTF-8: as named, else UTF-8, UTF-16 with its mark, or Chinese in GB18030."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ganclf.data.compression import ByteSource
from ganclf.data.encodings import find_likely, find_seven_bit, reads_like_chinese
from ganclf.data.texts import HALF_PAIRS
from ganclf.errors import EncodingError

GB18030_NOTE = "read as GB18030; if the texts look wrong, save the file as UTF-8"
UTF16_NOTE = "read as UTF-16"

_LIKELY_BYTES = 1 << 18  # from which the likely encoding is found
_DISPLAY = {"gb18030": "GB18030", "utf-16": "UTF-16", "utf-8": "UTF-8"}


@dataclass(frozen=True)
class TextSource:
    """A text file as UTF-8, without a byte order mark.

    Attributes:
        source: of the bytes.
        encoding: as Python calls it; "utf-8" bytes were checked.
        notes: for the user.
        lines: as an editor counts them: line ends, and a last line without one.
        quotes: whether there is a double quote.
        backslash_quotes: whether there is one after a backslash.
        empty_end: empty lines at the end.
    """

    source: ByteSource
    encoding: str
    notes: tuple[str, ...]
    lines: int
    quotes: bool
    backslash_quotes: bool
    empty_end: int

    def chunks(self) -> Iterator[bytes]:
        """UTF-8, in pieces that end with a whole character."""
        chunks = self.source.chunks()
        return _as_utf8(chunks, self.encoding) if self.encoding != "utf-8" else _read_utf8(chunks, check=False)

    def head(self, size: int) -> str:
        """The first `size` bytes or fewer, as a string."""
        return codecs.getincrementaldecoder("utf-8")().decode(b"".join(_take(self.chunks(), size)))


def open_text(source: ByteSource, encoding: str | None = None) -> TextSource:
    """Find the encoding and check all bytes against it.

    Args:
        source: what the file holds, unpacked.
        encoding: as Python calls it; None finds it. A file with the mark of UTF-8 is UTF-8 all the same.

    Raises:
        EncodingError: the bytes are not in that encoding, in no known one, or not text at all.
    """
    head = source.head(3)
    if encoding is not None and not head.startswith(codecs.BOM_UTF8):  # the mark is certain: `suggest` writes it
        return _check(source, encoding, named=True)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _check(source, "utf-16", (UTF16_NOTE,))
    try:
        return _check(source, "utf-8")
    except _UndecodableError as error:
        _refuse_nul(source)
        if _is_chinese(source):
            return _check(source, "gb18030", (GB18030_NOTE,))
        raise error.explain(source) from None


def decode(name: str, raw: bytes, encoding: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Turn bytes into text.

    Args:
        name: of the file, for messages.
        raw: unpacked.
        encoding: as in `open_text`.

    Returns:
        The text without a byte order mark, and the notes for the user.

    Raises:
        EncodingError: as in `open_text`.
    """
    import io

    text = open_text(ByteSource(name, lambda: io.BytesIO(raw)), encoding)
    return b"".join(text.chunks()).decode("utf-8"), text.notes


class _UndecodableError(Exception):
    """Bytes at the start of `rest`, on line `line`, are not in `encoding`."""

    def __init__(self, encoding: str, line: int, wrong: bytes, named: bool) -> None:
        super().__init__(encoding)
        self.encoding, self.line, self.wrong, self.named = encoding, line, wrong, named

    def explain(self, source: ByteSource) -> EncodingError:
        """The error for the user."""
        if self.named or self.encoding == "utf-16":
            tried, likely = _DISPLAY.get(self.encoding, self.encoding), None
        else:
            tried, likely = "UTF-8 nor GB18030", find_likely(source.head(_LIKELY_BYTES))
        probably = f"Probably {likely.title}: read it with --encoding {likely.name}. " if likely else ""
        return EncodingError(
            f"{source.name}: line {self.line}: the bytes {self.wrong.hex(' ')} (hex) are not {tried}. {probably}"
            "Save the file as UTF-8, or name its encoding with --encoding.",
            likely.name if likely else None,
        )


def _check(source: ByteSource, encoding: str, notes: tuple[str, ...] = (), named: bool = False) -> TextSource:
    """Read all of it once.

    Raises:
        _UndecodableError: it is not UTF-8, which was not named.
        EncodingError: it is not in the encoding, or holds NUL.
    """
    ends = behind = 0  # line ends, and those behind the last other character
    last = b""
    quotes = backslash_quotes = False
    try:
        for chunk in _as_utf8(source.chunks(), encoding):
            if b"\0" in chunk:
                raise _nul(source, ends + 1 + chunk[: chunk.index(b"\0")].count(b"\n"), named)
            if not named and encoding == "utf-8" and (b"\x1b" in chunk or b"~{" in chunk):
                _refuse_seven_bit(source, chunk)
            joined = last == b"\r" and chunk.startswith(b"\n")
            ends += count_line_ends(chunk) - joined
            content = len(chunk.rstrip(b"\r\n"))
            behind = count_line_ends(chunk[content:]) + (0 if content else behind - joined)
            quotes = quotes or b'"' in chunk
            if quotes and not backslash_quotes:
                backslash_quotes = b'\\"' in chunk or (last == b"\\" and chunk.startswith(b'"'))
            last = chunk[-1:] or last
    except _UndecodableError as error:
        error.named, error.line = named, error.line + ends
        raise (error.explain(source) if named or encoding != "utf-8" else error) from None
    except (LookupError, ValueError) as error:
        raise EncodingError(
            f"{source.name}: no encoding {encoding!r}. Give one such as utf-8, latin-1 or big5."
        ) from error
    lines = ends + (last not in (b"", b"\n", b"\r"))
    return TextSource(source, encoding, notes, lines, quotes, backslash_quotes, max(behind - 1, 0))


def count_line_ends(data: bytes) -> int:
    """Line feeds, carriage returns, and both together, which are one."""
    import numpy as np

    values = np.frombuffer(data, dtype=np.uint8)
    feeds = values == 10
    ends = int(np.count_nonzero(feeds))
    if b"\r" not in data:
        return ends
    returns = values == 13
    return ends + int(np.count_nonzero(returns)) - int(np.count_nonzero(returns[:-1] & feeds[1:]))


def _as_utf8(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Transcode chunk by chunk; a byte order mark at the start is left out.

    Raises:
        _UndecodableError: bytes are not in the encoding.
        LookupError, ValueError: there is no such encoding.
    """
    if encoding == "utf-8":
        yield from _read_utf8(chunks, check=True)
        return
    decoder = codecs.getincrementaldecoder(encoding)() if codecs.lookup(encoding)._is_text_encoding else None
    if decoder is None:
        raise LookupError(encoding)
    first = True
    for chunk, final in _with_last(chunks):
        try:
            text = decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            raise _place(error, encoding) from None
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        if not text.isascii():
            text = HALF_PAIRS.sub("\ufffd", text)
        yield text.encode("utf-8")


def _read_utf8(chunks: Iterable[bytes], check: bool) -> Iterator[bytes]:
    """Pass UTF-8 on, without its mark; a character is never cut.

    Raises:
        _UndecodableError: it is not UTF-8, where that is to be checked.
    """
    rest, first = b"", True
    for chunk, final in _with_last(chunks):
        data = rest + chunk if rest else chunk
        if first and (len(data) >= 3 or final):
            data, first = data.removeprefix(codecs.BOM_UTF8), False
        cut = len(data) if final else _last_character(data)
        whole, rest = (data, b"") if cut == len(data) else (data[:cut], data[cut:])
        if check and not whole.isascii():
            try:
                _validate(whole)
            except UnicodeDecodeError as error:
                raise _place(error, "utf-8") from None
        yield whole


def _validate(data: bytes) -> None:
    """Raise UnicodeDecodeError unless this is UTF-8."""
    import numpy as np
    import pyarrow as pa

    offsets = pa.py_buffer(np.array([0, len(data)], dtype=np.int32))
    try:
        pa.StringArray.from_buffers(1, offsets, pa.py_buffer(data)).validate(full=True)
    except pa.ArrowInvalid:
        data.decode("utf-8")  # says where


def _last_character(data: bytes) -> int:
    """Where a character that may go on in the next chunk begins, else the length."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if back < length else len(data)
        if byte < 0x80:
            break
    return len(data)


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Mark the last chunk; an empty file is one empty chunk."""
    held = b""
    for chunk in chunks:
        if held:
            yield held, False
        held = chunk
    yield held, True


def _take(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The first `size` bytes."""
    for chunk in chunks:
        yield chunk[:size]
        size -= len(chunk)
        if size <= 0:
            return


def _place(error: UnicodeDecodeError, encoding: str) -> _UndecodableError:
    """Where in the piece the error is; its first line is line 1."""
    before: str | bytes
    try:
        before = error.object[: error.start].decode(error.encoding, "ignore")
    except UnicodeError:  # some codecs only decode strictly
        before = error.object[: error.start].decode("latin-1")
    line = 1 + (before.count("\n") or before.count("\r"))
    return _UndecodableError(encoding, line, error.object[error.start : error.end], named=True)


def _is_chinese(source: ByteSource) -> bool:
    """Whether it is strictly GB18030 and reads like Chinese."""
    counts: Counter[str] = Counter()
    decoder = codecs.getincrementaldecoder("gb18030")()
    try:
        for chunk, final in _with_last(source.chunks()):
            counts.update(decoder.decode(chunk, final))
    except UnicodeDecodeError:
        return False
    return reads_like_chinese(counts)


def _refuse_nul(source: ByteSource) -> None:
    """Raise EncodingError if a byte is NUL."""
    lines = 1
    for chunk in source.chunks():
        if b"\0" in chunk:
            raise _nul(source, lines + chunk[: chunk.index(b"\0")].count(b"\n"), named=False)
        lines += chunk.count(b"\n")


def _refuse_seven_bit(source: ByteSource, chunk: bytes) -> None:
    """Raise EncodingError if ASCII bytes mean other characters."""
    if likely := find_seven_bit(chunk):
        raise EncodingError(
            f"{source.name}: ASCII bytes that switch to other characters, which is {likely.title}: read it with "
            f"--encoding {likely.name}, or save the file as UTF-8.",
            likely.name,
        )


def _nul(source: ByteSource, line: int, named: bool) -> EncodingError:
    """The error for a file with NUL; UTF-16 without its mark is named where it reads well."""
    likely = None if named else find_likely(source.head(_LIKELY_BYTES), wide=True)
    probably = f"Probably {likely.title}: read it with --encoding {likely.name}. " if likely else ""
    return EncodingError(
        f"{source.name}: line {line}: a NUL byte (hex 00): this is a binary file or UTF-16 without its mark, "
        f"not text. {probably}Save the table as CSV in UTF-8.",
        likely.name if likely else None,
    )
