"""The command that compares how long models take."""

import time

import pytest

from benchmarks import latency


def test_every_model_is_asked_every_text_in_turn_and_a_rounds_median_counts():
    asked = []
    asks = {name: lambda text, name=name: asked.append((name, text)) for name in ("one", "other")}
    asks["slow"] = lambda text: time.sleep(0.01 if text == "b" else 0)
    seconds = latency.measure(asks, ["a", "b", "b"], rounds=2)
    assert [pair for pair in asked if pair[1] == "a"] == [("one", "a"), ("other", "a")] * 3  # once to warm up
    assert 0.01 <= seconds["slow"] < 0.2
    assert seconds["one"] < 0.01


def test_a_round_that_other_work_made_slow_does_not_count():
    naps = iter([0, 0.02, 0, 0])
    seconds = latency.measure({"one": lambda text: time.sleep(next(naps))}, ["a"], rounds=3)
    assert seconds["one"] < 0.01


def test_the_table_has_the_ratio_to_ngrams_and_what_folding_is_worth(capsys):
    conv = "glyph, conv"
    latency.show({"ngram": 0.002, conv: 0.003, conv + latency.FOLDED: 0.001, conv + latency.UNFOLDED: 0.0042})
    said = capsys.readouterr().out
    assert "1.50" in said
    assert "features of glyph, conv take 4.2 times as long" in said


@pytest.mark.parametrize("option", ["--texts", "--rounds"])
def test_a_number_out_of_range_is_a_sentence(option, capsys):
    assert latency.main([option, "0"]) == 2
    assert option in capsys.readouterr().err
