"""Texts that come one by one: as arguments, or as the lines of standard input; and texts that are too long."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from ganclf.cli.batching import PREDICT_BATCH
from ganclf.contract import MAX_TEXT_CHARACTERS
from ganclf.errors import EncodingError

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NOTES = 10  # texts that are named one by one
OnNote = Callable[[str], None]


def decode_arguments(texts: Sequence[str], encoding: str | None, on_note: OnNote) -> list[str]:
    """Read arguments that are not UTF-8 in the likely encoding, or in `encoding`; what is no text becomes U+FFFD."""
    return [_decode(place, text, encoding, on_note) for place, text in enumerate(texts, start=1)]


def read_lines(encoding: str | None = None) -> Iterator[list[str]]:
    """Yield the lines of standard input in batches; one at a time where they are typed.

    A byte order mark is not part of the first line. Line ends are LF or CRLF. What can't be read becomes U+FFFD.

    Args:
        encoding: None: UTF-8, or UTF-16 with its mark.

    Raises:
        EncodingError: there is no such encoding.
    """
    typed = sys.stdin.isatty()
    if typed:
        print("Type one text per line; Ctrl-D ends.", file=sys.stderr)
    marked = not typed and sys.stdin.buffer.peek(2)[:2] in UTF16_MARKS  # type: ignore[union-attr]
    encoding = encoding or ("utf-16" if marked else "utf-8-sig")
    try:
        sys.stdin.reconfigure(encoding=encoding, errors="replace", newline="\n")  # type: ignore[union-attr]
    except LookupError as error:
        raise EncodingError(f"--encoding {encoding}: no such encoding. Give one such as utf-8 or latin-1.") from error
    lines = (line.removesuffix("\n").removesuffix("\r") for line in sys.stdin)
    while batch := list(islice(lines, 1 if typed else PREDICT_BATCH)):
        yield batch


class Shortener:
    """Cuts texts that are longer than models are sent, and names the first ones.

    Args:
        on_note: receives sentences.
    """

    def __init__(self, on_note: OnNote) -> None:
        self._on_note, self._cut = on_note, 0

    def __call__(self, place: str, text: str) -> str:
        """Return the text, cut where it is too long; `place` names it in the note."""
        if len(text) <= MAX_TEXT_CHARACTERS:
            return text
        self._cut += 1
        if self._cut <= NOTES:
            self._on_note(
                f"{place}: the text has {len(text):,} characters; the first {MAX_TEXT_CHARACTERS:,} are classified"
            )
        return text[:MAX_TEXT_CHARACTERS]

    def sum_up(self) -> None:
        """Name the number of those that were not named."""
        if self._cut > NOTES:
            self._on_note(f"{self._cut - NOTES:,} more texts had more than {MAX_TEXT_CHARACTERS:,} characters")


def _decode(place: int, text: str, encoding: str | None, on_note: OnNote) -> str:
    """Arguments that the system could not decode hold half surrogate pairs; their bytes can be had back."""
    from ganclf.data.decoding import decode
    from ganclf.data.texts import HALF_PAIRS

    if not HALF_PAIRS.search(text):
        return text
    try:
        raw = text.encode("utf-8", errors="surrogateescape")
    except UnicodeEncodeError:  # half pairs that are no bytes
        raw = text.encode("utf-8", errors="replace")
    try:
        read, notes = decode(f"text {place}", raw, encoding)
    except EncodingError:
        read = raw.decode("utf-8", errors="replace")
        notes = ("not UTF-8: what can't be read is replaced; name its encoding with --encoding",)
    for note in notes:
        on_note(f"text {place}: {note}")
    return read
