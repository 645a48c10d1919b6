"""Files of every kind become the same rows."""

import gzip
import json
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ganclf.data import open_table, read_rows, read_table
from ganclf.errors import (
    DataError,
    DuplicateColumnError,
    EmptyFileError,
    EncodingError,
    FieldCountError,
    OpenQuoteError,
    TooManyRowsError,
)

TEXTS = ['one, two and "three"', "第一行\n第二行", "NA", "null", " spaced ", "", "e\u2028f"]
LABELS = ["1", None, "NA", "None", "2", "1", None]
FORMATS = ["csv", "tsv", "jsonl", "ndjson", "parquet"]


def write(path, frame):
    """Write a table in the format of its name."""
    kind = path.name.removesuffix(".gz").rsplit(".", 1)[1]
    if kind == "parquet":
        content = frame.to_parquet()
    elif kind in ("jsonl", "ndjson"):
        content = frame.to_json(orient="records", lines=True, force_ascii=False).encode()
    else:
        content = frame.to_csv(index=False, sep="\t" if kind == "tsv" else ",").encode()
    path.write_bytes(gzip.compress(content) if path.name.endswith(".gz") else content)
    return path


def refusal(path, **options):
    """The sentence with which a file is refused; it starts with the path."""
    with pytest.raises(DataError) as caught:
        read_rows(path, **options)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value)


