import gzip

import numpy as np
import pytest
from colors import write_rows

from benchmarks.data_set import Columns
from benchmarks.evaluation_splits import ALL, DEV, TEST, UNDRAWN, check_labels, choose_part, fingerprint, make_split
from benchmarks.run import load_data_set
from ganclf.data import keep_labels, read_rows
from ganclf.errors import DataError

LIMIT = 200_000


def load(name):
    return load_data_set(str(name), Columns())


def test_a_test_part_is_not_opened_until_it_is_scored(folder):
    data = load("colors")
    assert choose_part(data, final=False) == UNDRAWN
    make_split(data, UNDRAWN, LIMIT).sample(5, 0)
    fingerprint(data, TEST, LIMIT)
    with pytest.raises(DataError, match=r"test\.csv: a folder"):
        make_split(data, TEST, LIMIT)


def test_the_draw_is_that_of_keep_labels(folder):
    split = make_split(load("colors"), UNDRAWN, LIMIT)
    sample = split.sample(3, 104)
    kept = keep_labels(read_rows(folder / "train.csv").labels, 3, 104)
    assert [sample.train_labels[i] for i in range(60)] == kept
    assert sample.train_labels[60:] == [None] * 30
    assert len(sample.test_idx) == 51
    assert not {i for i, label in enumerate(kept) if label} & set(sample.test_idx.tolist())


def test_a_dev_file_is_scored_where_there_is_one_and_stays_out_of_the_pool(folder):
    dev = write_rows(folder / "dev.csv", 12, 3)
    twin = read_rows(folder / "unlabeled.csv").texts[0]
    dev.write_text(dev.read_text() + f"{twin},red\n")
    data = load("colors")
    split = make_split(data, choose_part(data, final=False), LIMIT)
    assert split.part == DEV
    sample = split.sample(2, 0)
    assert [split.texts[i] for i in sample.test_idx][-1] == twin
    assert twin not in {split.texts[i] for i in split.pool}
    assert split.pool.max() < 90


def test_with_final_no_test_text_is_in_the_pool(folder):
    (folder / "test.csv").rmdir()
    (folder / "test.csv.gz").write_bytes(gzip.compress((folder / "train.csv").read_bytes()))
    split = make_split(load("colors"), TEST, LIMIT)
    test_texts = set(read_rows(folder / "train.csv").texts)
    assert not test_texts & {split.texts[i] for i in split.pool}
    assert len(split.pool) > 20
    assert len(split.sample(1, 0).train_idx) == len(split.pool) + 3  # the drawn rows keep their labels


def test_without_a_test_file_a_fixed_fifth_is_held_out(tmp_path):
    file = write_rows(tmp_path / "one.csv", 90, 1)
    data, again = load(file), load(file)
    assert len(data.texts) == 72
    assert data.texts == again.texts
    assert data.read_test is not None
    assert len(data.read_test()) == 18


def test_the_pool_is_bounded(folder):
    split = make_split(load("colors"), UNDRAWN, 20)
    assert len(split.pool) == 20
    sample = split.sample(2, 0)
    assert sum(label is not None for label in sample.train_labels) == 6
    assert len(sample.train_idx) <= 26


def test_labels_of_unlabeled_rows_are_for_scoring_only(tmp_path, monkeypatch):
    monkeypatch.setenv("GANCLF_DATA", str(tmp_path))
    place = tmp_path / "trec"
    place.mkdir()
    rows = {
        "ganbert_labeled": [("what is a lion", "d"), ("who is he", "h")],
        "train": [("what is a lion", "d"), ("Where , oh where", "l"), ("who was she ?", "h")],
    }
    for name, pairs in rows.items():
        lines = [f'"{text}",{label}' for text, label in pairs]
        (place / f"{name}.csv").write_text("text,fine_label\n" + "\n".join(lines) + "\n")
    (place / "ganbert_unlabeled.csv").write_text("text\nWhere\nwho was she?\nsomething else\n")
    data = load("trec_fine")
    sample = make_split(data, UNDRAWN, LIMIT).sample(ALL, 0)
    assert sample.train_labels == ["d", "h", None, None, None]
    assert sample.test_labels == ["l", "h"]
    assert np.array_equal(sample.test_idx, [2, 3])


def test_too_many_labels_are_refused_before_the_work(folder):
    data = load("colors")
    check_labels(data, UNDRAWN, [20])
    with pytest.raises(DataError, match="--labels 21"):
        check_labels(data, UNDRAWN, [1, 21])
    with pytest.raises(DataError, match="no row is left to score"):
        check_labels(data, UNDRAWN, [ALL])


def test_a_data_set_without_test_part_has_no_final_figure(folder):
    (folder / "test.csv").rmdir()
    with pytest.raises(DataError, match=r"no test part.*--final"):
        choose_part(load("colors"), final=True)


def test_another_training_row_is_another_fingerprint(folder):
    before = fingerprint(load("colors"), UNDRAWN, LIMIT)
    with (folder / "train.csv").open("a") as file:
        file.write("one more,red\n")
    assert fingerprint(load("colors"), UNDRAWN, LIMIT) != before


def test_an_unknown_name_is_an_error_with_the_names_that_exist(folder):
    with pytest.raises(DataError, match=r"--data shades: .*colors.*pip install datasets"):
        load("shades")
