"""Uploaded files: read as the commands read them, refused in a sentence, written for Excel."""

import csv
import io

import pandas as pd
import pytest

from ganclf.data import ReadOptions
from ganclf.errors import DataError
from ganclf.predict.files import FileJob, open_rows
from ui import uploads
from ui.text import CHINESE, ENGLISH, explain
from ui.uploads import add_predictions, find_text_column, read_upload, texts_to_classify, to_csv, to_frame

CHINESE_ROWS = "编号,客户留言\n1,快递太慢了，请尽快处理我的订单\n2,想退货，怎么操作才能拿到退款\n"


def frame_of(content: bytes, name: str = "letters.csv") -> pd.DataFrame:
    """The table that the page shows."""
    return to_frame(read_upload(content, name))


SMALL_FILES = {
    "comma.csv": "id,text,label\n1,hello,a\n2,bye,b\n",
    "question.csv": "id,question,notes\n1,where is it,a very long note on the customer\n",
    "mail.csv": "subject,body\nparcel,where is it\n",
    "semicolon.csv": 'text;label\n"where is it; please";delivery\n',
    "comma_in_header.csv": "What happened, in short?;team\na box was wet;delivery\nthe lid, too;delivery\n",
    "tabs.csv": "id\tmessage\n1\thello, you\n",
    "bars.txt": "id|内容|notes\n1|包裹还没到|short\n",
    "columns.tsv": "name\ttext\nAn\thello\n",
    "commas.tsv": "id,words\n1,hello there\n",
    "by_length.csv": "short,long\nx,much longer\n",
    "labels_first.csv": "label,x\na longer label,y\n",
    "uuid.csv": "id,when,客户留言\n6f1c2e4a-0000-4000-8000-1234567890ab,2024-05-01T10:00:00,包裹还没到\n",
    "numbers.csv": "id,words\n123456789012345,short\n",
    "quoted.csv": 'id,text\n1,"two\nlines, one text"\n2,\n',
    "keys.jsonl": '{"id": 1, "content": "hello"}\n{"content": "bye", "tags": ["x"]}\n',
    "utf16.csv": CHINESE_ROWS.encode("utf-16"),
    "gb18030.csv": CHINESE_ROWS.encode("gb18030"),
    "marked.csv": CHINESE_ROWS.encode("utf-8-sig"),
}


@pytest.mark.parametrize("name", SMALL_FILES)
def test_the_page_and_predict_read_the_same_column_of_the_same_file(name: str, tmp_path):
    content = SMALL_FILES[name]
    raw = content if isinstance(content, bytes) else content.encode()
    (tmp_path / name).write_bytes(raw)
    job = FileJob(input=tmp_path / name, read=ReadOptions(keep_blank_rows=True))
    table = read_upload(raw, name)
    texts = to_frame(table)[table.names[find_text_column(table)]].tolist()
    with open_rows(job, lambda note: None) as rows:
        assert [text for batch in rows.batches(0) for text in batch.texts] == texts


@pytest.mark.parametrize(
    ("name", "column", "first"),
    [
        ("question.csv", "question", "where is it"),
        ("mail.csv", "body", "where is it"),
        ("semicolon.csv", "text", "where is it; please"),
        ("comma_in_header.csv", "What happened, in short?", "a box was wet"),
        ("utf16.csv", "客户留言", "快递太慢了，请尽快处理我的订单"),
    ],
)
def test_the_right_column_is_found(name: str, column: str, first: str):
    content = SMALL_FILES[name]
    table = read_upload(content if isinstance(content, bytes) else content.encode(), name)
    assert table.names[find_text_column(table)] == column
    assert to_frame(table)[column].iloc[0] == first


