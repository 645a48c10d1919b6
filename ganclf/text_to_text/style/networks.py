"""The players: a generator that is told a style, and a discriminator of styles that also knows what was generated."""

from __future__ import annotations

import keras
import tensorflow as tf

from ganclf.adversarial.noise import Noise, dropout
from ganclf.encoders.tokens import END, PAD, may_follow
from ganclf.text_to_text.generator import Generator, Memory

WIDTHS = (1, 2, 3, 4)  # tokens that a filter of the discriminator sees
LOWEST = -1e9


class StyleGenerator(Generator):
    """The generator of texts from texts, with a vector for each style that goes into every step of the writer.

    Args:
        vocabulary: number of ids.
        styles: number of styles.
        units: as of Generator.
        size: likewise.
        rate: likewise.
        seed: likewise.
    """

    def __init__(self, vocabulary: int, styles: int, units: int, size: int, rate: float, seed: int) -> None:
        super().__init__(vocabulary, units, size, rate, seed)
        uniform = keras.initializers.RandomUniform(-0.1, 0.1, seed=seed + 11)
        self.style_vectors = self.add_weight(shape=(styles, size), initializer=uniform, name="style_vectors")

    def read_for(
        self, tokens: tf.Tensor, style: tf.Tensor, training: bool = False, noise: Noise | None = None
    ) -> Memory:
        """Read texts that are to be written in a style: int32 [batch, source] and [batch]."""
        memory = self.read(tokens, training=training, noise=noise)
        return memory._replace(summary=memory.summary + tf.gather(self.style_vectors, style))

    def rewrite(
        self, memory: Memory, steps: tf.Tensor, temperature: float, noise: Noise
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Sample texts through which gradients pass: straight-through Gumbel softmax (Jang et al. 2017).

        Args:
            memory: of the texts.
            steps: tokens that are written, scalar.
            temperature: of the softmax.
            noise: of this step.

        Returns:
            One-hot vectors of tokens, float32 [batch, steps, vocabulary], and whether each is before the end, float32
            [batch, steps].
        """
        rows = tf.shape(memory.tokens)[0]
        allowed = tf.where(may_follow(self.vocabulary)[0], 0.0, LOWEST)
        uniform = noise.uniform((rows, steps * self.vocabulary))
        gumbel = -tf.math.log(-tf.math.log(tf.clip_by_value(uniform, 1e-7, 1.0 - 1e-7)))
        gumbel = tf.transpose(tf.reshape(gumbel, [rows, steps, self.vocabulary]), [1, 0, 2])

        def body(step: tf.Tensor, embedded: tf.Tensor, hidden: tf.Tensor, cell: tf.Tensor, going: tf.Tensor,
                 written: tf.TensorArray, before_end: tf.TensorArray) -> tuple:  # fmt: skip
            log_probs, (hidden, cell) = self.step_after(memory, embedded, (hidden, cell))
            scores = log_probs + allowed + gumbel[step]
            soft = tf.nn.softmax(scores / temperature)
            token = tf.argmax(scores, axis=1, output_type=tf.int32)
            one_hot = tf.stop_gradient(tf.one_hot(token, self.vocabulary) - soft) + soft
            written, before_end = written.write(step, one_hot), before_end.write(step, going)
            going = going * tf.cast(token != END, tf.float32)
            return step + 1, tf.matmul(one_hot, self.embedding), hidden, cell, going, written, before_end

        hidden, cell = self.writer.zero_state(rows)
        begin = tf.repeat(self.embedding[1][tf.newaxis], rows, axis=0)
        arrays = [tf.TensorArray(tf.float32, size=steps, element_shape=shape)
                  for shape in ([None, self.vocabulary], [None])]  # fmt: skip
        *_, written, before_end = tf.while_loop(
            lambda step, *_: step < steps, body, (tf.constant(0), begin, hidden, cell, tf.ones([rows]), *arrays)
        )
        return tf.transpose(written.stack(), [1, 0, 2]), tf.transpose(before_end.stack())


class StyleDiscriminator(keras.Model):
    """Which style a text has, or that it was generated: convolutions over words (Kim 2014).

    The classes are the styles and one more, whose logit is 0: the k + 1 game of Salimans et al. 2016.

    Args:
        vocabulary: number of ids.
        styles: number of styles.
        size: of an embedding.
        filters: of each width.
        rate: of dropout.
        seed: of the initial weights.
    """

    def __init__(self, vocabulary: int, styles: int, size: int, filters: int, rate: float, seed: int) -> None:
        super().__init__(name="discriminator")
        self.vocabulary, self.styles, self.rate = vocabulary, styles, rate
        uniform = keras.initializers.RandomUniform(-0.1, 0.1, seed=seed)
        self.embedding = self.add_weight(shape=(vocabulary, size), initializer=uniform, name="embedding")
        self.convolutions = []
        for number, width in enumerate(WIDTHS):
            glorot = keras.initializers.GlorotUniform(seed=seed + number + 1)
            layer = keras.layers.Dense(filters, kernel_initializer=glorot, name=f"width_{width}")
            layer.build((None, width * size))
            self.convolutions.append(layer)
        glorot = keras.initializers.GlorotUniform(seed=seed + len(WIDTHS) + 1)
        self.top = keras.layers.Dense(styles, kernel_initializer=glorot, name="top")
        self.top.build((None, filters * len(WIDTHS)))
        self.built = True

    def logits(self, tokens: tf.Tensor, training: bool = False, noise: Noise | None = None) -> tf.Tensor:
        """Of the styles; that of a generated text is 0. Tokens, int32 [batch, tokens] → float32 [batch, styles]."""
        there = tf.cast((tokens != PAD) & (tokens != END), tf.float32)
        return self._of_embedded(tf.gather(self.embedding, tokens), there, training, noise)

    def soft_logits(self, one_hots: tf.Tensor, before_end: tf.Tensor, training: bool, noise: Noise | None) -> tf.Tensor:
        """Likewise, of what `rewrite` gave."""
        shape = tf.shape(one_hots)
        embedded = tf.matmul(tf.reshape(one_hots, [-1, self.vocabulary]), self.embedding)
        there = before_end * tf.stop_gradient(1.0 - one_hots[:, :, END])
        return self._of_embedded(tf.reshape(embedded, [shape[0], shape[1], -1]), there, training, noise)

    def _of_embedded(self, embedded: tf.Tensor, there: tf.Tensor, training: bool, noise: Noise | None) -> tf.Tensor:
        embedded = dropout(embedded * there[:, :, tf.newaxis], self.rate, training, noise)
        width = max(WIDTHS)
        padded = tf.pad(embedded, [[0, 0], [1, width], [0, 0]])  # the first and the last word are seen as such
        steps = tf.shape(embedded)[1] + 1
        here = tf.pad(there, [[0, 0], [1, 0]])
        found = []
        for size, layer in zip(WIDTHS, self.convolutions, strict=True):
            seen = tf.concat([padded[:, place : place + steps] for place in range(size)], axis=2)
            maps = tf.nn.relu(layer(seen))
            starts = tf.maximum(here, tf.pad(there, [[0, 0], [0, 1]])) if size > 1 else here
            found.append(tf.reduce_max(maps * starts[:, :, tf.newaxis], axis=1))
        return self.top(dropout(tf.concat(found, axis=1), self.rate, training, noise))


def with_generated(logits: tf.Tensor) -> tf.Tensor:
    """Logits of the styles [batch, styles] and, last, of generated, which is 0: [batch, styles + 1]."""
    return tf.concat([logits, tf.zeros_like(logits[:, :1])], axis=1)
