"""A real sentence encoder, where its wheel is installed."""

import numpy as np
import pytest

from ganclf.config import EncoderConfig
from ganclf.encoders import PretrainedEncoder


@pytest.fixture(scope="module")
def encoder(minilm):
    pytest.importorskip("keras_hub", reason="needs the extra `pretrained`")
    return PretrainedEncoder(EncoderConfig(encoder="pretrained", preset=str(minilm))).fit([])


def test_vectors_are_those_of_the_model_card(encoder):
    vectors = encoder.transform(["This is an example sentence", "Each sentence is converted"])
    # KerasHub's BERT approximates GELU by tanh, the card's does not
    np.testing.assert_allclose(vectors[0, :3], [0.0677, 0.0635, 0.0487], atol=3e-4)
    np.testing.assert_allclose(vectors[1, :3], [0.0864, 0.1028, 0.0054], atol=3e-4)


def test_paraphrases_are_closer_than_other_texts(encoder):
    vectors = encoder.transform(
        ["How can I get my money back?", "I would like a refund, please.", "The match ended in a draw."]
    )
    cosines = vectors @ vectors.T
    assert cosines[0, 1] > 0.5 > 0.2 > cosines[0, 2]
