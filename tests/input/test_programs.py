"""Dumps of databases, forms, ticket systems and chats; texts are invented."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from check_reading import Reading, check_everywhere, check_right_or_refused, reading
from invented import messages

from ganclf.config import DataConfig
from ganclf.data import load_training_data, read_rows
from ganclf.errors import DataError

File = tuple[str, bytes, Reading]


def table(rows: Sequence[Sequence[object]], quoting: int = csv.QUOTE_MINIMAL, separator: str = ",",
          newline: str = "\n") -> str:  # fmt: skip
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=newline).writerows(rows)
    return file.getvalue()


def mysql_outfile() -> File:
    """Tabs, no header, no quotes, NULL as a backslash and N."""
    pairs = messages("English", 60, every=2)
    made = "".join(f"{at}\t{text}\t{label or chr(92) + 'N'}\n" for at, (text, label) in enumerate(pairs, start=1))
    return "messages.txt", made.encode(), reading(pairs)


def mysql_outfile_in_quotes() -> File:
    pairs = [(f'{text}, the "new" one\nbye', label) for text, label in messages("English", 60)]

    def quote(value: str) -> str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\\n") + '"'

    made = "".join(f"{at},{quote(text)},{quote(label)}\n" for at, (text, label) in enumerate(pairs, start=1))
    return "messages.csv", made.encode(), reading(pairs)


def postgresql_copy_csv() -> File:
    pairs = [(f'{text}, "really"', label) for text, label in messages("Polish", 60, every=2)]
    rows = [["id", "body", "category"], *([at, text, label] for at, (text, label) in enumerate(pairs))]
    return "copy.csv", table(rows).encode(), reading(pairs)


def postgresql_copy_text() -> File:
    pairs = messages("Russian", 60, every=2)
    made = "".join(["body\tcategory\n", *(f"{text}\t{label or chr(92) + 'N'}\n" for text, label in pairs)])
    return "copy.tsv", made.encode(), reading(pairs)


def spark_part() -> File:
    pairs = [(f'{text}, the "new" one', label) for text, label in messages("English", 60)]
    made = "text,label\n" + "".join('"{}",{}\n'.format(text.replace('"', '\\"'), label) for text, label in pairs)
    return "part-00000-6f1c2e4a-c000.csv", made.encode(), reading(pairs)


def r_write_csv() -> File:
    pairs = messages("English", 60)
    rows = [["", "text", "label"], *([f"{at}", text, label] for at, (text, label) in enumerate(pairs, start=1))]
    return "rows.csv", table(rows, csv.QUOTE_ALL).encode(), reading(pairs)


def sqlite_csv() -> File:
    pairs = [(f'{text}, "so"', label) for text, label in messages("Portuguese", 60)]
    rows = [["rowid", "message", "topic"], *([at, text, label] for at, (text, label) in enumerate(pairs))]
    return "sqlite.csv", table(rows, newline="\r\n").encode(), reading(pairs)


def sqlite_list() -> File:
    pairs = [(f'"{text}' if at % 8 == 3 else text, label) for at, (text, label) in enumerate(messages("English", 60))]
    made = "".join(["message|topic\n", *(f"{text}|{label}\n" for text, label in pairs)])
    return "sqlite.txt", made.encode(), reading(pairs)


def google_form() -> File:
    pairs = messages("English", 45)
    head = ["Timestamp", "Email Address", "What happened, in your words?", "Which team should answer?"]
    rows = [head, *([f"2024/03/{at % 28 + 1:02} 10:{at % 60:02}:00 AM GMT+1", f"a{at}@mail.example", text, label]
                    for at, (text, label) in enumerate(pairs))]  # fmt: skip
    return "Feedback (Responses) - Form Responses 1.csv", table(rows, csv.QUOTE_ALL).encode(), reading(pairs)


def tickets() -> File:
    pairs = messages("English", 60)
    head = ["Id", "Requester", "Subject", "Description", "Status", "Priority", "Category", "Created at"]
    states, levels = ["open", "solved", "pending"], ["Low", "High"]
    rows = [head, *([40000 + at, f"customer {at}", text[:25], text, states[at // 2 % 3], levels[at // 5 % 2], label,
                     f"2024-03-01 10:{at % 60:02}:00 UTC"] for at, (text, label) in enumerate(pairs))]  # fmt: skip
    return "tickets.csv", table(rows).encode("utf-8-sig"), reading(pairs)


def issues_with_double_names() -> File:
    pairs = messages("German", 60)
    head = ["Summary", "Issue key", "Issue id", "Issue Type", "Status", "Created", "Labels", "Labels", "Labels",
            "Description", "Comment", "Comment"]  # fmt: skip
    rows = [head, *([text[:18], f"AB-{at}", 10000 + at, label, "Done", "01/Mar/24 10:00 AM", "a", "b", "", text,
                     f"01/Mar/24;x;{text[:9]}", ""] for at, (text, label) in enumerate(pairs))]  # fmt: skip
    return "Jira (1).csv", table(rows, newline="\r\n").encode(), reading(pairs)


def database_of_notes() -> File:
    pairs = messages("French", 60, every=2)
    rows = [["Name", "Message", "Category", "Created"], *([f"Note {at}", text, label or "", "March 1, 2024 10:00 AM"]
                                                          for at, (text, label) in enumerate(pairs))]  # fmt: skip
    return "Inbox 6f1c2e4a.csv", table(rows).encode("utf-8-sig"), reading(pairs)


def customer_service_in_chinese() -> File:
    pairs = messages("Chinese", 120, every=2)
    rows = [["编号", "时间", "客户昵称", "消息内容", "问题分类"],
            *([f"KF2024{at:06}", f"2024/3/1 10:{at % 60:02}", f"用户{at}", text, label or ""]
              for at, (text, label) in enumerate(pairs))]  # fmt: skip
    return "客服记录.csv", table(rows, newline="\r\n").encode("gb18030"), reading(pairs)


def hotline_in_chinese() -> File:
    pairs = messages("Chinese", 90)
    rows = [["工单编号", "来电时间", "联系电话", "诉求内容", "诉求类别"],
            *([f"{20240301000 + at}", f"2024-03-01 10:{at % 60:02}:12", f"1380000{at:04}", text, label]
              for at, (text, label) in enumerate(pairs))]  # fmt: skip
    return "工单.csv", table(rows, newline="\r\n").encode("utf-8-sig"), reading(pairs)


def reviews_with_stars() -> File:
    pairs = [(text, str(at % 5 + 1)) for at, (text, _) in enumerate(messages("English", 60))]
    rows = [["review_id", "user_id", "stars", "useful", "funny", "date", "text"],
            *([f"R{at * 7919 % 99991:05}", f"U{at * 104729 % 99991:05}", label, at * 7 % 40, at * 3 % 17,
               f"2024-03-{at % 28 + 1:02}", text] for at, (text, label) in enumerate(pairs))]  # fmt: skip
    return "reviews.csv", table(rows).encode(), reading(pairs)


FILES = (
    mysql_outfile, mysql_outfile_in_quotes, postgresql_copy_csv, postgresql_copy_text, spark_part, r_write_csv,
    sqlite_csv, sqlite_list, google_form, tickets, issues_with_double_names, database_of_notes,
    customer_service_in_chinese, hotline_in_chinese, reviews_with_stars,
)  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.__name__)
def test_it_is_read_alike_everywhere(file: Callable[[], File], tmp_path: Path):
    check_everywhere(tmp_path, *file())


def test_a_second_header_row_is_left_out_or_the_file_is_refused():
    pairs = messages("English", 45)
    rows = [["Respondent ID", "Start Date", "What happened?", "Which team?"],
            ["", "", "Open-Ended Response", "Response"],
            *([f"11{at:09}", "03/01/2024 10:00:00 AM", text, label]
              for at, (text, label) in enumerate(pairs))]  # fmt: skip
    check_right_or_refused("survey.csv", table(rows).encode(), reading(pairs))


def test_a_header_without_the_name_of_the_row_names_is_not_read_askew():
    pairs = messages("English", 30)
    made = "text\tlabel\n" + "".join(f"{at}\t{text}\t{label}\n" for at, (text, label) in enumerate(pairs, start=1))
    check_right_or_refused("write_table.tsv", made.encode(), reading(pairs))


def test_tabs_and_line_ends_that_mysql_escapes_are_right_or_refused():
    pairs = [(f"{text}\tand\nmore", label) for text, label in messages("English", 30)]
    made = "".join("{}\t{}\n".format(text.replace("\t", "\\\t").replace("\n", "\\\n"), label) for text, label in pairs)
    check_right_or_refused("outfile.txt", made.encode(), reading(pairs))


def test_what_is_no_table_is_refused_in_a_sentence():
    page = b"<!DOCTYPE html>\n<html><body><table><tr><td>text</td><td>label</td></tr></table></body></html>"
    old_excel = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    picture = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))
    document = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    for name, raw in (("a.xls", old_excel), ("a.png", picture), ("a.csv", picture), ("a.xlsx", old_excel),
                      ("a.pdf", document), ("a.html", page)):  # fmt: skip
        with pytest.raises(DataError) as refusal:
            read_rows(raw, name=name)
        assert str(refusal.value).startswith(name)


def test_a_class_that_is_called_none_and_is_most_of_the_file_gets_a_warning(tmp_path: Path):
    for none in ("None", "NA", "null"):
        pairs = [(text, label or none) for text, label in messages("English", 60, every=3)]
        path = tmp_path / f"{none}.csv"
        path.write_text(table([["text", "label"], *map(list, pairs)]), encoding="utf-8")
        notes: list[str] = []
        data = load_training_data(DataConfig(data=(path,)), 0, notes.append)
        assert data.summary.labeled[none] == 40
        assert any(repr(none) in said for said in (*notes, *data.summary.warnings)), (notes, data.summary.warnings)
