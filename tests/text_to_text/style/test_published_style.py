"""A published model of styles: what it answers, refuses and says of itself."""

from __future__ import annotations

import csv
import json

import pytest
import tensorflow as tf
from tiny_styles import texts

from ganclf import contract
from ganclf.errors import ConfigError, ModelError
from ganclf.export.published_replies import PublishedReplies
from ganclf.export.published_style import PublishedStyle
from ganclf.generate import main as generate
from ganclf.train import main as train

pytestmark = pytest.mark.timeout(900)  # the first test waits for a training, which a busy machine takes minutes for
TEXTS = ["the soup was great here . 3", "the room was awful at noon .", "你好", "the music was lovely for us . 12"]


@pytest.fixture(scope="module")
def model(restyler) -> PublishedStyle:
    return PublishedStyle(restyler)


def test_texts_are_rewritten_and_the_model_names_its_styles(model):
    found = model.restyle(TEXTS, "bad", 0.7)
    assert all(each.classes == ("bad", "good") for each in found)
    assert all(0.0 <= each.style_probability <= 1.0 and each.text for each in found)
    assert "soup" in found[0].text
    assert "great" not in found[0].text


def test_no_strength_leaves_the_text_as_it_is(model):
    assert [each.text for each in model.restyle(TEXTS[:2], "bad", 0.0)] == TEXTS[:2]


def test_without_a_target_a_text_gets_a_style_that_it_does_not_have(model):
    assert model.restyle(TEXTS[:1], "", 0.7)[0].text == model.restyle(TEXTS[:1], "bad", 0.7)[0].text


def test_a_row_does_not_depend_on_the_others(model):
    together, alone = model.restyle(TEXTS, "good", 0.5)[3], model.restyle(TEXTS[3:], "good", 0.5)[0]
    assert together.text == alone.text
    assert together.style_probability == pytest.approx(alone.style_probability, abs=1e-5)


def test_what_is_too_long_to_be_rewritten_stays(model):
    tail = " ".join(["and so on"] * 20)
    assert model.restyle([f"the soup was great here . {tail}"], "bad", 0.7)[0].text.endswith("and so on and so on")


@pytest.mark.parametrize(
    ("text", "target", "strength", "message"),
    [
        ("a", "better", 0.5, "unknown target; choose from bad, good"),
        ("a", "bad", 1.5, "strength must be from 0 to 1"),
        ("a", "bad", float("nan"), "strength must be from 0 to 1"),
        (" \u3000", "bad", 0.5, "a text is empty"),
    ],
)
def test_what_can_not_be_answered_is_refused(model, text, target, strength, message):
    with pytest.raises(ConfigError, match=message):
        model.restyle([text], target, strength)


def test_shapes_that_do_not_fit_are_refused(model):
    signature = model._loaded.signatures[contract.PREDICT_SIGNATURE]
    with pytest.raises(tf.errors.InvalidArgumentError, match="one value per text"):
        signature(text=tf.constant(["a", "b"]), target=tf.constant(["bad"]), strength=tf.constant([0.5, 0.5]))


def test_the_report_compares_all_ways_and_the_card_says_what_it_is_not_good_for(restyler):
    extra = restyler / "1" / contract.ASSETS_EXTRA
    report = json.loads((extra / contract.REPORT_FILE).read_text(encoding="utf-8"))
    methods = {row["method"]: row for row in report["methods"]}
    assert methods["copy of the text"]["content"] == 1.0
    assert {row["method"] for row in report["held_out"]} < set(methods)
    assert len(report["held_out"]) == 7
    assert "It changes what a text says" in (extra / contract.MODEL_CARD_FILE).read_text("utf-8")
    assert (extra / contract.CURVES_PLOT_FILE).is_file()


def test_no_whole_training_text_is_in_the_model_or_its_warm_up(restyler):
    files = [file for file in (restyler / "1").rglob("*") if file.is_file() and file.suffix not in (".json", ".html")]
    content = b"".join(file.read_bytes() for file in files)
    assert not any(text.encode() in content for text, _ in texts())


def test_the_command_rewrites_and_marks_what_is_generated(restyler, tmp_path, capsys):
    own = ["--model", str(restyler), "--target", "bad"]
    assert generate([*own, "--text", TEXTS[0], "--strength", "0.7"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["generated"] is True
    assert row["text"] == TEXTS[0] != row["rewritten"]
    (tmp_path / "in.csv").write_text("text\n" + "\n".join(TEXTS[:2]), encoding="utf-8")
    assert generate([*own, "--input", str(tmp_path / "in.csv"), "--output", str(tmp_path / "out.csv")]) == 0
    rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8-sig")))
    assert [each["text"] for each in rows] == TEXTS[:2]
    assert {each["generated"].lower() for each in rows} == {"true"}


@pytest.mark.parametrize(
    "words",
    [("--strength", "2"), ("--target", "no such label"), ("--prefix", "a"), ("--text", " "), ("--output", "a.txt")],
    ids=str,
)
def test_mistakes_of_the_command_are_sentences(restyler, capsys, words):
    assert generate(["--model", str(restyler), "--text", "a", "--target", "bad", *words]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_target_without_a_text_and_a_model_of_another_kind_are_refused(restyler):
    assert generate(["--model", str(restyler), "--target", "bad"]) == 2
    with pytest.raises(ModelError, match="gives no replies"):
        PublishedReplies(restyler)


@pytest.mark.parametrize(
    ("labels", "message"), [(["a"] * 100, "has one label"), (["a"] * 95 + ["b"] * 5, "with the label 'b'")]
)
def test_one_style_or_too_few_texts_of_one_are_refused(tmp_path, capsys, labels, message):
    file = tmp_path / "one.csv"
    file.write_text("text,label\n" + "\n".join(f"text {n},{label}" for n, label in enumerate(labels)))
    assert train(["--task", "style", "--data", str(file), "--output", str(tmp_path / "m")]) == 2
    assert message in capsys.readouterr().err.replace("\n", " ")
