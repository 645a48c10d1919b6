"""The content tells the format, whatever the name says; each format gives the same rows."""

import gzip
import io
import json
import os
import threading
import time
import zipfile

import pandas as pd
import pyarrow as pa
import pytest

from ganclf.data import open_table, read_table
from ganclf.errors import DataError, EmptyFileError, EncodingError

PAIRS = [("The lamp is broken", "refund"), ("Wo ist mein Paket?", "delivery"), ("账号登录不上", "account")]
RECORDS = [{"text": text, "label": label} for text, label in PAIRS]
FRAME = pd.DataFrame(RECORDS)
CSV = FRAME.to_csv(index=False).encode()


def zipped(*names: str, content: bytes = b"x") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


def sheet(engine: str, **sheets: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    with pd.ExcelWriter(file, engine=engine) as writer:
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, index=False)
    return file.getvalue()


def pairs_in(table) -> list[tuple]:
    return list(zip(table.column("text"), table.column("label"), strict=True))


CONTENTS = {
    "csv": CSV,
    "jsonl": "\n".join(json.dumps(record) for record in RECORDS).encode(),
    "json": json.dumps(RECORDS, indent=1).encode(),
    "parquet": FRAME.to_parquet(index=False),
    "xlsx": sheet("openpyxl", Messages=FRAME),
    "ods": sheet("odf", Messages=FRAME),
}
NAMES = ["a.csv", "a.txt", "a.json", "a.jsonl", "a.xlsx", "a.dat", "a"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", CONTENTS)
def test_the_content_tells_the_format(kind, name):
    table = read_table(CONTENTS[kind], name=name)
    assert (table.kind, pairs_in(table)) == (kind, PAIRS)
    contradicts = name not in ("a.dat", "a", f"a.{kind}") and (name, kind) not in (
        ("a.txt", "csv"),
        ("a.json", "jsonl"),
    )
    assert any("the file's name ends in" in note for note in table.notes) == contradicts


PACKERS = {
    "gz": gzip.compress,
    "zst": lambda content: pa.compress(content, "zstd", asbytes=True),
    "zip": lambda content: zipped("a.csv", content=content),
}


@pytest.mark.parametrize("name", ["a.csv.{}", "a.{}", "a.csv", "a"])
@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
def test_packed_files_are_unpacked_by_their_content(packing, kind, name, tmp_path):
    content = PACKERS[packing](CONTENTS[kind])
    path = tmp_path / name.format(packing)
    path.write_bytes(content)
    assert pairs_in(read_table(path)) == pairs_in(read_table(content)) == PAIRS
    with open_table(path) as stream:
        assert [pair for batch in stream.batches(2) for pair in pairs_in(batch)] == PAIRS


def test_packed_parts_that_were_joined_are_all_read():
    more = b"more,refund\n" * 50_000
    for pack in (PACKERS["gz"], PACKERS["zst"]):
        assert len(read_table(pack(CSV) + pack(more))) == 50_003


def test_a_name_of_a_packing_without_it_gets_a_note():
    table = read_table(CSV, name="rows.csv.gz")
    assert pairs_in(table) == PAIRS
    assert table.notes == ("the file's name ends as that of a gzip file, but it is not packed",)


def test_what_systems_put_into_a_zip_file_does_not_count():
    content = zipped("__MACOSX/a.csv", "a.csv", ".DS_Store", content=CSV)
    assert pairs_in(read_table(content)) == PAIRS


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (zipped("a.csv", "b.csv"), r"a zip file with 2 files \('a.csv', 'b.csv'\). Unpack it and give one"),
        (zipped(), "a zip file with 0 files"),
        (zipped("a.csv")[:-9], "not a whole zip file"),
        (gzip.compress(CSV)[:-9], "not a whole gzip file"),
        (pa.compress(CSV * 99, "zstd", asbytes=True)[:-9], "not a whole zstd file"),
        (zipped("word/document.xml"), "an office document without rows"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"an old Excel file \(.xls\)"),
        (b"<!DOCTYPE html>\n<html><table><tr><td>text", "a web page or XML"),
        (b"<?xml version='1.0'?><rows/>", "a web page or XML"),
        (b"%PDF-1.7\n", "a PDF file"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\xff\xd8\xff\xe0", "a picture"),
        (b"PAR1 and no more", "no readable Parquet file"),
    ],
)
def test_what_can_not_be_read_is_refused_in_words(content, sentence):
    with pytest.raises(DataError, match=f"rows.csv: {sentence}"):
        read_table(content, name="rows.csv")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0), b"[]", b"{}"])
