"""The sentences that every language must have; one that lacks a sentence can't be imported."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The sentences of one language; {names} are filled in with numbers, never with a visitor's text."""

    language: str  # its own name

    classify_page: str  # in the navigation
    classify_title: str
    classify_lead: str
    text_label: str
    text_placeholder: str
    classify: str  # on the button
    empty_text: str
    examples_title: str
    examples: tuple[str, ...]
    best_label: str
    more_classes: str  # count, share
    out_of_scope: str
    version: str
    milliseconds: str  # count

    waiting: str
    server_down: str
    server_down_remedy: str
    model_missing: str
    server_failed: str
    address: str

    batch_page: str
    batch_title: str
    batch_lead: str  # rows, megabytes
    upload: str
    column: str
    rows_found: str  # rows, columns
    classify_file: str  # count
    progress: str  # done, total
    classified: str  # count, seconds
    rows_shown: str  # shown, rows
    rows_empty: str  # count
    download: str

    file_too_large: str  # megabytes
    too_many_rows: str  # rows
    file_unreadable: str
    file_unusable: str  # the message of the reader follows
    file_empty: str
    open_quote: str  # row
    too_many_fields: str  # row, found, expected
    same_columns: str  # first, second
    text_too_long: str  # row, characters
