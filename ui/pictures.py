"""What pages of pictures share: uploads, names of files, pictures before and after, and taking them home."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

import streamlit as st

from ganclf.contract import MAX_PICTURE_BYTES, MAX_PICTURES, PICTURE_SUFFIXES
from ganclf.data.archive import packed
from ui.text import Wording

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

Named = tuple[str, bytes]


def picture_uploader(key: str, words: Wording) -> "list[UploadedFile]":
    """A field for some pictures; `key` keeps them when the language changes."""
    return st.file_uploader(
        words.pictures_label, type=list(PICTURE_SUFFIXES), accept_multiple_files=True, label_visibility="collapsed",
        max_upload_size=MAX_PICTURE_BYTES // 2**20, key=key,
    )  # fmt: skip


def first_pictures(uploads: "Sequence[UploadedFile]", too_many: str) -> list[Named]:
    """Names and contents of as many as a request may hold; `too_many` is shown where some are left out."""
    if len(uploads) > MAX_PICTURES:
        st.info(too_many.format(count=MAX_PICTURES))
    return [(upload.name, upload.getvalue()) for upload in uploads[:MAX_PICTURES]]


def show_pictures(
    given: Sequence[Named], made: Sequence[bytes], before: str, after: str, archive: str, words: Wording
) -> None:
    """Show each picture before and after, with a button for its PNG, and one for all in a zip of that name."""
    names = file_names([name for name, _ in given])
    for (name, content), picture, target in zip(given, made, names, strict=True):
        with st.container(border=True):
            left, right = st.columns(2)
            left.image(content, caption=f"{name} · {before}", width="stretch")
            right.image(picture, caption=after, width="stretch")
            st.download_button(words.download_picture, picture, target, "image/png", key=f"download_{target}")
    if len(made) > 1:
        content = packed(names, made)
        st.download_button(words.download_pictures, content, archive, "application/zip", key="download_all")


def file_names(given: Sequence[str]) -> list[str]:
    """Of the files that are made; no two are the same."""
    found: list[str] = []
    for name in given:
        stem, number = PurePath(name).stem, 2
        target = f"{stem}.png"
        while target in found:
            target, number = f"{stem}_{number}.png", number + 1
        found.append(target)
    return found
