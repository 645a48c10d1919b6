"""A generator that draws a text, with or without pictures to look at, and a discriminator of pairs.

Text and noise scale and shift the maps of each block (Tao et al. 2022, "DF-GAN"). The discriminator scores a picture
by itself and by its product with the text (Miyato & Koyama 2018, "cGANs with projection discriminator").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from ganclf.encoders.tokens import PAD
from ganclf.networks.pictures import activate, convolution
from ganclf.networks.recurrent import LSTM
from ganclf.text_to_image.nearest import NO_WORD

EMBEDDING = 64  # numbers of a token, and of a word that a reference lacks or has too many
NOISE = 32  # random numbers of a picture
MIN_MAP = 6  # pixels of a side of the smallest maps, at least
REFERENCES = 6  # pictures that the generator looks at
JUDGED = 4  # pixels of a side, at most, of the maps that the discriminator compares with the text
Request = Mapping[str, tf.Tensor]


def halvings_of(size: int) -> int:
    """How often a side can be halved before it is too small."""
    count = 0
    while size % 2 == 0 and size // 2 >= MIN_MAP:
        size, count = size // 2, count + 1
    return count


class TextEncoder(keras.layers.Layer):
    """Reads the tokens of a text one after another: the last state of an LSTM and the mean of all.

    Args:
        tokens: in the vocabulary.
        units: of the LSTM and of what it gives.
        seed: of the initial weights.
    """

    def __init__(self, tokens: int, units: int, seed: int) -> None:
        super().__init__(name="text_encoder")
        self.embedding = keras.layers.Embedding(
            tokens, EMBEDDING, embeddings_initializer=keras.initializers.RandomNormal(stddev=0.3, seed=seed)
        )
        self.lstm = LSTM(units, seed + 1, "reader")
        self.joined = dense(units, seed + 3)

    def call(self, tokens: tf.Tensor) -> tf.Tensor:
        """Ids with PAD after the last, int32 [batch, tokens] → float32 [batch, units]."""
        is_token = tf.cast(tokens != PAD, tf.float32)
        lengths = tf.reduce_sum(is_token, axis=1)
        states = self.lstm(self.embedding(tokens))
        last = tf.gather(states, tf.maximum(tf.cast(lengths, tf.int32) - 1, 0), batch_dims=1)
        mean = tf.einsum("bt,btu->bu", is_token, states) / tf.maximum(lengths, 1.0)[:, tf.newaxis]
        return activate(self.joined(tf.concat([last, mean], axis=1)))


class Affine(keras.layers.Layer):
    """Scales and shifts each channel of maps as a condition says; it begins as the identity.

    Args:
        channels: of the maps.
        seed: of the initial weights.
    """

    def __init__(self, channels: int, seed: int) -> None:
        super().__init__()
        self.projection = dense(2 * channels, seed, gain=0.1)

    def call(self, maps: tf.Tensor, condition: tf.Tensor) -> tf.Tensor:
        """Maps [batch, height, width, channels], condition [batch, size] → maps of the same shape."""
        scale, shift = tf.split(self.projection(condition)[:, tf.newaxis, tf.newaxis], 2, axis=3)
        return maps * (1.0 + scale) + shift


class AffineBlock(keras.layers.Layer):
    """Maps plus two convolutions of them, each after an affine step.

    Args:
        channels: of the maps.
        seed: of the initial weights.
    """

    def __init__(self, channels: int, seed: int) -> None:
        super().__init__()
        self.affine = [Affine(channels, seed), Affine(channels, seed + 1)]
        self.steps = [convolution(channels, 3, seed + 2), convolution(channels, 3, seed + 3, gain=0.3)]

    def call(self, maps: tf.Tensor, condition: tf.Tensor) -> tf.Tensor:
        """Maps [batch, height, width, channels] → the same shape."""
        changed = maps
        for affine, step in zip(self.affine, self.steps, strict=True):
            changed = step(activate(affine(changed, condition)))
        return maps + changed


class References(keras.layers.Layer):
    """Looks at pictures of near names, each knowing which words it lacks and which it has too many.

    At each place it weights the pictures, and gives their mean: of maps of every size, and of the pictures themselves.

    Args:
        words: numbers of words.
        widths: channels of the maps after each halving of the size.
        units: of what is known about a picture.
        seed: of the initial weights.
    """

    def __init__(self, words: int, widths: Sequence[int], units: int, seed: int) -> None:
        super().__init__(name="references")
        self.words = keras.layers.Embedding(
            words, EMBEDDING, embeddings_initializer=keras.initializers.RandomNormal(stddev=0.3, seed=seed)
        )
        self.difference = [dense(units, seed + 1), dense(units, seed + 2)]
        strides = [1, *[2] * (len(widths) - 1)]  # the first halving moves pixels into channels
        self.steps = [
            convolution(wide, 3, seed + 10 + level, stride)
            for level, (wide, stride) in enumerate(zip(widths, strides, strict=True))
        ]
        self.affine = [Affine(wide, seed + 20 + level) for level, wide in enumerate(widths)]
        self.deepest = convolution(widths[-1], 3, seed + 30)
        self.weights_at = [convolution(1, 1, seed + 40 + level, gain=0.1) for level in range(len(widths))]
        self.weight = dense(1, seed + 50, gain=0.1)

    def call(self, request: Request, text: tf.Tensor) -> list[tf.Tensor]:
        """What is seen.

        Args:
            request: as of `Generator`.
            text: float32 [batch, units].

        Returns:
            The mean picture [batch, height, width, channels], and the mean maps after each halving.
        """
        pictures = request["references"]
        batch, count = tf.shape(pictures)[0], pictures.shape[1]
        known = self._known(request, text)
        flat = tf.reshape(pictures, [batch * count, *pictures.shape[2:]])
        maps, seen = tf.nn.space_to_depth(flat, 2), []
        for step, affine in zip(self.steps, self.affine, strict=True):
            maps = activate(affine(step(maps), known))
            seen.append(maps)
        seen[-1] = maps = activate(self.deepest(maps))
        weights: tf.Tensor = tf.reshape(self.weight(known), [-1, 1, 1, 1])
        found = []
        for maps, at in zip(reversed(seen), reversed(self.weights_at), strict=True):
            weights = at(maps) + (weights if weights.shape[1] == 1 else larger(weights))
            found.append(self._mean(maps, weights, count))
        return [self._mean(flat, larger(weights), count), *reversed(found)]

    def _known(self, request: Request, text: tf.Tensor) -> tf.Tensor:
        """What is known about each picture beside what is seen, [batch · pictures, units]."""
        asked, names = request["words"], request["names"]
        same = asked[:, tf.newaxis, :, tf.newaxis] == names[:, :, tf.newaxis, :]
        missing = ~tf.reduce_any(same, axis=3) & (asked != NO_WORD)[:, tf.newaxis]
        excess = ~tf.reduce_any(same, axis=2) & (names != NO_WORD)
        added = tf.einsum("bkw,bwd->bkd", tf.cast(missing, tf.float32), self.words(asked))
        removed = tf.einsum("bkw,bkwd->bkd", tf.cast(excess, tf.float32), self.words(names))
        counts = tf.stack([tf.reduce_sum(tf.cast(each, tf.float32), axis=2) for each in (missing, excess)], axis=2)
        whole = tf.repeat(text[:, tf.newaxis], names.shape[1], axis=1)
        known = tf.concat([added, removed, counts, request["likeness"][:, :, tf.newaxis], whole], axis=2)
        known = tf.reshape(known, [-1, known.shape[2]])
        for step in self.difference:
            known = activate(step(known))
        return known

    @staticmethod
    def _mean(maps: tf.Tensor, weights: tf.Tensor, count: int) -> tf.Tensor:
        """The weighted mean of the maps of all pictures of a row."""
        shape = [-1, count, *maps.shape[1:]]
        shares = tf.nn.softmax(tf.reshape(weights, [-1, count, *weights.shape[1:]]), axis=1)
        return tf.reduce_sum(tf.reshape(maps, shape) * shares, axis=1)


class Generator(keras.Model):
    """Draws a text.

    A request holds "tokens", int32 [batch, tokens]; "noise", float32 [batch, NOISE]; and for references "words",
    int32 [batch, words], "names", int32 [batch, REFERENCES, words], "likeness", float32 [batch, REFERENCES], and
    "references", float32 [batch, REFERENCES, height, width, channels], nearest first.

    Args:
        size: pixels of a side.
        channels: of the pictures.
        tokens: in the vocabulary.
        words: numbers of words; 0: it looks at no references.
        width: channels of the largest maps.
        units: of the LSTM.
        seed: of the initial weights.
    """

    def __init__(self, size: int, channels: int, tokens: int, words: int, width: int, units: int, seed: int) -> None:
        super().__init__(name="generator")
        self.size, self.channels, self.words = size, channels, words
        halvings = halvings_of(size)
        widths = [width * 2 ** min(level, 2) for level in range(halvings + 1)]  # after so many halvings
        self.text = TextEncoder(tokens, units, seed)
        self.condition = dense(units, seed + 100)
        self.start = dense((size >> halvings) ** 2 * widths[-1], seed + 101)
        self.start_shape = (size >> halvings, size >> halvings, widths[-1])
        self.references = References(words, widths[1:], units, seed + 200) if words else None
        self.joined = [convolution(wide, 3, seed + 300 + level) for level, wide in enumerate(widths)]
        self.blocks = [AffineBlock(wide, seed + 400 + 10 * level) for level, wide in enumerate(widths)]
        self.doublings = [convolution(4 * wide, 3, seed + 500 + level) for level, wide in enumerate(widths[:-1])]
        self.last = convolution(channels, 3, seed + 600, gain=0.1)
        self(self.empty_request())

    def empty_request(self) -> dict[str, tf.Tensor]:
        """A request of the right shapes."""
        shape = [1, REFERENCES, self.size, self.size, self.channels]
        return {
            "tokens": tf.ones([1, 2], tf.int32), "noise": tf.zeros([1, NOISE]), "words": tf.zeros([1, 2], tf.int32),
            "names": tf.zeros([1, REFERENCES, 2], tf.int32), "likeness": tf.zeros([1, REFERENCES]),
            "references": tf.zeros(shape),
        }  # fmt: skip

    def call(self, request: Request) -> tf.Tensor:
        """Pictures from about 0 to 1, [batch, size, size, channels]."""
        text = self.text(request["tokens"])
        condition = activate(self.condition(tf.concat([text, request["noise"]], axis=1)))
        maps = activate(tf.reshape(self.start(condition), [-1, *self.start_shape]))
        seen = [] if self.references is None else self.references(request, text)
        for level in reversed(range(len(self.blocks))):
            if level < len(self.doublings):
                maps = tf.nn.depth_to_space(activate(self.doublings[level](maps)), 2)
            maps = activate(self.joined[level](tf.concat([maps, seen[level]], axis=3) if seen else maps))
            maps = self.blocks[level](maps, condition)
        drawn = self.last(activate(maps))
        return drawn + seen[0] if seen else drawn


class PairDiscriminator(keras.Model):
    """Scores whether a picture is real and goes with a text.

    Args:
        size: pixels of a side.
        channels: of the pictures.
        tokens: in the vocabulary.
        width: channels of the first maps; doubled with each halving, up to four times.
        units: of the LSTM, and of what is compared.
        seed: of the initial weights.
    """

    def __init__(self, size: int, channels: int, tokens: int, width: int, units: int, seed: int) -> None:
        super().__init__(name="discriminator")
        self.text = TextEncoder(tokens, units, seed)
        steps = max(2, (size // JUDGED).bit_length() - 1)
        widths = [width * 2 ** min(level, 2) for level in range(steps)]
        self.steps = [convolution(wide, 4, seed + 10 + level, 2) for level, wide in enumerate(widths)]
        self.whole = dense(units, seed + 50)
        self.real = dense(1, seed + 51)
        self.projection = dense(units, seed + 52)
        self(tf.zeros([1, size, size, channels]), tf.ones([1, 2], tf.int32))

    def call(self, pictures: tf.Tensor, tokens: tf.Tensor) -> tf.Tensor:
        """Pictures from 0 to 1 and ids of their texts → scores, unbounded and high for real pairs, [batch, 1]."""
        maps = 2.0 * pictures - 1.0
        for step in self.steps:
            maps = activate(step(maps))
        seen = activate(
            self.whole(tf.reshape(maps, [tf.shape(maps)[0], maps.shape[1] * maps.shape[2] * maps.shape[3]]))
        )
        text = self.projection(self.text(tokens))
        scale = float(text.shape[1]) ** -0.5
        return self.real(seen) + scale * tf.reduce_sum(seen * text, axis=1, keepdims=True)


def larger(maps: tf.Tensor) -> tf.Tensor:
    """Twice as high and wide, each value four times."""
    return tf.repeat(tf.repeat(maps, 2, axis=1), 2, axis=2)


def dense(units: int, seed: int, gain: float = 1.0) -> keras.layers.Layer:
    """A dense layer with He's initial weights, times `gain`."""
    initializer = keras.initializers.VarianceScaling(gain**2, "fan_in", "truncated_normal", seed=seed)
    return keras.layers.Dense(units, kernel_initializer=initializer)
