"""Files of any origin: read as they are, refused in a sentence, written for Excel."""

import csv
import io

import pandas as pd
import pytest

from ui import tables
from ui.tables import TableError, guess_column, read_table, to_csv, with_labels


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_encodings_and_separators_are_recognised(encoding: str, separator: str):
    table = read_table(f"id{separator}文本\r\n1{separator}快递，太慢了\r\n".encode(encoding))
    assert table.to_dict("list") == {"id": ["1"], "文本": ["快递，太慢了"]}


@pytest.mark.parametrize("text", ["NA", "007", "=1+1", " spaces ", "a\r\nb", "a\rb", 'say "hi"', "1e5", "null"])
def test_a_text_comes_back_as_it_went_in(text: str):
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["text", "other"], [text, "x"]])
    table = read_table(file.getvalue().encode())
    labelled = with_labels(table, "text", [("a", 1.0)])
    back = list(csv.reader(io.StringIO(to_csv(labelled).decode("utf-8-sig"), newline="")))
    assert back == [["text", "other", "label", "probability"], [text, "x", "a", "1.000000"]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "has no rows"),
        (b"text\n", "has no rows"),
        (b"text\n\n\n", "has no rows"),
        (b"a,b\n1,2\n1,2,3\n", "Line 3 has 3 fields, but the first row names 2"),
        (b'a,b\n1,"open\n', "Line 2 can't be read"),
        (b"a,b,a\n1,2,3\n", "Columns 1 and 3"),
        (b"PK\x03\x04\x00\x00", "not a text file"),
        (b"text\n\xff\xff\xff\n", "not a text file"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_a_sentence(content: bytes, sentence: str):
    with pytest.raises(TableError, match=sentence):
        read_table(content)


def test_a_file_beyond_the_bounds_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 2)
    assert len(read_table(b"text\n1\n2\n")) == 2
    with pytest.raises(TableError, match="more than 2 rows"):
        read_table(b"text\n1\n2\n3\n")
    monkeypatch.setattr(tables, "MAX_UPLOAD_MEGABYTES", 0)
    with pytest.raises(TableError, match="larger than 0 MB"):
        read_table(b"text\n1\n")


def test_a_text_longer_than_the_server_takes_is_named_by_its_row(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tables, "MAX_TEXT_CHARACTERS", 3)
    with pytest.raises(TableError, match="row 2 is longer than 3"):
        tables.texts_to_ask(read_table(b"text\nabc\nabcd\n"), "text")


def test_short_rows_are_filled_with_nothing():
    assert read_table(b"a,b\n1\n").to_dict("list") == {"a": ["1"], "b": [""]}


@pytest.mark.parametrize(
    ("header", "position"), [("id,text", 1), ("id,文本,note", 1), ("Text,long", 0), ("short,long", 1)]
)
def test_the_column_of_texts_is_guessed_by_name_then_by_length(header: str, position: int):
    row = ",".join(["1", "much longer", "x"][: header.count(",") + 1])
    assert guess_column(read_table(f"{header}\n{row}\n".encode())) == position


def test_a_column_of_the_visitor_is_never_overwritten():
    table = pd.DataFrame({"text": ["a"], "label": ["mine"]}, dtype="str")
    labelled = with_labels(table, "text", [("theirs", 1.0)])
    assert list(labelled.columns) == ["text", "label", "label_predicted", "probability"]
    assert list(labelled.iloc[0]) == ["a", "mine", "theirs", 1.0]


def test_the_result_is_named_after_the_file():
    assert tables.result_name("letters.2024.tsv") == "letters.2024_labelled.csv"
