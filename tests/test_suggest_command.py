"""python -m ganclf.suggest: a file to fill in that the next run learns from."""

import codecs
import csv
import json
import re
import shlex

import openpyxl
import pandas as pd
import pytest

from ganclf import GANClassifier
from ganclf.config import DataConfig
from ganclf.data import load_training_data
from ganclf.suggest import main

ROWS = [("red apple", "warm"), ("blue ice", "cold"), (" red apple ", ""), ("", "")]
ROWS += [(f"{color} {thing}, {number}", "") for number, color in enumerate(("red", "blue") * 6)
         for thing in ("fire", "snow\nstorm")]  # fmt: skip


def write(file, rows, header=("body", "kind")):
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return file


def read(file):
    with file.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def model(tmp_path_factory, gameless):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    classifier = GANClassifier(**gameless).fit([text for text, _ in ROWS], [label for _, label in ROWS])
    classifier.save(folder)
    return folder


@pytest.fixture
def command(tmp_path, model):
    rows = write(tmp_path / "rows.csv", ROWS)
    more = write(tmp_path / "more.csv", [("a storm", "warm"), ("blue ice", "warm"), ("red fire, 0", "")])
    return ["--data", rows, "--unlabeled", more, "--model", model, "--count", 6, "--output", tmp_path / "to label.csv"]


def run(words):
    return main([str(word) for word in words])


def test_the_file_has_new_texts_an_empty_label_and_the_model_s_guess(command, tmp_path, capsys):
    assert run(command) == 0
    found = read(tmp_path / "to label.csv")
    assert list(found[0]) == ["body", "kind", "guess", "confidence"]
    texts = [line["body"] for line in found]
    assert len(set(texts)) == 6
    assert not {text.strip() for text in texts} & {"red apple", "blue ice", ""}
    assert set(texts) <= {text for text, _ in ROWS} | {"a storm"}
    assert {line["kind"] for line in found} == {""}
    assert {line["guess"] for line in found} <= {"warm", "cold"}
    assert all(0.5 <= float(line["confidence"]) <= 1.0 for line in found)
    shown = capsys.readouterr().out
    assert "6 of 25 unlabeled texts" in shown
    assert re.search(r"^  .*ganclf.?train --data", shown, re.MULTILINE)
    assert f"--data {tmp_path / 'rows.csv'} '{tmp_path / 'to label.csv'}' --unlabeled" in shown
    assert (tmp_path / "to label.csv").read_bytes().startswith(codecs.BOM_UTF8)  # for spreadsheets


def test_the_filled_file_is_learned_from_and_its_texts_are_not_suggested_again(command, tmp_path):
    assert run(command) == 0
    output = tmp_path / "to label.csv"
    found = read(output)
    for line in found[:4]:
        line["kind"] = "warm" if "red" in line["body"] else "cold"
    write(output, [line.values() for line in found], found[0])
    data = (tmp_path / "rows.csv", output)
    data = load_training_data(DataConfig(data=data, unlabeled=tmp_path / "more.csv"), 0, lambda note: None)
    labeled = {text: label for text, label in zip(data.texts, data.labels, strict=True) if label}
    assert labeled == {"red apple": "warm", "blue ice": "cold"} | {line["body"]: line["kind"] for line in found[:4]}
    unlabeled = {text for text, label in zip(data.texts, data.labels, strict=True) if not label}
    assert not unlabeled & set(labeled)
    assert {line["body"] for line in found[4:]} <= unlabeled
    again = [*command[:2], output, *command[2:-1], tmp_path / "round 2.csv"]
    assert run([*again, "--count", 1000]) == 0
    texts = [line["body"] for line in read(tmp_path / "round 2.csv")]
    assert len(texts) == len(set(texts)) == 25 - 4
    assert not set(texts) & set(labeled)


def test_encoding_and_separator_hold_for_the_file_to_fill_in_too(command, tmp_path, capsys):
    rows = tmp_path / "latin.csv"
    texts = [f"{color} café, {number}" for color in ("red", "blue") for number in range(8)]
    lines = ["body|kind", "red fire|warm", "blue ice|cold", *(f"{text}|" for text in texts)]
    rows.write_bytes("\n".join(lines).encode("latin-1"))
    named = ["--encoding", "latin-1", "--separator", "|"]
    assert run(["--data", rows, *command[4:], *named]) == 0
    assert "--encoding latin-1 --separator '|'" in capsys.readouterr().out
    config = DataConfig(data=(rows, tmp_path / "to label.csv"), encoding="latin-1", separator="|")
    data = load_training_data(config, 0, lambda note: None)
    assert len(data.texts) == 2 + 16 + 6
    assert set(data.texts[-6:]) <= set(texts)


def test_a_spreadsheet_is_written_with_texts_that_stay_texts(command, tmp_path):
    write(tmp_path / "rows.csv", [*ROWS, ("=1+1", ""), ("+red", "")])
    assert run([*command[:-1], tmp_path / "to label.xlsx", "--count", 1000]) == 0
    header, *lines = openpyxl.load_workbook(tmp_path / "to label.xlsx").active.iter_rows()
    assert [cell.value for cell in header] == ["body", "kind", "guess", "confidence"]
    assert {"=1+1", "+red"} <= {line[0].value for line in lines}
    assert {line[0].data_type for line in lines} == {"s"}
    assert {line[1].value for line in lines} == {None}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["more.csv", "rows.csv", "to label.xlsx"]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet"])
