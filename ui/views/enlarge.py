"""Small pictures become large ones: how sharp, before and after, and all of them to take home."""

import streamlit as st

from ganclf.contract import DEFAULT_SHARPNESS, MAX_PICTURES
from ganclf.errors import GanclfError
from ui import client, components, language
from ui.pictures import Named, first_pictures, picture_uploader, show_pictures
from ui.text import Wording

FOUND = "enlarged"  # key of the session
SHARPNESS_STEP = 0.05


def show() -> None:
    """Draw the page."""
    words = language.current_wording()
    st.title(words.enlarge_title, anchor=False)
    st.text(words.enlarge_lead.format(count=MAX_PICTURES))
    pictures, sharpness, pressed = _form(words)
    if pressed:
        st.session_state.pop(FOUND, None)
        if not pictures:
            st.info(words.no_picture)
            return
        try:
            made = client.enlarge([content for _, content in pictures], sharpness, words)
        except GanclfError as error:
            components.show_server_error(error, words)
            return
        st.session_state[FOUND] = (pictures, made)
    if FOUND in st.session_state:
        shown, made = st.session_state[FOUND]
        show_pictures(shown, made, words.before, words.after, "enlarged.zip", words)
        st.caption(words.enlarge_note)


def _form(words: Wording) -> tuple[list[Named], float, bool]:
    """The form; names and contents of the pictures, the sharpness, and whether the button was pressed."""
    with st.form("enlarge", border=False):  # fields have keys: they keep their values when the language changes
        uploads = picture_uploader("enlarge_pictures", words)
        sharpness: float = st.slider(
            words.sharpness_label, 0.0, 1.0, DEFAULT_SHARPNESS, SHARPNESS_STEP, help=words.sharpness_help,
            key="enlarge_sharpness",
        )  # fmt: skip
        pressed = st.form_submit_button(words.enlarge, type="primary")
    return first_pictures(uploads, words.too_many_pictures), sharpness, pressed


if __name__ == "__main__":
    show()
