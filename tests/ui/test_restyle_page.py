"""A text in another style: what was changed is marked, and nothing of it is read as markup."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from ui.text import CHINESE, ENGLISH
from ui.views.restyle import differences


@pytest.fixture
def restyle_page(server_address: str, open_page: Callable[..., AppTest]) -> AppTest:
    """The page of a model of styles."""
    return open_page(server_address, model="restyler")


def rewrite(page: AppTest, text: str, style: str = "**wild**", strength: float = 0.5) -> str:
    """Fill in the form and press the button; the HTML of the rewritten text, if there is one."""
    page.text_area[0].set_value(text)
    page.selectbox[0].set_value(style)
    page.slider[0].set_value(strength)
    page.button[0].click().run()
    assert not page.exception
    shown = [element.proto.body for element in page.get("html")]
    return next((body for body in shown if 'class="restyled"' in body), "")


def test_what_was_put_in_is_marked_and_what_was_dropped_is_struck_out(restyle_page: AppTest):
    assert restyle_page.title[0].value == ENGLISH.restyle_title
    assert restyle_page.selectbox[0].options == ["calm", "**wild**"]
    shown = rewrite(restyle_page, "the soup is <b>cold</b>")
    assert "the soup is" in shown
    assert "<del>" in shown
    assert "wild" in shown
    assert "<b>" not in shown
    assert any("50%" in element.value for element in restyle_page.text)
    assert restyle_page.caption[-1].value == ENGLISH.restyle_note


def test_without_strength_the_page_says_that_nothing_was_changed(restyle_page: AppTest):
    assert "<ins>" not in rewrite(restyle_page, "the soup is cold", strength=0.0)
    assert ENGLISH.unchanged in [element.value for element in restyle_page.text]


def test_no_text_gets_a_hint_and_a_refusal_is_shown(restyle_page: AppTest):
    assert rewrite(restyle_page, " ") == ""
    assert restyle_page.info[0].value == ENGLISH.empty_reply_text
    rewrite(restyle_page, "refused")
    assert any("text is refused" in element.value for element in restyle_page.text)


def test_form_and_text_stay_when_the_language_changes(restyle_page: AppTest):
    rewrite(restyle_page, "the soup is cold", strength=0.7)
    restyle_page.sidebar.radio[0].set_value("zh").run()
    assert restyle_page.title[0].value == CHINESE.restyle_title
    assert restyle_page.text_area[0].value == "the soup is cold"
    assert restyle_page.slider[0].value == 0.7
    assert any("70%" in element.value for element in restyle_page.text)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a b c", "a d c", "a <del>b</del> <ins>d</ins> c"),
        ("a b", "a b", "a b"),
        ("<i>", "<p>", "&lt;<del>i</del> <ins>p</ins>&gt;"),
        ("很好吃", "很难吃", "很<del>好</del> <ins>难</ins>吃"),
        ("a b c", "a c", "a <del>b </del> c"),
    ],
)
def test_differences_are_of_words_and_escaped(before: str, after: str, shown: str):
    assert differences(before, after) == shown