def test_nothing_is_refused(content):
    with pytest.raises(EmptyFileError):
        read_table(content)


def test_a_packed_file_that_grows_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("ganclf.data.compression.MAX_UNPACKED_BYTES", 1 << 22)
    with pytest.raises(DataError, match="unpacked, it has more than"):
        read_table(gzip.compress(b"text,label\n" + b"one,a\n" * 2_000_000))


@pytest.mark.parametrize(
    "value",
    [
        RECORDS,
        {"data": RECORDS},
        {"meta": {"n": 3}, "result": {"items": RECORDS}},
        {"text": [text for text, _ in PAIRS], "label": [label for _, label in PAIRS]},
        json.loads(FRAME.to_json(orient="columns")),
        json.loads(FRAME.to_json(orient="index")),
        json.loads(FRAME.to_json(orient="split")),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_files_hold_records_in_many_ways(value, indent):
    table = read_table(json.dumps(value, indent=indent).encode(), name="a.json")
    assert (table.kind, pairs_in(table)) == ("json", PAIRS)


def test_nested_values_stay_as_they_are():
    record = {"id": 1, "data": {"text": "lost"}, "annotations": [{"result": [{"value": {"choices": ["delivery"]}}]}]}
    table = read_table(json.dumps([record, record]).encode(), name="project.json")
    assert table.column("annotations") == [record["annotations"]] * 2


def test_several_lists_of_records_are_refused_with_their_names():
    with pytest.raises(DataError, match="more than one list of records: 'train', 'test'"):
        read_table(json.dumps({"train": RECORDS, "test": RECORDS}).encode(), name="a.json")


def test_a_list_of_strings_is_texts():
    assert read_table(b'["one, two", "three"]').column("text") == ["one, two", "three"]


def test_the_first_json_line_may_be_long():
    lines = [json.dumps({"text": "x" * 200_000}), json.dumps({"text": "y"})]
    assert len(read_table("\n".join(lines).encode(), name="a.txt")) == 2


@pytest.mark.parametrize("name", ["train.txt", "train.csv", "train"])
def test_lines_of_fasttext(name):
    lines = ["__label__a one, two", "__label__b , three", "__label__a __label__b four", "", "five"]
    table = read_table("\n".join(lines).encode(), name=name)
    assert table.kind == "fasttext"
    assert table.column("text") == ["one, two", "three", "four", "five"]
    assert table.column("label") == [["a"], ["b"], ["a", "b"], None]
    assert (table.lines.rows, table.lines.blank, list(table.row_numbers)) == (4, 1, [1, 2, 3, 5])


def test_labels_of_fasttext_may_stand_behind_the_text_and_many_blanks_take_no_time():
    lines = ["__label__a where is it"] * 3 + ["pay me" + " " * 200_000 + "now  __label__b\t__label__c "]
    start = time.perf_counter()
    table = read_table("\n".join(lines).encode(), name="a.txt")
    assert time.perf_counter() - start < 10  # a search from every blank took minutes
    assert table.column("label")[-1] == ["b", "c"]
    assert table.column("text")[-1].split() == ["pay", "me", "now"]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("iso2022_jp", "荷物がまだ届きません"), ("iso2022_kr", "배송이 늦어요"), ("hz", "请把钱退给我，包裹还没有收到")],
)
def test_ascii_bytes_that_switch_to_other_characters_are_refused_with_the_encoding(encoding, text):
    content = f"text,label\nhello there,a\n{text},b\n".encode(encoding)
    with pytest.raises(EncodingError, match=f"--encoding {encoding}") as caught:
        read_table(content)
    assert caught.value.likely == encoding
    assert read_table(content, encoding=encoding).column("text") == ["hello there", text]


