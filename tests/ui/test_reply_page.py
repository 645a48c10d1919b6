"""Replies to a text: ranked, and marked where they are of the training file."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from ui.text import CHINESE, ENGLISH


@pytest.fixture
def reply_page(server_address: str, open_page: Callable[..., AppTest]) -> AppTest:
    """The page of a model of replies."""
    return open_page(server_address, model="replier")


def reply(page: AppTest, text: str) -> list[str]:
    """Type a text and press the button; everything that is shown without markdown after the lead."""
    page.text_area[0].set_value(text)
    page.button[0].click().run()
    assert not page.exception
    return [element.value for element in page.text][1:]


def test_replies_are_shown_in_their_order_with_origin_and_score(reply_page: AppTest):
    assert reply_page.title[0].value == ENGLISH.reply_title
    assert reply(reply_page, "**How** are you?") == [
        "**How** are you?", "from the training file · score 1.50", "**How** are you? 1.00", "generated · score -0.25",
    ]  # fmt: skip
    assert reply_page.caption[-1].value == ENGLISH.reply_note


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_no_text_gets_a_hint(reply_page: AppTest, text: str):
    assert reply(reply_page, text) == []
    assert reply_page.info[0].value == ENGLISH.empty_reply_text


def test_text_and_replies_stay_when_the_language_changes(reply_page: AppTest):
    shown = reply(reply_page, "How are you?")
    reply_page.sidebar.radio[0].set_value("zh").run()
    assert reply_page.title[0].value == CHINESE.reply_title
    assert reply_page.text_area[0].value == "How are you?"
    assert [element.value for element in reply_page.text][1::2] == shown[::2]


def test_a_refusal_is_shown_in_the_words_of_the_server(reply_page: AppTest):
    assert any("text is refused" in shown for shown in reply(reply_page, "refused"))
    assert reply_page.error[0].value == ENGLISH.server_failed


def test_a_second_text_is_the_one_that_is_replied_to(reply_page: AppTest):
    reply(reply_page, "first")
    assert reply(reply_page, "second")[0] == "second"
