"""Contrastive fine-tuning: the loss, the batches, and the vectors afterwards."""

import numpy as np
import pytest
import tensorflow as tf
from warmup_answers import warmup_answers

from ganclf import GANClassifier
from ganclf.config import EncoderConfig
from ganclf.data.rows import UNLABELED
from ganclf.encoders import PretrainedEncoder
from ganclf.encoders.transformer.contrastive import BATCH_SIZE, balanced_batches, cosine_pair_loss
from ganclf.errors import ConfigError, DataError

EAST, NORTH = [1.0, 0.0], [0.0, 1.0]
WORDS = {"sport": "match goal team win league", "money": "stock bank price market trade"}
TEXTS = [f"{a} {b}" for line in WORDS.values() for a in line.split() for b in line.split()]
LABELS = [name if number % 5 == 0 else None for name in WORDS for number in range(25)]


def test_the_loss_is_low_where_labels_lie_together():
    labels = tf.constant([0, 0, 1, 1])
    together = cosine_pair_loss(tf.constant([EAST, EAST, NORTH, NORTH]), labels)
    mixed = cosine_pair_loss(tf.constant([EAST, NORTH, EAST, NORTH]), labels)
    assert float(together) == pytest.approx(0)
    assert float(mixed) == pytest.approx((1 + 1 / 2) / 2)


def test_a_batch_without_pairs_of_one_label_is_only_pushed_apart():
    assert float(cosine_pair_loss(tf.constant([EAST, NORTH]), tf.constant([0, 1]))) == pytest.approx(0)
    assert float(cosine_pair_loss(tf.constant([EAST, EAST]), tf.constant([0, 1]))) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "counts", [(10, 10), (1, 1), (2, 40, 7), (3,) * 50], ids=["even", "single labels", "uneven", "many classes"]
)
def test_batches_are_balanced_and_of_bounded_size(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    for rows in balanced_batches(labels, 20, seed=0):
        _, sizes = np.unique(labels[rows], return_counts=True)
        assert sizes.min() == sizes.max() >= 2
        assert len(rows) <= BATCH_SIZE


def tuned(folder):
    config = EncoderConfig(encoder="pretrained", preset=str(folder), max_tokens=16, tune="contrastive", tune_steps=6)
    encoder = PretrainedEncoder(config).fit(TEXTS)
    before = encoder.transform(TEXTS)
    done = []
    numbers = np.array([{None: UNLABELED, "sport": 0, "money": 1}[label] for label in LABELS])
    encoder.tune(TEXTS, numbers, done.append)
    assert sum(done) == 6
    return before, encoder.transform(TEXTS), numbers


def gap(vectors, numbers):
    """How much closer rows of one label are than rows of two."""
    cosines = vectors[numbers >= 0] @ vectors[numbers >= 0].T
    same = np.equal.outer(numbers[numbers >= 0], numbers[numbers >= 0])
    return cosines[same].mean() - cosines[~same].mean()


@pytest.fixture(scope="module")
def tuned_once(tiny_bert):
    return tuned(tiny_bert)


def test_tuning_separates_labels_and_does_not_read_the_old_cache(tuned_once):
    before, after, numbers = tuned_once
    assert gap(after, numbers) > gap(before, numbers)
    assert np.abs(after - before).max() > 1e-3
    np.testing.assert_allclose(np.linalg.norm(after, axis=1), 1, atol=1e-5)


def test_a_sentencepiece_family_can_be_tuned_too(tiny_xlm_roberta):
    before, after, _ = tuned(tiny_xlm_roberta)
    assert np.abs(after - before).max() > 1e-4


def test_the_same_seed_gives_the_same_vectors(tiny_bert, tuned_once):
    np.testing.assert_allclose(tuned(tiny_bert)[1], tuned_once[1], atol=1e-5)


def test_tuned_weights_are_published(tiny_bert, tmp_path):
    tuning = {"tune": "contrastive", "tune_steps": 3, "tune_rounds": 2}
    quick = {"size": 8, "steps": 5, "width": 8, "calibration": "none", "game": "off"}
    classifier = GANClassifier(encoder="fused", preset=str(tiny_bert), max_tokens=16, **quick, **tuning)
    version = classifier.fit(TEXTS, LABELS).save(tmp_path / "model")
    texts, probabilities = warmup_answers(version)
    np.testing.assert_allclose(probabilities, classifier.predict_proba(texts), atol=1e-4)


def test_tuning_without_labels_is_refused(tiny_bert):
    classifier = GANClassifier(encoder="pretrained", preset=str(tiny_bert), max_tokens=16, tune="contrastive")
    with pytest.raises(DataError, match="no labels were given"):
        classifier.encode(TEXTS)


def test_only_a_transformer_can_be_tuned():
    with pytest.raises(ConfigError, match="--tune"):
        EncoderConfig(tune="contrastive")
