"""Texts that come one by one: as arguments, or as the lines of standard input; and texts that are too long."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from ganclf.cli.batching import PREDICT_BATCH
from ganclf.contract import MAX_TEXT_CHARACTERS

NOTES = 10  # texts that are named one by one
OnNote = Callable[[str], None]


def decode_arguments(texts: Sequence[str], encoding: str | None, on_note: OnNote) -> list[str]:
    """Read arguments that are not UTF-8 in the likely encoding, or in `encoding`; what is no text becomes U+FFFD."""
    return [_decode(place, text, encoding, on_note) for place, text in enumerate(texts, start=1)]


def read_lines() -> Iterator[list[str]]:
    """Yield the lines of standard input in batches; one at a time where they are typed.

    A byte order mark is not part of the first line. Line ends are LF or CRLF. What is not UTF-8 becomes U+FFFD.
    """
    typed = sys.stdin.isatty()
    if typed:
        print("Type one text per line; Ctrl-D ends.", file=sys.stderr)
    marked = not typed and sys.stdin.buffer.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff")  # type: ignore[attr-defined]
    sys.stdin.reconfigure(  # type: ignore[union-attr]
        encoding="utf-16" if marked else "utf-8-sig", errors="replace", newline="\n"
    )
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
    from ganclf.errors import EncodingError

    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raw = os.fsencode(text)
    else:
        return text
    try:
        read, notes = decode(f"text {place}", raw, encoding)
    except EncodingError:
        read = raw.decode("utf-8", errors="replace")
        notes = ("is not UTF-8; what can't be read is replaced. Name its encoding with --encoding",)
    for note in notes:
        on_note(f"text {place}: {note}")
    return read
