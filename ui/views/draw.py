"""New pictures: of which label, how many and how usual; as a sheet, and all of them to take home."""

import io
import re
from collections.abc import Sequence

import streamlit as st

from ganclf.contract import DEFAULT_TRUNCATION, MAX_DRAWN, DrawnPicture, PictureRequest
from ganclf.data.archive import packed
from ganclf.errors import GanclfError
from ui import client, components, language
from ui.settings import MAX_SEED
from ui.text import Wording

DRAWN, LABELS = "drawn", "draw_labels"  # keys of the session
DEFAULT_PICTURES = 12
TRUNCATION_STEP = 0.05
COLUMNS = 4  # of the page
SHEET_SIDE, SHEET_COLUMNS, SHEET_GAP = 128, 8, 4  # pixels of a picture of the sheet, at least; pictures of a line
Seeded = tuple[int, DrawnPicture]


def show() -> None:
    """Draw the page."""
    words = language.current_wording()
    st.title(words.draw_title, anchor=False)
    st.text(words.draw_lead)
    try:
        labels = _labels(words)
        asked = _form(labels, words)
        if asked:
            st.session_state.pop(DRAWN, None)
            drawn = client.draw(asked, words)
            st.session_state[DRAWN] = [(row.seed, picture) for row, picture in zip(asked, drawn, strict=True)]
    except GanclfError as error:
        components.show_server_error(error, words)
        return
    if DRAWN in st.session_state:
        _show_pictures(st.session_state[DRAWN], words)


def _labels(words: Wording) -> tuple[str, ...]:
    """The labels that the model can be asked for; it says so with every picture that it draws."""
    if LABELS not in st.session_state:
        st.session_state[LABELS] = client.draw([PictureRequest()], words)[0].classes
    labels: tuple[str, ...] = st.session_state[LABELS]
    return labels


def _form(labels: tuple[str, ...], words: Wording) -> list[PictureRequest]:
    """The form; what is asked, nothing where the button was not pressed."""
    with st.form("draw", border=False):  # fields have keys: they keep their values when the language changes
        label = ""
        if labels:
            label = st.selectbox(
                words.write_label, ["", *labels], format_func=lambda name: name or words.any_label, key="draw_label"
            )
        left, right = st.columns(2)
        count = left.number_input(words.how_many_pictures, 1, MAX_DRAWN, DEFAULT_PICTURES, key="draw_count")
        seed = right.number_input(
            words.seed, 0, MAX_SEED, None, help=words.draw_seed_help, placeholder=words.any_seed, key="draw_seed"
        )
        truncation: float = st.slider(
            words.truncation, 0.0, 1.0, DEFAULT_TRUNCATION, TRUNCATION_STEP, help=words.truncation_help,
            key="draw_truncation",
        )  # fmt: skip
        if not st.form_submit_button(words.draw, type="primary"):
            return []
    first = components.first_seed(seed)
    return [PictureRequest(label=label, seed=first + i, truncation=truncation) for i in range(count)]


def _show_pictures(drawn: Sequence[Seeded], words: Wording) -> None:
    columns = st.columns(COLUMNS)
    for place, (seed, picture) in enumerate(drawn):
        columns[place % COLUMNS].image(picture.png, caption=" · ".join(_parts(seed, picture)), width="stretch")
    names = [f"{'_'.join(_parts(seed, picture))}.png" for seed, picture in drawn]
    with st.container(horizontal=True, key="downloads"):
        if len(drawn) == 1:
            st.download_button(words.download_picture, drawn[0][1].png, names[0], "image/png", on_click="ignore")
        else:
            files = [picture.png for _, picture in drawn]
            st.download_button(words.download_sheet, _sheet(files), "sheet.png", "image/png", on_click="ignore")
            st.download_button(
                words.download_pictures,
                packed(names, files),
                "drawn.zip",
                "application/zip",
                on_click="ignore",
            )
    st.caption(words.draw_note)


def _parts(seed: int, picture: DrawnPicture) -> list[str]:
    """Of a caption, and of a file's name."""
    label = re.sub(r"[^\w-]+", "_", picture.label).strip("_")
    return [str(seed), *([label] if label else [])]


def _sheet(files: Sequence[bytes]) -> bytes:
    """All pictures in one, as PNG."""
    from PIL import Image

    pictures = [Image.open(io.BytesIO(file)).convert("RGBA") for file in files]
    times = max(1, SHEET_SIDE // pictures[0].width)
    width, height = (side * times + SHEET_GAP for side in pictures[0].size)
    lines = -(-len(pictures) // SHEET_COLUMNS)
    sheet = Image.new("RGBA", (width * min(len(pictures), SHEET_COLUMNS), height * lines), "white")
    for place, picture in enumerate(pictures):
        large = picture.resize((width - SHEET_GAP, height - SHEET_GAP), Image.Resampling.NEAREST)
        sheet.alpha_composite(large, (place % SHEET_COLUMNS * width, place // SHEET_COLUMNS * height))
    stream = io.BytesIO()
    sheet.convert("RGB").save(stream, "PNG")
    return stream.getvalue()


if __name__ == "__main__":
    show()
