"""One text: classified, and shown as it is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui import components
from ui.text import CHINESE, ENGLISH


def classify(page: AppTest, text: str) -> AppTest:
    """Type a text and press the button."""
    page.text_area[0].set_value(text)
    return page.button[0].click().run()


def texts(page: AppTest) -> list[str]:
    """Everything on the page that is shown without markdown."""
    assert not page.exception
    return [element.value for element in page.text]


@pytest.mark.parametrize(("text", "label"), [("I was charged twice", "billing"), ("我的密码忘了", "账户")])
def test_a_text_gets_its_label(page: AppTest, text: str, label: str):
    shown = texts(classify(page, text))
    assert shown[1] == label
    assert shown[2].endswith("%")


def test_the_answer_has_model_and_version(page: AppTest):
    assert any(shown.startswith("classifier · version 7 · ") for shown in texts(classify(page, "charged")))


def test_ten_bars_are_shown_most_likely_first_and_the_rest_is_counted(page: AppTest):
    shown = texts(classify(page, "my parcel"))
    bars = shown[3:-1]
    shares = [float(share.rstrip("%")) for share in bars[1::2]]
    assert bars[0] == "delivery"
    assert len(shares) == 10
    assert shares == sorted(shares, reverse=True)
    assert page.caption[-1].value.startswith("More classes: 2, together ")


@pytest.fixture
def several(server_address: str, open_page: Callable[..., AppTest]) -> AppTest:
    """The page of a model of several labels per text."""
    return open_page(server_address, model="several")


def test_a_text_may_get_several_labels(several: AppTest):
    shown = texts(classify(several, "my parcel, my password"))
    assert [caption.value for caption in several.caption] == [ENGLISH.best_labels]
    assert shown[1:5] == ["delivery", "87.5%", "账户", "78.1%"]
    assert shown[5:11] == ["delivery", "87.5%", "账户", "78.1%", "refund", "12.5%"]


def test_a_text_may_get_no_label(several: AppTest):
    shown = texts(classify(several, "nothing"))
    assert shown[1:4] == [ENGLISH.no_label, "delivery", "25.0%"]


@pytest.mark.parametrize(("text", "warned"), [("alien parcel", True), ("my parcel", False)])
def test_a_text_unlike_the_training_texts_gets_a_warning(page: AppTest, text: str, warned: bool):
    classify(page, text)
    assert (ENGLISH.out_of_scope in [caption.value for caption in page.caption]) == warned


@pytest.mark.parametrize("label", ["**stars**", "<b>bold</b>"])
def test_a_class_name_is_never_read_as_markdown_or_html(page: AppTest, label: str):
    assert texts(classify(page, label))[1] == label
    assert not any(label in element.value for element in page.markdown)


def test_an_example_fills_the_box_and_is_classified(page: AppTest):
    page.button(key="example_1").click().run()
    assert page.text_area[0].value == ENGLISH.examples[1]
    assert texts(page)[1] == "billing"


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_no_text_gets_a_hint_and_no_answer(page: AppTest, text: str):
    classify(page, text)
    assert page.info[0].value == ENGLISH.empty_text
    assert len(texts(page)) == 1


def test_the_page_has_the_language_of_the_browser(server_address: str, open_page: Callable[..., AppTest]):
    page = open_page(server_address, locale="zh-TW")
    assert page.title[0].value == CHINESE.classify_title
    assert any("版本 7" in shown for shown in texts(classify(page, "包裹")))


def test_the_switch_changes_the_language_and_keeps_text_and_answer(page: AppTest):
    classify(page, "charged")
    page.sidebar.radio[0].set_value("zh").run()
    assert page.title[0].value == CHINESE.classify_title
    assert page.text_area[0].value == "charged"
    assert texts(page)[1] == "billing"


def test_text_and_answer_are_still_there_after_a_visit_to_the_other_page(page: AppTest):
    classify(page, "charged")
    page.switch_page("views/batch.py").run()
    page.switch_page("views/classify.py").run()
    assert page.text_area[0].value == "charged"
    assert texts(page)[1] == "billing"


def test_a_server_that_is_down_gives_a_sentence_with_the_remedy(page_without_server: AppTest):
    shown = texts(classify(page_without_server, "charged"))
    assert page_without_server.error[0].value == ENGLISH.server_down
    assert page_without_server.code[0].value == "make serve MODEL=classifier PORT=1"
    assert "Server: 127.0.0.1:1 · classifier" in shown


def test_without_a_checkout_the_remedy_is_the_installed_command(
    page_without_server: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(components, "MAKEFILE", tmp_path / "Makefile")
    classify(page_without_server, "charged")
    command = "ganclf serve --model_name classifier --model_base_path saved_models/classifier --port 1"
    assert page_without_server.code[0].value == command


def test_a_model_that_the_server_does_not_have_is_reported(server_address: str, open_page: Callable[..., AppTest]):
    page = open_page(server_address, model="no__such__model")
    assert "no__such__model" in texts(classify(page, "charged"))[-1]
    assert page.error[0].value == ENGLISH.model_missing
