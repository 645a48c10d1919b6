import re

import pytest

from benchmarks.markdown import report
from benchmarks.outputs import write_outputs
from benchmarks.summary import summarize

BASELINE, OFF, GAME = "features_logistic_regression", "game_off", "game_k+1"


def cell(method, seed, accuracy, labels=10, variant=""):
    return {
        "data": "colors", "part": "undrawn", "labels": labels, "method": method, "variant": variant, "seed": seed,
        "encoder": "ngram", "accuracy": accuracy, "macro_f1": accuracy, "seconds": 1.0, "encoding_seconds": 2.0,
        "n_unlabeled": 100, "n_test": 90, "when": "2030-01-01T00:00:00+00:00", "commit": "abc",
        "versions": {"numpy": "2", "system": "x"},
    }  # fmt: skip


def cells(game):
    figures = {"tfidf_logistic_regression": (0.5, 0.52, 0.51), BASELINE: (0.6, 0.63, 0.61), OFF: (0.70, 0.72, 0.71)}
    return [cell(m, s, a) for m, row in (figures | {GAME: game}).items() for s, a in enumerate(row)]


@pytest.fixture
def page():
    return report("dev", "python -m benchmarks --draws 3", cells((0.75, 0.78, 0.75)), 12, ["dev_accuracy.png"])


def test_mean_deviation_and_the_paired_difference_to_the_best_baseline_are_shown(page):
    assert "| `game_k+1` | 76.0 ± 1.7 |" in page
    assert f"| 10, `{BASELINE}` | 61.3 ± 1.5 | 61.3 | best baseline | 3 | 1.0 |" in page
    assert re.search(r"− best baseline\*\* \| \+14\.7 \[\+13\.2, \+16\.1\] \|", page)


def test_the_command_the_commit_and_where_undrawn_rows_stand_are_said(page):
    assert "python -m benchmarks --draws 3" in page
    assert "commit abc" in page
    assert "without labels, are in the unlabeled pool" in page
    assert "![dev_accuracy.png](dev_accuracy.png)" in page


def test_a_gain_of_the_generator_is_said(page):
    assert "At 10 labels per class the interval of `game_k+1` − off lies above 0" in page


def test_an_interval_that_contains_zero_is_said_in_words():
    page = report("dev", "x", cells((0.69, 0.73, 0.71)), 12, [])
    assert "interval of `game_k+1` − off contains 0: these draws do not show" in page


def test_a_harm_of_the_generator_is_said():
    assert "lies BELOW 0" in report("dev", "x", cells((0.60, 0.62, 0.61)), 12, [])


def test_one_draw_has_no_interval():
    page = report("dev", "x", [each for each in cells((0.7, 0.8, 0.8)) if each["seed"] == 0], 12, [])
    assert "+10.0 (one draw)" in page
    assert "one draw only" in page
    assert "| `game_k+1` | 70.0 (one draw) |" in page


def test_pairs_are_the_seeds_that_both_have():
    found = [each for each in cells((0.75, 0.78, 0.75)) if (each["method"], each["seed"]) != (GAME, 1)]
    (group,) = summarize(found)
    assert group.difference(GAME, OFF).count == 2


def test_a_variant_stands_beside_its_game_and_is_no_game_of_its_own(tmp_path):
    found = [*cells((0.75, 0.78, 0.75)), *(cell(GAME, seed, 0.7, variant="no | guide") for seed in range(3))]
    page = report("dev", "x", found, 12, [])
    assert r"| `game_k+1, no \| guide` − `game_k+1` | −6.0 [" in page
    (group,) = summarize(found)
    assert [line.name for line in group.games] == [GAME]


def test_plots_are_written_where_there_is_something_to_draw(tmp_path):
    found = cells((0.75, 0.78, 0.75))
    assert [file.name for file in write_outputs(tmp_path / "a.b", "x", found, 12)] == ["a.b.md", "a.b_ablation.png"]
    more = found + [each | {"labels": 50} for each in found]
    names = [file.name for file in write_outputs(tmp_path / "two", "x", more, 12)]
    assert names == ["two.md", "two_accuracy.png", "two_ablation.png"]
    assert (tmp_path / "two_accuracy.png").read_bytes().startswith(b"\x89PNG")
    assert write_outputs(tmp_path / "none", "x", [], 0) == []


def test_an_unfinished_run_says_so():
    assert "**Unfinished: 12 of 40 cells" in report("dev", "x", cells((0.7, 0.8, 0.8)), 40, [])
    assert "Unfinished" not in report("dev", "x", cells((0.7, 0.8, 0.8)), 12, [])
