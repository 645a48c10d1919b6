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
    best_labels: str
    no_label: str  # no class of a model of several labels per text reached its threshold
    more_classes: str  # count, share
    other_classes: str  # count
    out_of_scope: str
    version: str
    milliseconds: str  # count

    write_page: str
    write_title: str
    write_lead: str
    prefix_label: str
    prefix_placeholder: str
    write_label: str
    any_label: str
    how_many: str
    candidates: str
    candidates_help: str
    seed: str
    seed_help: str
    any_seed: str
    temperature: str
    temperature_help: str
    write: str
    realness: str
    generated_note: str
    restyle_page: str
    restyle_title: str
    restyle_lead: str
    restyle_placeholder: str
    target_label: str
    strength_label: str
    strength_help: str
    restyle: str
    unchanged: str
    style_probability: str
    restyle_note: str
    enlarge_page: str
    enlarge_title: str
    enlarge_lead: str
    pictures_label: str
    no_picture: str
    too_many_pictures: str
    sharpness_label: str
    sharpness_help: str
    enlarge: str
    before: str
    after: str
    download_picture: str
    download_pictures: str
    enlarge_note: str
    illustrate_page: str
    illustrate_title: str
    illustrate_lead: str
    illustrate_label: str
    illustrate_placeholder: str
    no_text_to_illustrate: str
    illustrate: str
    match: str
    illustrate_note: str
    draw_page: str
    draw_title: str
    draw_lead: str
    how_many_pictures: str
    draw_seed_help: str
    truncation: str
    truncation_help: str
    draw: str
    download_sheet: str
    draw_note: str
    translate_page: str
    translate_title: str
    translate_lead: str
    direction_label: str
    too_many_translated: str
    translate: str
    given_picture: str
    translate_note: str
    reply_page: str
    reply_title: str
    reply_lead: str
    reply_placeholder: str
    reply: str
    empty_reply_text: str
    retrieved: str
    generated: str
    score: str
    reply_note: str

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
    choices: str  # on the expander: how the file is read
    found: str  # the choice that leaves it to the content of the file
    separator: str
    comma: str
    semicolon: str
    tab: str
    bar: str
    encoding: str
    header: str
    header_yes: str
    header_no: str
    quoting: str
    quoting_double: str
    quoting_backslash: str
    quoting_none: str
    read_as: str  # encoding
    columns: str
    columns_placeholder: str
    rows_found: str  # rows, columns
    lines_found: str  # lines, header, rows, in_quoted_fields, blank, left_out
    texts_cut: str  # characters, rows
    classify_file: str  # count
    progress: str  # done, total
    classified: str  # count, seconds
    rows_shown: str  # shown, rows
    rows_empty: str  # count
    download: str  # form

    file_too_large: str  # megabytes
    too_many_rows: str  # rows
    file_unreadable: str
    file_likely: str  # encoding
    file_packed: str
    file_unusable: str  # the message of the reader follows
    file_empty: str
    open_quote: str  # row
    too_many_fields: str  # row, found, expected
    same_columns: str  # first, second
