"""Distillation: the batches, what the transformer learns, and which weights stay."""

import numpy as np
import pytest
from warmup_answers import warmup_answers

from ganclf import GANClassifier
from ganclf.config import EncoderConfig
from ganclf.encoders import PretrainedEncoder
from ganclf.encoders.transformer.distillation import BATCH_SIZE, FROZEN, length_bucketed_batches

WORDS = {"sport": "match goal team win league", "money": "stock bank price market trade"}
TEXTS = [f"{a} {b}" for line in WORDS.values() for a in line.split() for b in line.split()]
SOFT_LABELS = np.repeat([[0.9, 0.1], [0.2, 0.8]], 25, axis=0)


def fitted(folder, pooling="auto"):
    config = EncoderConfig(
        encoder="pretrained", preset=str(folder), max_tokens=16, tune="distil", tune_steps=12, pooling=pooling
    )
    return PretrainedEncoder(config).fit(TEXTS)


def spread(vectors):
    """Distance of the two classes' means."""
    return float(np.linalg.norm(vectors[:25].mean(axis=0) - vectors[25:].mean(axis=0)))


@pytest.mark.parametrize("rows", [7, 100, 3000])
def test_every_row_comes_once_per_epoch_and_rows_of_a_batch_have_similar_lengths(rows):
    lengths = np.random.default_rng(0).integers(3, 128, rows)
    batches = list(length_bucketed_batches(lengths, 20, seed=0))
    assert [len(batch) for batch in batches] == [BATCH_SIZE] * 20
    counts = np.bincount(np.concatenate(batches), minlength=rows)
    assert counts.max() - counts.min() <= 1
    ranges = [np.ptp(lengths[batch]) for batch in batches]
    assert np.mean(ranges) < np.ptp(lengths) / 2


@pytest.mark.parametrize("pooling", ["auto", "preset"])
def test_soft_labels_are_learned_embeddings_stay_and_the_old_cache_is_not_read(tiny_bert, pooling):
    encoder, done = fitted(tiny_bert, pooling), []
    variables = encoder.transformer.network().trainable_variables
    before, weights = encoder.transform(TEXTS), [variable.numpy() for variable in variables]
    encoder.distill(TEXTS, SOFT_LABELS, done.append)
    assert sum(done) == 12
    assert spread(encoder.transform(TEXTS)) > spread(before)
    moved = {variable.path: not np.array_equal(variable, old) for variable, old in zip(variables, weights, strict=True)}
    assert {moved[path] for path in moved if FROZEN in path} == {False}
    assert np.mean([moved[path] for path in moved if FROZEN not in path]) > 0.9


def test_distilled_weights_are_published(tiny_bert, tmp_path):
    labels = [name if number % 5 == 0 else None for name in WORDS for number in range(25)]
    quick = {"size": 8, "steps": 5, "width": 8, "calibration": "none", "game": "off"}
    classifier = GANClassifier(
        encoder="fused", preset=str(tiny_bert), max_tokens=16, tune="distil", tune_steps=3, **quick
    )
    version = classifier.fit(TEXTS, labels).save(tmp_path / "model")
    texts, probabilities = warmup_answers(version)
    np.testing.assert_allclose(probabilities, classifier.predict_proba(texts), atol=1e-4)
