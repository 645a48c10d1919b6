"""Tables with separators in all the ways in which people and their programs save them; texts are invented."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from check_reading import Label, Reading, check_everywhere, check_rows_of, reading, refusal
from invented import messages

from ganclf.data import read_rows, read_table
from ganclf.errors import DataError, EncodingError

File = tuple[str, bytes, Reading]
Pairs = list[tuple[str, Label]]


def joined(pairs: Pairs, separator: str, header: str = "text{}label", newline: str = "\n") -> str:
    """Without any quoting."""
    lines = [header.format(separator), *(f"{text}{separator}{label or ''}" for text, label in pairs)]
    return newline.join(lines) + newline


def quoted(rows: list[list[str]], separator: str = ",", quoting: int = csv.QUOTE_MINIMAL, newline: str = "\r\n") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=newline).writerows(rows)
    return file.getvalue()


def as_rows(pairs: Pairs, header: tuple[str, str] = ("text", "label")) -> list[list[str]]:
    return [list(header), *([text, str(label or "")] for text, label in pairs)]


def changed(pairs: Pairs, every: int, change: Callable[[str], str]) -> Pairs:
    return [(change(text) if at % every == every - 1 else text, label) for at, (text, label) in enumerate(pairs)]


def lone_quotes_in_tabs() -> File:
    pairs = changed(messages("German", 90, every=3), 7, lambda text: f'"{text}')
    return "nachrichten.tsv", joined(pairs, "\t").encode(), reading(pairs)


def lone_quotes_in_tabs_named_csv() -> File:
    pairs = changed(messages("Russian", 45), 11, lambda text: f'"{text}')
    return "rows.csv", joined(pairs, "\t").encode(), reading(pairs)


def two_lone_quotes_far_apart() -> File:
    pairs = [(text.replace(",", ""), label) for text, label in messages("English", 80)]
    pairs = [(f'"{text}' if at in (9, 66) else text, label) for at, (text, label) in enumerate(pairs)]
    lines = ["label,text", *(f"{label},{text}" for text, label in pairs)]
    return "rows.csv", ("\n".join(lines) + "\n").encode(), reading(pairs)


def inches_in_semicolons() -> File:
    pairs = changed(messages("French", 36), 3, lambda text: f'{text} 5" écran')
    return "lignes.csv", joined(pairs, ";", newline="\r\n").encode(), reading(pairs)


def quotes_open_and_close_in_bars() -> File:
    pairs = changed(messages("English", 50, every=2), 4, lambda text: f'"new" {text}')
    return "rows.txt", joined(pairs, "|").encode(), reading(pairs)


def mails_of_many_lines() -> File:
    pairs = [
        (f"Dear team,\r\n\r\n{text},\r\nnr. {at}, see below,\r\n\r\n> on Monday, you wrote\r\n> wait\r\n\r\nbye", label)
        for at, (text, label) in enumerate(messages("English", 40))
    ]  # fmt: skip
    return "mails.csv", quoted(as_rows(pairs)).encode(), reading(pairs)


def one_long_mail() -> File:
    pairs = messages("English", 60, every=2)
    pairs[20] = ('She said "hello, you",\n' + "\n".join(f"line {at}, and more" for at in range(30)), pairs[20][1])
    return "rows.csv", quoted(as_rows(pairs), newline="\n").encode(), reading(pairs)


def excel_in_france() -> File:
    pairs = messages("French", 33, every=3)
    return "demandes.csv", quoted(as_rows(pairs, ("texte", "catégorie")), ";").encode("utf-8-sig"), reading(pairs)


def excel_in_france_ansi() -> File:
    pairs = messages("French", 33, every=3)
    raw = quoted(as_rows(pairs, ("message", "label")), ";").encode("cp1252")
    return "demandes.csv", raw, reading(pairs, encoding="cp1252")


def excel_in_brazil() -> File:
    pairs = messages("Portuguese", 48)
    raw = quoted(as_rows(pairs, ("Mensagem", "Categoria")), ";").encode("utf-8-sig")
    return "planilha.csv", raw, reading(pairs)


def excel_unicode_text_in_japan() -> File:
    pairs = messages("Japanese", 60, every=2)
    raw = quoted(as_rows(pairs, ("内容", "分類")), "\t").encode("utf-16")
    return "問い合わせ.txt", raw, reading(pairs)


def excel_in_japan() -> File:
    pairs = messages("Japanese", 60)
    raw = quoted(as_rows(pairs, ("内容", "分類"))).encode("cp932")
    return "rows.csv", raw, reading(pairs, encoding="cp932")


def excel_in_korea() -> File:
    pairs = messages("Korean", 60)
    raw = quoted(as_rows(pairs)).encode("cp949")
    return "rows.csv", raw, reading(pairs, encoding="cp949")


def excel_in_taiwan() -> File:
    pairs = messages("Traditional Chinese", 60)
    raw = quoted(as_rows(pairs)).encode("big5")
    return "rows.csv", raw, reading(pairs, encoding="big5")


def excel_in_china() -> File:
    pairs = messages("Chinese", 150, every=3)
    raw = quoted(as_rows(pairs, ("内容", "类别"))).encode("gb18030")
    return "客服记录.csv", raw, reading(pairs, "GB18030")


def excel_on_an_old_mac() -> File:
    pairs = messages("English", 30)
    return "rows.csv", quoted(as_rows(pairs), newline="\r").encode(), reading(pairs)


def separator_line() -> File:
    pairs = messages("Polish", 40)
    return "wiersze.csv", ("sep=;\r\n" + quoted(as_rows(pairs), ";")).encode("utf-8-sig"), reading(pairs, "left out")


def title_of_two_columns() -> File:
    pairs = messages("German", 30)
    rows = [["Kundenpost Mai 2024", ""], ["", ""], *as_rows(pairs)]
    return "bericht.csv", quoted(rows, ";").encode(), reading(pairs)


def three_lines_above() -> File:
    pairs = messages("English", 44, every=2)
    rows = [["id", "text", "label"], *([str(at), text, label or ""] for at, (text, label) in enumerate(pairs))]
    above = "Exported on: 2024-05-01\r\nBy: support\r\n\r\n"
    return "export.csv", (above + quoted(rows)).encode(), reading(pairs)


def title_in_chinese() -> File:
    pairs = messages("Chinese", 60)
    rows = [["客户留言汇总表", "", ""], ["编号", "客户留言", "类别"],
            *([str(at), text, str(label)] for at, (text, label) in enumerate(pairs))]  # fmt: skip
    return "汇总.csv", quoted(rows).encode("utf-8-sig"), reading(pairs)


def header_again_and_total() -> File:
    pairs = messages("English", 40)
    rows = as_rows(pairs)
    rows = [["nr", *rows[0]], *([str(at), *row] for at, row in enumerate(rows[1:], start=1))]
    rows = [*rows[:21], rows[0], *rows[21:], ["Total", "", ""]]
    return "two parts.csv", quoted(rows).encode(), reading(pairs)


def separators_at_every_end() -> File:
    pairs = messages("English", 30)
    return "rows.csv", quoted([[*row, ""] for row in as_rows(pairs)]).encode(), reading(pairs)


def blanks_after_semicolons() -> File:
    pairs = [(f"{text}; really", label) for text, label in messages("Portuguese", 27)]
    lines = ['"text"; "label"', *(f'"{text}"; "{label}"' for text, label in pairs)]
    return "rows.csv", ("\n".join(lines) + "\n").encode(), reading(pairs)


def blanks_around_bars() -> File:
    pairs = [(f"{text} ", label) for text, label in messages("English", 27)]
    lines = ["text | label", *(f"{text}| {label}" for text, label in pairs)]
    return "rows.txt", ("\n".join(lines) + "\n").encode(), reading(pairs)


def header_with_a_comma() -> File:
    pairs = messages("German", 30)
    raw = quoted(as_rows(pairs, ("Was, bitte, ist passiert?", "Zuständig")), "\t").encode()
    return "umfrage.csv", raw, reading(pairs)


def backslashes_in_tabs() -> File:
    pairs = changed(messages("English", 40), 2, lambda text: f'{text} "so" C:\\new')
    lines = ['"text"\t"label"']
    lines += ['"{}"\t"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'), label) for text, label in pairs]
    return "dump.tsv", ("\n".join(lines) + "\n").encode(), reading(pairs, "backslash")


def backslashes_that_are_texts() -> File:
    pairs = changed(messages("English", 40), 3, lambda text: f"{text} in C:\\temp\\")
    return "rows.csv", quoted(as_rows(pairs), quoting=csv.QUOTE_ALL).encode(), reading(pairs)


def quotes_doubled_and_a_backslash() -> File:
    pairs = changed(messages("English", 40), 3, lambda text: f'"{text}" \\')
    return "rows.csv", quoted(as_rows(pairs), quoting=csv.QUOTE_ALL).encode(), reading(pairs)


def one_column_whose_texts_hold_commas() -> File:
    texts = [text for text, _ in messages("English", 30)]
    return "texts.csv", ("\n".join(["text", *texts]) + "\n").encode(), Reading(texts, None)


def texts_one_a_line() -> File:
    texts = [text for text, _ in messages("German", 30)]
    return "texte.txt", "\n".join(texts).encode(), Reading(texts, None)


def chinese_texts_one_a_line() -> File:
    texts = [text for text, _ in messages("Chinese", 90)]
    return "文本.txt", "\r\n".join(texts).encode("gb18030"), Reading(texts, None)


FILES = (
    lone_quotes_in_tabs, lone_quotes_in_tabs_named_csv, two_lone_quotes_far_apart, inches_in_semicolons,
    quotes_open_and_close_in_bars, mails_of_many_lines, one_long_mail, excel_in_france, excel_in_france_ansi,
    excel_in_brazil, excel_unicode_text_in_japan, excel_in_japan, excel_in_korea, excel_in_taiwan, excel_in_china,
    excel_on_an_old_mac, separator_line, title_of_two_columns, three_lines_above, title_in_chinese,
    header_again_and_total, separators_at_every_end, blanks_after_semicolons, blanks_around_bars, header_with_a_comma,
    backslashes_in_tabs, backslashes_that_are_texts, quotes_doubled_and_a_backslash,
    one_column_whose_texts_hold_commas, texts_one_a_line, chinese_texts_one_a_line,
)  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.__name__)
def test_it_is_read_alike_everywhere(file: Callable[[], File], tmp_path: Path):
    check_everywhere(tmp_path, *file())


@pytest.mark.parametrize("file", [excel_in_france_ansi, excel_in_japan, excel_in_korea, excel_in_taiwan])
def test_an_encoding_that_is_not_named_is_refused_with_a_likely_one(file: Callable[[], File]):
    name, raw, expected = file()
    likely = {"cp1252": "1252|latin|8859", "cp932": "932|shift", "cp949": "949|euc", "big5": "big5|950"}
    with pytest.raises(EncodingError, match=f"(?i){likely[expected.options['encoding']]}"):
        read_rows(raw, name=name)


def test_every_line_is_counted_once():
    for file in FILES:
        name, raw, expected = file()
        encoding = expected.options.get("encoding")
        counts = read_table(raw, name=name, encoding=encoding).lines
        if counts is None:
            continue
        parts = counts.header + counts.rows + counts.in_quoted_fields + counts.blank + counts.left_out
        assert counts.lines == parts, (file.__name__, counts)
        assert counts.rows == len(expected.texts), (file.__name__, counts)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_rows_with_too_many_fields_are_refused_with_their_number(separator: str):
    pairs = messages("English", 20)
    lines = quoted(as_rows(pairs), separator, csv.QUOTE_ALL, "\n").splitlines()
    lines[7] += f'{separator}"more"{separator}"and more"'
    with pytest.raises(DataError, match=r"\b8\b"):
        read_rows("\n".join(lines).encode())


def test_a_quote_that_never_ends_takes_no_rows_with_it():
    pairs = messages("English", 30)
    lines = quoted(as_rows(pairs), quoting=csv.QUOTE_ALL, newline="\n").splitlines()
    lines[25] = lines[25][:-1]
    raw = "\n".join(lines).encode()
    message = refusal(lambda: read_rows(raw))
    assert "26" in message if message else read_rows(raw).texts == [text for text, _ in pairs]


def test_options_say_what_content_leaves_open():
    pairs = [("a; b", "x"), ("c; d", "y")] * 3
    raw = joined(pairs, "~").encode()
    check_rows_of(raw, "rows.csv", reading(pairs, separator="~"))
    raw = b'"a" b,x\n"c" d,y\n'
    rows = read_rows(raw, header=False, quoting="none")
    assert (rows.texts, rows.labels) in ((['"a" b', '"c" d'], ["x", "y"]), (['"a" b', '"c" d'], [None, None]))
