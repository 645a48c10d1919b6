"""`train`, `predict` and `suggest` on files as people have them: what is published, what comes back."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import test_data_sets
import test_dialects
import test_programs
import test_tools
from invented import messages

from ganclf import contract, predict, suggest, train
from ganclf.classification.estimator import GANClassifier
from ganclf.config import DataConfig
from ganclf.data import load_training_data

TINY = ["--size", "4", "--vocabulary-size", "500", "--width", "8", "--depth", "1", "--latent-size", "3", "--steps", "2",
        "--batch-size", "4", "--labeled-batch-size", "4", "--calibration", "none", "--compare", "none"]  # fmt: skip
TRAINED = (  # one of each kind
    test_dialects.excel_in_china, test_dialects.title_of_two_columns, test_tools.doccano_labels,
    test_data_sets.short_messages_of_the_archive,
)  # fmt: skip
OPTIONS = {"encoding": "--encoding", "separator": "--separator"}


def run(main: Callable[[Sequence[str]], int], *words: object) -> int:
    return main([str(word) for word in words])


def write_test_file(path: Path, labels: Sequence[str | tuple[str, ...]]) -> Path:
    """Write a labeled text for each label: training scores it, instead of training again on parts of the labels."""
    rows = [{"text": f"another text of {label}", "label": label} for label in labels]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("file", TRAINED, ids=lambda file: file.__name__)
def test_training_learns_what_stands_in_the_file(file: Callable, tmp_path: Path, capsys: pytest.CaptureFixture):
    name, raw, expected = file()
    (tmp_path / name).write_bytes(raw)
    options = [word for key, value in expected.options.items() for word in (OPTIONS[key], value)]
    test = write_test_file(tmp_path / "test.jsonl", sorted({label for label in expected.labels or () if label}))
    done = run(train.main, "--data", tmp_path / name, "--test", test, "--output", tmp_path / "model", *TINY, *options)
    shown = capsys.readouterr()
    assert done == 0, shown.err
    report = json.loads((tmp_path / "model" / "1" / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text("utf-8"))
    classes: set[str] = set()
    for label in expected.labels or ():
        classes |= {label} if isinstance(label, str) else set(label or ())
    assert set(report["data"]["labeled"]) == classes
    assert report["data"]["rows"] == len(expected.texts)


def test_a_file_without_unlabeled_rows_trains_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture):
    pairs = messages("English", 24)
    pd.DataFrame(pairs, columns=["text", "label"]).to_csv(tmp_path / "rows.csv", index=False)
    files = [
        "--data",
        tmp_path / "rows.csv",
        "--test",
        write_test_file(tmp_path / "test.jsonl", ["billing", "account"]),
    ]
    assert run(train.main, *files, "--output", tmp_path / "model", *TINY) == 0
    shown = capsys.readouterr()
    assert "unlabeled" in shown.out + shown.err
    assert (tmp_path / "model" / "1").is_dir()
    report = json.loads((tmp_path / "model" / "1" / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text("utf-8"))
    assert "there was nothing unlabeled to learn from" in report["published"]["sentence"]


def test_a_refused_file_is_a_sentence_and_nothing_is_published(tmp_path: Path, capsys: pytest.CaptureFixture):
    name, raw, _ = test_dialects.excel_in_korea()
    (tmp_path / name).write_bytes(raw)
    assert run(train.main, "--data", tmp_path / name, "--output", tmp_path / "model", *TINY) == 2
    shown = capsys.readouterr()
    assert "--encoding" in shown.err
    assert "Traceback" not in shown.err + shown.out
    assert not list((tmp_path / "model").glob("*"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, tiny: dict) -> Path:
    """A published model for the English messages."""
    pairs = messages("English", 30)
    folder = tmp_path_factory.mktemp("models") / "english"
    GANClassifier(**tiny).fit([text for text, _ in pairs], [label for _, label in pairs]).save(folder)
    return folder


def answered(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # Excel needs it
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("made", "blank"),
    [
        ('text\r\nwhere is it\r\n\r\n""\r\nI can\'t log in\r\n   \r\nit never came\r\n', [1, 2, 4]),
        ("id,text\r\n1,where is it\r\n2,\r\n3,I can't log in\r\n,\r\n5,it never came\r\n", [1, 3]),
        ("nr;Nachricht\n1;where is it, please\n2; \n3;and the box\n", [1]),
    ],
)
def test_every_row_comes_back_in_order(made: str, blank: list[int], model: Path, tmp_path: Path):
    (tmp_path / "in.csv").write_text(made, encoding="utf-8", newline="")
    out = tmp_path / "out.csv"
    assert run(predict.main, "--model", model, "--input", tmp_path / "in.csv", "--output", out) == 0
    rows = answered(out)
    separator = ";" if ";" in made else ","
    given = list(csv.reader(io.StringIO(made, newline=""), delimiter=separator))
    given = [[*row, *[""] * (len(given[0]) - len(row))] for row in given]
    assert [list(row.values())[: len(given[0])] for row in rows] == given[1:]
    for at, row in enumerate(rows):
        assert (row["label"] == "") == (row["probability"] == "") == (at in blank)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl", "parquet"])
def test_the_answers_are_the_same_in_every_format(ending: str, model: Path, tmp_path: Path):
    texts = ["where is it", "", 'she said "no", and\nleft', "=1+1", "I can't log in 😀"]
    frame = pd.DataFrame({"nr": range(5), "text": texts})
    frame.to_json(tmp_path / "in.jsonl", orient="records", lines=True, force_ascii=False)
    out = tmp_path / f"out.{ending}"
    assert run(predict.main, "--model", model, "--input", tmp_path / "in.jsonl", "--output", out) == 0
    if ending == "csv":
        found = [[row["text"], row["label"] or None] for row in answered(out)]
    elif ending == "xlsx":
        head, *rows = openpyxl.load_workbook(out).active.iter_rows(values_only=True)
        found = [[row[head.index("text")] or "", row[head.index("label")]] for row in rows]
    elif ending == "jsonl":
        rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
        found = [[row["text"], row["label"] or None] for row in rows]
    else:
        found = [[row["text"], row["label"] or None] for row in pq.read_table(out).to_pylist()]
    assert [text for text, _ in found] == texts
    labels = [label for _, label in found]
    assert labels[1] is None
    assert set(labels) - {None} <= {"billing", "delivery", "account"}
    assert labels.count(None) == 1


@pytest.mark.parametrize(
    "file", [test_dialects.excel_in_china, test_dialects.excel_unicode_text_in_japan, test_programs.google_form,
             test_dialects.title_in_chinese, test_data_sets.short_messages_of_the_archive],
    ids=lambda file: file.__name__,
)  # fmt: skip
def test_predict_reads_the_texts_that_train_reads(file: Callable, model: Path, tmp_path: Path):
    name, raw, expected = file()
    (tmp_path / name).write_bytes(raw)
    out = tmp_path / "out.jsonl"
    assert run(predict.main, "--model", model, "--input", tmp_path / name, "--output", out) == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(rows) == len(expected.texts)
    for row, text in zip(rows, expected.texts, strict=True):
        assert text in row.values()


@pytest.fixture(scope="module")
def to_label(model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Rows of which half are labeled, and what suggest wrote to be labeled."""
    folder = tmp_path_factory.mktemp("suggested")
    data, to_label = folder / "rows.csv", folder / "to_label.csv"
    pd.DataFrame(messages("English", 30, every=2), columns=["text", "label"]).to_csv(data, index=False)
    assert run(suggest.main, "--data", data, "--model", model, "--count", 6, "--output", to_label) == 0
    return data, to_label