def test_colors_of_a_terminal_and_braces_are_no_encoding():
    texts = ["\x1b[31mred\x1b[0m \x1b(B alarm", "plain ~{x} text ~}"]
    assert read_table(f"text,label\n{texts[0]},a\n{texts[1]},b\n".encode()).column("text") == texts


def test_plain_text_has_one_text_per_line():
    content = b'He said: "no", twice.\r\n"Never" again\r\n\r\nWhy; or why not?\r\n'
    table = read_table(content, name="notes.txt")
    assert (table.kind, table.names) == ("text", ("text",))
    assert table.column("text") == ['He said: "no", twice.', '"Never" again', "Why; or why not?"]
    assert len(read_table(content, name="notes.txt", keep_all_rows=True)) == 4


@pytest.mark.parametrize("engine", ["openpyxl", "odf"])
def test_sheets_show_values_as_the_program_does(engine):
    frame = pd.DataFrame(
        {"text": ["one", "two"], "label": [1.0, 2.0], "share": [0.884, 0.5], "day": pd.to_datetime(["2024-03-01"] * 2)}
    )
    table = read_table(sheet(engine, Empty=pd.DataFrame(), Rows=frame, Notes=FRAME))
    assert (table.kind, table.column("label"), table.column("share")) == (
        *(("xlsx", ["1", "2"]) if engine == "openpyxl" else ("ods", ["1.0", "2.0"])), ["0.884", "0.5"],
    )  # fmt: skip
    assert all("2024" in day for day in table.column("day"))
    assert table.notes == ("sheet 'Rows' is read, not 'Notes'",)


def test_titles_totals_and_blank_rows_of_a_sheet_are_left_out():
    rows = [["Messages", None], [None, None], ["text", "label"]]
    rows += [[f"message number {i}", ["a", "b"][i % 2]] for i in range(12)]
    rows += [[None, None], ["Total", 12]]
    file = io.BytesIO()
    pd.DataFrame(rows).to_excel(file, index=False, header=False)
    table = read_table(file.getvalue())
    assert (table.names, len(table), table.row_numbers[0]) == (("text", "label"), 12, 4)


def test_a_missing_library_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(DataError, match=r"openpyxl is not installed.*pip install 'ganclf\[spreadsheets\]'"):
        read_table(CONTENTS["xlsx"], name="a.xlsx")


def test_a_pipe_is_read(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(CSV))
    writer.start()
    assert pairs_in(read_table(path)) == PAIRS
    writer.join()


@pytest.mark.parametrize(
    ("text", "encoding", "likely"),
    [
        ("商品損壞，我要申請退款，請問什麼時候送到", "big5", "big5"),
        ("返金をお願いします。商品が壊れていました", "cp932", "cp932"),
        ("今日は天気がいいですね。学校に行きます", "euc_jp", "euc_jp"),
        ("안녕하세요 환불을 부탁드립니다", "euc_kr", "euc_kr"),
        ("Верните деньги, лампа сломана", "cp1251", "cp1251"),
        ("Верните деньги, лампа сломана", "koi8-r", "koi8-r"),
        ("Où est mon colis? Il a été expédié", "latin-1", "latin-1"),
        ("Das Gerät ist kaputt – “schöne” Grüße", "cp1252", "cp1252"),
        ("Proszę o zwrot pieniędzy, żółta łódź", "cp1250", "cp1250"),
        ("Ürün kırık çıktı, iade istiyorum şimdi", "cp1254", "cp1254"),
        ("Καλημέρα σας, το δέμα δεν ήρθε", "cp1253", "cp1253"),
        ("free £5 cash", "latin-1", "latin-1"),
        ("今天天气很好", "utf-16-le", "utf-16-le"),
        ("plain words", "utf-16-be", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("count", [3, 60, 5_000])
def test_a_refusal_names_the_likely_encoding(text, encoding, likely, count):
    content = ("text,label\n" + "".join(f'"{text} {i}",a\n' for i in range(count))).encode(encoding)
    with pytest.raises(EncodingError, match=f"--encoding {likely}") as caught:
        read_table(content)
    assert caught.value.likely == likely
    table = read_table(content, encoding=likely)
    assert table.column("text")[-1] == f"{text} {count - 1}"
