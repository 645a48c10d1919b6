"""Tables with separators as pandas, csv and programs of all sorts write them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import invented
import pandas as pd
from hypothesis import strategies as st
from written import Content, Label, Written, contents

SEPARATORS = (",", ";", "\t", "|")
NAMES = (
    ("text", "label"), ("message", "category"), ("Text", "Label"), ("sentence", "topic"), ("内容", "类别"),
    ("review", "stars"), ("content", "class"), ("question", "intent"), ("文本", "标签"), ("comment", "sentiment"),
)  # fmt: skip
FOUND = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16")
ENDINGS = ("csv", "csv", "csv", "tsv", "txt")
OTHERS: dict[str, Callable[[int], str]] = {  # columns that are neither text nor label
    "id": str,
    "date": lambda row: f"2024-03-{row % 28 + 1:02}",
    "created_at": lambda row: f"2024-03-01T10:{row % 60:02}:00.000Z",
    "uuid": lambda row: f"{row * 7919:08x}-0000-4000-8000-{row * 104729:012x}",
    "url": lambda row: f"https://shop.example/tickets/{row}?from=mail&lang=en&session={row * 31}",
    "_hash": lambda row: str(row * 77 - 1000),
    "score": lambda row: f"{row % 100 / 100:.2f}",
}
Row = list[str]


@st.composite
def tables(
    draw: st.DrawFn, content: Content, fewest: int = 2, most: int = 4
) -> tuple[tuple[str, str], list[str], list[Row]]:
    """Names of text and label, the header and the rows, with other columns among them."""
    text, label = draw(st.sampled_from(NAMES))
    others = draw(st.lists(st.sampled_from(sorted(OTHERS)), max_size=most - 2, unique=True))
    if fewest > 2 and not others:
        others = ["id"]
    header = draw(st.permutations([text, label, *others]))
    values = {text: content.texts, label: [name or "" for name in content.labels]}
    values |= {name: [OTHERS[name](row) for row in range(len(content.texts))] for name in others}
    rows = [list(row) for row in zip(*(values[name] for name in header), strict=True)]
    return (text, label), header, rows


@st.composite
def ending_of(draw: st.DrawFn) -> str | None:
    ending = draw(st.sampled_from((*ENDINGS, None)))
    return ending and f"rows.{ending}"


@st.composite
def options_of(draw: st.DrawFn, names: tuple[str, str]) -> dict[str, str]:
    """The columns are named, or have to be found."""
    return {"text_column": names[0], "label_column": names[1]} if draw(st.booleans()) else {}


def join_csv(rows: Sequence[Row], separator: str, quoting: int, newline: str) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=newline).writerows(rows)
    return file.getvalue()


@st.composite
def by_csv_writer(draw: st.DrawFn) -> Written:
    """Python's csv and pandas: quotes are doubled, fields hold separators and line ends."""
    content = draw(contents())
    blank = draw(st.sampled_from([0.0, 0.0, 0.2]))
    texts = [text if label and content.random.random() >= blank else "" if blank else text
             for text, label in zip(content.texts, content.labels, strict=True)]  # fmt: skip
    content = replace(content, texts=texts if any(texts) else content.texts)
    names, header, rows = draw(tables(content, fewest=3 if blank else 2))
    separator = draw(st.sampled_from(SEPARATORS))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    if draw(st.booleans()):
        frame = pd.DataFrame(rows, columns=header)
        index = draw(st.sampled_from([False, False, True]))
        made = frame.to_csv(sep=separator, quoting=quoting, lineterminator=newline, index=index)
    else:
        made = join_csv([header, *rows], separator, quoting, newline)
    encoding = draw(st.sampled_from(FOUND))
    return Written(made.encode(encoding), draw(ending_of()), content.texts, content.labels, draw(options_of(names)), "")


@st.composite
def in_an_encoding(draw: st.DrawFn) -> Written:
    """Encodings other than Unicode: found (Chinese), named, or refused; never mojibake."""
    content = draw(contents(parts=('"', ",", "'", "\\", "100", "!", "\n"), fewest=2))
    names, header, rows = draw(tables(content))
    made = join_csv([header, *rows], draw(st.sampled_from(",;\t")), csv.QUOTE_MINIMAL, "\r\n")
    encodings = ("gb18030",) if content.language == "Chinese" else invented.ENCODINGS[content.language]
    encoding = draw(st.sampled_from(encodings))
    try:
        raw = made.encode(encoding)
    except UnicodeEncodeError:  # a header in Chinese
        header = [{names[0]: "text", names[1]: "label"}.get(name, name) for name in header]
        names = ("text", "label")
        made = join_csv([header, *rows], ",", csv.QUOTE_MINIMAL, "\r\n")
        raw = made.encode(encoding)
    options = draw(options_of(names))
    named = draw(st.booleans())
    if named:
        options["encoding"] = encoding
    excuse = "" if named or made.isascii() else f"{encoding} is not named"
    if encoding == "gb18030" and len(content.texts) >= 20:
        excuse = ""
    return Written(raw, draw(ending_of()), content.texts, content.labels, options, excuse)


