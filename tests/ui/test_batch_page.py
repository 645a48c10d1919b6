"""Many texts: a file goes in, the same file with two more columns comes out."""

from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from ui import client
from ui.text import CHINESE, ENGLISH
from ui.views.batch import RESULT

CSV = 'id,text\n1,I was charged twice\n2,"my parcel, please"\n3,\n'


def upload(page: AppTest, content: bytes, name: str = "letters.csv") -> AppTest:
    """Open the page for files and upload one."""
    page.switch_page("views/batch.py").run()
    page.file_uploader[0].set_value((name, content, "text/csv"))
    return page.run()


def run(page: AppTest) -> pd.DataFrame:
    """Press the button; return what can be downloaded."""
    page.button[0].click().run()
    assert not page.exception
    result: pd.DataFrame = page.session_state[RESULT][1].frame
    return result


def test_a_file_gets_label_and_probability(page: AppTest):
    result = run(upload(page, CSV.encode()))
    assert list(result.columns) == ["id", "text", "label", "probability"]
    assert list(result["label"]) == ["billing", "delivery", ""]
    assert result["probability"].iloc[0] > 0.5
    assert pd.isna(result["probability"].iloc[2])
    assert page.download_button[0].label == ENGLISH.download
    assert page.success[0].value.startswith("Texts classified: 2, in ")


def test_texts_are_sent_in_batches_and_keep_their_order(page: AppTest, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "BATCH_SIZE", 4)
    words = ["charged", "parcel", "password"] * 5
    result = run(upload(page, "\n".join(["text", *words]).encode()))
    assert list(result["label"]) == ["billing", "delivery", "账户"] * 5


def test_another_column_can_be_chosen(page: AppTest):
    upload(page, b"text,subject\ncharged,parcel\n")
    page.selectbox[0].set_value(1).run()
    assert list(run(page)["label"]) == ["delivery"]


def test_the_result_goes_when_another_column_is_chosen(page: AppTest):
    run(upload(page, b"text,subject\ncharged,parcel\n"))
    page.selectbox[0].set_value(1).run()
    assert not page.download_button


def test_column_and_result_stay_when_the_language_changes(page: AppTest):
    upload(page, b"text,subject\ncharged,parcel\n").selectbox[0].set_value(1).run()
    run(page)
    page.sidebar.radio[0].set_value("zh").run()
    assert page.selectbox[0].value == 1
    assert page.download_button[0].label == CHINESE.download


def test_a_file_that_is_no_table_is_refused_in_the_visitors_language(
    server_address: str, open_page: Callable[..., AppTest]
):
    page = upload(open_page(server_address, locale="zh-CN"), b"\x89PNG\r\n\x1a\n\x00\xff")
    assert page.error[0].value == CHINESE.file_unreadable
    assert not page.button


def test_a_server_that_is_down_is_reported(page_without_server: AppTest):
    upload(page_without_server, CSV.encode()).button[0].click().run()
    assert page_without_server.error[0].value == ENGLISH.server_down
    assert not page_without_server.exception
    assert not page_without_server.download_button
