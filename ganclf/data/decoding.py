"""Bytes of a text file become a string: as named, else UTF-8, UTF-16 with its mark, or Chinese in GB18030."""

from __future__ import annotations

import codecs
import unicodedata
from collections import Counter
from functools import cache

from ganclf.data.texts import HALF_PAIRS
from ganclf.errors import EncodingError

GB18030_NOTE = "read as GB18030; if the texts look wrong, save the file as UTF-8"
UTF16_NOTE = "read as UTF-16"

_SYMBOLS = range(0xA1, 0xA4)  # lead bytes: Chinese punctuation and full-width letters
_EARLY = range(0xB0, 0xC9)  # lead bytes: the common characters from 啊 to 瑟, ordered by pinyin
_LATE = range(0xC9, 0xD8)  # lead bytes: the common characters from 森 to 座
_REFUSED = {"Cc", "Cn", "Co", "Cs"}  # Unicode categories: control, unassigned, private use, surrogate
_COMMON_SHARE = 0.8  # of the characters beyond ASCII; random pairs of bytes reach 0.2
_FEWEST_COMMON = 6  # characters: fewer can be accented Latin letters, or noise, that decode by chance
_LATE_SHARE = 1 / 20  # of the common characters; Chinese text has 0.4, Korean (EUC-KR) read as Chinese none
_LATE_COUNTS_FROM = 50  # characters: a shorter text can lack the late ones by chance


def decode(source: str, raw: bytes, encoding: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Turn a file's bytes into its text.

    Args:
        source: the file's name, for the messages.
        raw: what the file holds, already unpacked.
        encoding: as Python calls it; None finds it. A file with the mark of UTF-8 is UTF-8 all the same.

    Returns:
        The text without a byte order mark, and the notes for the user.

    Raises:
        EncodingError: the bytes are not in that encoding, in no known one, or not text at all.
    """
    if encoding is not None and not raw.startswith(codecs.BOM_UTF8):  # the mark is certain: `suggest` writes it
        return _decode_as(source, raw, encoding), ()
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_utf16(source, raw), (UTF16_NOTE,)
    _refuse_nul(source, raw.find(b"\0"), raw)
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        chinese = _decode_gb18030(raw)
        if chinese is None:
            raise _undecodable(source, error) from None
        return chinese, (GB18030_NOTE,)


def _decode_as(source: str, raw: bytes, encoding: str) -> str:
    """Decode strictly with the encoding that the user named."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(source, error, encoding) from None
    except (LookupError, ValueError) as error:
        raise EncodingError(f"{source}: no encoding {encoding!r}. Give one such as utf-8, latin-1 or big5.") from error
    text = HALF_PAIRS.sub("\ufffd", text.removeprefix("\ufeff"))
    _refuse_nul(source, text.find("\0"), text)
    return text


def _decode_utf16(source: str, raw: bytes) -> str:
    """Decode strictly; the mark gives the byte order."""
    try:
        text = raw.decode("utf-16")
    except UnicodeDecodeError as error:
        raise _undecodable(source, error) from None
    _refuse_nul(source, text.find("\0"), text)
    return text


def _decode_gb18030(raw: bytes) -> str | None:
    """The text if it is strictly GB18030 and reads like Chinese, else None."""
    try:
        text = raw.decode("gb18030").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None
    return text if _reads_like_chinese(text) else None


def _reads_like_chinese(text: str) -> bool:
    """Whether this is Chinese, not bytes that decode by chance: GB18030 gives nearly every pair of bytes a meaning."""
    counts = Counter(text)
    if any(unicodedata.category(character) in _REFUSED and character not in "\t\r\n" for character in counts):
        return False
    beyond_ascii = sum(count for character, count in counts.items() if not character.isascii())
    late = sum(counts[character] for character in _characters(_LATE) & counts.keys())
    common = late + sum(
        counts[character] for rows in (_SYMBOLS, _EARLY) for character in _characters(rows) & counts.keys()
    )
    if common >= _LATE_COUNTS_FROM and late < _LATE_SHARE * common:
        return False
    return common >= max(_FEWEST_COMMON, _COMMON_SHARE * beyond_ascii)


@cache
def _characters(leads: range) -> frozenset[str]:
    """The GB2312 characters whose first byte is one of `leads`."""
    return frozenset(bytes((lead, trail)).decode("gb18030") for lead in leads for trail in range(0xA1, 0xFF))


def _refuse_nul(source: str, position: int, content: bytes | str) -> None:
    """Raise EncodingError if a NUL was found; `position` is -1 where there is none."""
    if position < 0:
        return
    before = content[:position]
    lines = before.count(b"\n") if isinstance(before, bytes) else before.count("\n")
    raise EncodingError(
        f"{source}: line {lines + 1}: a NUL byte (hex 00): this is a binary file or UTF-16 without its mark, "
        "not text. Save the table as CSV in UTF-8."
    )


def _undecodable(source: str, error: UnicodeDecodeError, encoding: str | None = None) -> EncodingError:
    """The error for bytes that no encoding explains, with their line."""
    try:
        before = error.object[: error.start].decode(error.encoding, "ignore")
    except UnicodeError:  # some codecs only decode strictly
        before = error.object[: error.start].decode("latin-1")
    line = 1 + (before.count("\n") or before.count("\r"))
    wrong = error.object[error.start : error.end].hex(" ")
    tried = encoding or ("UTF-16" if error.encoding.startswith("utf-16") else "UTF-8 nor GB18030")
    return EncodingError(
        f"{source}: line {line}: the bytes {wrong} (hex) are not {tried}. "
        "Save the file as UTF-8, or name its encoding with --encoding."
    )
