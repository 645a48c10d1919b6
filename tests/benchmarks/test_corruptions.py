"""Foreign texts, a class without labels, wrong and unbalanced labels: what is learned from changes, and no truth."""

import json

import pytest
from colours import write_rows

from benchmarks.__main__ import main
from benchmarks.corruptions import Unusual
from benchmarks.evaluation_splits import UNDRAWN, fingerprint, make_field
from benchmarks.sets import Columns, load_data_set
from ganclf.errors import DataError

LIMIT = 200_000


def prepare(**unusual):
    """The changed data set, and the draw of 10 labels a class."""
    unusual = Unusual(**unusual)
    data = unusual.change(load_data_set("colours", Columns()), Columns())
    return data, make_field(data, UNDRAWN, LIMIT, unusual).draw(10, 100)


def test_nothing_unusual_changes_nothing(folder):
    data, usual = prepare()[0], load_data_set("colours", Columns())
    assert (data.name, data.texts, data.labels, data.truth) == (usual.name, usual.texts, usual.labels, usual.truth)


def test_foreign_texts_stand_in_the_pool_without_label_and_are_never_asked(folder, tmp_path):
    file = tmp_path / "foreign.csv"
    file.write_text("text,label\n一二三,red\n四五六,red\n")
    (usual, _), (data, draw) = prepare(), prepare(foreign=file)
    assert data.texts == [*usual.texts, "一二三", "四五六"]
    assert data.name.endswith("foreign in the pool")
    assert draw.rows.tolist()[-2:] == [90, 91]
    assert draw.labels[-2:] == [None, None]
    assert draw.asked.max() < 60
    assert fingerprint(data, UNDRAWN, LIMIT) != fingerprint(usual, UNDRAWN, LIMIT)


def test_a_class_that_is_left_out_stays_in_the_pool_and_nowhere_else(folder):
    (usual, _), (data, draw) = prepare(), prepare(left_out="green")
    assert set(filter(None, draw.labels)) == {"red", "blue"} == set(draw.truth)
    assert len(draw.rows) == len(data.texts) == len(usual.texts)
    with pytest.raises(DataError, match="--leave-out grün: no such class; there are blue, green, red"):
        prepare(left_out="grün")


@pytest.mark.parametrize(("share", "wrong"), [(0.1, 3), (0.5, 15), (1.0, 30)])
def test_a_share_of_the_drawn_labels_is_wrong_and_the_truth_is_not(folder, share, wrong):
    (_, usual), (_, draw), (_, again) = prepare(), prepare(label_noise=share), prepare(label_noise=share)
    assert [label is None for label in draw.labels] == [label is None for label in usual.labels]
    assert sum(one != other for one, other in zip(draw.labels, usual.labels, strict=True)) == wrong
    assert draw.labels == again.labels
    assert draw.truth == usual.truth


def test_every_class_gets_its_share_of_the_labels_and_one_at_least(folder):
    _, draw = prepare(label_shares=(1.0, 0.5, 0.01))
    assert [draw.labels.count(name) for name in ("blue", "green", "red")] == [10, 5, 1]
    with pytest.raises(DataError, match="--label-shares: 2 for 3 classes"):
        prepare(label_shares=(1.0, 0.5))


def test_the_command_measures_them_under_a_name_of_their_own(folder, tmp_path, capsys):
    foreign = write_rows(tmp_path / "foreign.csv", 9, 7)
    output = tmp_path / "out"
    command = ["--data", "colours", "--labels", "4", "--draws", "1", "--size", "8", "--vocabulary-size", "200",
               "--methods", "features_logistic_regression", "--output", str(output)]  # fmt: skip
    assert main([*command, "--label-noise", "0.5", "--label-shares", "1", "1", "0.5", "--foreign", str(foreign)]) == 0
    cell = json.loads(output.with_name("out.jsonl").read_text())
    assert (cell["labelled"], cell["unlabelled"]) == (10, 89)
    assert "foreign in the pool, 50 % wrong labels, label shares 1 1 0.5" in cell["data"]
    assert main([*command, "--labels", "all", "--label-shares", "1"]) == 2
    assert "--label-shares: parts of a number of labels" in capsys.readouterr().err
    assert main([*command, "--label-noise", "1.5"]) == 2
    assert "--label-noise: 1.5 (a share) is out of range" in capsys.readouterr().err


def test_a_class_that_is_removed_is_not_learned_from_and_asked_for_its_scope(folder):
    (usual, _), (_data, draw) = prepare(), prepare(removed="green")
    green = [place for place, label in enumerate(usual.truth) if label == "green"]
    unknown = [place for place, label in enumerate(usual.truth) if label is None]
    assert not set(draw.rows) & {*green, *unknown}
    assert draw.outside.tolist() == green
    assert set(draw.truth) == {"red", "blue"}
    assert prepare(left_out="green")[1].outside.tolist() == green
    with pytest.raises(DataError, match="--remove grün: no such class"):
        prepare(removed="grün")


def test_the_scope_of_what_is_published_is_measured(folder, tmp_path):
    out = tmp_path / "out"
    command = ["--data", "colours", "--labels", "4", "--draws", "1", "--size", "8", "--vocabulary-size", "200",
               "--steps", "3", "--width", "8", "--batch-size", "8", "--methods", "published"]  # fmt: skip
    assert main([*command, "--leave-out", "green", "--output", str(out)]) == 0
    cell = json.loads(out.with_suffix(".jsonl").read_text().splitlines()[0])
    assert 0.0 <= cell["settings"]["scope_auroc"] <= 1.0
    page = out.with_suffix(".md").read_text()
    assert "by in_scope" in page
    assert "expected calibration error" in page
