"""Further labels: the query strategies share everything else."""

import json

import pytest
from colors import QUICK, write_rows

from benchmarks.__main__ import main
from benchmarks.active_learning import QUERY_STRATEGIES, sample_further_labels
from benchmarks.data_set import Columns
from benchmarks.encoded import Encoded
from benchmarks.evaluation_splits import UNDRAWN, make_split
from benchmarks.plan import STRATIFIED, PlannedCell
from benchmarks.run import load_data_set
from benchmarks.variants import Variant
from ganclf.config import EncoderConfig, GameConfig


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """The first sample, and that of every strategy."""
    file = write_rows(tmp_path_factory.mktemp("rows") / "colors.csv", 90, 1)
    split = make_split(load_data_set(str(file), Columns()), UNDRAWN, 1000)
    encoder = EncoderConfig(size=8, vocabulary_size=200)
    game = GameConfig(steps=3, batch_size=16, width=8, depth=1, calibration="none", seed=100)
    encoded = Encoded(split, encoder)
    further = {
        strategy: sample_further_labels(
            encoded, PlannedCell("game_k+1", 2, 100, Variant(strategy), encoder, game, 3, strategy)
        )
        for strategy in QUERY_STRATEGIES
    }
    return split, split.sample(2, 100), further


def labeled(sample):
    return {row: label for row, label in zip(sample.train_idx.tolist(), sample.train_labels, strict=True) if label}


def test_every_strategy_keeps_the_first_labels_and_adds_as_many_true_ones(samples):
    split, first, further = samples
    for sample in further.values():
        found = labeled(sample)
        assert labeled(first).items() <= found.items()
        assert len(found) == 3 * (2 + 3)
        assert all(label == split.labels[row] for row, label in found.items())


def test_each_class_is_given_as_many_where_that_is_meant(samples):
    _, _, further = samples
    found = list(labeled(further[STRATIFIED]).values())
    assert {found.count(name) for name in set(found)} == {5}


def test_no_text_is_labeled_twice(samples):
    split, _, further = samples
    for sample in further.values():
        texts = [split.texts[row] for row in labeled(sample)]
        assert len(set(texts)) == len(texts)


def test_all_strategies_are_scored_on_rows_that_none_has_labeled(samples):
    _, first, further = samples
    used = {row for sample in further.values() for row in labeled(sample)}
    expected = sorted(set(first.test_idx.tolist()) - used)
    assert all(sample.test_idx.tolist() == expected for sample in further.values())
    assert all(len(sample.test_labels) == len(expected) for sample in further.values())


def test_the_command_measures_each_strategy_once_and_shows_the_gain(folder, tmp_path, capsys):
    output = tmp_path / "suggest"
    command = ["--data", "colors", "--labels", "1", "--suggest", "2", "--draws", "1", "--output", str(output)]
    command += ["--methods", "features_logistic_regression", *QUICK]
    assert main(command) == 0
    cells = [json.loads(line) for line in (tmp_path / "suggest.jsonl").read_text().splitlines()]
    assert [(c["seed"], c["variant"]) for c in cells] == [
        (s, f"2 more {strategy}") for s in (100,) for strategy in QUERY_STRATEGIES
    ]
    assert {(c["n_labeled"], c["further_labels"]) for c in cells} == {(9, 2)}
    page = (tmp_path / "suggest.md").read_text()
    assert "2 more suggested` − 2 more at random** |" in page
    assert "2 more suggested` − 2 more at random in each class** |" in page
    assert "needs the labels beforehand" in page
    assert main(command) == 0
    assert "0 cells to measure, 3 are there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [(["--suggest", "-1"], "--suggest"), (["--suggest", "19"], "Ask for fewer"), (["--set", "dropout=0"], "--set")],
)
def test_a_mistake_is_one_sentence(folder, tmp_path, capsys, words, says):
    command = ["--data", "colors", "--labels", "1", "--suggest", "2", "--draws", "1", "--output", str(tmp_path / "x")]
    assert main([*command, *QUICK, *words]) == 2
    assert says in capsys.readouterr().err
