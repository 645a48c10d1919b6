"""The players of the game of styles: gradients reach the generator, and generated is a class of its own."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from ganclf.adversarial.noise import Noise
from ganclf.encoders.tokens import END, FIRST_WORD
from ganclf.text_to_text.style.game import DISCRIMINATOR, GENERATOR, make_game
from ganclf.text_to_text.style.networks import StyleDiscriminator, StyleGenerator, with_generated

SIZE = FIRST_WORD + 8
TOKENS = tf.constant([[FIRST_WORD, FIRST_WORD + 1, END, 0], [FIRST_WORD + 2, END, 0, 0]])


def generator() -> StyleGenerator:
    return StyleGenerator(SIZE, 2, 6, 4, 0.0, 0)


def discriminator() -> StyleDiscriminator:
    return StyleDiscriminator(SIZE, 2, 4, 3, 0.0, 0)


def test_the_logits_of_one_hot_vectors_are_those_of_the_tokens():
    network = discriminator()
    before_end = tf.constant([[1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0]])
    soft = network.soft_logits(tf.one_hot(TOKENS, SIZE), before_end, False, None)
    np.testing.assert_allclose(soft, network.logits(TOKENS), atol=1e-6)


def test_padding_does_not_change_a_score():
    network = discriminator()
    wide = tf.pad(TOKENS, [[0, 0], [0, 5]])
    np.testing.assert_allclose(network.logits(TOKENS), network.logits(wide), atol=1e-6)


def test_generated_is_the_last_class_with_a_logit_of_0():
    assert with_generated(tf.constant([[1.0, 2.0]])).numpy().tolist() == [[1.0, 2.0, 0.0]]


def test_rewritings_are_one_hot_and_pass_gradients_to_the_style():
    network = generator()
    with tf.GradientTape() as tape:
        memory = network.read_for(TOKENS, tf.constant([1, 0]))
        one_hots, before_end = network.rewrite(memory, tf.constant(3), 0.5, Noise(0, tf.constant(0.0)))
        loss = tf.reduce_sum(discriminator().soft_logits(one_hots, before_end, False, None))
    assert set(np.unique(np.round(one_hots.numpy(), 5))) <= {0.0, 1.0}
    np.testing.assert_allclose(tf.reduce_sum(one_hots, axis=2), 1.0, atol=1e-5)
    assert tf.reduce_max(tf.abs(tf.convert_to_tensor(tape.gradient(loss, network.style_vectors.value)))) > 0.0


@pytest.fixture(scope="module")
def steps() -> list[list[np.ndarray]]:
    """The generator's weights after two steps of the same game, twice."""
    found = []
    for _ in range(2):
        players = {DISCRIMINATOR: discriminator(), GENERATOR: generator()}
        rates = {GENERATOR: 0.01, DISCRIMINATOR: 0.01}
        game = make_game(players, generator(), rates, seed=3, tokens_per_text=3.0, adversarial_weight=0.5)
        style = tf.constant([0, 1])
        batch = {"source": TOKENS, "reply": TOKENS, "style": style, "target": 1 - style, "generated": TOKENS}
        for _ in range(2):
            assert all(np.isfinite(value) for value in game.train_step(batch).values())
        found.append(players[GENERATOR].get_weights())
    return found


def test_a_game_repeats_exactly(steps):
    for one, other in zip(*steps, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_game_changes_all_weights_of_the_generator(steps):
    changed = [np.abs(after - before).max() for after, before in zip(steps[0], generator().get_weights(), strict=True)]
    assert min(changed) > 0.0
