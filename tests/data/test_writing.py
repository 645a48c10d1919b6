"""Written tables come back as they were, in every form."""

import csv
import datetime
import decimal
import json

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ganclf.data.writing import FORMS, Column, as_cell, find_form, free_name
from ganclf.errors import ConfigError, DataError

TEXTS = ['a "quoted", text;\nof two lines, 包裹', "=1+1", "#N/A", " blanks ", "lone \r return", "\t", None, "007"]
SHARES = [0.5, 0.87654321, 1.0, 1e-7, None, 0.0, 0.25, 0.125]


def write(file, columns, *parts, schema=None):
    """Write blocks, as the commands do."""
    form = find_form(file)(columns, schema)
    draft = file.with_name("draft")
    draft.write_bytes(form.header() + b"".join(form.block(part) for part in parts))
    if form.convert is None:
        draft.replace(file)
        return ()
    return form.convert(draft, file)


def halves(*columns):
    middle = len(columns[0]) // 2
    return [column[:middle] for column in columns], [column[middle:] for column in columns]


def sheet(file):
    return [list(row) for row in openpyxl.load_workbook(file, read_only=True).active.iter_rows(values_only=True)]


@pytest.mark.parametrize(("ending", "separator"), [(".csv", ","), (".tsv", "\t"), (".CSV", ",")])
def test_delimited_text_is_read_back_by_csv_and_pandas(ending, separator, tmp_path):
    file = tmp_path / f"out{ending}"
    write(file, [Column("text"), Column("share", 6)], *halves(TEXTS, SHARES))
    with file.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream, delimiter=separator)
    assert header == ["text", "share"]
    assert [row[0] for row in rows] == [text or "" for text in TEXTS]
    assert [row[1] for row in rows][:5] == ["0.500000", "0.876543", "1.000000", "0.000000", ""]
    frame = pd.read_csv(file, sep=separator, dtype=str, keep_default_na=False)
    assert frame["text"].tolist() == [text or "" for text in TEXTS]
    assert file.read_bytes().startswith(b"\xef\xbb\xbftext")
    assert b"\r\n" not in file.read_bytes()