@st.composite
def without_quoting(draw: st.DrawFn) -> Written:
    """No quoting at all: a quote is a character like others, at the beginning, too."""
    separator = draw(st.sampled_from(SEPARATORS))
    parts = [part for part in invented.AWKWARD if not set(part) & {separator, "\n", "\r"} and part.strip()]
    content = draw(contents(parts=[*parts, '"', '"', '"new" ', '5" '], fewest=4))
    texts = [text.replace(separator, " ").replace("\n", " ").replace("\r", " ") for text in content.texts]
    texts = [text + "." if text[0] == text[-1] == '"' else text for text in texts]  # else it may well be quoted
    content = replace(content, texts=texts)
    names, header, rows = draw(tables(content))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    made = newline.join(separator.join(row) for row in [header, *rows]) + newline
    raw = made.encode(draw(st.sampled_from(FOUND)))
    return Written(raw, draw(ending_of()), content.texts, content.labels, draw(options_of(names)))


@st.composite
def with_backslashes(draw: st.DrawFn) -> Written:
    """MySQL and Spark: a quote in quotes is written with a backslash ahead."""
    content = draw(contents(fewest=4))
    texts = [content.texts[0] + ' the "new" one', *content.texts[1:]]
    spark = draw(st.booleans())
    if spark:  # it leaves backslashes as they are, which only reads back where there are none
        texts = [text.replace("\\", "/") for text in texts]
    content = replace(content, texts=texts)
    names, header, rows = draw(tables(content))
    separator = draw(st.sampled_from(",;\t"))

    def quote(value: str) -> str:
        if spark and not set(value) & {'"', separator, "\n", "\r"}:
            return value
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    made = "\n".join(separator.join(map(quote, row)) for row in [header, *rows]) + "\n"
    return Written(made.encode(), draw(ending_of()), content.texts, content.labels, draw(options_of(names)))


@st.composite
def with_blanks_after_separators(draw: st.DrawFn) -> Written:
    """Written by people: `label, "text"`."""
    content = draw(contents(fewest=3))
    content = replace(content, texts=[text.strip() for text in content.texts])
    names, header, rows = draw(tables(content))
    separator = draw(st.sampled_from(",;|"))
    everything = draw(st.booleans())
    if not everything:  # a file without any quotes may mean the blanks
        line = " ".join(content.texts[0].split())  # of one line: with more, both readings would be possible
        content.texts[0] = rows[0][header.index(names[0])] = f'{line}{separator} "so"'

    def quote(value: str) -> str:
        plain = not everything and not set(value) & {'"', separator, "\n", "\r"}
        return value if plain else '"' + value.replace('"', '""') + '"'

    made = "\n".join(f"{separator} ".join(map(quote, row)) for row in [header, *rows]) + "\n"
    return Written(made.encode(), draw(ending_of()), content.texts, content.labels, draw(options_of(names)))


@st.composite
def with_more_lines(draw: st.DrawFn) -> Written:
    """Lines that are no rows: a title, `sep=`, a repeated header, blank lines, a total, separators at every end."""
    content = draw(contents(fewest=6))
    names, header, rows = draw(tables(content, fewest=3))
    separator = draw(st.sampled_from(SEPARATORS))
    blank = [""] * len(header)
    kind = draw(st.sampled_from(["title", "short title", "sep", "header", "blank", "total", "short total", "end"]))
    lines = [header, *rows]
    if kind == "title":
        title = draw(st.sampled_from(["Customer messages Q1", "Report 2024", "客户留言汇总", "Auswertung Mai"]))
        lines = [[title, *blank[1:]], *([blank] if draw(st.booleans()) else []), *lines]
    elif kind == "header":
        at = draw(st.integers(2, len(lines)))
        lines = [*lines[:at], header, *lines[at:]]
    elif kind == "blank":
        at = draw(st.integers(0, len(lines)))
        lines = [*lines[:at], *([draw(st.sampled_from([[], blank]))] * draw(st.integers(1, 3))), *lines[at:]]
    elif kind == "total":
        word = draw(st.sampled_from(["Total", "Sum", "Gesamt", "合计", "Total général"]))
        lines = [*lines, [word, *blank[1:]]]
    elif kind == "end":
        lines = [[*line, ""] for line in lines]
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    made = join_csv(lines, separator, quoting, "\r\n")
    if kind == "sep":
        made = f"sep={separator}\r\n{made}"
    elif kind == "short title":
        made = f"Customer messages of May\r\n\r\n{made}"
    elif kind == "short total":
        made = f"{made}Total: {len(rows)}\r\n"
    encoding = draw(st.sampled_from(FOUND))
    return Written(made.encode(encoding), draw(ending_of()), content.texts, content.labels, draw(options_of(names)))


