"""Errors of the reader in the page's languages. A sentence is filled in with numbers, never with a visitor's text."""

from ganclf.errors import (
    DataError,
    DuplicateColumnError,
    EmptyFileError,
    EncodingError,
    FieldCountError,
    FileTooLargeError,
    OpenQuoteError,
    PackedFileError,
    TooManyRowsError,
)
from ui.text.wording import Wording


def explain(error: DataError, words: Wording) -> str | None:
    """Return the sentence for an error, or None where the page has none of its own."""
    match error:
        case FileTooLargeError():
            return words.file_too_large.format(megabytes=error.megabytes)
        case TooManyRowsError():
            return words.too_many_rows.format(rows=f"{error.max_rows:,}")
        case EncodingError():
            return words.file_likely.format(encoding=error.likely) if error.likely else words.file_unreadable
        case PackedFileError():
            return words.file_packed
        case EmptyFileError():
            return words.file_empty
        case OpenQuoteError():
            return words.open_quote.format(row=error.row)
        case FieldCountError():
            return words.too_many_fields.format(row=error.row, found=error.found, expected=error.expected)
        case DuplicateColumnError():
            return words.same_columns.format(first=error.first, second=error.second)
    return None
