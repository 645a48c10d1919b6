"""The command that compares how long models take."""

import time

import pytest

from ganclf import latency


def test_every_model_is_asked_every_text_in_turn_and_the_median_counts():
    asked = []
    asks = {name: lambda text, name=name: asked.append((name, text)) for name in ("one", "other")}
    asks["slow"] = lambda text: time.sleep(0.01 if text == "b" else 0)
    seconds = latency.measure(asks, ["a", "b", "b"], rounds=2)
    assert [pair for pair in asked if pair[1] == "a"] == [("one", "a"), ("other", "a")] * 3  # once to warm up
    assert 0.01 <= seconds["slow"] < 0.2
    assert seconds["one"] < 0.01


def test_the_table_has_the_ratio_to_ngrams(capsys):
    latency.show({"ngram": 0.002, "glyph, conv": 0.003})
    assert "1.50" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--texts", "--rounds"])
def test_a_number_out_of_range_is_a_sentence(option, capsys):
    assert latency.main([option, "0"]) == 2
    assert option in capsys.readouterr().err
