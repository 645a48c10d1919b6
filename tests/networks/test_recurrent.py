"""The LSTM is that of Keras, in values and gradients."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from ganclf.networks.recurrent import LSTM


def test_states_and_gradients_are_those_of_keras():
    inputs = tf.random.stateless_normal([3, 5, 4], [1, 2])
    ours, theirs = LSTM(6, 0, name="ours"), keras.layers.LSTM(6, return_sequences=True, name="theirs")
    ours.build((None, 4))
    theirs.build((3, 5, 4))

    def in_their_order(weights):
        """Keras has the gates in the order input, forget, new, output; ours has new last."""
        first, second, third, fourth = np.split(np.asarray(weights), 4, axis=-1)
        return np.concatenate([first, second, fourth, third], axis=-1)

    theirs.set_weights([in_their_order(weight) for weight in ours.get_weights()])
    gradients = []
    for layer in (ours, theirs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            states = layer(inputs)
            loss = tf.reduce_sum(states * tf.range(5.0)[:, tf.newaxis])
        gradients.append((states, *tape.gradient(loss, [inputs, *layer.trainable_variables])))
    mine, keras_own = gradients
    for one, other in zip(mine[:2], keras_own[:2], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    for one, other in zip(mine[2:], keras_own[2:], strict=True):
        np.testing.assert_allclose(in_their_order(one), other, atol=1e-4)


def test_steps_are_those_of_a_whole_sequence():
    layer = LSTM(6, 0, name="lstm")
    layer.build((None, 4))
    inputs = tf.random.stateless_normal([2, 3, 4], [1, 2])
    state = layer.zero_state(2)
    for step in range(3):
        state = layer.step(inputs[:, step], state)
    np.testing.assert_allclose(state[0], layer(inputs)[:, -1], atol=1e-5)
