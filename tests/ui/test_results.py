"""Answers beside the rows of a file: all rows, all columns, written as CSV and XLSX."""

import csv
import io
from typing import Any

import openpyxl
import pytest

from ganclf.contract import Prediction
from ganclf.data.writing import CSV, XLSX
from ui import results
from ui.results import AnswerColumns, Result, make_result
from ui.uploads import read_upload

ONE = Prediction("b", {"b": 0.75, "a": 0.25})
SEVERAL = Prediction("b", {"b": 0.75, "a": 0.5, "c": 0.125}, 0.5, ("b", "a"))
NONE = Prediction("b", {"b": 0.25, "a": 0.125, "c": 0.0}, 0.25, ())


def result_of(content: bytes, predictions: list[Prediction], name: str = "letters.csv", column: str = "text") -> Result:
    """Predictions for the rows of a file that have a text."""
    table = read_upload(content, name)
    texts = [str(value or "") for value in table.read(column)]
    columns = AnswerColumns.of(predictions[0])
    return make_result(table, texts, columns, [columns.row(each) for each in predictions], 1.0)


def read_csv(result: Result) -> list[list[str]]:
    content = result.write(CSV)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(result: Result) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(result.write(XLSX)))
    return list(book.active.iter_rows(values_only=True))


@pytest.mark.parametrize("text", ["NA", "007", "=1+1", " spaces ", "a\r\nb", "a\rb", 'a "word"', "1e5", "null"])
def test_a_text_comes_back_as_it_went_in(text: str):
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["text", "other"], [text, "x"]])
    result = result_of(file.getvalue().encode(), [ONE])
    assert read_csv(result) == [["text", "other", "label", "probability"], [text, "x", "b", "0.750000"]]
    if "\r" not in text:
        assert read_xlsx(result) == [("text", "other", "label", "probability"), (text, "x", "b", 0.75)]


def test_blank_rows_come_back_in_their_place_without_a_label():
    result = result_of(b"id,text\n1,one\n,\n2,\n3,three\n\n", [ONE, ONE])
    assert result.empty == 2
    assert read_csv(result)[1:] == [
        ["1", "one", "b", "0.750000"],
        ["", "", "", ""],
        ["2", "", "", ""],
        ["3", "three", "b", "0.750000"],
    ]
    assert [row[2:] for row in read_xlsx(result)[1:]] == [("b", 0.75), (None, None), (None, None), ("b", 0.75)]
    shown = result.head(3)
    assert list(shown.columns) == ["id", "text", "label", "probability"]
    assert shown["probability"].isna().tolist() == [False, True, True]


def test_several_labels_stand_in_one_cell_beside_their_probabilities():
    result = result_of(b"text\none\n\ntwo\n", [SEVERAL, NONE])
    assert read_csv(result) == [
        ["text", "labels", "probabilities", "in_scope"],
        ["one", "b|a", "0.750000|0.500000", "0.5000"],
        ["", "", "", ""],
        ["two", "", "", "0.2500"],
    ]


def test_a_column_of_the_visitor_is_never_overwritten():
    result = result_of(b"text,label,label_predicted\na,mine,too\n", [ONE])
    assert read_csv(result)[0] == ["text", "label", "label_predicted", "label_predicted_predicted", "probability"]
    assert read_csv(result)[1] == ["a", "mine", "too", "b", "0.750000"]


def test_lists_and_numbers_of_json_come_back():
    result = result_of(b'{"text": "a", "n": 1, "tags": ["x", 2]}\n', [ONE], "a.jsonl")
    assert read_csv(result)[1] == ["a", "1", '["x", 2]', "b", "0.750000"]


def test_files_are_written_in_blocks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(results, "BLOCK_ROWS", 2)
    result = result_of(b"text\na\nb\nc\nd\ne\n", [ONE] * 5)
    assert [row[0] for row in read_csv(result)] == ["text", "a", "b", "c", "d", "e"]
    assert [row[0] for row in read_xlsx(result)] == ["text", "a", "b", "c", "d", "e"]


def test_without_openpyxl_only_csv_is_offered(monkeypatch: pytest.MonkeyPatch):
    assert results.forms() == ["csv", "xlsx"]
    monkeypatch.setattr(XLSX, "missing_library", classmethod(lambda form: "openpyxl"))
    assert results.forms() == ["csv"]


def test_the_result_is_named_after_the_file():
    assert results.result_name("letters.2024.tsv") == "letters.2024_labeled.csv"
    assert results.result_name("letters.csv.GZ") == "letters_labeled.csv"
    assert results.result_name("letters.xlsx", "xlsx") == "letters_labeled.xlsx"