def refuse(tmp_path, name, content, **options):
    """Write a file and give the sentence with which it is refused."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return refusal(path, **options)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_rows(tmp_path, kind, suffix):
    path = write(tmp_path / f"rows.{kind}{suffix}", pd.DataFrame({"text": TEXTS, "label": LABELS}))
    rows = read_rows(path)
    assert rows.texts == TEXTS
    assert rows.labels == LABELS
    assert (rows.source, rows.text_column, rows.label_column, rows.notes) == (str(path), "text", "label", ())
    assert len(rows) == len(TEXTS)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("kind", FORMATS)
def test_whole_numbers_stay_whole_where_some_are_missing(tmp_path, kind, suffix):
    labels = pd.array([1, None, 3], dtype="Int64")
    path = write(tmp_path / f"rows.{kind}{suffix}", pd.DataFrame({"text": ["a", "b", "c"], "label": labels}))
    assert read_rows(path).labels == ["1", None, "3"]


def test_parquet_floats_from_missing_numbers_become_whole(tmp_path):
    path = write(tmp_path / "rows.parquet", pd.DataFrame({"text": ["a", "b", "c"], "label": [1, None, 2.5]}))
    assert read_rows(path).labels == ["1", None, "2.5"]


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("3", "3"),
        ("3.0", "3"),
        ("2.5", "2.5"),
        ("true", "true"),
        ('" x "', "x"),
        ('" "', None),
        ("null", None),
        ("NaN", None),
    ],
)
def test_json_labels_become_strings(tmp_path, value, label):
    path = tmp_path / "rows.jsonl"
    path.write_text(f'{{"text": "a", "label": {value}}}\n')
    assert read_rows(path).labels == [label]


def test_keys_may_be_missing_and_null_texts_are_empty(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": null, "label": "x"}\n\n{"label": "y"}\n{"text": "c"}\n')
    rows = read_rows(path)
    assert (rows.texts, rows.labels) == (["", "", "c"], ["x", "y", None])
    assert [rows.row_number(index) for index in range(3)] == [1, 3, 4]


def test_half_surrogate_pairs_are_replaced_and_whole_ones_kept(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(r'{"text": "a\ud83d", "label": "\ude00"}' + "\n" + r'{"text": "\ud83d\ude00"}')
    rows = read_rows(path)
    assert (rows.texts, rows.labels) == (["a\ufffd", "😀"], ["\ufffd", None])


def test_parquet_rows_count_from_one(tmp_path):
    path = write(tmp_path / "rows.parquet", pd.DataFrame({"text": ["a", "b"]}))
    assert read_rows(path).row_number(1) == 2


def test_parquet_lists_are_left_out(tmp_path):
    path = write(tmp_path / "rows.parquet", pd.DataFrame({"text": ["a"], "vector": [[1.0, 2.0]]}))
    assert read_rows(path, text_column="text").texts == ["a"]
    assert "found ['text']" in refusal(path, text_column="vector")


def test_csv_rows_are_numbered_as_in_a_spreadsheet(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text('\ntext,label\n"one\ntwo",a\n\nthree,b\n,\n')
    rows = read_rows(path)
    assert (rows.texts, rows.labels) == (["one\ntwo", "three"], ["a", "b"])
    assert [rows.row_number(index) for index in range(2)] == [3, 5]
    assert rows.notes == ("blank rows that were skipped: 2",)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_line_end_works(tmp_path, newline):
    path = tmp_path / "rows.csv"
    path.write_bytes(newline.join(["text,label", "one,a", "two", ""]).encode())
    rows = read_rows(path)
    assert (rows.texts, rows.labels, rows.row_number(1)) == (["one", "two"], ["a", None], 3)


def test_line_ends_in_quotes_are_kept(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(b'text\r\n"one\r\ntwo"\r\n')
    assert read_rows(path).texts == ["one\r\ntwo"]


def test_a_column_without_a_name_is_called_by_its_place(tmp_path):
    path = tmp_path / "rows.csv"
    pd.DataFrame({"text": ["one"], "label": ["a"]}).to_csv(path)
    assert read_rows(path, label_column="column 1").labels == ["0"]


def test_texts_have_no_length_limit(tmp_path):
    path = write(tmp_path / "rows.csv", pd.DataFrame({"text": ["x" * 1_000_000], "label": ["a"]}))
    assert len(read_rows(path).texts[0]) == 1_000_000


def test_names_in_capitals_and_spaces_are_found(tmp_path):
    path = tmp_path / "ROWS.CSV"
    path.write_text(" Text , LABEL\none,a\n")
    rows = read_rows(path)
    assert (rows.text_column, rows.label_column, rows.labels) == ("Text", "LABEL", ["a"])


def test_ignored_labels_are_not_read(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("text,label\none,a\n")
    rows = read_rows(path, labels="ignored", label_column="absent")
    assert (rows.labels, rows.label_column) == ([None], None)


@pytest.mark.parametrize("kind", FORMATS)
def test_an_empty_file_is_refused(tmp_path, kind):
    assert "empty" in refuse(tmp_path, f"rows.{kind}", "")


@pytest.mark.parametrize("content", ["\n\n", "\ufeff", "\ufeff\n"])
def test_a_file_without_content_is_refused(tmp_path, content):
    assert "empty" in refuse(tmp_path, "rows.csv", content)


def test_an_empty_gzip_file_is_refused(tmp_path):
    assert "empty" in refuse(tmp_path, "rows.csv.gz", b"")


@pytest.mark.parametrize("content", ["text,label\n", "text,label\n\n,\n"])
def test_a_header_alone_is_refused(tmp_path, content):
    assert "no rows, only the columns ['text', 'label']" in refuse(tmp_path, "rows.csv", content)


def test_a_parquet_file_without_rows_is_refused(tmp_path):
    assert "no rows" in refusal(write(tmp_path / "rows.parquet", pd.DataFrame({"text": []})))


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_a_file_without_rows_is_not_opened(tmp_path, ending):
    file = tmp_path / f"rows.{ending}"
    table = pd.DataFrame({"id": [], "text": []}, dtype=str)
    {"csv": table.to_csv, "xlsx": table.to_excel, "parquet": table.to_parquet}[ending](file, index=False)
    with pytest.raises(EmptyFileError, match="no rows, only the columns"):
        open_table(file)


@pytest.mark.parametrize("name", ["absent.csv", "absent.csv.gz", "absent.doc", "absent"])
def test_a_missing_file_is_refused(tmp_path, name):
    assert "no such file" in refusal(tmp_path / name)


def test_a_folder_is_refused(tmp_path):
    assert "a folder" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["rows", "rows.dat", "rows.xlsx", "rows.jsonl"])
def test_a_name_does_not_decide_the_format(tmp_path, name):
    path = tmp_path / name
    path.write_text("text;label\none;a\n")
    assert read_rows(path).texts == ["one"]


def test_a_file_that_the_system_refuses_is_explained(tmp_path, monkeypatch):
    def deny(path, mode):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("ganclf.data.compression.open", deny, raising=False)
    assert "can't be read (Permission denied)" in refuse(tmp_path, "rows.csv", "text\none\n")


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b"text,label\none,a\n" * 99, mtime=0)[:-12],
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + b"\xff" * 20,
    ],
)
def test_a_broken_gzip_file_is_refused(tmp_path, content):
    assert "gzip" in refuse(tmp_path, "rows.csv.gz", content)


def test_a_broken_parquet_file_is_refused(tmp_path):
    assert "no readable Parquet file" in refuse(tmp_path, "rows.parquet", b"PAR1 and no more")


@pytest.mark.parametrize("line", ['{"text": ', "text,label", "[" * 100_000, '{"text": ' + "9" * 5_000 + "}"])
def test_a_line_that_is_no_json_is_named(tmp_path, line):
    assert "line 3: not JSON" in refuse(tmp_path, "rows.jsonl", '{"text": "a"}\n\n' + line + "\n")


@pytest.mark.parametrize(("line", "kind"), [("[1]", "list"), ('"a"', "str"), ("null", "NoneType")])
def test_a_line_that_is_no_object_is_named(tmp_path, line, kind):
    assert f"line 2: a JSON {kind}, not an object" in refuse(tmp_path, "rows.jsonl", '{"text": "a"}\n' + line)


def test_keys_that_are_values_are_refused(tmp_path):
    lines = "\n".join(json.dumps({f"text {number}": "a"}) for number in range(1_001))
    assert "1001 different keys" in refuse(tmp_path, "rows.jsonl", lines)


def test_a_text_that_is_no_string_is_named(tmp_path):
    message = refuse(tmp_path, "rows.jsonl", '{"text": "a"}\n{"text": ["x"], "label": "b"}', text_column="text")
    assert "row 2: column 'text' holds a list, not a string" in message


@pytest.mark.parametrize(("value", "kind"), [('[[0, 3, "x"]]', "list"), ('{"x": 1}', "dict")])
def test_a_label_that_is_no_label_is_named(tmp_path, value, kind):
    message = refuse(tmp_path, "rows.jsonl", '{"text": "a"}\n{"text": "b", "label": ' + value + "}")
    assert f"row 2: column 'label' holds a {kind} where a label belongs" in message


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_too_many_fields_are_named_with_their_row(tmp_path, kind):
    content = 'text,label\n"one\ntwo",a\n\nthree, four,b\n'
    content = content.replace(",", "\t") if kind == "tsv" else content
    assert "row 4: 3 fields where the header has 2" in refuse(tmp_path, f"rows.{kind}", content)


def test_blank_rows_above_the_header_count(tmp_path):
    assert "row 5: 3 fields" in refuse(tmp_path, "rows.csv", "\n\n\ntext,label\n1,2,3\n")


def test_a_parquet_column_that_is_there_twice_is_refused_where_it_is_named(tmp_path):
    table = pa.table([["one"], ["two"]], names=["text", "text"])
    pq.write_table(table, tmp_path / "rows.parquet")
    assert "column 'text' is there more than once" in refusal(tmp_path / "rows.parquet", text_column="text")
    assert read_rows(tmp_path / "rows.parquet", text_column="text (column 2)").texts == ["two"]


def test_parquet_strings_that_are_not_utf_8_are_refused(tmp_path):
    broken = pa.array([b"\xff"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": broken}), tmp_path / "rows.parquet")
    assert "no readable Parquet file" in refusal(tmp_path / "rows.parquet")


def test_too_many_fields_in_the_first_row_are_no_index(tmp_path):
    assert "row 2: 3 fields where the header has 2" in refuse(tmp_path, "rows.csv", "text,label\n1,2,3\n")


@pytest.mark.parametrize("newlines", ["", "\n\n\n"])
def test_an_open_quote_is_named_with_its_row(tmp_path, newlines):
    content = newlines + 'text,label\n"one, two",a\n"two,b\nthree,c\n'
    assert f"row {3 + len(newlines)}: a double quote is opened" in refuse(tmp_path, "rows.csv", content)


@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_name_that_two_columns_have_is_refused_where_it_is_named(separator):
    content = "id,note,text, note\n1,a,one,b\n2,c,two,d\n".replace(",", separator).encode()
    assert read_rows(content, text_column="text").texts == ["one", "two"]
    assert read_rows(content, text_column="note (column 4)").texts == ["b", "d"]
    with pytest.raises(DuplicateColumnError, match="column 'note' is there more than once") as caught:
        read_rows(content, text_column="note")
    assert vars(caught.value) == {"first": 2, "second": 4}
    table = read_table(content)
    assert (table.header, table.duplicates) == (("id", "note", "text", "note"), {"note"})
    assert table.names == ("id", "note (column 2)", "text", "note (column 4)")


@pytest.mark.parametrize("kind", FORMATS)
def test_too_many_rows_are_refused(tmp_path, kind):
    frame = pd.DataFrame({"text": list("abcd"), "label": list("xyxy")})
    assert read_rows(write(tmp_path / f"three.{kind}", frame[:3]), max_rows=3).texts == ["a", "b", "c"]
    assert "more than 3 rows" in refusal(write(tmp_path / f"four.{kind}", frame), max_rows=3)


@pytest.mark.parametrize("name", ["rows.csv", "rows.tsv", "rows.txt"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_from_the_content(tmp_path, name, separator):
    path = tmp_path / name
    lines = ["id", "text", "label"], ["1", '"one, two; three | four"', "a"], ["2", '"a\tb\nc"', "b"]
    path.write_text("\n".join(separator.join(line) for line in lines))
    rows = read_rows(path)
    assert (rows.texts, rows.labels) == (["one, two; three | four", "a\tb\nc"], ["a", "b"])
    usual = "," if name.endswith("csv") else "\t"
    assert any("the columns are separated by" in note for note in rows.notes) == (separator != usual)


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        (["What happened, in short?;team", "a box was wet;x", "where is it;y"], ["a box was wet", "where is it"]),
        (["text,label", "a;b,x", "c;d,y"], ["a;b", "c;d"]),
        (["text", "a;b"], ["a;b"]),
        (["text,label", "one", "two"], ["one", "two"]),
        (["score;text", "0,5;good, really", "1,5;bad"], ["good, really", "bad"]),
    ],
)
def test_a_separator_in_texts_or_names_does_not_mislead(tmp_path, lines, texts):
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines))
    assert read_rows(path, text_column=None).texts == texts


def test_a_row_that_the_sample_cuts_does_not_count(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("text;label\n" + "\n".join(f"{'word ' * 2_000};{label}" for label in "abababab"))
    assert read_rows(path).labels == list("abababab")


def test_a_named_separator_is_taken(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("text~label\none, two~a\n")
    assert read_rows(path, separator="~").texts == ["one, two"]
    assert read_rows(b"a,text\tb,c\none\ttwo\n", separator="tab", text_column="b,c").texts == ["two"]


@pytest.mark.parametrize("separator", ["", ";;", '"', "\n", "；"])
def test_what_can_not_separate_is_refused(tmp_path, separator):
    assert "can't separate columns" in refuse(tmp_path, "rows.csv", "text,label\none,a\n", separator=separator)


def test_a_named_encoding_is_taken(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes("text,label\ncafé,a\n".encode("latin-1"))
    assert read_rows(path, encoding="latin-1").texts == ["café"]
    assert "Save the file as UTF-8, or name its encoding" in refusal(path)


@pytest.mark.parametrize("kind", FORMATS)
def test_bytes_are_read_like_the_file(tmp_path, kind):
    path = write(tmp_path / f"rows.{kind}", pd.DataFrame({"text": TEXTS, "label": LABELS}))
    rows = read_rows(path.read_bytes(), name=path.name)
    assert rows.file == replace(read_rows(path).file, source=path.name)
    assert replace(rows, file=None) == replace(read_rows(path), source=path.name, file=None)


def test_bytes_without_a_name_are_a_csv():
    rows = read_rows(b"text;label\none;a\n")
    assert (rows.texts, rows.labels, rows.source) == (["one"], ["a"], "data.csv")


def test_a_table_has_every_column_and_keeps_blank_rows_where_wanted():
    content = b"id,text\n1,one\n,\n2,\n\n\n"
    assert [len(read_table(content, keep_all_rows=keep)) for keep in (False, True)] == [2, 3]
    table = read_table(content, keep_all_rows=True)
    assert table.names == ("id", "text")
    assert (table.column("id"), table.column("text")) == (["1", "", "2"], ["one", "", ""])
    assert list(table.row_numbers) == [2, 3, 4]


@pytest.mark.parametrize(
    ("content", "error", "fields"),
    [
        (b"", EmptyFileError, {}),
        (b"text\n\n", EmptyFileError, {}),
        (b"text\n\xff\n", EncodingError, {"likely": None}),
        (b"text,label\na,b,c\n", FieldCountError, {"row": 2, "found": 3, "expected": 2}),
        (b'text,label\na,b\n"c', OpenQuoteError, {"row": 3}),
        (b"text\na\nb\nc\n", TooManyRowsError, {"max_rows": 2}),
    ],
)
def test_an_error_has_its_numbers_as_fields(content, error, fields):
    with pytest.raises(error) as caught:
        read_rows(content, max_rows=2)
    assert type(caught.value) is error
    assert vars(caught.value) == fields


def test_importing_is_cheap():
    heavy = ["tensorflow", "keras", "pandas", "pyarrow", "sklearn", "rich", "ganclf.config", "ganclf.cli"]
    code = f"import sys, ganclf.data; sys.exit(', '.join(set({heavy}) & sys.modules.keys()) or 0)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_reading_needs_no_tensorflow(tmp_path):
    frame = pd.DataFrame({"text": TEXTS, "label": LABELS})
    paths = [str(write(tmp_path / f"rows.{kind}", frame)) for kind in FORMATS]
    code = (
        f"import sys, ganclf.data as d; [d.read_rows(path) for path in {paths}]; sys.exit('tensorflow' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("raw", [b"text,label\na b,x\n", b'{"text": "a b", "label": "x"}\n', b"a b\nc d\ne f\n"])
def test_an_open_file_has_a_header_for_every_column(raw: bytes):
    with open_table(raw, name="rows.txt") as stream:
        assert stream.header == stream.names


def test_a_lone_quote_that_takes_most_of_a_file_is_a_character():
    lines = ["topic\ttext", 'bill\t"charged twice', "post\tnever came", "login\tno code", 'bill\twrong sum "']
    rows = read_rows("\n".join(lines).encode())
    assert rows.texts == ['"charged twice', "never came", "no code", 'wrong sum "']
    assert any("--quoting" in note for note in rows.notes)


def test_rows_are_no_titles_where_two_of_them_hold_another_separator():
    lines = [f"{label}|message {number} of them" for number, label in enumerate(("bill", "post", "login") * 3)]
    rows = read_rows("\n".join([*lines, "bill|two; then 9", "post|three; then 10"]).encode())
    assert len(rows) == 11


def test_a_first_row_of_numbers_is_no_second_header():
    ones = ["1.0,1.0", "1.0,0.0", "0.0,1.0", *["0.0,0.0"] * 6]
    lines = [f'a{number:04},"message, number {number}",{one}' for number, one in enumerate(ones)]
    table = read_table("\n".join(["id,text,bill,post", *lines]).encode())
    assert table.read("id") == [f"a{number:04}" for number in range(9)]
