"""Further labels: the ways to choose them share everything else."""

import json

import pytest
from colours import write_rows

from benchmarks.__main__ import main
from benchmarks.active_learning import WAYS, draw_further
from benchmarks.encoded import Encoded
from benchmarks.evaluation_splits import UNDRAWN, make_field
from benchmarks.plan import EACH_CLASS, Planned
from benchmarks.sets import Columns, load_data_set
from benchmarks.variants import Variant
from ganclf.config import EncoderConfig, GameConfig

QUICK = ["--size", "8", "--vocabulary-size", "200", "--steps", "3", "--batch-size", "16", "--width", "8"]


@pytest.fixture(scope="module")
def draws(tmp_path_factory):
    """The first draw, and that of every way."""
    file = write_rows(tmp_path_factory.mktemp("rows") / "colours.csv", 90, 1)
    field = make_field(load_data_set(str(file), Columns()), UNDRAWN, 1000)
    encoder = EncoderConfig(size=8, vocabulary_size=200)
    game = GameConfig(steps=3, batch_size=16, width=8, seed=100)
    encoded = Encoded(field, encoder)
    further = {
        way: draw_further(encoded, Planned("game_k+1", 2, 100, Variant(way), encoder, game, 3, way)) for way in WAYS
    }
    return field, field.draw(2, 100), further


def labelled(draw):
    return {row: label for row, label in zip(draw.rows.tolist(), draw.labels, strict=True) if label}


def test_every_way_keeps_the_first_labels_and_adds_as_many_true_ones(draws):
    field, first, further = draws
    for draw in further.values():
        found = labelled(draw)
        assert labelled(first).items() <= found.items()
        assert len(found) == 3 * (2 + 3)
        assert all(label == field.labels[row] for row, label in found.items())


def test_each_class_is_given_as_many_where_that_is_meant(draws):
    _, _, further = draws
    found = list(labelled(further[EACH_CLASS]).values())
    assert {found.count(name) for name in set(found)} == {5}


def test_no_text_is_labelled_twice(draws):
    field, _, further = draws
    for draw in further.values():
        texts = [field.texts[row] for row in labelled(draw)]
        assert len(set(texts)) == len(texts)


def test_all_ways_are_asked_the_rows_that_none_has_labelled(draws):
    _, first, further = draws
    used = {row for draw in further.values() for row in labelled(draw)}
    expected = sorted(set(first.asked.tolist()) - used)
    assert all(draw.asked.tolist() == expected for draw in further.values())
    assert all(len(draw.truth) == len(expected) for draw in further.values())


def test_the_command_measures_each_way_once_and_shows_the_gain(folder, tmp_path, capsys):
    output = tmp_path / "suggest"
    command = ["--data", "colours", "--labels", "1", "--suggest", "2", "--draws", "1", "--output", str(output)]
    command += ["--methods", "features_logistic_regression", *QUICK]
    assert main(command) == 0
    cells = [json.loads(line) for line in (tmp_path / "suggest.jsonl").read_text().splitlines()]
    assert [(c["seed"], c["variant"]) for c in cells] == [(s, f"2 more {way}") for s in (100,) for way in WAYS]
    assert {(c["labelled"], c["more"]) for c in cells} == {(9, 2)}
    page = (tmp_path / "suggest.md").read_text()
    assert "2 more suggested` − 2 more at random** |" in page
    assert "2 more suggested` − 2 more at random in each class** |" in page
    assert "knows the labels beforehand" in page
    assert main(command) == 0
    assert "0 cells to measure, 3 are there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [(["--suggest", "-1"], "--suggest"), (["--suggest", "19"], "Ask for fewer"), (["--set", "dropout=0"], "--set")],
)
def test_a_mistake_is_one_sentence(folder, tmp_path, capsys, words, says):
    command = ["--data", "colours", "--labels", "1", "--suggest", "2", "--draws", "1", "--output", str(tmp_path / "x")]
    assert main([*command, *QUICK, *words]) == 2
    assert says in capsys.readouterr().err
