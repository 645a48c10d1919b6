"""How well texts obey their label: the figures on texts whose answer is known, and the command's mistakes."""

import pytest

from benchmarks.texts_by_label import classifier, figures, main

GOOD = [(f"the {thing} was great and {word}", "good") for thing in ("food", "room", "bar") for word in ("fine", "kind")]
BAD = [(f"the {thing} was awful and {word}", "bad") for thing in ("food", "room", "bar") for word in ("rude", "cold")]


def test_obedience_is_the_share_of_texts_with_the_label_that_was_asked():
    judge = classifier(GOOD + BAD)
    found = figures(GOOD + BAD, judge, GOOD + BAD)
    assert found["obeyed"] == found["classifier_on_real"] == 1.0
    wrong = [(text, "bad") for text, _ in GOOD[:3]]
    assert figures([*GOOD[3:], *wrong, *BAD], judge, GOOD + BAD)["obeyed"] == pytest.approx(9 / 12)


def test_a_judge_reads_scripts_without_spaces():
    rows = [("股市大涨", "财经"), ("股价大跌", "财经"), ("球队大胜", "体育"), ("球员受伤", "体育")] * 3
    assert classifier(rows).predict(["股市大跌", "球队受伤"]).tolist() == ["财经", "体育"]


def test_more_rows_than_leave_a_judge_are_refused(tmp_path, capsys):
    file = tmp_path / "rows.csv"
    file.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in GOOD + BAD), encoding="utf-8")
    (tmp_path / "real.csv").write_text("text,label\nthe pool was great,good\nthe pool was cold,bad\n", encoding="utf-8")
    words = ["--data", str(file), "--real", str(tmp_path / "real.csv"), "--model", str(tmp_path / "model")]
    assert main([*words, "--rows", "11", "--output", str(tmp_path / "rows.jsonl")]) == 2
    assert "too few are left for a judge" in capsys.readouterr().err
