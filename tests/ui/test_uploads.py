"""Uploaded files: read as the commands read them, refused in a sentence, bounded when unpacked."""

import gzip
import io
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ganclf.data import ReadOptions
from ganclf.errors import DataError, FileTooLargeError, PackedFileError, TooManyRowsError
from ganclf.predict.files import FileJob, open_rows
from ui import uploads
from ui.text import CHINESE, ENGLISH, explain
from ui.uploads import find_text_columns, read_texts, read_upload, to_frame

CHINESE_ROWS = "编号,客户留言\n1,快递太慢了，请尽快处理我的订单\n2,想退货，怎么操作才能拿到退款\n"


def frame_of(content: bytes, name: str = "letters.csv") -> pd.DataFrame:
    """The table that the page shows."""
    return to_frame(read_upload(content, name), 1000)


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
    job = FileJob(input=tmp_path / name, read=ReadOptions(keep_all_rows=True))
    table = read_upload(raw, name)
    texts, _ = read_texts(table, find_text_columns(table))
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
    assert find_text_columns(table) == (column,)
    assert to_frame(table, 5)[column].iloc[0] == first


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
        (b'a,b\n"1, 2",c\n3,"open\n', "Row 3 opens a quotation mark"),
        (b"\x1f\x8b\x08\x00", ENGLISH.file_packed),
        (b"\x28\xb5\x2f\xfd\x00", ENGLISH.file_packed),
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
    with pytest.raises(TooManyRowsError):
        read_upload(b"text\n1\n\n\n2\n", "a.csv")
    monkeypatch.setattr(uploads, "MAX_UPLOAD_MEGABYTES", 0)
    with pytest.raises(DataError) as caught:
        read_upload(b"text\n1\n", "a.csv")
    assert str(explain(caught.value, ENGLISH)).startswith("This file is larger than 0 MB,")


@pytest.mark.parametrize("name", ["letters", "letters.log", "letters.csv.bak", "letters.tab"])
def test_the_content_decides_whatever_the_ending(name: str):
    assert frame_of(b"id,text\n1,late parcel\n", name).to_dict("list") == {"id": ["1"], "text": ["late parcel"]}


