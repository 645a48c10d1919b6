"""Pictures of one kind become pictures of another: in which direction, before and after, and all to take home."""

import streamlit as st

from ganclf.contract import MAX_PICTURES
from ganclf.errors import GanclfError
from ui import client, components, language
from ui.pictures import Named, first_pictures, picture_uploader, show_pictures
from ui.text import Wording

FOUND, KINDS = "translated", "kinds"  # keys of the session


def show() -> None:
    """Draw the page."""
    words = language.current_wording()
    st.title(words.translate_title, anchor=False)
    st.text(words.translate_lead.format(count=MAX_PICTURES))
    try:
        pictures, target, pressed = _form(_kinds(words), words)
        if pressed:
            st.session_state.pop(FOUND, None)
            if not pictures:
                st.info(words.no_picture)
                return
            made = client.translate([content for _, content in pictures], target, words)
            st.session_state[FOUND] = (pictures, made, target)
    except GanclfError as error:
        components.show_server_error(error, words)
        return
    if FOUND in st.session_state:
        shown, made, chosen = st.session_state[FOUND]
        show_pictures(shown, made, words.given_picture, chosen, "translated.zip", words)
        st.caption(words.translate_note)


def _kinds(words: Wording) -> tuple[str, ...]:
    """The kinds that there are; the model says so with every picture."""
    if KINDS not in st.session_state:
        st.session_state[KINDS] = client.kinds(words)
    found: tuple[str, ...] = st.session_state[KINDS]
    return found


def _form(kinds: tuple[str, ...], words: Wording) -> tuple[list[Named], str, bool]:
    """The form; names and contents of the pictures, the kind that they become, and whether the button was pressed."""
    with st.form("translate", border=False):  # fields have keys: they keep their values when the language changes
        uploads = picture_uploader("translate_pictures", words)
        target: str = st.radio(
            words.direction_label, kinds, index=len(kinds) - 1, horizontal=True, key="translate_target",
            format_func=lambda kind: " → ".join([*(other for other in kinds if other != kind), kind]),
        )  # fmt: skip
        pressed = st.form_submit_button(words.translate, type="primary")
    return first_pictures(uploads, words.too_many_translated), target, pressed


if __name__ == "__main__":
    show()
