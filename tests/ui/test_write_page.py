"""New texts: asked for with the fields of the form, and shown as they are."""

import csv
import io
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from tiny_generator import LABELS

from ganclf.contract import GeneratedText
from ui import client, results
from ui.text import CHINESE, ENGLISH


@pytest.fixture
def write_page(server_address: str, open_page: Callable[..., AppTest]) -> AppTest:
    """The page of a model that writes texts."""
    return open_page(server_address, model="writer")


def write(page: AppTest) -> list[str]:
    """Press the button; everything that is shown without markdown after the lead."""
    page.button[0].click().run()
    assert not page.exception
    return [element.value for element in page.text][1:]


def test_the_page_of_a_generator_is_about_writing(write_page: AppTest):
    assert write_page.title[0].value == ENGLISH.write_title
    assert not write_page.text_area


def test_each_text_is_shown_with_label_and_realness(write_page: AppTest):
    write_page.text_input[0].set_value("the moon")
    write_page.number_input[0].set_value(2)
    write_page.number_input[2].set_value(7)
    assert write(write_page) == [
        "the moon 7 1.00 4", "calm · realness 25%", "the moon 8 1.00 4", "calm · realness 25%",
    ]  # fmt: skip
    assert write_page.caption[-1].value == ENGLISH.generated_note


def test_label_temperature_and_candidates_reach_the_model(write_page: AppTest):
    assert write_page.selectbox[0].options == [ENGLISH.any_label, *LABELS]
    write_page.selectbox[0].set_value(LABELS[1])
    write_page.slider[0].set_value(0.5)
    for place, value in enumerate((1, 9, 3)):
        write_page.number_input[place].set_value(value)
    assert write(write_page) == ["3 0.50 9", "**wild** · realness 25%"]


def test_without_a_seed_each_click_writes_other_texts(write_page: AppTest):
    first = write(write_page)
    assert write(write_page) != first
    assert len(first) == 10


def test_what_is_changed_after_a_click_reaches_the_model(write_page: AppTest):
    for prefix in ("the moon", "the sun"):
        write_page.text_input[0].set_value(prefix)
        assert write(write_page)[0].startswith(prefix)


def test_texts_and_fields_stay_when_the_language_changes(write_page: AppTest):
    write_page.text_input[0].set_value("the moon")
    shown = write(write_page)
    write_page.sidebar.radio[0].set_value("zh").run()
    assert write_page.title[0].value == CHINESE.write_title
    assert write_page.text_input[0].value == "the moon"
    assert [element.value for element in write_page.text][1::2] == shown[::2]


def test_a_refusal_is_shown_in_the_words_of_the_server(write_page: AppTest):
    write_page.text_input[0].set_value("refused")
    assert any("prefix is refused" in shown for shown in write(write_page))
    assert write_page.error[0].value == ENGLISH.server_failed


def test_a_server_that_comes_up_later_is_asked_again(
    server_address: str, open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "ASK_AGAIN", 0.0)
    monkeypatch.setattr(client, "TASK_TIMEOUT", 0.3)
    page = open_page("127.0.0.1:1", model="writer")
    assert page.title[0].value == ENGLISH.classify_title
    monkeypatch.setattr("sys.argv", ["app.py", "--server", server_address, "--model", "writer"])
    monkeypatch.setattr(client, "TASK_TIMEOUT", 5.0)
    assert page.run().title[0].value == ENGLISH.write_title


@pytest.mark.parametrize("form", results.FORMS.values(), ids=results.FORMS)
def test_a_file_says_that_its_texts_are_generated(form: type[results.Form]):
    if form.missing_library():
        pytest.skip(f"{form.missing_library()} is not installed")
    content = results.write_generated(form, [GeneratedText('a "b"\nc', -1.5, 0.25, "calm", LABELS)])
    assert content
    if form is results.FORMS["csv"]:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert [row["text"].replace("\r\n", "\n") for row in rows] == ['a "b"\nc']
        assert [(row["label"], row["generated"]) for row in rows] == [("calm", "true")]
