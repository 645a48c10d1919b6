"""Files as the named tools write them: each is parsed here by its own rules, and has to be read alike by every door."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from check_reading import (
    Label,
    Reading,
    as_config,
    check_page,
    check_rows_of,
    check_training,
    check_unlabeled,
    reading,
    refusal,
)

from ganclf.config import DataConfig
from ganclf.data import choose_columns, load_training_data, read_rows, read_table
from ganclf.errors import DuplicateColumnError, EncodingError

THREE = {"delivery": 12, "refund": 12, "account": 12}
Pairs = list[tuple[str, Label]]


def lines(path: Path, encoding: str = "utf-8") -> list[str]:
    """The physical lines, for files in which each is a row."""
    return path.read_bytes().decode(encoding).splitlines()


def table(path: Path, text: str, label: str, encoding: str = "utf-8-sig", skip: int = 0, **dialect: object) -> Pairs:
    """Columns of a CSV whose dialect is known."""
    content = path.read_bytes().decode(encoding)
    content = "".join(content.splitlines(keepends=True)[skip:])
    rows = list(csv.DictReader(io.StringIO(content, newline=""), **dialect))
    return [(row[text], row[label] or None) for row in rows]


def split(path: Path, separator: str, text: int, skip: int = 1) -> Pairs:
    """Columns of a file without any quoting, whose other column is the label."""
    rows = [line.split(separator, 1) if text else line.rsplit(separator, 1) for line in lines(path)[skip:]]
    return [(row[text], row[1 - text] or None) for row in rows]


def records(path: Path, read: Callable[[dict], tuple[str, Label]]) -> Pairs:
    """Text and label of each line of JSON."""
    return [read(json.loads(line)) for line in lines(path)]


def without(pairs: Pairs, none: str) -> Pairs:
    """`none` means no label."""
    return [(text, None if label == none else label) for text, label in pairs]


def unwrapped(pairs: Pairs) -> Pairs:
    """`['delivery']` is delivery, `[]` nothing."""
    return [(text, (label or "").strip("[]'") or None) for text, label in pairs]


def title(path: Path) -> Pairs:
    return table(path, "text", "label", skip=2)


def renamed(pairs: Pairs, names: dict[str, str]) -> Pairs:
    return [(text, names.get(label, label)) for text, label in pairs]


def clean(label: Label) -> Label:
    """A label of messy_labels, without what makes spellings differ."""
    return label.replace("\u200b", "").strip().lower() or None if label else None


def first_of_fasttext(line: str, comma: bool) -> tuple[str, str]:
    label, text = line.split(" ", 1)
    return (text.removeprefix(", ") if comma else text), label.removeprefix("__label__")


def one_hot(path: Path) -> Pairs:
    rows = csv.DictReader(io.StringIO(path.read_bytes().decode(), newline=""))
    return [(row["text"], next((name for name in THREE if row[name] == "1"), None)) for row in rows]


def array(path: Path) -> Pairs:
    return [(row["text"], row["topic"]) for row in json.loads(path.read_bytes())]


CASES: dict[str, Callable[[Path], Reading]] = {
    "all_labelled/rows.csv": lambda path: reading(table(path, "text", "label")),
    "tsv_quotes/rows.tsv": lambda path: reading(split(path, "\t", 0), "quot"),
    "tsv_quotes/rows_mid.csv": lambda path: reading(split(path, ",", 0)),
    "tsv_quotes/rows_start.tsv": lambda path: reading(split(path, "\t", 0), "quot"),
    "quote_none_csv/rows.csv": lambda path: reading(split(path, ",", 1)),
    "quote_none_csv/rows_one.csv": lambda path: reading(split(path, ",", 1), "quot"),
    "minus1_for_unlabelled/rows.csv": lambda path: reading(without(table(path, "text", "label"), "-1"), "-1"),
    "unk_for_unlabelled/rows.tsv": lambda path: reading(without(split(path, "\t", 0), "UNK_UNK"), "UNK_UNK"),
    "string_lists/rows.csv": lambda path: reading(unwrapped(table(path, "text", "label"))),
    "labelstudio_csv_choice/project-2.csv": lambda path: reading(table(path, "text", "choice"), "Label Studio"),
    "labelstudio_jsonmin/project-1.json": lambda path: reading(array(path)),
    "argilla_csv/records.csv": lambda path: reading(unwrapped(table(path, "text", "label.responses")), "Argilla"),
    "prodigy_choice/ann.jsonl": lambda path: reading(
        records(path, lambda row: (row["text"], row["accept"][0] if row["answer"] == "accept" else None)),
        "Prodigy", "84",
    ),
    "prodigy_binary3/ann.jsonl": lambda path: reading(
        records(path, lambda row: (row["text"], row["label"] if row["answer"] == "accept" else None)),
        "Prodigy", "80",
    ),
    "doccano_jsonl/all.jsonl": lambda path: reading(
        records(path, lambda row: (row["text"], row["label"][0] if row["label"] else None))
    ),
    "onehot/train.csv": lambda path: reading(one_hot(path)),
    "clue/train.json": lambda path: reading(records(path, lambda row: (row["sentence"], row["label_desc"]))),
    "clue/train.jsonl": lambda path: reading(records(path, lambda row: (row["sentence"], row["label_desc"]))),
    "fasttext/train.txt": lambda path: reading([first_of_fasttext(line, False) for line in lines(path)]),
    "fasttext/train.csv": lambda path: reading([first_of_fasttext(line, False) for line in lines(path)]),
    "fasttext/train_comma.csv": lambda path: reading([first_of_fasttext(line, True) for line in lines(path)]),
    "thucnews_noheader/train.txt": lambda path: reading(split(path, "\t", 0, skip=0), "header"),
    "thucnews_noheader/train.csv": lambda path: reading(split(path, "\t", 0, skip=0), "header"),
    "thucnews_noheader/train.tsv": lambda path: reading(split(path, "\t", 0, skip=0), header=False),
    "agnews/train.csv": lambda path: reading(
        [(row[2], row[0]) for row in csv.reader(io.StringIO(path.read_bytes().decode(), newline=""))], "header"
    ),
    "agnews/train_header.csv": lambda path: reading(table(path, "Description", "Class Index")),
    "kaggle_spam/spam_utf8.csv": lambda path: reading(table(path, "v2", "v1")),
    "kaggle_spam/spam_overflow.csv": lambda path: reading(table(path, "v2", "v1")),
    "kaggle_spam/spam.csv": lambda path: reading(table(path, "v2", "v1", "latin-1"), encoding="latin-1"),
    "excel_semicolon_label/rows.csv": lambda path: reading(table(path, "text", "label", delimiter=";")),
    "excel_unicode_text/rows.txt": lambda path: reading(table(path, "text", "label", "utf-16", delimiter="\t")),
    "excel_unicode_text/rows.csv": lambda path: reading(table(path, "text", "label", "utf-16", delimiter="\t")),
    "excel_unicode_text/rows.tsv": lambda path: reading(table(path, "text", "label", "utf-16", delimiter="\t")),
    "suggest_excel/saved_de_ansi.csv": lambda path: reading(table(path, "text", "label", delimiter=";")),
    "suggest_excel/saved_de_utf8.csv": lambda path: reading(table(path, "text", "label", delimiter=";")),
    "suggest_excel/saved_us_ansi.csv": lambda path: reading(table(path, "text", "label")),
    "suggest_excel/saved_cn_ansi.csv": lambda path: reading(table(path, "text", "label")),
    "question_comma/survey.csv": lambda path: reading(
        table(path, "What happened, in short?", "Team", delimiter=";")
    ),
    "question_comma/survey_plain.csv": lambda path: reading(
        table(path, "What happened, in short?", "Team", delimiter=";")
    ),
    "excel_sep_comma/rows.csv": lambda path: reading(table(path, "text", "label", skip=1), "left out"),
    "title_line/report.csv": lambda path: reading(title(path), "left out"),
    "space_after_comma/rows.csv": lambda path: reading(table(path, "text", "label", skipinitialspace=True)),
    "space_after_comma/rows_comma.csv": lambda path: reading(table(path, "text", "label", skipinitialspace=True)),
    "space_after_comma/label_last.csv": lambda path: reading(table(path, "text", "label", skipinitialspace=True)),
    "backslash/rows.csv": lambda path: reading(
        table(path, "text", "label", escapechar="\\", doublequote=False), "backslash"
    ),
    "float_labels/train.csv": lambda path: reading(
        renamed(table(path, "text", "label"), {"1.0": "1", "2.0": "2", "3.0": "3"})
    ),
    "float_labels/test.csv": lambda path: reading(table(path, "text", "label")),
    "float_labels/more.csv": lambda path: reading(table(path, "text", "label")),
    "bool_kinds/train.jsonl": lambda path: reading(
        records(path, lambda row: (row["text"], None if row["label"] is None else str(row["label"]).lower()))
    ),
    "messy_labels/rows.csv": lambda path: reading(
        [(text, clean(label)) for text, label in table(path, "text", "label")], "Delivery"
    ),
    "jira_dup/jira.csv": lambda path: reading(table(path, "Description", "Issue Type")),
    "uuid_zh/rows.csv": lambda path: reading(table(path, "客户留言", "处理部门")),
    "encodings/gb18030.csv": lambda path: reading(table(path, "text", "label", "gb18030"), "GB18030"),
    "encodings/big5.csv": lambda path: reading(table(path, "text", "label", "big5"), encoding="big5"),
    "encodings/cp932.csv": lambda path: reading(table(path, "text", "label", "cp932"), encoding="cp932"),
}  # fmt: skip
UNLABELED_FILES = {
    "predict_semicolon/in.csv": ("Nachricht", ";"),
    "uuid_zh/predict.csv": ("客户留言", ","),
    "suggest_excel/to_label.csv": ("text", ","),
}


@pytest.mark.parametrize("case", CASES)
def test_its_rows_are_those_that_were_written(cases: Path, case: str):
    check_rows_of(cases / case, None, CASES[case](cases / case))


@pytest.mark.parametrize("case", CASES)
def test_its_bytes_without_a_name_are_read_alike(cases: Path, case: str):
    check_rows_of((cases / case).read_bytes(), None, CASES[case](cases / case))


@pytest.mark.parametrize("case", CASES)
def test_a_training_run_counts_its_labels(cases: Path, case: str):
    check_training(cases / case, CASES[case](cases / case))


@pytest.mark.parametrize("case", CASES)
def test_as_unlabeled_texts_it_has_the_same_texts(cases: Path, case: str):
    check_unlabeled(cases / case, None, CASES[case](cases / case))


@pytest.mark.parametrize("case", CASES)
def test_the_page_shows_the_same_texts(cases: Path, case: str):
    check_page((cases / case).read_bytes(), Path(case).name, CASES[case](cases / case))


@pytest.mark.parametrize("case", UNLABELED_FILES)
def test_a_file_to_be_answered_has_the_right_text_column(cases: Path, case: str):
    column, separator = UNLABELED_FILES[case]
    pairs = table(cases / case, column, column, delimiter=separator)
    expected = Reading([text for text, _ in pairs], None)
    check_unlabeled(cases / case, None, expected)
    check_page((cases / case).read_bytes(), Path(case).name, expected)


@pytest.mark.parametrize(
    ("case", "counts"),
    [
        ("tsv_quotes/rows_start.tsv", THREE),
        ("minus1_for_unlabelled/rows.csv", {"0": 12, "1": 12, "2": 12}),
        ("unk_for_unlabelled/rows.tsv", THREE),
        ("string_lists/rows.csv", THREE),
        ("labelstudio_csv_choice/project-2.csv", THREE),
        ("argilla_csv/records.csv", THREE),
        ("prodigy_choice/ann.jsonl", THREE),
        ("doccano_jsonl/all.jsonl", THREE),
        ("excel_semicolon_label/rows.csv", THREE),
        ("title_line/report.csv", THREE),
        ("float_labels/train.csv", {"1": 12, "2": 12, "3": 12}),
        ("jira_dup/jira.csv", THREE),
        ("prodigy_binary3/ann.jsonl", {"delivery": 12, "refund": 12, "account": 16}),
        ("messy_labels/rows.csv", {"delivery": 35, "refund": 35, "account": 35}),
        ("all_labelled/rows.csv", {"delivery": 8, "refund": 8, "account": 8}),
    ],
)
def test_the_counts_are_those_that_the_files_were_made_with(cases: Path, case: str, counts: dict[str, int]):
    data = load_training_data(DataConfig(data=(cases / case,)), 0, lambda note: None)
    assert data.summary.labeled == dict(sorted(counts.items()))
    assert data.summary.rows == data.summary.unlabeled + sum(counts.values())


@pytest.mark.parametrize(("case", "likely"), [("big5", "big5"), ("cp932", "cp932|shift")])
def test_an_encoding_that_is_not_found_is_refused_with_the_likely_one(cases: Path, case: str, likely: str):
    with pytest.raises(EncodingError, match=f"(?i){likely}"):
        read_rows(cases / "encodings" / f"{case}.csv")


def test_a_latin_file_is_refused_with_an_encoding_that_reads_it(cases: Path):
    with pytest.raises(EncodingError, match=r"(?i)latin|1252|8859"):
        read_rows(cases / "kaggle_spam" / "spam.csv")


def test_title_and_description_are_joined(cases: Path):
    path = cases / "agnews" / "train_header.csv"
    rows = read_rows(path, text_column=("Title", "Description"), label_column="Class Index")
    for text, (head, body) in zip(rows.texts, table(path, "Title", "Description"), strict=True):
        assert text.startswith(head)
        assert text.endswith(body)


def test_truth_values_are_one_class_in_every_spelling(cases: Path):
    folder = cases / "bool_kinds"
    config = DataConfig(data=(folder / "train.jsonl",), test=folder / "test.csv")
    data = load_training_data(config, 0, lambda note: None)
    assert set(data.test_labels) == {"true", "false"} == set(data.summary.labeled)
    assert len(data.test_labels) == 30
    assert not data.summary.unknown_test_labels


def test_yes_and_no_are_joined_with_a_note(cases: Path):
    rows = read_rows(cases / "bool_kinds" / "train_yes.csv")
    assert {label.lower() for label in rows.labels} == {"yes", "no"}
    assert len(set(rows.labels)) == 2
    assert any("Yes" in note and "yes" in note for note in rows.notes)


def test_spellings_are_kept_where_that_is_wanted(cases: Path):
    path = cases / "messy_labels" / "rows.csv"
    data = load_training_data(DataConfig(data=(path,), keep_label_spelling=True), 0, lambda note: None)
    assert {"delivery", "Delivery", "DELIVERY"} <= set(data.summary.labeled)


def test_numbers_are_the_same_classes_over_all_files(cases: Path):
    folder = cases / "float_labels"
    config = DataConfig(data=(folder / "train.csv", folder / "more.csv"), test=folder / "test.csv")
    data = load_training_data(config, 0, lambda note: None)
    assert data.summary.labeled == {"1": 22, "2": 22, "3": 22}
    assert not data.summary.unknown_test_labels


def test_the_value_that_means_no_label_can_be_a_class(cases: Path):
    path = cases / "unk_for_unlabelled" / "rows.tsv"
    notes: list[str] = []
    load_training_data(DataConfig(data=(path,)), 0, notes.append)
    assert any("UNK_UNK" in note and "--no-label-values" in note for note in notes), notes


def test_a_column_whose_name_is_there_twice_is_refused_only_when_it_is_asked_for(cases: Path):
    path = cases / "jira_dup" / "jira.csv"
    for options in ({"label_column": "Labels"}, {"text_column": "Comment"}):
        with pytest.raises(DuplicateColumnError, match=r"(?i)labels|comment"):
            read_rows(path, **options)
    assert len(read_rows(path, text_column="Description", label_column="Issue Type")) == 120


def test_nameless_empty_columns_are_left_out(cases: Path):
    assert read_table(cases / "kaggle_spam" / "spam_utf8.csv").names == ("v1", "v2")


def test_the_first_row_can_be_said_to_be_no_header(cases: Path):
    config = DataConfig(data=(cases / "agnews" / "train.csv",), **as_config({"header": False}))
    assert load_training_data(config, 0, lambda note: None).summary.labeled == {"1": 40, "2": 40, "3": 40}


def test_blank_rows_are_kept_where_the_file_comes_back(cases: Path):
    for name, rows in (("in.csv", 6), ("in_id.csv", 5)):
        table_of = read_table(cases / "predict_blank" / name, keep_all_rows=True)
        assert len(table_of) == rows
        assert choose_columns(table_of, labels="ignored").text in ("text", ("text",))


def test_every_refusal_is_a_sentence(cases: Path):
    """Whatever file of the folder is given with whatever wrong option, there is a DataError or there are rows."""
    for path in sorted(cases.rglob("*.*")):
        if path.suffix == ".md":
            continue
        for options in ({}, {"encoding": "utf-8"}, {"separator": ";"}, {"header": False}, {"quoting": "none"}):
            message = refusal(lambda path=path, options=options: read_rows(path, **options))
            assert message is None or message.startswith(str(path))
