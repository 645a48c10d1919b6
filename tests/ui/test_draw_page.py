"""Pictures that are drawn: what is asked, what is shown, and what can be taken home."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ganclf.contract import MAX_DRAWN
from ui.text import CHINESE, ENGLISH
from ui.views.draw import DRAWN, SHEET_COLUMNS, SHEET_GAP, SHEET_SIDE, _sheet


@pytest.fixture
def draw_page(server_address: str, open_page: Callable[..., AppTest]) -> AppTest:
    """The page of a model that draws."""
    return open_page(server_address, model="drawer")


def draw(page: AppTest, seed: int, count: int = 3, truncation: float = 1.0) -> list[int]:
    """Fill the form and press the button; how bright each picture is."""
    page.number_input[0].set_value(count)
    page.number_input[1].set_value(seed)
    page.slider[0].set_value(truncation)
    page.button[0].click().run()
    assert not page.exception
    return [int(np.asarray(Image.open(io.BytesIO(each.png)))[0, 0]) for _, each in page.session_state[DRAWN]]


def test_pictures_have_seeds_that_follow_each_other_and_can_be_downloaded(draw_page: AppTest):
    assert draw_page.title[0].value == ENGLISH.draw_title
    assert draw(draw_page, 40) == [40, 41, 42]
    assert draw(draw_page, 40, truncation=0.5) == [20, 20, 21]
    labels = [button.label for button in draw_page.download_button]
    assert labels == [ENGLISH.download_sheet, ENGLISH.download_pictures]
    assert draw_page.caption[-1].value == ENGLISH.draw_note


def test_a_label_is_asked_for(draw_page: AppTest):
    name = draw_page.selectbox[0].options[-1]
    draw_page.selectbox[0].select(name)
    draw(draw_page, 1, count=1)
    assert [picture.label for _, picture in draw_page.session_state[DRAWN]] == [name]
    assert [button.label for button in draw_page.download_button] == [ENGLISH.download_picture]


def test_the_form_has_the_bounds_of_the_model(draw_page: AppTest):
    assert (draw_page.number_input[0].min, draw_page.number_input[0].max) == (1, MAX_DRAWN)
    assert (draw_page.slider[0].min, draw_page.slider[0].max) == (0.0, 1.0)


def test_pictures_stay_when_the_language_changes(draw_page: AppTest):
    draw(draw_page, 9)
    draw_page.sidebar.radio[0].set_value("zh").run()
    assert draw_page.title[0].value == CHINESE.draw_title
    assert len(draw_page.session_state[DRAWN]) == 3


def test_a_sheet_has_all_pictures_in_lines():
    files = []
    for value in range(SHEET_COLUMNS + 1):
        stream = io.BytesIO()
        Image.new("L", (8, 8), value).save(stream, "PNG")
        files.append(stream.getvalue())
    sheet = np.asarray(Image.open(io.BytesIO(_sheet(files))))[..., 0]
    step = SHEET_SIDE + SHEET_GAP
    assert sheet.shape == (2 * step, SHEET_COLUMNS * step)
    assert (sheet[0, ::step].tolist(), sheet[step, 0], sheet[step, step]) == (list(range(SHEET_COLUMNS)), 8, 255)
