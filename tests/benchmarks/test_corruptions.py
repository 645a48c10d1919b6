"""Contamination, a class without labels, label noise, imbalance: they change the training rows and no true label."""

import json

import pytest
from colors import write_rows

from benchmarks.__main__ import main
from benchmarks.corruptions import Corruptions
from benchmarks.data_set import Columns
from benchmarks.evaluation_splits import UNDRAWN, fingerprint, make_split
from benchmarks.run import load_data_set
from ganclf.errors import DataError

LIMIT = 200_000


def prepare(**corruptions):
    """The changed data set, and the draw of 10 labels per class."""
    corruptions = Corruptions(**corruptions)
    data = corruptions.apply(load_data_set("colors", Columns()), Columns())
    return data, make_split(data, UNDRAWN, LIMIT, corruptions).sample(10, 100)


def test_no_corruption_changes_nothing(folder):
    data, usual = prepare()[0], load_data_set("colors", Columns())
    assert (data.name, data.texts, data.labels, data.true_labels) == (
        usual.name,
        usual.texts,
        usual.labels,
        usual.true_labels,
    )


def test_contamination_is_in_the_pool_without_label_and_never_scored(folder, tmp_path):
    file = tmp_path / "foreign.csv"
    file.write_text("text,label\n一二三,red\n四五六,red\n")
    (usual, _), (data, sample) = prepare(), prepare(contamination=file)
    assert data.texts == [*usual.texts, "一二三", "四五六"]
    assert data.name.endswith("foreign in the pool")
    assert sample.train_idx.tolist()[-2:] == [90, 91]
    assert sample.train_labels[-2:] == [None, None]
    assert sample.test_idx.max() < 60
    assert fingerprint(data, UNDRAWN, LIMIT) != fingerprint(usual, UNDRAWN, LIMIT)


def test_a_class_that_is_left_out_stays_in_the_pool_and_nowhere_else(folder):
    (usual, _), (data, sample) = prepare(), prepare(unlabeled_class="green")
    assert set(filter(None, sample.train_labels)) == {"red", "blue"} == set(sample.test_labels)
    assert len(sample.train_idx) == len(data.texts) == len(usual.texts)
    with pytest.raises(DataError, match="--leave-out grün: no such class; there are blue, green, red"):
        prepare(unlabeled_class="grün")


@pytest.mark.parametrize(("share", "wrong"), [(0.1, 3), (0.5, 15), (1.0, 30)])
def test_a_share_of_the_drawn_labels_is_wrong_and_the_truth_is_not(folder, share, wrong):
    (_, usual), (_, sample), (_, again) = prepare(), prepare(label_noise=share), prepare(label_noise=share)
    assert [label is None for label in sample.train_labels] == [label is None for label in usual.train_labels]
    assert sum(one != other for one, other in zip(sample.train_labels, usual.train_labels, strict=True)) == wrong
    assert sample.train_labels == again.train_labels
    assert sample.test_labels == usual.test_labels


def test_every_class_gets_its_share_of_the_labels_and_one_at_least(folder):
    _, sample = prepare(label_shares=(1.0, 0.5, 0.01))
    assert [sample.train_labels.count(name) for name in ("blue", "green", "red")] == [10, 5, 1]
    with pytest.raises(DataError, match="--label-shares: 2 for 3 classes"):
        prepare(label_shares=(1.0, 0.5))


def test_the_command_measures_them_under_a_name_of_their_own(folder, tmp_path, capsys):
    foreign = write_rows(tmp_path / "foreign.csv", 9, 7)
    output = tmp_path / "out"
    command = ["--data", "colors", "--labels", "4", "--draws", "1", "--size", "8", "--vocabulary-size", "200",
               "--methods", "features_logistic_regression", "--output", str(output)]  # fmt: skip
    assert main([*command, "--label-noise", "0.5", "--label-shares", "1", "1", "0.5", "--foreign", str(foreign)]) == 0
    cell = json.loads(output.with_name("out.jsonl").read_text())
    assert (cell["n_labeled"], cell["n_unlabeled"]) == (10, 89)
    assert "foreign in the pool, 50 % wrong labels, label shares 1 1 0.5" in cell["data"]
    assert main([*command, "--labels", "all", "--label-shares", "1"]) == 2
    assert "--label-shares: parts of a number of labels" in capsys.readouterr().err
    assert main([*command, "--label-noise", "1.5"]) == 2
    assert "--label-noise: 1.5 (a share) is out of range" in capsys.readouterr().err


def test_a_class_that_is_excluded_is_not_learned_from_and_is_out_of_distribution(folder):
    (usual, _), (_data, sample) = prepare(), prepare(excluded_class="green")
    green = [i for i, label in enumerate(usual.true_labels) if label == "green"]
    unknown = [i for i, label in enumerate(usual.true_labels) if label is None]
    assert not set(sample.train_idx) & {*green, *unknown}
    assert sample.ood_idx.tolist() == green
    assert set(sample.test_labels) == {"red", "blue"}
    assert prepare(unlabeled_class="green")[1].ood_idx.tolist() == green
    with pytest.raises(DataError, match="--remove grün: no such class"):
        prepare(excluded_class="grün")


@pytest.mark.slow
def test_the_scope_of_what_is_published_is_measured(folder, tmp_path):
    out = tmp_path / "out"
    command = ["--data", "colors", "--labels", "4", "--draws", "1", "--size", "8", "--vocabulary-size", "200",
               "--steps", "3", "--width", "8", "--batch-size", "8", "--methods", "published"]  # fmt: skip
    assert main([*command, "--leave-out", "green", "--output", str(out)]) == 0
    cell = json.loads(out.with_suffix(".jsonl").read_text().splitlines()[0])
    assert 0.0 <= cell["settings"]["scope_auroc"] <= 1.0
    page = out.with_suffix(".md").read_text()
    assert "by in_scope" in page
    assert "expected calibration error" in page
