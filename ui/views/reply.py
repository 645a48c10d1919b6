"""Replies to a text: the best first, those of the training file marked."""

import secrets

import streamlit as st

from ganclf.contract import MAX_TEXT_CHARACTERS, Reply
from ganclf.errors import GanclfError
from ui import client, components, language
from ui.settings import MAX_SEED
from ui.text import Wording

REPLIES = "replies"  # key of the session


def show() -> None:
    """Draw the page."""
    words = language.current_wording()
    st.title(words.reply_title, anchor=False)
    st.text(words.reply_lead)
    asked = _form(words)
    if asked is not None:
        st.session_state.pop(REPLIES, None)
        if not asked.strip():
            st.info(words.empty_reply_text)
            return
        try:
            st.session_state[REPLIES] = client.reply(asked, secrets.randbelow(MAX_SEED), words)
        except GanclfError as error:
            components.show_server_error(error, words)
            return
    if REPLIES in st.session_state:
        _show_replies(st.session_state[REPLIES], words)


def _form(words: Wording) -> str | None:
    """The form; the text where the button was pressed."""
    with st.form("reply", border=False):
        text: str = st.text_area(
            words.text_label, height=110, max_chars=MAX_TEXT_CHARACTERS, placeholder=words.reply_placeholder,
            label_visibility="collapsed", key="reply_text",
        )  # fmt: skip
        pressed = st.form_submit_button(words.reply, type="primary")
    return text if pressed else None


def _show_replies(replies: list[Reply], words: Wording) -> None:
    for place, reply in enumerate(replies):
        with st.container(border=True, key=f"reply_{place}"):
            st.text(reply.reply)
            with st.container(key=f"quiet_{place}"):
                origin = words.retrieved if reply.retrieved else words.generated
                st.text(f"{origin} · {words.score} {reply.score:.2f}")
    st.caption(words.reply_note)


if __name__ == "__main__":
    show()