@pytest.mark.parametrize("text", ["NA", "007", "=1+1", " spaces ", "a\r\nb", "a\rb", 'a "word"', "1e5", "null"])
def test_a_text_comes_back_as_it_went_in(text: str):
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["text", "other"], [text, "x"]])
    result = add_predictions(frame_of(file.getvalue().encode()), "text", [("a", 1.0)])
    back = list(csv.reader(io.StringIO(to_csv(result).decode("utf-8-sig"), newline="")))
    assert back == [["text", "other", "label", "probability"], [text, "x", "a", "1.000000"]]


def test_blank_rows_come_back_without_a_label():
    frame = frame_of(b"id,text\n1,one\n,\n2,\n3,three\n\n")
    result = add_predictions(frame, "text", [("a", 0.5), ("b", 0.5)])
    assert texts_to_classify(frame, "text") == ["one", "three"]
    assert result["label"].tolist() == ["a", "", "", "b"]
    assert result["id"].tolist() == ["1", "", "2", "3"]


def test_values_of_json_lines_are_shown_as_they_are():
    frame = frame_of('{"text": "a", "n": 1, "tags": ["ä", 2]}\n{"text": null, "n": true}\n'.encode(), "x.jsonl")
    assert frame.to_dict("list") == {"text": ["a", ""], "n": ["1", "true"], "tags": ['["ä", 2]', ""]}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", ENGLISH.file_empty),
        (b"text\n", ENGLISH.file_empty),
        (b"text\n\n\n", ENGLISH.file_empty),
        (b"a,b\n1,2\n1,2,3\n", "Row 3 has 3 fields, but there are 2 columns."),
        (b'a,b\n1,"open\n', "Row 2 opens a quotation mark"),
        (b"PK\x03\x04\x00\x00", ENGLISH.file_unreadable),
        (b"text\n\xff\xff\xff\n", ENGLISH.file_unreadable),
        (b"text\n1\n2\n3\n", "more than 2 rows"),
    ],
)
def test_a_file_that_can_not_be_used_gives_a_sentence(content: bytes, sentence: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MAX_ROWS", 2)
    with pytest.raises(DataError) as caught:
        read_upload(content, "letters.csv")
    assert sentence in str(explain(caught.value, ENGLISH))
    assert explain(caught.value, CHINESE) not in (None, explain(caught.value, ENGLISH))


def test_a_file_beyond_the_limits_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MAX_ROWS", 2)
    assert len(read_upload(b"text\n1\n2\n", "a.csv")) == 2
    monkeypatch.setattr(uploads, "MAX_UPLOAD_MEGABYTES", 0)
    with pytest.raises(DataError) as caught:
        read_upload(b"text\n1\n", "a.csv")
    assert str(explain(caught.value, ENGLISH)).startswith("This file is larger than 0 MB.")


@pytest.mark.parametrize("name", ["letters.csv.gz", "letters.parquet", "letters.xlsx", "letters"])
def test_packed_and_unknown_files_are_refused(name: str):
    with pytest.raises(DataError, match="unknown kind of file") as caught:
        read_upload(b"text\n1\n", name)
    assert explain(caught.value, ENGLISH) is None


def test_a_text_longer_than_the_server_takes_is_named_by_its_row(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MAX_TEXT_CHARACTERS", 3)
    with pytest.raises(DataError) as caught:
        texts_to_classify(frame_of(b"text\nabc\nabcd\n"), "text")
    assert str(explain(caught.value, ENGLISH)).startswith("The text in row 3 is longer than 3 characters.")


def test_short_rows_are_filled_with_nothing():
    assert frame_of(b"a,b\n1\n").to_dict("list") == {"a": ["1"], "b": [""]}


def test_a_column_of_the_visitor_is_never_overwritten():
    result = add_predictions(frame_of(b"text,label\na,mine\n"), "text", [("theirs", 1.0)])
    assert list(result.columns) == ["text", "label", "label_predicted", "probability"]
    assert list(result.iloc[0]) == ["a", "mine", "theirs", 1.0]


def test_the_result_is_named_after_the_file():
    assert uploads.result_name("letters.2024.tsv") == "letters.2024_labeled.csv"
