"""The report states what was measured, in sentences, tables, a model card and one HTML file."""

from __future__ import annotations

import copy
import io
import re
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from ganclf import contract
from ganclf.evaluation.html_report import html_report
from ganclf.evaluation.intervals import paired_p_value
from ganclf.evaluation.metrics import score
from ganclf.evaluation.model_card import model_card
from ganclf.evaluation.report import (
    METHOD_NAMES,
    classes_table,
    columns_sentence,
    methods_table,
    sentences,
    verdict,
    versions,
)
from ganclf.evaluation.wording import WORDINGS, span

PIXEL = b"\x89PNG a picture"


def result(right: int, texts: int = 40, p_value: float = 1.0) -> dict[str, Any]:
    """Figures of a method that is right on so many of the texts."""
    truth = ["a|b", "<script>"] * (texts // 2)
    other = {"a|b": "<script>", "<script>": "a|b"}
    predicted = [name if number < right else other[name] for number, name in enumerate(truth)]
    return score(truth, predicted, ["a|b", "<script>"]) | {"seconds": 1.26, "p_value": p_value}


@pytest.fixture
def report() -> dict[str, Any]:
    results = {"published": result(35), "game_off": result(32), "tfidf_logistic_regression": result(34)}
    return {
        "created": "2030-01-02T03:04:05+00:00",
        "versions": {"ganclf": "9.8.7"},
        "configuration": {"max_characters": 2000, "game": "k+1", "encoder": "ngram", "steps": 7, "seed": 3},
        "data": {
            "labeled": {"a|b": 2, "<script>": 3, "退款": 4},
            "unlabeled": 50,
            "columns": {"text": "message", "label": "topic"},
            "files": {"data": "rows.csv"},
        },
        "evaluation": {"sentence": "On 40 held-out texts [all of them]."},
        "results": results,
        "verdict": verdict(results),
        "confidence": {"mean": 0.7, "sentence": "It is too modest."},
        "previous": {"sentence": "Version 1 predicts 30 of the same 40 texts correctly."},
        "published": {"sentence": "The published model is the game.", "details": "Cohen's kappa 0.53."},
        "collapse": None,
        "sample_grids": [],
        "resources": {"seconds": 12.3, "peak_memory_bytes": 2**30, "model_bytes": 2_500_000},
    }


def shown(report: dict[str, Any]) -> str:
    out = io.StringIO()
    console = Console(file=out, width=200)
    console.print(methods_table(report).as_rich())
    console.print(classes_table(report).as_rich())
    return out.getvalue()


@pytest.mark.parametrize(
    ("results", "parts"),
    [
        (
            {"published": result(35), "game_off": result(32, p_value=0.4)},
            ["35 of 40 test texts correctly: 87.5 % (95 % interval 74 to 95 %).", "3 more than the best other method",
             "(game without generator, 32 of 40); a difference of this size can be chance."],
        ),
        (
            {"published": result(20), "game": result(39), "tfidf_logistic_regression": result(36, p_value=0.001)},
            ["16 fewer than the best other method (logistic regression, tf-idf, 36 of 40), which is more than chance.",
             "Prefer that method here"],
        ),
        ({"published": result(35), "game_off": result(35)}, ["best other method (game without generator) got as many"]),
        ({"published": result(35), "game": result(36)}, ["87.5 %"]),
        ({}, []),
    ],
    ids=["above", "below", "equal", "alone", "none"],
)  # fmt: skip
def test_the_verdict_has_counts_interval_and_the_difference_from_the_best_other_method(results, parts):
    text = verdict(results)
    assert [part for part in parts if part not in text] == []
    assert bool(text) == bool(results)
    assert ("other method" in text) == bool({"game_off", "tfidf_logistic_regression"} & set(results))


@pytest.mark.parametrize(
    ("mean", "words"), [(0.99, "too sure"), (0.6, "too modest"), (0.88, "confidence fits"), (0.80, "confidence fits")]
)
def test_confidence_is_judged_by_the_interval_of_the_accuracy(mean, words):
    sentence = WORDINGS[False].confidence(result(35), mean)
    assert words in sentence
    assert f"{100 * mean:.1f} % sure, and right in 87.5 %" in sentence


def test_few_texts_do_not_judge_confidence():
    assert "So few texts" in WORDINGS[False].confidence(result(8, 10), 0.8)


def test_the_paired_test_is_mcnemars():
    ours, theirs = [True] * 8 + [False] * 2 + [True] * 20, [False] * 8 + [True] * 2 + [True] * 20
    assert paired_p_value(np.array(ours), np.array(theirs)) == pytest.approx(2 * (1 + 10 + 45) / 2**10)
    assert paired_p_value(np.array(ours), np.array(ours)) == 1.0


def test_the_tables_have_a_row_per_method_and_per_class(report):
    lines = shown(report).splitlines()
    for method, cells in (("published", ("35 of 40", "87.5 (74 to 95)")), ("game_off", ("32 of 40", "80.0"))):
        line = next(line for line in lines if METHOD_NAMES[method] in line)
        assert all(cell in line for cell in cells)
        assert "1.3" in line
    per_class = report["results"]["published"]["per_class"]["<script>"]
    line = next(line for line in lines if "<script>" in line)
    assert all(f"{100 * per_class[name]:.1f}" in line for name in ("precision", "recall", "f1"))
    assert "20" in line


def test_figures_of_perturbed_texts_are_rows_below_the_method(report):
    report["robustness"] = {"published": {kind: {"rate": 0.1} | result(20) for kind in ("replaced", "dropped")}}
    rows = [row[0] for row in methods_table(report).rows]
    assert rows[:4] == [
        METHOD_NAMES["published"],
        "– letters replaced, 10 %",
        "– letters dropped, 10 %",
        METHOD_NAMES["game_off"],
    ]


def test_the_columns_that_were_read_are_named(report):
    assert columns_sentence(report) == "Columns: 'message' is the text, 'topic' the label. Files: rows.csv (--data)."


def test_the_model_card_has_data_figures_details_and_settings(report):
    card = model_card(report, "support")
    for part in (
        "# Model card: support",
        "ganclf 9.8.7",
        "first 2000 characters",
        "one of 3 labels",
        "9 labeled and 50 unlabeled texts",
        "| 退款 | 4 |",
        "| published model | 35 of 40 | 87.5 (74 to 95) |",
        "On 40 held-out texts",
        "Cohen's kappa 0.53",
        "'message' is the text",
        "1024 MiB",
        "2.5 MB",
        "seed 3",
    ):
        assert part in card


def test_the_kappas_are_in_the_model_card_alone(report):
    assert not any("kappa" in sentence for sentence in sentences(report))


def test_the_model_card_escapes_what_users_called_their_classes(report):
    report["data"]["labeled"] |= {"two\nlines": 1, "back\\slash|": 1}
    card = model_card(report, "a|<b>")
    for part in ("| a\\|b | 2 |", "| &lt;script> | 3 |", "| two lines | 1 |", "| back\\\\slash\\| | 1 |"):
        assert part in card
    assert "# Model card: a\\|&lt;b>" in card
    assert "<script>" not in card


def test_without_results_there_is_no_table_of_methods(report, tmp_path):
    report |= {"results": {}, "verdict": ""}
    assert "| method |" not in model_card(report, "support")
    assert "On 40 held-out texts" in model_card(report, "support")
    assert "On 40 held-out texts" in html_report(report, "support", tmp_path)


def test_the_html_report_is_one_file_without_scripts_or_links(report, tmp_path):
    (tmp_path / contract.CONFUSION_PLOT_FILE).write_bytes(PIXEL)
    page = html_report(report, "support <b>", tmp_path)
    assert page.startswith("<!DOCTYPE html>")
    assert "data:image/png;base64,iVBORyBhIHBpY3R1cmU=" in page
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert "<script" not in page
    assert "http" not in page
    assert "support &lt;b&gt;" in page
    for part in ("35 of 40", "87.5 (74 to 95)", "&lt;script&gt;", "退款", "It is too modest.", "Version 1 predicts 30"):
        assert part in page


def test_the_report_is_only_read(report, tmp_path):
    before = copy.deepcopy(report)
    shown(report)
    model_card(report, "support")
    html_report(report, "support", tmp_path)
    assert report == before


def test_versions_name_all_that_a_result_depends_on():
    found = versions()
    assert {"python", "system", "ganclf", "tensorflow", "keras", "scikit-learn", "numpy", "scipy"} <= found.keys()
    assert all(found.values())


def test_names_of_methods_are_readable_in_a_narrow_terminal(report):
    out = io.StringIO()
    report["robustness"] = {"published": {"swapped": {"rate": 0.2} | result(20)}}
    Console(file=out, width=80).print(methods_table(report).as_rich())
    assert "– letters swapped, 20 %" in out.getvalue()
    assert "game without generator" in out.getvalue()


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ([0.72, 1.0], "72 to 100"),
        ([0.9984, 1.0], "99.8 to 100.0"),
        ([0.0, 0.004], "0.0 to 0.4"),
        ([1.0, 1.0], "100.000"),
    ],
)
def test_both_ends_of_an_interval_can_be_told_apart(interval, words):
    assert span(interval).startswith(words)
