"""Pictures of another kind: the direction is chosen, and what is made can be taken home."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ui.text import CHINESE, ENGLISH
from ui.views.translate import FOUND


def png(value: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (value, 0, 0)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def translate_page(server_address: str, open_page: Callable[..., AppTest]) -> AppTest:
    """The page of a translator."""
    return open_page(server_address, model="translator")


def translate(page: AppTest, *pictures: bytes) -> AppTest:
    """Upload pictures and press the button."""
    page.file_uploader[0].set_value([(f"{number}.png", each, "image/png") for number, each in enumerate(pictures)])
    page.button[0].click().run()
    assert not page.exception
    return page


def reds(page: AppTest) -> list[int]:
    _, made, _ = page.session_state[FOUND]
    return [int(np.asarray(Image.open(io.BytesIO(each)))[0, 0, 0]) for each in made]


def test_the_second_kind_is_chosen_at_first_and_the_first_can_be(translate_page: AppTest):
    assert translate_page.title[0].value == ENGLISH.translate_title
    assert translate_page.radio(key="translate_target").options == ["night → day", "day → night"]
    translate(translate_page, png(10), png(200))
    assert reds(translate_page) == [245, 55]
    labels = [button.label for button in translate_page.download_button]
    assert labels == [ENGLISH.download_picture] * 2 + [ENGLISH.download_pictures]
    translate_page.radio(key="translate_target").set_value("day")
    translate(translate_page, png(10))
    assert reds(translate_page) == [10]
    assert translate_page.caption[-1].value == ENGLISH.translate_note


def test_no_picture_gets_a_hint_and_a_refusal_is_shown(translate_page: AppTest):
    translate_page.button[0].click().run()
    assert translate_page.info[0].value == ENGLISH.no_picture
    translate(translate_page, b"no picture")
    assert FOUND not in translate_page.session_state
    assert translate_page.error or translate_page.text[-1].value


def test_pictures_stay_when_the_language_changes(translate_page: AppTest):
    translate(translate_page, png(10))
    translate_page.sidebar.radio[0].set_value("zh").run()
    assert translate_page.title[0].value == CHINESE.translate_title
    assert [button.label for button in translate_page.download_button] == [CHINESE.download_picture]