def test_values_that_are_not_text_are_written_as_json_in_a_cell(tmp_path):
    values = [["a", "b"], {"x": [1]}, 1.0, 2.5, True, None, datetime.date(2024, 3, 1), decimal.Decimal("1.10"), b"raw"]
    write(tmp_path / "out.csv", [Column("value")], [values])
    rows = list(csv.reader((tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row[0] for row in rows[1:]] == [
        '["a", "b"]', '{"x": [1]}', "1", "2.5", "true", "", "2024-03-01", "1.10", "raw"
    ]  # fmt: skip


def test_json_lines_keep_types(tmp_path):
    values = ["x", 7, 2**70, 0.5, True, None, ["a", 1], {"x": None}, float("nan"), datetime.date(2024, 3, 1)]
    write(tmp_path / "out.jsonl", [Column("value"), Column("share", 6)], [values, [0.25] * 10])
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["value"] for line in lines] == [*values[:8], None, "2024-03-01"]
    assert json.loads(lines[0]) == {"value": "x", "share": 0.25}


def test_parquet_keeps_types_over_blocks(tmp_path):
    columns = [Column(name) for name in ("text", "number", "list", "mixed", "when", "nothing")] + [Column("share", 6)]
    day = datetime.datetime(2024, 3, 1, 12)
    first = [["a", "b"], [1, None], [["x"], None], [1, 2], [day, None], [None, None], [None, None]]
    second = [[None, "=1"], [2.5, 3], [[], ["y", "z"]], ["x", None], [None, day], [None, None], [0.5, 1.0]]
    write(tmp_path / "out.parquet", columns, first, second)
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.to_pydict() == {
        "text": ["a", "b", None, "=1"],
        "number": [1, None, 2.5, 3],
        "list": [["x"], None, [], ["y", "z"]],
        "mixed": ["1", "2", "x", None],
        "when": [day, None, None, day],
        "nothing": [None] * 4,
        "share": [None, None, 0.5, 1.0],
    }
    assert table.schema.field("share").type == pa.float64()
    assert table.schema.field("list").type == pa.list_(pa.string())


def test_parquet_has_the_types_of_the_file_that_was_read(tmp_path):
    schema = pa.schema([("n", pa.int8()), ("money", pa.decimal128(10, 2)), ("gone", pa.string())])
    values = [[1, None], [decimal.Decimal("1.50"), None], ["a", "b"]]
    write(tmp_path / "out.parquet", [Column("n"), Column("money"), Column("label")], values, schema=schema)
    found = pq.read_schema(tmp_path / "out.parquet")
    assert (found.field("n").type, found.field("money").type) == (pa.int8(), pa.decimal128(10, 2))


def test_a_parquet_file_of_many_blocks_has_few_row_groups(tmp_path, monkeypatch):
    monkeypatch.setattr("ganclf.data.writing.arrow.GROUP_ROWS", 100)
    write(tmp_path / "out.parquet", [Column("n")], *([list(range(30))] for _ in range(10)))
    file = pq.ParquetFile(tmp_path / "out.parquet")
    assert file.metadata.num_rows == 300
    assert file.metadata.num_row_groups == 3


def test_a_spreadsheet_has_texts_and_numbers_but_no_formulas(tmp_path):
    texts, when = ["=1+1", "#N/A", "007", "+1", None], datetime.datetime(2024, 3, 1, 12)
    values = [7, 0.5, True, None, 2**60, ["a"], when, "=2"]
    columns = [Column("text"), *(Column(f"value {place}") for place in range(8)), Column("share", 6)]
    parts = [[part, *([value] * len(part) for value in values), [0.25] * len(part)] for part in (texts[:2], texts[2:])]
    write(tmp_path / "out.xlsx", columns, *parts)
    rows = sheet(tmp_path / "out.xlsx")
    assert rows[0] == [column.name for column in columns]
    assert rows[1:] == [[text, 7, 0.5, True, None, str(2**60), '["a"]', when, "=2", 0.25] for text in texts]
    cells = openpyxl.load_workbook(tmp_path / "out.xlsx").active["A"]
    assert {cell.data_type for cell in cells[1:5]} == {"s"}


def test_what_a_spreadsheet_cannot_hold_is_named(tmp_path):
    texts = ["x" * 40_000, "bell \x07", "ok", *["y" * 32_768] * 11]
    notes = write(tmp_path / "out.xlsx", [Column("text")], [texts])
    assert notes[0] == "row 2: a cell of 40,000 characters is cut to 32,767: a spreadsheet holds no more"
    assert len(notes) == 12
    assert notes[-2:] == (
        "2 more cells were cut to 32,767 characters",
        "characters that a spreadsheet can't hold were replaced by U+FFFD in 1 cells",
    )
    assert [row[0] for row in sheet(tmp_path / "out.xlsx")][2:4] == ["bell \ufffd", "ok"]


@pytest.mark.parametrize("ending", FORMS)
def test_without_rows_there_is_a_file_that_can_be_read(ending, tmp_path):
    file = tmp_path / f"out{ending}"
    write(file, [Column("text"), Column("share", 6)])
    if ending == ".parquet":
        assert pq.read_schema(file).names == ["text", "share"]
    elif ending == ".xlsx":
        assert sheet(file) == [["text", "share"]]
    else:
        assert file.read_text(encoding="utf-8-sig").strip() in ("text,share", "text\tshare", "")


@pytest.mark.parametrize("name", ["out", "out.json", "out.csv.gz", "out.xls"])
def test_an_ending_without_a_form_is_refused(name, tmp_path):
    with pytest.raises(ConfigError, match=r"--output .*: unknown ending .*\. Give a name that ends in \.csv, \.tsv"):
        find_form(tmp_path / name)


def test_rows_beyond_a_sheet_are_refused_with_a_remedy(tmp_path):
    find_form(tmp_path / "out.csv").check_rows(tmp_path / "out.csv", 10**9)
    form = find_form(tmp_path / "out.xlsx")
    form.check_rows(tmp_path / "out.xlsx", 1_048_575)
    with pytest.raises(
        DataError, match=r"1,048,576 rows, and a sheet holds 1,048,575\. Give a name that ends in \.csv"
    ):
        form.check_rows(tmp_path / "out.xlsx", 1_048_576)


def test_a_free_name_is_in_no_other_column():
    assert free_name("label", {"text"}) == "label"
    assert free_name("label", {"label"}) == "label_predicted"
    assert free_name("label", {"label", "label_predicted"}) == "label_predicted_predicted"


@pytest.mark.parametrize(("value", "cell"), [(None, ""), (1.0, "1"), (False, "false"), ([1], "[1]"), ("x", "x")])
def test_a_cell_shows_a_value_as_its_file_does(value, cell):
    assert as_cell(value) == cell
