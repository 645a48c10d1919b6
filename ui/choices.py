"""How an uploaded file is read, where the content does not show it: the options of the commands as choices."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ganclf.data import ReadOptions
from ui.text import Wording

AUTO = "auto"  # found from the content
SEPARATORS: Mapping[str, str] = {",": "comma", ";": "semicolon", "tab": "tab", "|": "bar"}  # value: its word in Wording
ENCODINGS = (
    "utf-8", "utf-16", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "cp1252", "cp1251", "latin-1",
)  # fmt: skip
OPTIONS = {  # of the commands, which the reader's notes name, and what they are called here
    "--separator": "separator",
    "--encoding": "encoding",
    "--no-header": "header",
    "--quoting": "quoting",
    "--text-column": "columns",
}


def choose(file_id: str, words: Wording, *, opened: bool) -> ReadOptions:
    """Draw the choices; they stay when the language changes, but not when the file does.

    Args:
        file_id: of the upload.
        words: of the page.
        opened: whether they can be seen without a click, as after an error.
    """
    quoting = {
        AUTO: words.found,
        "double": words.quoting_double,
        "backslash": words.quoting_backslash,
        "none": words.quoting_none,
    }
    header = {AUTO: words.found, "yes": words.header_yes, "no": words.header_no}
    with st.expander(words.choices, expanded=opened), st.container(key="choices"):
        left, right = st.columns(2)
        with left:
            separator = _select(words.separator, _separators(words), f"separator_{file_id}")
            header_row = _select(words.header, header, f"header_{file_id}")
        with right:
            encoding = _choose_encoding(file_id, words)
            quotes = _select(words.quoting, quoting, f"quoting_{file_id}")
    return ReadOptions(
        separator=None if separator == AUTO else separator,
        header=None if header_row == AUTO else header_row == "yes",
        encoding=None if encoding == AUTO else encoding,
        quoting=quotes,
    )


def offer_encoding(likely: str, file_id: str, words: Wording) -> None:
    """Offer the likely encoding of a file that could not be read, as one click."""

    def take() -> None:
        st.session_state[_encoding_key(file_id)] = likely

    st.button(words.read_as.format(encoding=likely), on_click=take, key=f"likely_{file_id}", type="primary")


def in_words_of_the_page(note: str, words: Wording) -> str:
    """A note of the reader, in which options of the commands are called as the choices here."""
    for option, name in OPTIONS.items():
        note = note.replace(option, f"“{getattr(words, name)}”")
    return note


def _select(label: str, options: Mapping[Any, str], key: str) -> Any:
    return st.selectbox(label, list(options), format_func=options.__getitem__, key=key)


def _separators(words: Wording) -> dict[str, str]:
    return {AUTO: words.found, **{value: getattr(words, name) for value, name in SEPARATORS.items()}}


def _choose_encoding(file_id: str, words: Wording) -> str:
    """One of ENCODINGS, or any that the visitor types; AUTO where the box was emptied."""
    key = _encoding_key(file_id)
    chosen = st.session_state.get(key)
    others = [] if chosen in (None, AUTO, *ENCODINGS) else [chosen]
    encoding: str | None = st.selectbox(
        words.encoding,
        [AUTO, *others, *ENCODINGS],
        format_func=lambda name: words.found if name == AUTO else name,
        key=key,
        accept_new_options=True,
    )
    return encoding or AUTO


def _encoding_key(file_id: str) -> str:
    return f"encoding_{file_id}"
