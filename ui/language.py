"""Which language the page speaks: the browser's at first, then the visitor's choice."""

import streamlit as st

from ui.text import LANGUAGES, Wording

KEY = "language"


def chosen() -> Wording:
    """Give the wording of this visitor's language."""
    if KEY not in st.session_state:
        st.session_state[KEY] = of_locale(st.context.locale)
    return LANGUAGES[st.session_state[KEY]]


def of_locale(locale: str | None) -> str:
    """Give the language for a browser's locale, such as zh-CN; English where there is none of ours."""
    language = (locale or "").replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else "en"


def switch() -> None:
    """Show the switch in the sidebar."""
    st.sidebar.radio(
        "Language · 语言",
        list(LANGUAGES),
        key=KEY,
        format_func=lambda code: LANGUAGES[code].language,
        horizontal=True,
    )
