"""Many texts: a file goes in, the same file with two more columns comes out."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
import streamlit as st
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
    """Press the button; return what is shown of the result."""
    page.button[0].click().run()
    assert not page.exception
    result: pd.DataFrame = page.session_state[RESULT][1].head(1000)
    return result


def choice(page: AppTest, label: str) -> Any:
    """The widget with that label."""
    return next(each for each in [*page.selectbox, *page.multiselect] if each.label == label)


def texts(page: AppTest) -> list[str]:
    """Everything on the page that is shown without markdown."""
    assert not page.exception
    return [element.value for element in page.text]


def test_a_file_gets_label_and_probability(page: AppTest):
    result = run(upload(page, CSV.encode()))
    assert list(result.columns) == ["id", "text", "label", "probability", "in_scope"]
    assert list(result["label"]) == ["billing", "delivery", ""]
    assert result["probability"].iloc[0] > 0.5
    assert pd.isna(result["probability"].iloc[2])
    assert [button.label for button in page.download_button] == [
        ENGLISH.download.format(form=form) for form in ("CSV", "XLSX")
    ]
    assert page.success[0].value.startswith("Texts classified: 2, in ")


def test_texts_are_sent_in_batches_and_keep_their_order(page: AppTest, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "BATCH_SIZE", 4)
    words = ["charged", "parcel", "password"] * 5
    result = run(upload(page, "\n".join(["text", *words]).encode()))
    assert list(result["label"]) == ["billing", "delivery", "账户"] * 5


def test_other_columns_can_be_chosen_and_are_joined(page: AppTest):
    upload(page, b"text,subject\ncharged,parcel\nnothing,charged\n")
    columns = choice(page, ENGLISH.columns)
    assert columns.value == ["text"]
    columns.set_value(["subject"]).run()
    assert list(run(page)["label"]) == ["delivery", "billing"]
    choice(page, ENGLISH.columns).set_value(["text", "subject"]).run()
    assert list(run(page)["label"]) == ["billing", "billing"]


def test_without_a_column_nothing_can_be_classified(page: AppTest):
    upload(page, b"text\ncharged\n")
    choice(page, ENGLISH.columns).set_value([]).run()
    assert page.button[0].disabled
    assert not page.exception


def test_the_result_goes_when_another_column_is_chosen(page: AppTest):
    run(upload(page, b"text,subject\ncharged,parcel\n"))
    choice(page, ENGLISH.columns).set_value(["subject"]).run()
    assert not page.download_button


def test_columns_choices_and_result_stay_when_the_language_changes(page: AppTest):
    upload(page, b"text,subject\ncharged,parcel\n")
    choice(page, ENGLISH.quoting).set_value("none").run()
    choice(page, ENGLISH.columns).set_value(["subject"]).run()
    run(page)
    page.sidebar.radio[0].set_value("zh").run()
    assert choice(page, CHINESE.columns).value == ["subject"]
    assert choice(page, CHINESE.quoting).value == "none"
    assert page.download_button[0].label == CHINESE.download.format(form="CSV")


def test_what_the_reader_found_is_shown(page: AppTest):
    rows = "text;label\n我的包裹还没到，请问什么时候能送到;a\n我忘记了密码，怎么重新设置;b\n"
    shown = texts(upload(page, rows.encode("gb18030")))
    assert any("GB18030" in line for line in shown)
    assert page.caption[0].value == "Rows: 2 · columns: 2"


def test_the_way_of_reading_can_be_chosen(page: AppTest):
    upload(page, b"text;a,b\nparcel;1,2\n")
    choice(page, ENGLISH.separator).set_value(",").run()
    assert choice(page, ENGLISH.columns).options == ["text;a", "b"]
    choice(page, ENGLISH.separator).set_value(";").run()
    assert choice(page, ENGLISH.columns).options == ["text", "a,b"]
    assert choice(page, ENGLISH.columns).value == ["text"]


def test_a_file_in_another_encoding_offers_it_with_one_click(page: AppTest):
    texts = ["荷物がまだ届きません、いつ届きますか", "返金をお願いします、壊れていました", "パスワードを忘れました"] * 8
    upload(page, "\n".join(["text", *texts]).encode("cp932"))
    assert not page.exception
    likely = page.button[0].label
    assert page.error[0].value.startswith("This file is not UTF-8, UTF-16 or GB18030. It looks like ")
    assert page.expander[0].proto.expanded
    page.button[0].click().run()
    assert not page.error
    assert choice(page, ENGLISH.encoding).value in likely
    assert page.dataframe[0].value["text"].tolist() == texts[:5]


def test_several_labels_are_in_the_result(server_address: str, open_page: Callable[..., AppTest]):
    page = open_page(server_address, model="several")
    result = run(upload(page, b"text\nmy parcel and money\nnothing\n\npassword\n"))
    assert list(result.columns) == ["text", "labels", "probabilities", "in_scope"]
    assert list(result["labels"]) == ["delivery|refund", "", "", "账户"]
    assert list(result["probabilities"]) == ["0.875000|0.812500", "", "", "0.781250"]


def test_a_file_that_is_no_table_is_refused_in_the_visitors_language(
    server_address: str, open_page: Callable[..., AppTest]
):
    page = upload(open_page(server_address, locale="zh-CN"), b"text\n\xff\xff\xff\n")
    assert page.error[0].value == CHINESE.file_unreadable
    assert not page.button
    page = upload(open_page(server_address, locale="zh-CN"), b"\x1f\x8b\x08\x00")
    assert page.error[0].value == CHINESE.file_packed


def test_a_server_that_is_down_is_reported(page_without_server: AppTest):
    upload(page_without_server, CSV.encode()).button[0].click().run()
    assert page_without_server.error[0].value == ENGLISH.server_down
    assert not page_without_server.exception
    assert not page_without_server.download_button


def test_a_click_whose_run_was_broken_off_is_answered_by_the_next_run(page: AppTest, monkeypatch: pytest.MonkeyPatch):
    upload(page, CSV.encode())
    with monkeypatch.context() as patched:
        patched.setattr(client, "predict_in_batches", lambda _: st.stop())  # as where the browser asks anew
        page.button[0].click().run()
    assert RESULT not in page.session_state
    page.run()
    assert list(page.session_state[RESULT][1].head(1000)["label"])[:2] == ["billing", "delivery"]
