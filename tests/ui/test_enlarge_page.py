"""Larger pictures: what is uploaded is shown before and after, and can be taken home."""

import io
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ganclf.data.archive import packed
from ui.pictures import file_names
from ui.text import CHINESE, ENGLISH
from ui.views.enlarge import FOUND


def png(value: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (value, 0, 0)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def enlarge_page(server_address: str, open_page: Callable[..., AppTest]) -> AppTest:
    """The page of an enlarger."""
    return open_page(server_address, model="enlarger")


def enlarge(page: AppTest, *pictures: bytes) -> AppTest:
    """Upload pictures and press the button."""
    page.file_uploader[0].set_value([(f"{number}.png", each, "image/png") for number, each in enumerate(pictures)])
    page.button[0].click().run()
    assert not page.exception
    return page


def test_pictures_are_shown_before_and_after_and_can_be_downloaded(enlarge_page: AppTest):
    assert enlarge_page.title[0].value == ENGLISH.enlarge_title
    enlarge(enlarge_page, png(10), png(200))
    _, made = enlarge_page.session_state[FOUND]
    assert [np.asarray(Image.open(io.BytesIO(each))).shape for each in made] == [(8, 16, 3)] * 2
    assert [np.asarray(Image.open(io.BytesIO(each)))[0, 0, 0] for each in made] == [10, 200]
    labels = [button.label for button in enlarge_page.download_button]
    assert labels == [ENGLISH.download_picture] * 2 + [ENGLISH.download_pictures]
    assert enlarge_page.caption[-1].value == ENGLISH.enlarge_note


def test_no_picture_gets_a_hint_and_a_refusal_is_shown(enlarge_page: AppTest):
    enlarge_page.button[0].click().run()
    assert enlarge_page.info[0].value == ENGLISH.no_picture
    enlarge(enlarge_page, b"no picture")
    assert not enlarge_page.exception
    assert FOUND not in enlarge_page.session_state
    assert enlarge_page.error or enlarge_page.text[-1].value


def test_pictures_stay_when_the_language_changes(enlarge_page: AppTest):
    enlarge(enlarge_page, png(10))
    enlarge_page.sidebar.radio[0].set_value("zh").run()
    assert enlarge_page.title[0].value == CHINESE.enlarge_title
    assert [button.label for button in enlarge_page.download_button] == [CHINESE.download_picture]


def test_no_two_files_of_a_zip_have_one_name():
    names = file_names(["a.png", "a.jpg", "a_2.png", "b.bmp"])
    assert names == ["a.png", "a_2.png", "a_2_2.png", "b.png"]
    with zipfile.ZipFile(io.BytesIO(packed(names, [b"1", b"2", b"3", b"4"]))) as archive:
        assert [archive.read(name) for name in names] == [b"1", b"2", b"3", b"4"]
