"""A long short-term memory over whole batches of sequences, quick on CPUs.

The products of all steps with the inputs, and the gradient of the recurrent weights, are one multiplication each.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

State = tuple[tf.Tensor, tf.Tensor]  # hidden and cell, each [batch, units]


class LSTM(keras.layers.Layer):
    """Hochreiter & Schmidhuber 1997, with a forget gate (Gers et al. 2000) whose bias starts at 1.

    Args:
        units: of the hidden state.
        seed: of the initial weights.
        name: of the layer.
    """

    def __init__(self, units: int, seed: int, name: str) -> None:
        super().__init__(name=name)
        self.units, self.seed = units, seed

    def build(self, shape: tuple) -> None:
        """Make the weights for inputs of shape [..., shape[-1]]."""
        size = 4 * self.units
        glorot, orthogonal = (
            keras.initializers.GlorotUniform(seed=self.seed), keras.initializers.Orthogonal(seed=self.seed + 1)
        )  # fmt: skip
        self.kernel = self.add_weight(shape=(shape[-1], size), initializer=glorot, name="kernel")
        self.recurrent = self.add_weight(shape=(self.units, size), initializer=orthogonal, name="recurrent")
        self.bias = self.add_weight(shape=(size,), initializer="zeros", name="bias")
        self.bias.assign(tf.concat([tf.zeros(self.units), tf.ones(self.units), tf.zeros(2 * self.units)], axis=0))
        self.built = True

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Inputs, float32 [batch, steps, size] → hidden states [batch, steps, units]; the first state is 0."""
        shape = tf.shape(inputs)
        flat = tf.reshape(tf.transpose(inputs, [1, 0, 2]), [-1, inputs.shape[-1]])
        projected = tf.matmul(flat, self.kernel) + self.bias
        steps = tf.reshape(projected, [shape[1], shape[0], 4 * self.units])
        return tf.transpose(_recur(steps, tf.convert_to_tensor(self.recurrent)), [1, 0, 2])

    def step(self, inputs: tf.Tensor, state: State) -> State:
        """One step: inputs [batch, size] and the state before → the state after."""
        gates = tf.matmul(inputs, self.kernel) + self.bias + tf.matmul(state[0], self.recurrent)
        _, hidden, cell = _cell(gates, state[1])
        return hidden, cell

    def zero_state(self, rows: tf.Tensor) -> State:
        """The state before the first step."""
        return tf.zeros([rows, self.units]), tf.zeros([rows, self.units])


def _cell(gates: tf.Tensor, cell: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Gates before their functions [batch, 4 units] → after them, the hidden state, the cell."""
    kept, new = tf.sigmoid(gates[:, : 3 * cell.shape[1]]), tf.tanh(gates[:, 3 * cell.shape[1] :])
    inputs, forget, output = tf.split(kept, 3, axis=1)
    cell = forget * cell + inputs * new
    return tf.concat([kept, new], axis=1), output * tf.tanh(cell), cell


@tf.custom_gradient
def _recur(
    projected: tf.Tensor, recurrent: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]]:
    """Projected inputs [steps, batch, 4 units] → hidden states [steps, batch, units]."""
    steps, units = tf.shape(projected)[0], recurrent.shape[0]
    zero = tf.zeros([tf.shape(projected)[1], units])

    def forward(step: tf.Tensor, hidden: tf.Tensor, cell: tf.Tensor, *kept: tf.TensorArray) -> tuple:
        gates, hidden, cell = _cell(projected[step] + tf.matmul(hidden, recurrent), cell)
        values = (hidden, cell, gates)
        return (step + 1, hidden, cell, *(array.write(step, value) for array, value in zip(kept, values, strict=True)))

    arrays = tuple(tf.TensorArray(tf.float32, size=steps) for _ in range(3))
    *_, hidden_array, cell_array, gate_array = tf.while_loop(
        lambda step, *_: step < steps, forward, (tf.constant(0), zero, zero, *arrays)
    )
    hidden, cells, gates = hidden_array.stack(), cell_array.stack(), gate_array.stack()

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        before = tf.concat([zero[tf.newaxis], hidden[:-1]], axis=0)
        cells_before = tf.concat([zero[tf.newaxis], cells[:-1]], axis=0)
        inputs, forget, output, new = tf.split(gates, 4, axis=2)
        squashed = tf.tanh(cells)
        by_output = squashed * output * (1.0 - output)
        by_hidden = output * (1.0 - squashed * squashed)
        by_cell = tf.concat(
            [new * inputs * (1.0 - inputs), cells_before * forget * (1.0 - forget), inputs * (1.0 - new * new)], axis=2
        )
        transposed = tf.transpose(recurrent)

        def back(step: tf.Tensor, of_hidden: tf.Tensor, of_cell: tf.Tensor, kept: tf.TensorArray) -> tuple:
            of_hidden = of_hidden + upstream[step]
            of_cell = of_cell + of_hidden * by_hidden[step]
            of_inputs, of_forget, of_new = tf.split(tf.tile(of_cell, [1, 3]) * by_cell[step], 3, axis=1)
            of_gates = tf.concat([of_inputs, of_forget, of_hidden * by_output[step], of_new], axis=1)
            return step - 1, tf.matmul(of_gates, transposed), of_cell * forget[step], kept.write(step, of_gates)

        *_, gate_gradients = tf.while_loop(
            lambda step, *_: step >= 0, back, (steps - 1, zero, zero, tf.TensorArray(tf.float32, size=steps))
        )
        of_gates = gate_gradients.stack()
        flat = tf.reshape(of_gates, [-1, 4 * units])
        return of_gates, tf.matmul(tf.reshape(before, [-1, units]), flat, transpose_a=True)

    return hidden, gradient