@pytest.mark.parametrize(
    ("separator", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), (";", "cp1252"), ("\t", "utf-16")]
)
def test_what_suggest_wrote_is_learned_from_after_excel_saved_it(
    separator: str, encoding: str, to_label: tuple[Path, Path], tmp_path: Path
):
    data, suggested = to_label
    truth = dict(messages("English", 30))
    filled = answered(suggested)
    assert len(filled) == 6
    for row in filled:
        row["label"] = truth[row["text"]]
    saved = pd.DataFrame(filled).to_csv(index=False, sep=separator, lineterminator="\r\n")
    (tmp_path / "to_label.csv").write_bytes(saved.encode(encoding))
    found = load_training_data(DataConfig(data=(data, tmp_path / "to_label.csv")), 0, lambda note: None)
    labels = [label for _, label in messages("English", 30, every=2) if label] + [truth[row["text"]] for row in filled]
    assert found.summary.labeled == Counter(labels)


def test_the_given_file_is_trained_answered_and_joined(cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    data, test = cases / "float_labels" / "train.csv", cases / "float_labels" / "test.csv"
    folder = tmp_path / "numbers"
    assert run(train.main, "--data", data, "--test", test, "--output", folder, *TINY) == 0, capsys.readouterr().err
    report = json.loads((folder / "1" / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text("utf-8"))
    assert report["data"]["labeled"] == {"1": 12, "2": 12, "3": 12}
    assert report["data"]["unknown_test_labels"] == {}
    for name, rows in (("in.csv", 6), ("in_id.csv", 5)):
        out = tmp_path / name
        assert run(predict.main, "--model", folder, "--input", cases / "predict_blank" / name, "--output", out) == 0
        assert len(answered(out)) == rows
    given = cases / "predict_semicolon" / "in.csv"
    assert run(predict.main, "--model", folder, "--input", given, "--output", tmp_path / "semicolon.csv") == 0
    rows_of = answered(tmp_path / "semicolon.csv")
    assert list(rows_of[0])[:3] == ["Nr", "Datum", "Nachricht"]
    assert all(row["label"] in ("1", "2", "3") for row in rows_of)
    assert len(rows_of) == 12
