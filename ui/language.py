"""The language of the page: the browser's at first, then the visitor's choice."""

import streamlit as st

from ui.text import LANGUAGES, Wording

KEY = "language"


def current_wording() -> Wording:
    """Return the wording in this visitor's language."""
    if KEY not in st.session_state:
        st.session_state[KEY] = language_of(st.context.locale)
    return LANGUAGES[st.session_state[KEY]]


def language_of(locale: str | None) -> str:
    """Return the language for a browser's locale, such as zh-CN; English where the page has no such language."""
    language = (locale or "").replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else "en"


def show_switch() -> None:
    """Show the switch in the sidebar."""
    st.sidebar.radio(
        "Language · 语言",
        list(LANGUAGES),
        key=KEY,
        format_func=lambda code: LANGUAGES[code].language,
        horizontal=True,
    )