@st.composite
def without_a_header(draw: st.DrawFn) -> Written:
    """The first row is a row like the others."""
    content = draw(contents(fewest=12, unlabeled=False))
    separator = draw(st.sampled_from(SEPARATORS))
    first = draw(st.booleans())
    numbers = draw(st.booleans())
    classes = list(dict.fromkeys(content.labels))
    labels = [str(classes.index(label)) if numbers else label for label in content.labels]
    rows = [[label, text] if first else [text, label] for text, label in zip(content.texts, labels, strict=True)]
    made = join_csv(rows, separator, draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])), "\n")
    options = {"header": False} if draw(st.booleans()) else {}
    return Written(made.encode(), draw(ending_of()), content.texts, labels, options)


@st.composite
def by_content(draw: st.DrawFn) -> Written:
    """Column names that say nothing: the text is what reads like language, the label has few values."""
    content = draw(contents(fewest=20, unlabeled=False))
    header = list(draw(st.sampled_from([
        ("What happened, in short?", "Team"), ("Nachricht", "Abteilung"), ("客户留言", "处理部门"), ("v2", "v1"),
        ("Meldung", "Grund"), ("a", "b"), ("お問い合わせ", "担当"), ("Mensagem", "Setor"),
    ])))  # fmt: skip
    others = draw(st.lists(st.sampled_from(["id", "date", "uuid", "url", "created_at"]), max_size=2, unique=True))
    columns = [content.texts, content.labels, *([OTHERS[name](row) for row in range(len(content.texts))]
                                                for name in others)]  # fmt: skip
    order = draw(st.permutations(range(len(columns))))
    names = [*header, *others]
    rows = [[columns[at][row] for at in order] for row in range(len(content.texts))]
    made = join_csv([[names[at] for at in order], *rows], draw(st.sampled_from(SEPARATORS)), csv.QUOTE_MINIMAL, "\n")
    return Written(made.encode(), draw(ending_of()), content.texts, content.labels)


@st.composite
def with_unusual_labels(draw: st.DrawFn) -> Written:
    """Numbers, truth values, spellings, and values that mean no label."""
    content = draw(contents(fewest=9))
    classes = list(dict.fromkeys(label for label in content.labels if label))
    kinds = ["whole", "float", "truth", "spelling", "list", "minus one", "unknown", "empty list", "several"]
    kind = draw(st.sampled_from(kinds))
    number = {label: at for at, label in enumerate(classes)}
    random = content.random
    none = {"minus one": "-1", "unknown": "UNK_UNK", "empty list": "[]"}.get(kind, "")
    written: list[str] = []
    wanted: list[Label] = []
    for label in content.labels:
        if label is None:
            written.append(none)
            wanted.append(None)
            continue
        at = number[label]
        if kind == "several":
            more = sorted({label, classes[content.random.randrange(len(classes))]} if len(wanted) else classes)
            written.append(str(more) if content.random.random() < 0.5 else json.dumps(more, ensure_ascii=False))
            wanted.append(tuple(more))
            continue
        truth = ["True", "TRUE", "true"] if at else ["False", "FALSE", "false"]
        spellings = [label, label.upper(), f" {label}", f"{label}\u200b", f"{label}\u00a0"]
        made = {
            "whole": str(at), "float": f"{at}.0", "minus one": str(at + 1), "truth": random.choice(truth),
            "list": f"['{label}']", "empty list": f"['{label}']", "spelling": random.choice(spellings),
        }.get(kind, label)  # fmt: skip
        written.append(made)
        wanted.append(
            {"whole": str(at), "float": str(at), "minus one": str(at + 1), "truth": "true" if at else "false"}.get(
                kind, label
            )
        )
    changed = replace(content, labels=list(written))
    names, header, rows = draw(tables(changed))
    made = join_csv([header, *rows], draw(st.sampled_from(SEPARATORS)), csv.QUOTE_MINIMAL, "\n")
    return Written(made.encode(), draw(ending_of()), content.texts, wanted, draw(options_of(names)))


FAMILIES = {
    "csv and pandas": by_csv_writer(),
    "encodings": in_an_encoding(),
    "no quoting": without_quoting(),
    "backslashes": with_backslashes(),
    "blanks after separators": with_blanks_after_separators(),
    "lines that are no rows": with_more_lines(),
    "no header": without_a_header(),
    "columns by content": by_content(),
    "labels": with_unusual_labels(),
}
