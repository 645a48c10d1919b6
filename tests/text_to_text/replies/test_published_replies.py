"""A published model of replies: what it answers, refuses and holds."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tensorflow as tf
from tiny_pairs import pairs

from ganclf import contract
from ganclf.errors import ConfigError
from ganclf.export.published_replies import PublishedReplies
from ganclf.export.servable_check import check_servable
from ganclf.generate import main as generate
from ganclf.text_to_text.generator import Generator
from ganclf.text_to_text.replies.discriminator import PairDiscriminator
from ganclf.text_to_text.replies.encoding import PairEncoding
from ganclf.text_to_text.replies.neighbors import Neighbors
from ganclf.text_to_text.replies.pairs import Pairs
from ganclf.text_to_text.replies.ranking import Ranker
from ganclf.text_to_text.replies.served import Choice, ServedReplies

TEXTS = ["where is my red cat 5 ?", "", "你好", "where is my new car 71 ?"]


@pytest.fixture(scope="module")
def model(replier) -> PublishedReplies:
    return PublishedReplies(replier)


def test_replies_are_sorted_and_those_of_the_training_file_are_marked(model):
    answers = model.replies(TEXTS, range(4), 0.8)
    known = {reply for _, reply in pairs()}
    assert [len(row) for row in answers] == [3] * 4
    for row in answers:
        assert all(each.reply in known for each in row if each.retrieved)
        assert len({each.reply for each in row}) == 3
        assert [each.score for each in row] == sorted((each.score for each in row), reverse=True)


def test_a_row_does_not_depend_on_the_others(model):
    together = model.replies(TEXTS, [7, 8, 9, 10], 1.0)
    alone = model.replies(TEXTS[3:], [10], 1.0)[0]
    assert [each.reply for each in alone] == [each.reply for each in together[3]]
    np.testing.assert_allclose([each.score for each in alone], [each.score for each in together[3]], atol=1e-4)


def test_the_session_of_a_server_answers_as_the_loaded_model(model):
    signature = model._loaded.signatures[contract.PREDICT_SIGNATURE]
    for request, answers in check_servable(model.folder):
        again = signature(**{name: tf.constant(values) for name, values in request.items()})
        assert answers[contract.REPLY].tolist() == again[contract.REPLY].numpy().tolist()
        assert answers[contract.RETRIEVED].tolist() == again[contract.RETRIEVED].numpy().tolist()
        np.testing.assert_allclose(answers[contract.SCORE], again[contract.SCORE], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("temperature", [0.0, -1.0, 100.0, float("nan")])
def test_a_temperature_out_of_range_is_refused(model, temperature):
    with pytest.raises(ConfigError, match="temperature must be from"):
        model.replies(["a"], [0], temperature)


def test_shapes_that_do_not_fit_are_refused(model):
    with pytest.raises(ConfigError, match="one value per text"):
        model.replies(["a", "b"], [0], 1.0)
    signature = model._loaded.signatures[contract.PREDICT_SIGNATURE]
    with pytest.raises((tf.errors.InvalidArgumentError, ValueError)):
        signature(text=tf.constant("a"), seed=tf.constant([1], tf.int64), temperature=tf.constant([1.0]))


def test_report_and_card_say_that_training_texts_are_in_the_model(replier):
    extra = replier / "1" / contract.ASSETS_EXTRA
    report = json.loads((extra / contract.REPORT_FILE).read_text(encoding="utf-8"))
    assert report["retrieved"]
    assert "replies of the training file word for word" in (extra / contract.MODEL_CARD_FILE).read_text("utf-8")
    assert {row["method"] for row in report["recall"]} >= {"discriminator", "shared words (tf-idf)"}
    methods = {row["method"]: row for row in report["methods"]}
    assert methods["real replies"]["F1"] == 1.0
    assert {"published model", "beam search (maximum likelihood)", "most frequent reply"} <= set(methods)


def test_generated_candidates_leave_no_training_text_in_the_model(tmp_path):
    rows = [(text, reply.replace("number", f"place {index} by")) for index, (text, reply) in enumerate(pairs())]
    train = Pairs([text for text, _ in rows], [reply for _, reply in rows])
    encoding = PairEncoding.fit(train, 100, 200, 8)
    discriminator = PairDiscriminator(encoding.ngrams.idf, encoding.ngrams.is_word, 4, 0.0, 0.0, 0)
    generator = Generator(encoding.tokenizer.size, 4, 4, 0.0, 0)
    neighbors = Neighbors(discriminator, encoding.ngrams, train)
    for name, held in (("generated", None), ("both", neighbors)):
        served = ServedReplies(encoding, Ranker(discriminator, held), generator, Choice(1, 1, 1, 0.0))
        tf.saved_model.save(served, str(tmp_path / name), signatures=served.signatures())
        content = b"".join(file.read_bytes() for file in (tmp_path / name).rglob("*") if file.is_file())
        assert any(reply.encode() in content for _, reply in rows) == (name == "both")


def test_the_command_replies(replier, tmp_path, capsys):
    assert generate(["--model", str(replier), "--text", TEXTS[0], "--count", "2"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["rank"] for row in rows] == [1, 2]
    (tmp_path / "in.csv").write_text("text\n" + "\n".join(f'"{text}"' for text in TEXTS if text), encoding="utf-8")
    words = ["--model", str(replier), "--input", str(tmp_path / "in.csv")]
    assert generate([*words, "--output", str(tmp_path / "out.csv")]) == 0
    assert len((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()) == 4
    assert generate(["--model", str(replier), "--text", "a", "--prefix", "b"]) == 2
    assert generate(["--model", str(replier), "--text", "a", "--temperature", "0"]) == 2
    assert generate(["--model", str(replier)]) != 0
