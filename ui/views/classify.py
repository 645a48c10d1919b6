"""One text: type it, or choose an example, and see its class."""

import streamlit as st

from ganclf.contract import MAX_TEXT_CHARACTERS
from ganclf.errors import GanclfError
from ui import client, components, language
from ui.text import Wording

TEXT, PENDING, ANSWER = "text", "pending", "answer"  # keys of the session


def show() -> None:
    """Draw the page."""
    words = language.current_wording()
    st.title(words.classify_title, anchor=False)
    st.text(words.classify_lead)
    _text_box(words)
    if st.session_state.pop(PENDING, False):
        _classify(words)
    elif ANSWER in st.session_state:
        components.show_answer(st.session_state[ANSWER][1], words)
    _examples(words)


def _text_box(words: Wording) -> None:
    if ANSWER in st.session_state:
        st.session_state.setdefault(TEXT, st.session_state[ANSWER][0])  # the box forgets while another page is open
    with st.form("classify", border=False):
        st.text_area(
            words.text_label,
            key=TEXT,
            height=110,
            max_chars=MAX_TEXT_CHARACTERS,
            placeholder=words.text_placeholder,
            label_visibility="collapsed",
        )
        st.form_submit_button(words.classify, type="primary", on_click=_classify_next)


def _examples(words: Wording) -> None:
    st.subheader(words.examples_title, anchor=False)
    with st.container(horizontal=True, key="examples"):
        for number, example in enumerate(words.examples):
            st.button(example, key=f"example_{number}", on_click=_classify_next, args=[example])


def _classify_next(example: str | None = None) -> None:
    """Put an example into the box, if one is given, and classify in the run that follows."""
    if example is not None:
        st.session_state[TEXT] = example
    st.session_state[PENDING] = True
    st.session_state.pop(ANSWER, None)


def _classify(words: Wording) -> None:
    text = st.session_state[TEXT]
    if not text.strip():
        st.info(words.empty_text)
        return
    try:
        answer = client.predict(text, words)
    except GanclfError as error:
        components.show_server_error(error, words)
        return
    st.session_state[ANSWER] = text, answer
    components.show_answer(answer, words)


if __name__ == "__main__":
    show()
