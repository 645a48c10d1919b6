"""A small spreadsheet can stand for a large table: values that repeat take no room in the file."""

import io
import time
import zipfile

import openpyxl
import pytest

from ganclf.data import read_table
from ganclf.errors import FileTooLargeError

NAMES = "office table text"
SPACES = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in NAMES.split())
TYPE = "application/vnd.oasis.opendocument.spreadsheet"
ENTRIES = f"""<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="{TYPE}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"""


def ods(*rows: str) -> bytes:
    """An ODS file with one sheet."""
    table = f"<table:table table:name='S'>{''.join(rows)}</table:table>"
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    content = f"<office:document-content {SPACES}>{body}</office:document-content>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", TYPE)
        archive.writestr("META-INF/manifest.xml", ENTRIES)
        archive.writestr("content.xml", content)
    return file.getvalue()


def row(*cells: str, times: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'


def cell(value: str, times: int = 1) -> str:
    return (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{times}"><text:p>{value}</text:p>'
        "</table:table-cell>"
    )


def test_repeated_cells_and_rows_are_read():
    header, repeated = row(cell("text"), cell("label")), row(cell("late parcel"), cell("a"), times=3)
    table = read_table(ods(header, repeated, row(cell("money back", 2))), name="a.ods")
    assert table.column("text") == ["late parcel"] * 3 + ["money back"]
    assert table.column("label") == ["a"] * 3 + ["money back"]


@pytest.mark.parametrize(
    "rows",
    [
        (row(cell("text")), row(cell("late"), times=10**9)),
        (row(cell("text", 10**9)), *[row(cell("late parcel", 10**9))] * 200),
    ],
    ids=["rows", "columns"],
)
def test_an_ods_file_of_endless_repetition_is_refused_in_a_moment(rows):
    start = time.monotonic()
    with pytest.raises(FileTooLargeError, match="the cells have more than 8 MB"):
        read_table(ods(*rows), name="a.ods", max_bytes=8 * 2**20)
    assert time.monotonic() - start < 10


def test_an_xlsx_file_of_one_long_text_in_many_cells_is_refused():
    book = openpyxl.Workbook()
    for _ in range(500):
        book.active.append(["x" * 30_000])
    file = io.BytesIO()
    book.save(file)
    assert len(file.getvalue()) < 50_000
    with pytest.raises(FileTooLargeError):
        read_table(file.getvalue(), name="a.xlsx", max_bytes=8 * 2**20)
    assert len(read_table(file.getvalue(), name="a.xlsx", max_bytes=32 * 2**20)) == 500
