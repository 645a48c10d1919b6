"""All texts of a run, together."""

import json

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


def test_with_very_many_classes_fewer_unlabeled_texts_are_used(files, monkeypatch):
    notes = []
    monkeypatch.setattr("ganclf.data.training_data.MAX_CELLS", 10)  # 5 rows with 2 classes
    data = load(files, notes, test=None)
    assert (len(data.labels), data.labels.count(None)) == (5, 2)
    assert any(
        "2 of 4 unlabeled texts are used; more need too much memory with so many classes" in note for note in notes
    )


def test_a_file_in_which_every_row_is_labeled_is_read_with_a_note(files):
    notes = []
    (files / "all.csv").write_text("body,kind\na1,x\na2,y\na3,x\n")
    data = load(files, notes, data=(files / "all.csv",), unlabeled=None, test=None)
    assert data.labels == ["x", "y", "x"]
    assert any("there is nothing unlabeled to learn from" in note for note in notes)


def test_labels_are_spelled_alike_in_all_files(files):
    (files / "train.csv").write_text("body,label\na1,1.0\na2,2.0\na3,-1.0\na4,1.0\n")
    (files / "later.csv").write_text("body,label\nb1,1\nb2,2\nb3,3\nb4,-1\n")
    (files / "test.csv").write_text("body,label\nc1,2\nc2,3.0\nc3,-1\n")
    data = load(files, data=(files / "train.csv", files / "later.csv"), unlabeled=None)
    assert data.summary.labeled == {"1": 3, "2": 2, "3": 1}
    assert data.test_labels == ["2", "3"]
    assert data.summary.files[0].unlabeled == {"-1.0": 1}


def test_spellings_and_values_of_a_run_can_be_named(files):
    (files / "train.csv").write_text("body,label\na1,Yes\na2,yes\na3,no\na4,todo\na5,UNK\n")
    options = {"keep_label_spelling": True, "no_label_values": ("todo",)}
    data = load(files, unlabeled=None, test=None, **options)
    assert set(data.summary.labeled) == {"Yes", "yes", "no", "UNK"}


def write_lists(file, *rows):
    file.write_text("\n".join(json.dumps({"body": body, "kind": kind}) for body, kind in rows))
    return file


def test_one_file_with_several_labels_makes_all_of_the_run_so(files):
    several = write_lists(files / "lists.jsonl", ("b1", ["y", "x"]), ("b2", ["x"]), ("b3", []))
    data = load(files, data=(files / "train.csv", several), unlabeled=None)
    assert data.multi_label
    assert data.labels[:2] == [("x",), ("y",)]
    assert ("x", "y") in data.labels
    assert data.test_labels == [("x",), ("y",)]
    assert data.summary.multi_label


def test_labels_of_a_test_file_that_has_several_need_a_training_file_that_has(files):
    several = write_lists(files / "lists.jsonl", ("b1", ["y", "x"]), ("b2", ["x"]))
    with pytest.raises(DataError, match=r"rows have several labels, and those of .* have one"):
        load(files, test=several)
    assert load(files, test=several, labels="multi").test_labels == [("x", "y"), ("x",)]


def test_labels_per_class_are_kept_where_rows_have_several(files):
    rows = [(f"b{n}", [("x", "y", "z")[n % 3], ("x", "y", "z")[(n + n // 3) % 3]]) for n in range(12)]
    data = load(files, data=(write_lists(files / "lists.jsonl", *rows),), unlabeled=None, test=None, labels_per_class=2)
    assert min(data.summary.labeled.values()) == 2
    assert data.labels.count(None) > 0


def test_the_report_of_the_reading_has_every_file(files):
    data = load(files)
    assert [file.source.rsplit("/")[-1] for file in data.summary.files] == ["train.csv", "more.csv", "test.csv"]
    first, unlabeled, _ = data.summary.files
    assert (first.text_columns, first.label_columns, first.unlabeled) == (("body",), ("kind",), {"": 2})
    assert unlabeled.label_columns == ()
    assert first.lines is not None
    assert first.lines.lines == 6
    assert "text: 'body'; label: 'kind'; without a label: 2 blank" in first.sentence()
    assert json.loads(json.dumps(first.to_json()))["lines"]["header"] == 1
    table = dict(data.summary.table())
    assert table["  lines"].startswith("4: 1 header")  # of the last file


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


def test_labeled_rows_are_numbered_as_in_the_files_whatever_is_left_out(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("text,label\nwhere is it,delivery\nwhere is the box,\nmoney back,refund\nwhere is it,\n")
    second.write_text("text,label\nit is late,delivery\nthe card,\nI want it back,refund\n")
    data = load_training_data(DataConfig(data=(first, second), max_unlabeled=1), 0, lambda note: None)
    labeled = [text for text, label in zip(data.texts, data.labels, strict=True) if label]
    assert labeled == ["where is it", "money back", "it is late", "I want it back"]
    assert data.labeled_rows == (f"2 of {first}", f"4 of {first}", f"2 of {second}", f"4 of {second}")
