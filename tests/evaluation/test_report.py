"""The report says what was measured, in sentences, tables and a model card."""

from __future__ import annotations

import copy
import io
from typing import Any

import pytest
from rich.console import Console

from ganclf.evaluation.report import FIGURES, METHOD_NAMES, model_card, results_table, verdict, versions


def result(accuracy: float) -> dict[str, float]:
    return dict.fromkeys(FIGURES, accuracy) | {"seconds": 1.26}


@pytest.fixture
def report() -> dict[str, Any]:
    parts = {
        "created": "2030-01-02T03:04:05+00:00",
        "versions": {"ganclf": "9.8.7"},
        "configuration": {"max_characters": 2000, "game": "k+1", "encoder": "ngram", "steps": 7, "seed": 3},
        "data": {"labeled": {"a|b": 2, "<script>": 3, "退款": 4}, "unlabeled": 50},
        "evaluation": {"sentence": "On 10 held-out texts [all of them]."},
        "published": {"sentence": "Published is the game."},
        "results": {"game": result(0.9), "game_off": result(0.8), "tfidf_logistic_regression": result(0.85)},
        "resources": {"seconds": 12.3, "peak_memory_bytes": 2**30, "model_bytes": 2_500_000},
    }
    return parts | {"verdict": verdict(parts)}


def shown(report: dict[str, Any]) -> str:
    out = io.StringIO()
    Console(file=out, width=200).print(results_table(report))
    return out.getvalue()


@pytest.mark.parametrize(
    ("accuracies", "sentence"),
    [
        (
            {"game": 0.9, "game_off": 0.8, "tfidf_logistic_regression": 0.85},
            "The game is 5.0 points above the best of the others (logistic regression, tf-idf).",
        ),
        (
            {"game": 0.80, "game_off": 0.8125},
            "The game is 1.2 points BELOW the best of the others (the game without generator (off)). "
            "Prefer that method here, or give more labels or more unlabelled texts.",
        ),
        (
            {"game": 0.5, "features_logistic_regression": 0.5},
            "The game is 0.0 points above the best of the others (logistic regression, same features).",
        ),
        (
            {"published": 0.83, "game": 0.80, "game_off": 0.82},
            "The game is 2.0 points BELOW the best of the others (the game without generator (off)). "
            "What is published is 1.0 points above it.",
        ),
        ({"game": 0.9}, ""),
        ({"game_off": 0.9, "tfidf_logistic_regression": 0.8}, ""),
        ({}, ""),
    ],
    ids=["above", "below", "equal", "published", "alone", "off", "none"],
)
def test_the_verdict_says_what_the_game_gained_or_lost(accuracies, sentence):
    assert verdict({"results": {name: result(accuracy) for name, accuracy in accuracies.items()}}) == sentence


def test_the_table_has_a_row_a_method_with_percent(report):
    lines = shown(report).splitlines()
    for method, percent in (("game", "90.0"), ("game_off", "80.0"), ("tfidf_logistic_regression", "85.0")):
        line = next(line for line in lines if METHOD_NAMES[method] in line)
        assert line.count(percent) == 4
        assert "1.3" in line


def test_answers_to_texts_with_typing_mistakes_are_rows_below_the_method(report):
    report["robustness"] = {"game": {kind: {"rate": 0.1} | result(0.75) for kind in ("replaced", "dropped")}}
    for text in (shown(report), model_card(report, "support")):
        lines = [line for line in text.splitlines() if "0.0" in line or "75.0" in line]
        assert ["– letters replaced, 10 %" in line for line in lines[:4]] == [False, True, False, False]
        assert [line.count("75.0") for line in lines[:4]] == [0, 4, 4, 0]  # below the method that was asked


def test_the_model_card_tells_data_figures_and_settings(report):
    card = model_card(report, "support")
    for part in (
        "# Model card: support",
        "ganclf 9.8.7",
        "first 2000 characters",
        "one of 3 labels",
        "9 labelled and 50 unlabelled texts",
        "| 退款 | 4 |",
        "| the game | 90.0 | 90.0 | 90.0 | 90.0 |",
        "On 10 held-out texts",
        "5.0 points above",
        "1024 MiB",
        "2.5 MB",
        "seed 3",
    ):
        assert part in card


def test_the_model_card_escapes_what_users_called_their_classes(report):
    report["data"]["labeled"] |= {"two\nlines": 1, "back\\slash|": 1}
    card = model_card(report, "a|<b>")
    for part in ("| a\\|b | 2 |", "| &lt;script> | 3 |", "| two lines | 1 |", "| back\\\\slash\\| | 1 |"):
        assert part in card
    assert "# Model card: a\\|&lt;b>" in card
    assert "<script>" not in card


def test_a_model_card_without_results_has_no_table_of_methods(report):
    card = model_card(report | {"results": {}, "verdict": ""}, "support")
    assert "| method |" not in card
    assert "On 10 held-out texts" in card


def test_the_report_is_only_read(report):
    before = copy.deepcopy(report)
    shown(report)
    model_card(report, "support")
    assert report == before


def test_versions_name_all_that_a_result_depends_on():
    found = versions()
    assert {"python", "system", "ganclf", "tensorflow", "keras", "scikit-learn", "numpy", "scipy"} <= found.keys()
    assert all(found.values())
