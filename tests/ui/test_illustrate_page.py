"""Pictures from words: what is typed is drawn, with its match, and can be taken home."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ui.text import CHINESE, ENGLISH
from ui.views.illustrate import ILLUSTRATED


@pytest.fixture
def illustrate_page(server_address: str, open_page: Callable[..., AppTest]) -> AppTest:
    """The page of a model that draws."""
    return open_page(server_address, model="illustrator")


def illustrate(page: AppTest, text: str, count: int = 2) -> AppTest:
    """Type a text and press the button."""
    page.text_input[0].set_value(text)
    page.number_input[0].set_value(count)
    page.number_input[2].set_value(40)
    page.button[0].click().run()
    assert not page.exception
    return page


def test_a_text_is_drawn_as_often_as_asked_with_the_match_of_each(illustrate_page: AppTest):
    assert illustrate_page.title[0].value == ENGLISH.illustrate_title
    illustrate(illustrate_page, "account off")
    asked, made = illustrate_page.session_state[ILLUSTRATED]
    assert [request.seed for request in asked] == [40, 41]
    assert [np.asarray(Image.open(io.BytesIO(each.png)))[0, 0] for each in made] == [40, 41]
    assert any(f"{ENGLISH.match} 25%" in text.value for text in illustrate_page.text)
    labels = [button.label for button in illustrate_page.download_button]
    assert labels == [ENGLISH.download_picture] * 2 + [ENGLISH.download_pictures]
    assert illustrate_page.caption[-1].value == ENGLISH.illustrate_note


def test_no_text_gets_a_hint_and_a_refusal_is_shown(illustrate_page: AppTest):
    illustrate(illustrate_page, "  ")
    assert illustrate_page.info[0].value == ENGLISH.no_text_to_illustrate
    illustrate(illustrate_page, "refused")
    assert ILLUSTRATED not in illustrate_page.session_state
    assert illustrate_page.error or illustrate_page.text[-1].value


def test_drawings_stay_when_the_language_changes(illustrate_page: AppTest):
    illustrate(illustrate_page, "account off", count=1)
    illustrate_page.sidebar.radio[0].set_value("zh").run()
    assert illustrate_page.title[0].value == CHINESE.illustrate_title
    assert [button.label for button in illustrate_page.download_button] == [CHINESE.download_picture]