def test_the_columns_of_other_forms_are_those_of_the_file_to_fill_in(name, command, tmp_path):
    frame = pd.DataFrame(ROWS, columns=["body", "kind"]).replace("", None)
    rows = tmp_path / name
    frame.to_json(rows, orient="records", lines=True) if name == "rows.jsonl" else frame.to_parquet(rows)
    assert run(["--data", rows, *command[4:]]) == 0
    found = read(tmp_path / "to label.csv")
    assert list(found[0]) == ["body", "kind", "guess", "confidence"]
    write(tmp_path / "filled.csv", [(line["body"], "warm") for line in found])
    config = DataConfig(data=(rows, tmp_path / "filled.csv"))
    data = load_training_data(config, 0, lambda note: None)
    assert data.labels.count("warm") == 1 + 6


@pytest.mark.parametrize("named", [[], ["--no-header"]])
def test_a_file_without_a_header_is_labeled_in_rounds_too(named, command, tmp_path, capsys):
    rows = tmp_path / "rows.csv"
    filled = [row for row in ROWS if row[0]]
    with rows.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows((label, text) for text, label in filled)
    assert run(["--data", rows, *command[4:], *named]) == 0
    output = tmp_path / "to label.csv"
    found = read(output)
    write(output, [("warm" if "red" in line["column 2"] else "cold", line["column 2"]) for line in found],
          ("column 1", "column 2"))  # fmt: skip
    words = shlex.split(capsys.readouterr().out.splitlines()[-1])
    config = DataConfig(data=(rows, output), header=False if "--no-header" in words else None)
    data = load_training_data(config, 0, lambda note: None)
    assert len([label for label in data.labels if label]) == 2 + 6
    assert set(filter(None, data.labels)) == {"warm", "cold"}


def test_several_labels_are_guessed_joined(gameless, tmp_path, capsys):
    texts = [
        f"{color} {thing}, {number}" for number, color in enumerate(("red", "blue") * 6) for thing in ("fire", "snow")
    ]
    rows = [{"body": text, "kinds": [["warm"], ["cold"], ["cold", "warm"]][index % 3] if index < 12 else None}
            for index, text in enumerate(texts)]  # fmt: skip
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    model = tmp_path / "model"
    GANClassifier(**gameless).fit([row["body"] for row in rows], [row["kinds"] for row in rows]).save(model)
    output = tmp_path / "to_label.csv"
    assert run(["--data", tmp_path / "rows.jsonl", "--model", model, "--count", 5, "--output", output]) == 0
    found = read(output)
    assert len(found) == 5
    for line in found:
        assert set(line["guess"].split("|")) <= {"warm", "cold", ""}
        assert len(line["guess"].split("|")) == len(line["confidence"].split("|"))
    assert "fill in the labels, joined by | where a text has several (a row" in capsys.readouterr().out
    write(output, [(line["body"], "warm|cold") for line in found], ("body", "kinds"))
    config = DataConfig(data=(tmp_path / "rows.jsonl", output))
    data = load_training_data(config, 0, lambda note: None)
    assert [label for label in data.labels if label][-5:] == [("cold", "warm")] * 5


def test_the_same_seed_suggests_the_same(command, tmp_path):
    assert run(command) == run([*command[:-1], tmp_path / "again.csv"]) == 0
    assert read(tmp_path / "to label.csv") == read(tmp_path / "again.csv")


def test_texts_of_the_test_file_are_not_suggested(command, tmp_path):
    test = write(tmp_path / "test.csv", [("red fire, 0", "warm"), ("a storm", "cold")])
    assert run([*command, "--test", test, "--count", 1000]) == 0
    assert not {line["body"] for line in read(tmp_path / "to label.csv")} & {"red fire, 0", "a storm"}


def test_labels_that_are_new_to_the_model_are_named(command, tmp_path, capsys):
    write(tmp_path / "rows.csv", [*ROWS, ("mild breeze", "mild")], ("body", "label"))
    assert run(command) == 0
    assert "was trained without the labels ['mild']" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--count", "0"], "--count: 0"),
        (["--seed", "-1"], "--seed: -1"),
        (["--data", "nowhere.csv"], "nowhere.csv: no such file"),
        (["--model", "nowhere"], "nowhere"),
        (["--output", "labels.jsonl"], "--output labels.jsonl: unknown ending. Give a name that ends in .csv or .xlsx"),
        (["--output", "no/such/folder.csv"], "--output no/such/folder.csv: no such folder"),
        (["--text-column", "words"], "no column 'words'"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(command, tmp_path, capsys, words, message):
    assert run([*command, *words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert not (tmp_path / "to label.csv").exists()


def test_a_file_that_may_have_been_filled_in_is_not_replaced(command, tmp_path, capsys):
    (tmp_path / "to label.csv").write_text("mine")
    assert run(command) == 2
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "to label.csv").read_text() == "mine"


def test_without_unlabeled_texts_it_ends_with_a_sentence(command, tmp_path, capsys):
    write(tmp_path / "rows.csv", ROWS[:2], ("body", "label"))
    assert run([*command[:2], *command[4:]]) == 2
    assert "no text without a label is left" in capsys.readouterr().err
