"""XLSX and ODS as offices save them, and packed files; texts are invented."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from check_reading import Reading, check_everywhere, check_rows_of, reading
from invented import messages

from ganclf.data import read_rows
from ganclf.errors import DataError

File = tuple[str, bytes, Reading]


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet_in_japan() -> File:
    pairs = messages("Japanese", 60, every=2)
    book = openpyxl.Workbook()
    book.active.append(["番号", "受付日", "お問い合わせ内容", "分類"])
    for at, (text, label) in enumerate(pairs):
        book.active.append([at + 1, datetime.datetime(2024, 3, at % 28 + 1), text, label])
    return "問い合わせ.xlsx", saved(book), reading(pairs)


def sheet_with_a_merged_title() -> File:
    pairs = messages("French", 48)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Demandes de mai"])
    sheet.merge_cells("A1:C1")
    sheet.append([])
    sheet.append(["Nº", "Message", "Catégorie"])
    for at, (text, label) in enumerate(pairs):
        sheet.append([at + 1, text, label])
    return "demandes.xlsx", saved(book), reading(pairs)


def sheet_with_numbers_as_labels() -> File:
    pairs = [(text, str(at % 3 + 1) if at < 40 else None) for at, (text, _) in enumerate(messages("German", 60))]
    book = openpyxl.Workbook()
    book.active.append(["text", "label"])
    for text, label in pairs:
        book.active.append([text, int(label) if label else None])
    return "zahlen.xlsx", saved(book), reading(pairs)


def sheet_with_truth_values() -> File:
    pairs = [(text, ("TRUE", "FALSE")[at % 2]) for at, (text, _) in enumerate(messages("English", 60))]
    book = openpyxl.Workbook()
    book.active.append(["text", "is spam"])
    for text, label in pairs:
        book.active.append([text, label == "TRUE"])
    return "truth.xlsx", saved(book), reading(pairs)


def sheet_with_blank_rows_at_its_end() -> File:
    pairs = messages("English", 36)
    book = openpyxl.Workbook()
    book.active.append(["text", "label"])
    for pair in pairs:
        book.active.append(list(pair))
    for row in range(60, 90):
        book.active.cell(row=row, column=1).font = openpyxl.styles.Font(bold=True)
    return "blank.xlsx", saved(book), reading(pairs)


def sheet_by_pandas() -> File:
    pairs = messages("Korean", 60, every=2)
    file = io.BytesIO()
    pd.DataFrame(pairs, columns=["text", "label"]).to_excel(file, index=True)
    return "rows.xlsx", file.getvalue(), reading(pairs)


def sheet_with_numbers_as_texts() -> File:
    pairs = [(text, ["007", "7a", "010"][at % 3]) for at, (text, _) in enumerate(messages("English", 45))]
    file = io.BytesIO()
    pd.DataFrame(pairs, columns=["text", "label"]).to_excel(file, index=False)
    return "codes.xlsx", file.getvalue(), reading(pairs)


def open_document() -> File:
    pairs = messages("Portuguese", 45, every=3)
    file = io.BytesIO()
    pd.DataFrame(pairs, columns=["Mensagem", "Categoria"]).to_excel(file, engine="odf", index=False)
    return "planilha.ods", file.getvalue(), reading(pairs)


def plain() -> tuple[bytes, Reading]:
    pairs = messages("English", 45, every=3)
    return pd.DataFrame(pairs, columns=["text", "label"]).to_csv(index=False).encode(), reading(pairs)


FILES = (
    sheet_in_japan, sheet_with_a_merged_title, sheet_with_numbers_as_labels, sheet_with_truth_values,
    sheet_with_blank_rows_at_its_end, sheet_by_pandas, sheet_with_numbers_as_texts, open_document,
)  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.__name__)
def test_it_is_read_alike_everywhere(file: Callable[[], File], tmp_path: Path):
    check_everywhere(tmp_path, *file())


@pytest.mark.parametrize("name", ["rows.csv", "rows", None])
def test_a_sheet_is_known_by_its_content(name: str | None):
    _, raw, expected = sheet_in_japan()
    check_rows_of(raw, name, expected)


def zipped(*parts: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in parts:
            archive.writestr(name, raw)
    return file.getvalue()


def zstd(raw: bytes) -> bytes:
    file = pa.BufferOutputStream()
    with pa.CompressedOutputStream(file, "zstd") as stream:
        stream.write(raw)
    return file.getvalue().to_pybytes()


@pytest.mark.parametrize("name", ["rows.csv.gz", "rows.csv.zip", "rows.csv.zst", "rows.csv", "rows", None])
@pytest.mark.parametrize("pack", [gzip.compress, lambda raw: zipped(("a/rows.csv", raw)), zstd])
def test_a_packed_file_is_known_by_its_content(pack: Callable[[bytes], bytes], name: str | None):
    raw, expected = plain()
    check_rows_of(pack(raw), name, expected)


def test_what_a_mac_adds_to_a_zip_is_no_second_file():
    raw, expected = plain()
    check_rows_of(zipped(("rows.csv", raw), ("__MACOSX/._rows.csv", b"\0\5\x16\7" + bytes(50))), "rows.zip", expected)


def test_a_zip_of_two_files_is_refused_with_their_names():
    raw, _ = plain()
    with pytest.raises(DataError, match=r"(?s)train\.csv.*test\.csv"):
        read_rows(zipped(("train.csv", raw), ("test.csv", raw)), name="rows.zip")


def test_a_packed_file_that_is_cut_off_is_refused():
    raw, _ = plain()
    for pack in (gzip.compress, zstd, lambda raw: zipped(("rows.csv", raw))):
        with pytest.raises(DataError):
            read_rows(pack(raw)[:-20], name="rows.csv")


@pytest.mark.parametrize("name", ["rows.csv", "rows.tsv", "rows.txt", "rows.json", "rows.jsonl", "rows.data", "rows"])
def test_the_content_tells_the_format_not_the_name(name: str):
    raw, expected = plain()
    check_rows_of(raw, name, expected)
    pairs = list(zip(expected.texts, expected.labels or (), strict=True))
    rows = [{"text": text, "label": label} for text, label in pairs]
    check_rows_of("".join(json.dumps(row) + "\n" for row in rows).encode(), name, expected)
    check_rows_of(json.dumps(rows, indent=2).encode(), name, expected)
