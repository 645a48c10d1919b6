"""Tables as JSON, Parquet and spreadsheets, packed or not, and plain texts, one a line."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import invented
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from delimited_writers import NAMES, OTHERS, options_of, tables
from hypothesis import strategies as st
from written import Content, Written, contents

IN_A_CELL = tuple(part for part in invented.AWKWARD if "\r" not in part)  # a spreadsheet has \n only


def labels_as(kind: str, content: Content) -> tuple[list[Any], list[str | None]]:
    """The labels as numbers, truth values, lists or words, and what they have to be read as."""
    classes = list(dict.fromkeys(label for label in content.labels if label))
    written: list[Any] = []
    wanted: list[str | None] = []
    for label in content.labels:
        at = classes.index(label) if label else None
        values: dict[str, tuple[Any, str | None]] = {
            "words": (label, label),
            "whole": (at, None if at is None else str(at)),
            "float": (None if at is None else float(at), None if at is None else str(at)),
            "truth": (None if at is None else at > 0, None if at is None else str(at > 0).lower()),
            "lists": ([label] if label else [], label),
        }
        value, name = values[kind]
        written.append(value)
        wanted.append(name)
    return written, wanted


@st.composite
def records(draw: st.DrawFn, kinds: tuple[str, ...]) -> tuple[Content, tuple[str, str], pd.DataFrame, list[str | None]]:
    """A table whose labels are of one of the kinds."""
    content = draw(contents(fewest=6))
    written, wanted = labels_as(draw(st.sampled_from(kinds)), content)
    names = draw(st.sampled_from(NAMES))
    others = draw(st.lists(st.sampled_from(sorted(OTHERS)), max_size=2, unique=True))
    columns = {names[0]: content.texts, names[1]: written}
    columns |= {name: [OTHERS[name](row) for row in range(len(content.texts))] for name in others}
    order = draw(st.permutations(list(columns)))
    return content, names, pd.DataFrame({name: pd.Series(columns[name], dtype=object) for name in order}), wanted


@st.composite
def as_json(draw: st.DrawFn) -> Written:
    """JSON lines or an array, with the usual endings or others."""
    content, names, frame, wanted = draw(records(("words", "whole", "float", "truth", "lists")))
    rows = [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]
    if draw(st.booleans()):  # a missing key is no label, too
        rows = [{key: value for key, value in row.items() if value is not None} for row in rows]
    ascii_only = draw(st.booleans())
    kind = draw(st.sampled_from(["lines", "lines", "array", "pretty", "pandas lines", "pandas array", "split"]))
    excuse = ""
    if kind == "lines":
        made = "".join(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows)
    elif kind.startswith("pandas"):
        made = frame.to_json(orient="records", lines=kind.endswith("lines"), force_ascii=ascii_only)
    elif kind == "split":
        made, excuse = frame.to_json(orient="split"), "columns apart"
    else:
        made = json.dumps(rows, ensure_ascii=ascii_only, indent=2 if kind == "pretty" else None)
    name = draw(st.sampled_from(["rows.jsonl", "rows.json", "rows.ndjson", "rows.txt", None]))
    raw = made.encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig"])), "surrogatepass")
    return Written(raw, name, content.texts, wanted, draw(options_of(names)), excuse)


@st.composite
def as_parquet(draw: st.DrawFn) -> Written:
    """Arrow's types: strings, large strings, dictionaries, numbers, lists."""
    content, names, frame, wanted = draw(records(("words", "whole", "float", "truth", "lists")))
    table = pa.table({name: pa.array(list(frame[name])) for name in frame.columns})
    if draw(st.booleans()):
        at = table.column_names.index(names[0])
        kind = draw(st.sampled_from([pa.large_string(), pa.string_view()]))
        table = table.set_column(at, names[0], table[names[0]].cast(kind))
    at = table.column_names.index(names[1])
    if draw(st.booleans()) and pa.types.is_string(table[names[1]].type):
        table = table.set_column(at, names[1], table[names[1]].dictionary_encode())
    file = io.BytesIO()
    pq.write_table(table, file, compression=draw(st.sampled_from(["snappy", "none", "zstd"])))
    name = draw(st.sampled_from(["rows.parquet", "rows.parquet", "part-0", None]))
    return Written(file.getvalue(), name, content.texts, wanted, draw(options_of(names)))


@st.composite
def as_spreadsheet(draw: st.DrawFn) -> Written:
    """XLSX by openpyxl and pandas, with a title, empty columns and rows at the end, other sheets."""
    content = draw(contents(fewest=6, parts=IN_A_CELL))
    texts = [text if text[0] != "=" else f"a{text}" for text in content.texts]  # else it is a formula
    content = replace(content, texts=texts)
    written, wanted = labels_as(draw(st.sampled_from(["words", "whole", "float", "truth"])), content)
    names = draw(st.sampled_from(NAMES))
    others = draw(st.lists(st.sampled_from(sorted(OTHERS)), max_size=2, unique=True))
    columns = {names[0]: texts, names[1]: written}
    columns |= {name: [OTHERS[name](row) for row in range(len(texts))] for name in others}
    order = draw(st.permutations(list(columns)))
    book = openpyxl.Workbook()
    sheet = book.active
    if draw(st.integers(0, 3)) == 3 and len(order) > 2:
        sheet.append(["Customer messages Q1"])
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(order))
        sheet.append([])
    sheet.append(list(order))
    for row in range(len(texts)):
        sheet.append([columns[name][row] for name in order])
    if draw(st.integers(0, 3)) == 3:
        book.create_sheet("Notes")
    file = io.BytesIO()
    book.save(file)
    name = draw(st.sampled_from(["rows.xlsx", "rows.xlsx", None]))
    return Written(file.getvalue(), name, texts, wanted, draw(options_of(names)))


@st.composite
def packed(draw: st.DrawFn) -> Written:
    """A CSV in gzip, zip or zstd, with that ending or another."""
    content = draw(contents())
    names, header, rows = draw(tables(content))
    made = pd.DataFrame(rows, columns=header).to_csv(index=False).encode()
    kind = draw(st.sampled_from(["gz", "zip", "zst"]))
    name = draw(st.sampled_from([f"rows.csv.{kind}", f"rows.csv.{kind}", "rows.csv", None]))
    return Written(PACKERS[kind](made), name, content.texts, content.labels, draw(options_of(names)))


def _zip(made: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows.csv", made)
    return file.getvalue()


def _zstd(made: bytes) -> bytes:
    file = pa.BufferOutputStream()
    with pa.CompressedOutputStream(file, "zstd") as stream:
        stream.write(made)
    return file.getvalue().to_pybytes()


PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "zip": _zip, "zst": _zstd}


@st.composite
def plain_texts(draw: st.DrawFn) -> Written:
    """One text a line, without a header and without labels."""
    content = draw(contents(fewest=6, parts=(",", '"', "'", ";", "!", "100", "😀")))
    texts = [text.replace("\n", " ") for text in content.texts]
    texts = [text + "." if text[0] == text[-1] == '"' else text for text in texts]
    made = "\n".join(texts) + draw(st.sampled_from(["", "\n"]))
    return Written(made.encode(draw(st.sampled_from(["utf-8", "utf-8-sig"]))), "texts.txt", texts, [None] * len(texts))


FAMILIES = {
    "json": as_json(),
    "parquet": as_parquet(),
    "spreadsheets": as_spreadsheet(),
    "packed": packed(),
    "plain texts": plain_texts(),
}
