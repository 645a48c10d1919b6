"""Small pictures become large ones: how sharp, before and after, and all of them to take home."""

from collections.abc import Sequence
from pathlib import PurePath

import streamlit as st

from ganclf.contract import DEFAULT_SHARPNESS, MAX_PICTURE_BYTES, MAX_PICTURES, PICTURE_SUFFIXES
from ganclf.errors import GanclfError
from ui import client, components, downloads, language
from ui.text import Wording

FOUND = "enlarged"  # key of the session
SHARPNESS_STEP = 0.05
Named = tuple[str, bytes]


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
        _show_pictures(shown, made, words)


def _form(words: Wording) -> tuple[list[Named], float, bool]:
    """The form; names and contents of the pictures, the sharpness, and whether the button was pressed."""
    with st.form("enlarge", border=False):  # fields have keys: they keep their values when the language changes
        uploads = st.file_uploader(
            words.pictures_label, type=list(PICTURE_SUFFIXES), accept_multiple_files=True, label_visibility="collapsed",
            max_upload_size=MAX_PICTURE_BYTES // 2**20, key="enlarge_pictures",
        )  # fmt: skip
        sharpness: float = st.slider(
            words.sharpness_label, 0.0, 1.0, DEFAULT_SHARPNESS, SHARPNESS_STEP, help=words.sharpness_help,
            key="enlarge_sharpness",
        )  # fmt: skip
        pressed = st.form_submit_button(words.enlarge, type="primary")
    if len(uploads) > MAX_PICTURES:
        st.info(words.too_many_pictures.format(count=MAX_PICTURES))
    return [(upload.name, upload.getvalue()) for upload in uploads[:MAX_PICTURES]], sharpness, pressed


def _show_pictures(pictures: Sequence[Named], made: Sequence[bytes], words: Wording) -> None:
    names = _names([name for name, _ in pictures])
    for (name, before), after, target in zip(pictures, made, names, strict=True):
        with st.container(border=True):
            left, right = st.columns(2)
            left.image(before, caption=f"{name} · {words.before}", width="stretch")
            right.image(after, caption=words.after, width="stretch")
            st.download_button(words.download_picture, after, target, "image/png", key=f"download_{target}")
    if len(made) > 1:
        packed = downloads.packed(names, made)
        st.download_button(words.download_pictures, packed, "enlarged.zip", "application/zip", key="download_all")
    st.caption(words.enlarge_note)


def _names(given: Sequence[str]) -> list[str]:
    """Of the files that are made; no two are the same."""
    found: list[str] = []
    for name in given:
        stem, number = PurePath(name).stem, 2
        target = f"{stem}.png"
        while target in found:
            target, number = f"{stem}_{number}.png", number + 1
        found.append(target)
    return found


if __name__ == "__main__":
    show()