@pytest.mark.parametrize("content", [b"%PDF-1.7 and so on", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_table_is_refused_by_name(content: bytes):
    with pytest.raises(DataError, match=r"a PDF file|a picture"):
        read_upload(content, "letters.csv")


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return file.getvalue()


PACKINGS = {
    "gz": gzip.compress,
    "zip": lambda content: zipped(letters=content),
    "zst": lambda content: pa.compress(content, "zstd", asbytes=True),
}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("inner", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("named", [True, False])
def test_packed_files_are_read_by_their_content(packing: str, inner: str, named: bool):
    content = {"csv": b"id,text\n1,late parcel\n", "xlsx": sheet("openpyxl"), "parquet": parquet(id=[1], text=["x"])}
    table = read_upload(PACKINGS[packing](content[inner]), f"a.{inner}.{packing}" if named else "a.csv")
    assert table.names == ("id", "text")
    assert table.kind == inner


@pytest.mark.parametrize(
    "content",
    [
        zipped(letters=b"text", others=b"text"),
        b"BZh91AY",
        gzip.compress(gzip.compress(b"text\n1\n")),
        gzip.compress(b"text\n1\n")[:-3],
    ],
    ids=["zip of two", "no bzip2", "gzip of gzip", "cut gzip"],  # packed bytes hold the time: no names of tests
)
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.parquet", "a.gz"])
def test_packed_files_that_can_not_be_unpacked_are_refused(content: bytes, name: str):
    with pytest.raises(PackedFileError):
        read_upload(content, name)


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_packed_file_that_is_too_large_when_unpacked_is_refused(packing: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MAX_UNPACKED_MEGABYTES", 1)
    with pytest.raises(FileTooLargeError):
        read_upload(PACKINGS[packing](b"text\n" + b"a" * 2**21), "a.csv")


@pytest.mark.parametrize("content", [b"PK\x03\x04\x00\x00", b"PAR1 and no more"])
def test_broken_files_are_refused(content: bytes):
    with pytest.raises(DataError, match=r"a broken|not a whole"):
        read_upload(content, "a.xlsx")


@pytest.mark.parametrize("part", ["xl__workbook", "content"])
def test_a_spreadsheet_that_is_too_large_when_unpacked_is_refused(part: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MAX_UNPACKED_MEGABYTES", 1)
    content = zipped(**{part: b" " * 2**21})
    assert len(content) < 5000
    monkeypatch.setattr(uploads, "MAX_ODS_MEGABYTES", 1)
    with pytest.raises(FileTooLargeError) as caught:
        read_upload(content, "a.xlsx")
    assert str(explain(caught.value, ENGLISH)).startswith("This file is larger than 1 MB,")


def parquet(**columns: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def test_a_parquet_file_is_read_within_the_limits(monkeypatch: pytest.MonkeyPatch):
    assert frame_of(parquet(text=["a", None], n=[1, 2]), "a.parquet").to_dict("list") == {
        "text": ["a", ""],
        "n": ["1", "2"],
    }
    monkeypatch.setattr(uploads, "MAX_UNPACKED_MEGABYTES", 1)
    repeated = parquet(text=["x" * 10_000] * 1000)  # a dictionary holds the value once
    assert len(repeated) < 30_000
    with pytest.raises(FileTooLargeError):
        read_upload(repeated, "a.parquet")
    monkeypatch.setattr(uploads, "MAX_ROWS", 2)
    with pytest.raises(DataError, match="more than 2 rows"):
        read_upload(parquet(text=["a"] * 3), "a.parquet")


def sheet(engine: str) -> bytes:
    file = io.BytesIO()
    pd.DataFrame({"id": [1, 2], "text": ["late parcel", "=1+1"]}).to_excel(file, index=False, engine=engine)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", sheet("openpyxl")),
        ("a.ods", sheet("odf")),
        ("a.csv", sheet("openpyxl")),  # the content decides
        ("a.json", b'[{"id": 1, "text": "late parcel"}, {"id": 2, "text": "=1+1"}]'),
        ("a.json", b'{"id": 1, "text": "late parcel"}\n{"id": 2, "text": "=1+1"}\n'),
        ("a.txt", b"id\ttext\n1\tlate parcel\n2\t=1+1\n"),
    ],
)
def test_every_kind_of_table_is_read(name: str, content: bytes):
    frame = frame_of(content, name)
    assert list(frame.columns) == ["id", "text"]
    assert frame["id"].tolist() == ["1", "2"]
    assert frame["text"][0] == "late parcel"


@pytest.mark.parametrize(("columns", "words"), [(2_000, "2,000 columns, more than 1,000"), (20_000, "more than 4,096")])
def test_very_many_columns_are_refused_in_a_moment(columns: int, words: str):
    with pytest.raises(DataError, match=words):
        read_upload(f"{','.join(['c'] * columns)}\n{','.join(['x'] * columns)}\n".encode(), "a.csv")


def test_the_text_of_a_table_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MAX_UNPACKED_MEGABYTES", 1)
    with pytest.raises(FileTooLargeError):
        read_upload(b"text,other\n" + b"a" * 2**20 + b",b\n", "a.csv")


def test_a_text_longer_than_the_server_takes_is_cut_and_its_row_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "MAX_TEXT_CHARACTERS", 3)
    table = read_upload(b"text\nabc\nabcd\n", "a.csv")
    assert read_texts(table, ("text",)) == (["abc", "abc"], [3])


def test_totals_and_repeated_headers_stay_without_a_text():
    table = read_upload("编号,留言\n1,还没有收到\n编号,留言\n2,请退款给我\n合计,2\n".encode(), "a.csv")
    assert table.read("编号") == ["1", "编号", "2", "合计"]
    assert read_texts(table, ("留言",))[0] == ["还没有收到", "", "请退款给我", ""]


def test_several_columns_are_joined_and_none_are_no_texts():
    table = read_upload(b"title,text,n\nparcel,where is it,1\n,only this,2\n,,3\n", "a.csv")
    texts, _ = read_texts(table, ("title", "text"))
    assert [text.split() for text in texts] == [["parcel", "where", "is", "it"], ["only", "this"], []]
    assert read_texts(table, ()) == (["", "", ""], [])


def test_short_rows_are_filled_with_nothing():
    assert frame_of(b"a,b\n1\n").to_dict("list") == {"a": ["1"], "b": [""]}
