"""Files of texts: read, checked and split; mistakes are sentences."""

from __future__ import annotations

import pytest

from ganclf.config import DataConfig
from ganclf.data.text_parts import MIN_TEXTS, load_texts
from ganclf.errors import DataError
from ganclf.train import main

LINES = [f"text number {number} of the file" for number in range(200)]


def write(folder, rows, header="text", name="texts.csv"):
    file = folder / name
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def load(file, **settings):
    return load_texts(DataConfig(data=(file,), **settings), 0, lambda note: None)


def test_no_text_is_in_two_parts(tmp_path):
    found = load(write(tmp_path, [*LINES, *LINES[:50]]))
    parts = [set(part.texts) for part in (found.train, found.held_out, found.test)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 200
    assert [len(part) for part in parts] == [160, 20, 20]
    assert len(found.train) + len(found.held_out) + len(found.test) == 250


def test_texts_of_the_test_file_are_not_learned(tmp_path):
    found = load(write(tmp_path, LINES), test=write(tmp_path, LINES[:40], name="test.csv"))
    assert found.test_is_file
    assert len(found.test) == 40
    assert not set(found.test.texts) & set(found.train.texts + found.held_out.texts)


def test_labels_are_read_where_their_column_is_named(tmp_path):
    rows = [f"{line},{'ab'[number % 2]}" for number, line in enumerate(LINES)]
    file = write(tmp_path, rows, "text,mood")
    assert load(file, text_column=("text",)).labels == ()
    found = load(file, label_column="mood")
    assert found.labels == ("a", "b")
    assert found.priors().sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("rows", "words", "reason"),
    [
        (LINES[: MIN_TEXTS - 1], (), f"{MIN_TEXTS - 1} distinct texts"),
        ([], (), "no rows"),
        (LINES, ("--text-column", "poem"), "no column 'poem'"),
        (LINES, ("--label-column", "mood"), "no column 'mood'"),
        (LINES, ("--batch-size", "1"), "--batch-size"),
    ],
)
def test_mistakes_are_sentences_and_end_with_2(tmp_path, capsys, rows, words, reason):
    file = write(tmp_path, rows)
    command = ["--task", "text-generation", "--data", str(file), "--output", str(tmp_path / "model")]
    assert main([*command, *words]) == 2
    assert reason in capsys.readouterr().err


def test_an_unknown_task_is_named(capsys):
    assert main(["--task", "painting"]) == 2
    assert "--task painting: unknown task. Choose from classification, text-generation" in capsys.readouterr().err


def test_many_labels_are_the_wrong_column(tmp_path):
    file = write(tmp_path, [f"{line},name {number}" for number, line in enumerate(LINES)], "text,mood")
    with pytest.raises(DataError, match="200 different labels"):
        load(file, label_column="mood")


def test_a_training_of_other_settings_that_was_broken_off_is_refused(tmp_path, capsys):
    from ganclf.export.checkpoints import FOLDER, Checkpoint

    model = tmp_path / "model"
    Checkpoint(model / FOLDER, {"--epochs": 29}).stage("likelihood").save([], {})
    words = ["--task", "text-generation", "--data", str(write(tmp_path, LINES)), "--output", str(model)]
    assert main(words) == 2
    assert "--epochs was 29 and is 30" in capsys.readouterr().err
