"""Words become pictures: how many, of which seed, how well each matches, and all of them to take home."""

import streamlit as st

from ganclf.contract import MAX_PICTURE_CANDIDATES, MAX_PICTURES, Illustration, IllustrationRequest
from ganclf.data.archive import packed
from ganclf.errors import GanclfError
from ui import client, components, language
from ui.settings import MAX_SEED
from ui.text import Wording

ILLUSTRATED = "illustrated"  # key of the session
DEFAULT_PICTURES, DEFAULT_CANDIDATES = 4, 4
MAX_CHARACTERS = 200  # of a text
COLUMNS = 4
SHOWN_WIDTH = 128  # pixels: drawings are small


def show() -> None:
    """Draw the page."""
    words = language.current_wording()
    st.title(words.illustrate_title, anchor=False)
    st.text(words.illustrate_lead)
    asked, pressed = _form(words)
    if pressed:
        st.session_state.pop(ILLUSTRATED, None)
        if not asked:
            st.info(words.no_text_to_illustrate)
            return
        try:
            made = client.illustrate(asked, words)
        except GanclfError as error:
            components.show_server_error(error, words)
            return
        st.session_state[ILLUSTRATED] = (asked, made)
    if ILLUSTRATED in st.session_state:
        shown, made = st.session_state[ILLUSTRATED]
        _show_pictures(shown, made, words)


def _form(words: Wording) -> tuple[list[IllustrationRequest], bool]:
    """The form; what is asked, nothing without a text, and whether the button was pressed."""
    with st.form("illustrate", border=False):  # fields have keys: they keep their values when the language changes
        text = st.text_input(
            words.illustrate_label,
            max_chars=MAX_CHARACTERS,
            placeholder=words.illustrate_placeholder,
            key="illustrate_text",
        )
        left, middle, right = st.columns(3)
        count = left.number_input(words.how_many, 1, MAX_PICTURES, DEFAULT_PICTURES, key="illustrate_count")
        candidates = middle.number_input(
            words.candidates, 1, MAX_PICTURE_CANDIDATES, DEFAULT_CANDIDATES, help=words.candidates_help,
            key="illustrate_candidates",
        )  # fmt: skip
        seed = right.number_input(
            words.seed, 0, MAX_SEED, None, help=words.seed_help, placeholder=words.any_seed, key="illustrate_seed"
        )
        pressed = st.form_submit_button(words.illustrate, type="primary")
    if not text.strip():
        return [], pressed
    first = components.first_seed(seed)
    return [IllustrationRequest(text=text, seed=first + i, candidates=int(candidates)) for i in range(count)], pressed


def _show_pictures(asked: list[IllustrationRequest], made: list[Illustration], words: Wording) -> None:
    names = [f"{request.seed}.png" for request in asked]
    columns = st.columns(COLUMNS)
    for place, (request, drawing, name) in enumerate(zip(asked, made, names, strict=True)):
        with columns[place % COLUMNS].container(border=True, key=f"illustrated_{place}"):
            st.image(drawing.png, width=SHOWN_WIDTH)
            st.text(f"{words.match} {drawing.match:.0%} · {words.seed} {request.seed}")
            st.download_button(words.download_picture, drawing.png, name, "image/png", key=f"download_{name}")
    if len(made) > 1:
        archive = packed(names, [drawing.png for drawing in made])
        st.download_button(words.download_pictures, archive, "drawings.zip", "application/zip", key="download_all")
    st.caption(words.illustrate_note)


if __name__ == "__main__":
    show()
