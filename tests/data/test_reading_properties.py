"""What is true of every table and of every file: it reads back as it was written, or it is refused in a sentence."""

import csv
import gzip
import io
import json
import unicodedata
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ganclf.data import LabelOptions, Rows, read_rows
from ganclf.data.dialect import SEPARATORS
from ganclf.data.reading import FORMATS
from ganclf.errors import DataError

AS_WRITTEN = LabelOptions(keep_spelling=True, no_label_values=("",))

Table = list[tuple[str, str | None]]  # text, label

repeatable = settings(derandomize=True, deadline=None, max_examples=60)

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
awkward = st.text(st.sampled_from([*' ",;|\t\r\na文', "\u2028", "\ufeff", "\x0b", "é", "😀"]), max_size=12)
texts = words | awkward
tables = st.lists(st.tuples(texts, st.none() | texts), min_size=1, max_size=8)
typed_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
typed_tables = st.lists(st.tuples(st.none() | typed_texts, st.none() | typed_texts), min_size=1, max_size=8)


def expected(table: Table) -> Table:
    """Texts as they are; labels stripped, and None where nothing of them can be seen."""
    return [(text or "", label.strip() if label and seen(label) else None) for text, label in table]


def seen(label: str) -> str:
    """What can be seen of a label: not blanks, nor characters without width."""
    return "".join(character for character in label if unicodedata.category(character) != "Cf").strip()


def found(rows: Rows) -> Table:
    return list(zip(rows.texts, rows.labels, strict=True))


def write_csv(table: Table, separator: str, quoting: int, newline: str) -> str:
    """A CSV with a number ahead of each text, so that no row is blank."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=newline)
    writer.writerow(["id", "text", "label"])
    writer.writerows([number, text, label or ""] for number, (text, label) in enumerate(table))
    return file.getvalue()


@repeatable
@given(
    table=tables,
    separator=st.sampled_from(SEPARATORS),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    ending=st.sampled_from(["csv", "tsv", "txt"]),
)
def test_every_csv_reads_back_whatever_its_separator_and_encoding(
    table: Table, separator: str, quoting: int, encoding: str, ending: str
):
    raw = write_csv(table, separator, quoting, "\r\n").encode(encoding)
    assert found(read_rows(raw, name=f"rows.{ending}", label_options=AS_WRITTEN)) == expected(table)


@repeatable
@given(table=tables, encoding=st.sampled_from(["gb18030", "utf-16-le", "utf-32", "utf-8"]))
def test_every_csv_reads_back_in_the_encoding_that_is_named(table: Table, encoding: str):
    raw = write_csv(table, ",", csv.QUOTE_ALL, "\n").encode(encoding)
    assert found(read_rows(raw, encoding=encoding, label_options=AS_WRITTEN)) == expected(table)


@repeatable
@given(table=typed_tables, ascii_only=st.booleans(), packed=st.booleans())
def test_every_table_reads_back_from_json_lines(table: Table, ascii_only: bool, packed: bool):
    lines = [json.dumps({"text": text, "label": label}, ensure_ascii=ascii_only) for text, label in table]
    raw = "\n".join(lines).encode()
    name, content = ("rows.jsonl.gz", gzip.compress(raw)) if packed else ("rows.jsonl", raw)
    rows = read_rows(content, name=name, label_options=AS_WRITTEN)
    assert found(rows) == expected(table)


@repeatable
@given(table=typed_tables)
def test_every_table_reads_back_from_parquet(table: Table):
    file = io.BytesIO()
    columns = {"text": [text for text, _ in table], "label": [label for _, label in table]}
    pq.write_table(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}), file)
    assert found(read_rows(file.getvalue(), name="rows.parquet", label_options=AS_WRITTEN)) == expected(table)


def some_parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["one", "two"], "n": [1, None], "l": [["x"], []]}), file)
    return file.getvalue()


WHOLE_FILES = [
    b'id,text,label\n1,"a, b",x\n2,c,\n',
    "编号;文本;标签\n1;今天天气很好，适合去公园散步;天气\n".encode("gb18030"),
    "text\tlabel\r\none\ta\r\n".encode("utf-16"),
    b'{"text": "a", "label": 1}\n\n{"text": "\\ud83d", "label": [1]}\n',
    some_parquet(),
    gzip.compress(b"text,label\none,a\n", mtime=0),
]


@st.composite
def damaged(draw: Callable) -> bytes:
    """A file of which a part is replaced by noise."""
    whole = draw(st.sampled_from(WHOLE_FILES))
    start = draw(st.integers(0, len(whole)))
    end = draw(st.integers(start, min(len(whole), start + 40)))
    return whole[:start] + draw(st.binary(max_size=12)) + whole[end:]


def read_or_refuse(raw: bytes, **options: str | None) -> Rows | str:
    """The rows, or the sentence with which they are refused."""
    try:
        return read_rows(raw, **options)
    except DataError as error:
        return str(error)


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("ending", FORMATS)
@settings(repeatable, max_examples=30)
@given(raw=st.binary(max_size=200) | damaged())
@example(raw=b'"\n"')
@example(raw=b"a,b\n\x00")
def test_bytes_give_rows_or_a_data_error(ending: str, packed: str, raw: bytes):
    name = f"rows{ending}{packed}"
    rows = read_or_refuse(raw, name=name)
    if isinstance(rows, str):
        assert rows.startswith(f"{name}: ")
    else:
        assert len(rows.texts) == len(rows.labels) == len(list(rows.row_numbers or [])) > 0
        assert all(character < "\ud800" or character > "\udfff" for text in rows.texts for character in text)


@settings(repeatable, max_examples=30)
@given(
    raw=st.binary(max_size=100) | damaged(),
    encoding=st.sampled_from(["utf-8", "utf-7", "cp932", "big5", "latin-1", "idna", "euc_kr", "punycode"]),
    separator=st.none() | st.characters(),
)
def test_bytes_give_rows_or_a_data_error_whatever_is_named(raw: bytes, encoding: str, separator: str | None):
    rows = read_or_refuse(raw, encoding=encoding, separator=separator)
    if isinstance(rows, str):
        assert rows.startswith("data.csv: ")
    else:
        assert len(rows.texts) == len(rows.labels) > 0
