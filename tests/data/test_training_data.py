"""All texts of a run, together."""

import pytest

from ganclf.config import DataConfig
from ganclf.data import load_training_data, sample_path
from ganclf.errors import DataError


@pytest.fixture
def files(tmp_path):
    (tmp_path / "train.csv").write_text("body,kind\na1,x\na2,y\nb1,\nshared,\n shared ,x\n")
    (tmp_path / "more.csv").write_text("body,kind\nm1,secret\nm2,\ntested,x\n")
    (tmp_path / "test.csv").write_text("kind,body\nx,tested\ny,shared\n,nolabel\n")
    return tmp_path


def load(files, notes=None, **more):
    options = {"data": (files / "train.csv",), "unlabeled": files / "more.csv", "test": files / "test.csv"} | more
    return load_training_data(DataConfig(**options), 0, notes.append if notes is not None else lambda note: None)


def test_labels_of_the_unlabeled_file_are_not_read(files):
    data = load(files)
    assert dict(zip(data.texts, data.labels, strict=True))["m1"] is None


def test_test_texts_are_not_among_the_unlabeled_ones(files):
    notes = []
    data = load(files, notes)
    assert "tested" not in data.texts
    assert data.texts.count("shared") == 0
    assert " shared " in data.texts  # it has a label
    assert any("left out: 1 unlabeled rows whose text is in the test file" in note for note in notes)


def test_a_text_that_is_labeled_anywhere_is_labeled(files):
    notes = []
    (files / "filled.csv").write_text("body,kind,guess\nb1, y ,x\nm1,x,x\nm2,,x\n")
    data = load(files, notes, data=(files / "train.csv", files / "filled.csv"), test=None)
    found = list(zip(data.texts, data.labels, strict=True))
    assert [pair for pair in found if pair[0].strip() in ("b1", "m1", "m2", "shared")] == [
        (" shared ", "x"), ("b1", "y"), ("m1", "x"), ("m2", None), ("m2", None),
    ]  # fmt: skip
    assert sum("whose text has a label in another row" in note for note in notes) == 2
    assert data.sources["data"] == f"{files / 'train.csv'}, {files / 'filled.csv'}"


def test_a_contradiction_between_files_names_them(files):
    (files / "filled.csv").write_text("body,kind\na2,x\n")
    data = load(files, data=(files / "train.csv", files / "filled.csv"), test=None)
    (warning,) = [warning for warning in data.summary.warnings if "more than one label" in warning]
    assert f"row 3 of {files / 'train.csv'} 'y' and row 2 of {files / 'filled.csv'} 'x'" in warning


def test_test_rows_without_a_label_are_left_out(files):
    data = load(files)
    assert list(zip(data.test_texts, data.test_labels, strict=True)) == [("tested", "x"), ("shared", "y")]


def test_more_unlabeled_texts_than_allowed_are_drawn_with_the_seed(files):
    notes = []
    data = load(files, notes, test=None, max_unlabeled=2)
    again = load(files, [], test=None, max_unlabeled=2)
    assert data.labels.count(None) == 2
    assert data.texts == again.texts
    assert [label for label in data.labels if label] == ["x", "y", "x"]
    assert any("2 of 4 unlabeled texts are used" in note for note in notes)


def test_a_named_column_is_meant_in_every_file(files):
    (files / "test.csv").write_text("kind,words\nx,tested\n")
    with pytest.raises(DataError, match="no column 'body'"):
        load(files, text_column="body")


def test_columns_of_the_training_file_are_taken_where_the_test_file_has_them(tmp_path):
    (tmp_path / "train.csv").write_text("note,group\nlong enough a note,p\nanother long note,q\n")
    (tmp_path / "test.csv").write_text("remark,note,group\na much longer remark than the note is,short,p\n")
    data = load_training_data(
        DataConfig(data=(tmp_path / "train.csv",), test=tmp_path / "test.csv"), 0, lambda note: None
    )
    assert data.test_texts == ["short"]


def test_encoding_and_separator_hold_for_every_file(tmp_path):
    for name in ("train", "test"):
        (tmp_path / f"{name}.csv").write_bytes(f"text~label\n{name}, café~x\n{name}, thé~y\n".encode("latin-1"))
    config = DataConfig(data=(tmp_path / "train.csv",), test=tmp_path / "test.csv", encoding="latin-1", separator="~")
    data = load_training_data(config, 0, lambda note: None)
    assert (data.texts, data.test_texts) == (["train, café", "train, thé"], ["test, café", "test, thé"])


def test_without_any_file_the_bundled_sample_is_read_with_its_test_part():
    data = load_training_data(DataConfig(), 0, lambda note: None)
    assert data.sources["data"] == str(sample_path())
    assert len(data.test_texts) == 400
    assert sum(label is not None for label in data.labels) == 80
