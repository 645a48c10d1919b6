"""A generator that was trained and published writes texts: by command, in Python, through a server."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from ganclf import contract
from ganclf.contract import GenerationRequest
from ganclf.errors import ConfigError
from ganclf.export.published_generator import PublishedGenerator
from ganclf.export.servable_check import check_servable
from ganclf.generate import main
from ganclf.text_generation.served import ServedGenerator


@pytest.fixture(scope="module")
def published(generator):
    return PublishedGenerator(generator)


def texts(published, **settings):
    return [text.text for text in published.generate([GenerationRequest(seed=seed, **settings) for seed in range(6)])]


def test_the_same_seed_gives_the_same_text_whatever_is_asked_beside_it(published):
    together = published.generate(
        [GenerationRequest(seed=seed, candidates=1 + seed % 3, temperature=1.0 + seed % 2) for seed in range(6)]
    )
    alone = published.generate([GenerationRequest(seed=5, candidates=3, temperature=2.0)])
    assert alone[0].text == together[5].text
    assert alone[0].log_probability == pytest.approx(together[5].log_probability, rel=1e-4)
    assert len({text.text for text in together}) > 1


def test_a_prefix_begins_the_text_even_of_unknown_words(published):
    assert all(text.startswith("a zebra 好") for text in texts(published, prefix="a zebra 好"))


def test_probabilities_are_of_whole_texts_and_realness_is_a_share(published):
    for text in published.generate([GenerationRequest(seed=seed, candidates=4) for seed in range(4)]):
        assert text.log_probability < 0.0
        assert 0.0 < text.realness < 1.0


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"label": "angry"}, "unknown label; labels are happy, sad"),
        ({"temperature": 0.0}, "temperature must be from 0.05 to 10"),
        ({"temperature": -1.0}, "temperature must be"),
        ({"temperature": float("nan")}, "temperature must be"),
        ({"candidates": 0}, "candidates must be from 1 to 64"),
        ({"candidates": 65}, "candidates must be from 1 to 64"),
        ({"prefix": "a man " * 30}, "a prefix is too long"),
    ],
)
def test_what_has_no_meaning_is_refused_with_a_reason(published, settings, reason):
    with pytest.raises(ConfigError, match=reason):
        published.generate([GenerationRequest(**settings)])


def test_no_texts_are_an_answer(published):
    assert published.generate([]) == []


def test_one_value_for_several_texts_is_refused(generator):
    loaded = tf.saved_model.load(str(generator / "1"))
    request = ServedGenerator.request(["", ""], ["", ""], [0, 1], [1.0, 1.0], [1, 1])
    request[contract.SEED] = request[contract.SEED][:1]
    with pytest.raises(tf.errors.InvalidArgumentError, match="must have one value per text"):
        loaded.signatures[contract.PREDICT_SIGNATURE](**{k: tf.constant(v) for k, v in request.items()})


def test_the_session_of_a_server_answers_as_the_loaded_model(generator):
    loaded = tf.saved_model.load(str(generator / "1")).signatures[contract.PREDICT_SIGNATURE]
    for request, answers in check_servable(generator / "1"):
        again = loaded(**{name: tf.constant(values) for name, values in request.items()})
        assert answers.keys() == again.keys()
        for name, values in again.items():
            if values.dtype == tf.string:
                assert answers[name].tolist() == values.numpy().tolist()
            else:
                np.testing.assert_allclose(answers[name], values, rtol=1e-5, atol=1e-5)


def test_the_report_has_all_models_and_their_definition(generator):
    report = json.loads((generator / "1" / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text(encoding="utf-8"))
    names = [row["model"] for row in report["perplexities"]]
    assert names[:3] == ["Kneser-Ney, 3-grams", "Kneser-Ney, 4-grams", "Kneser-Ney, 5-grams"]
    assert any("generator alone" in name for name in names)
    assert all(row["test"] > 1.0 for row in report["perplexities"])
    assert report["definition"].startswith("Perplexity is per word")
    assert report["data"]["labels"].keys() == {"happy", "sad"}
    assert len(report["examples"]) == 10


def test_page_and_card_are_beside_the_model(generator):
    extra = generator / "1" / contract.ASSETS_EXTRA
    assert "Perplexity; lower is better" in (extra / contract.HTML_REPORT_FILE).read_text(encoding="utf-8")
    assert "# Model card: sentences" in (extra / contract.MODEL_CARD_FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "txt"])
def test_every_file_says_that_its_texts_are_generated(generator, tmp_path, ending):
    file = tmp_path / f"texts.{ending}"
    words = ["--model", str(generator), "--count", "5", "--label", "sad", "--candidates", "2", "--output", str(file)]
    assert main(words) == 0
    content = file.read_text(encoding="utf-8-sig")
    if ending == "csv":
        rows = list(csv.DictReader(content.splitlines()))
        assert [row["generated"] for row in rows] == ["true"] * 5
    elif ending == "jsonl":
        assert all(json.loads(line)["generated"] is True for line in content.splitlines())
    else:
        head, *lines = content.splitlines()
        assert head.startswith("# generated by ganclf")
        assert len(lines) == 5


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--count", "0"], "--count 0: out of range"),
        (["--temperature", "0"], "--temperature 0.0: out of range"),
        (["--candidates", "65"], "--candidates 65: out of range"),
        (["--output", "texts.docx"], "unknown ending"),
        (["--label", "angry"], "unknown label; labels are happy, sad"),
        (["--model", "no/such"], "no/such"),
    ],
)
def test_mistakes_are_sentences_and_end_with_2(generator, words, reason, capsys):
    assert main([*(() if "--model" in words else ("--model", str(generator))), *words]) == 2
    assert reason in capsys.readouterr().err


def test_the_benchmark_of_poems_measures_real_ones_and_those_of_a_model(generator, sentence_file, tmp_path):
    pytest.importorskip("pypinyin", reason="needs the extra `poems`")
    from benchmarks.poems import main as measure

    words = ["--model", str(generator), "--data", str(sentence_file), "--count", "9", "--candidates", "1", "4"]
    assert measure([*words, "--output", str(tmp_path / "rows.jsonl")]) == 0
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["texts"] for row in rows][2:] == ["generator, temperature 1", "published, 1 of 4 candidates"]
    assert all(0.0 <= row["rhyme"] <= 1.0 and row["count"] == 9 for row in rows)


@pytest.mark.slow
def test_a_server_writes_the_same_texts_and_refuses_with_a_reason(published, generator, start, free_port):
    from ganclf.errors import ServerError
    from serving.client import Client

    port = free_port()
    start("-m", "serving.local", "--model_name", "texts", "--model_base_path", generator, "--port", port)
    requests = [GenerationRequest(seed=seed, prefix="a man", label="sad", candidates=2) for seed in range(3)]
    with Client(f"127.0.0.1:{port}", model="texts", timeout=120) as client:
        answered = client.generate(requests)
        assert [text.text for text in answered] == [text.text for text in published.generate(requests)]
        with pytest.raises(ServerError, match=r"unknown label; labels are happy, sad") as caught:
            client.generate([GenerationRequest(label="angry")])
        assert caught.value.code == "INVALID_ARGUMENT"
    words = ["--server", f"127.0.0.1:{port}", "--model-name", "texts", "--count", "2", "--timeout", "60"]
    assert main(words) == 0


def test_it_is_no_classifier(generator, capsys):
    from ganclf.predict import main as predict

    assert predict(["--model", str(generator), "a text"]) == 2
    assert "the model classifies nothing. Ask it with ganclf generate." in capsys.readouterr().err


def test_folders_are_named_in_errors(tmp_path):
    from ganclf.errors import ModelError

    with pytest.raises(ModelError):
        PublishedGenerator(Path(tmp_path))
