"""Pictures with their texts: which tokens and words a text has, and which references go with it.

Random numbers decide among near references, so that seeds differ by what was looked at; in training they also keep the
generator from leaning on one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from ganclf.encoders.tokens import END, Tokenizer, padded
from ganclf.text_to_image.nearest import NearestNames, lowered
from ganclf.text_to_image.networks import NOISE, REFERENCES

MAX_TOKENS = 96  # of a text
CHOICE_NOISE = 0.05  # in the likeness of references, of which the nearest by that are taken
TINY = 1e-7


@dataclass(frozen=True, eq=False)
class Pairs:
    """Arrays of pairs, a row each.

    Attributes:
        pixels: uint8, shape [pairs, size, size, channels].
        tokens: ids, PAD after the last, int32 [pairs, tokens].
        words: numbers of words, int32 [pairs, words].
        likeness: of the nearest names, float32 [pairs, names].
        places: which they are, int32 [pairs, names].
    """

    pixels: np.ndarray
    tokens: np.ndarray
    words: np.ndarray
    likeness: np.ndarray
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.pixels)

    def rows(self) -> dict[str, np.ndarray]:
        """By name, for batches."""
        return {name: getattr(self, name) for name in ("pixels", "tokens", "words", "likeness", "places")}


class Reader(tf.Module):
    """Reads texts, and finds references among the training pictures.

    Args:
        texts: of the training pictures.
        pixels: of the training pictures, uint8, shape [pictures, size, size, channels].
        max_words: in the vocabulary.
    """

    def __init__(self, texts: Sequence[str], pixels: np.ndarray, max_words: int) -> None:
        super().__init__(name="reader")
        self.tokenizer = Tokenizer.fit([text.decode() for text in lowered(tf.constant(list(texts))).numpy()], max_words)
        self.names = NearestNames(texts)
        self.pictures = tf.constant(pixels)

    def tokens_of(self, texts: tf.Tensor) -> tf.Tensor:
        """Strings [batch] → ids with END after the last and then PAD, int32 [batch, tokens]."""
        ids = self.tokenizer.encode(lowered(texts))
        ends = tf.fill([tf.shape(texts)[0], 1], END)
        return tf.concat([ids, tf.RaggedTensor.from_tensor(ends)], axis=1).to_tensor()

    def training_pairs(self, texts: Sequence[str], groups: np.ndarray) -> Pairs:
        """The pairs of the training pictures; none has itself among its references.

        Args:
            texts: with which this was made.
            groups: number of each picture's group of copies.
        """
        likeness, places = self.names.nearest_others(groups)
        words = self.names.names.numpy()
        return Pairs(self.pictures.numpy(), self._tokens(texts), words, likeness, places)

    def pairs(self, texts: Sequence[str], pixels: np.ndarray) -> Pairs:
        """Pairs of other pictures."""
        words, found = [], []
        for start in range(0, len(texts), 64):
            words.append(self.names.read(tf.constant(list(texts[start : start + 64]))))
            found.append(self.names.nearest(words[-1]))
        likeness, places = (np.concatenate([part[side].numpy() for part in found]) for side in (0, 1))
        return Pairs(pixels, self._tokens(texts), np.concatenate([part.numpy() for part in words]), likeness, places)

    def _tokens(self, texts: Sequence[str]) -> np.ndarray:
        known = [text.decode() for text in lowered(tf.constant(list(texts))).numpy()]
        return padded(self.tokenizer.encode_all(known, MAX_TOKENS))

    def request(
        self, rows: Mapping[str, tf.Tensor], uniform: tf.Tensor, normal: tf.Tensor, has_references: bool
    ) -> dict[str, tf.Tensor]:  # fmt: skip
        """What the generator is asked.

        Args:
            rows: tokens, and for references words, likeness and places, as of `Pairs`.
            uniform: from 0 to 1, float32 [batch, names].
            normal: float32 [batch, NOISE].
            has_references: whether the generator looks at any.
        """
        if not has_references:
            return {"tokens": rows["tokens"], "noise": normal}
        gumbel = -tf.math.log(-tf.math.log(tf.clip_by_value(uniform, TINY, 1.0 - TINY)))
        chosen = tf.math.top_k(rows["likeness"] + CHOICE_NOISE * gumbel, REFERENCES).indices
        places = tf.gather(rows["places"], chosen, batch_dims=1)
        return {
            "tokens": rows["tokens"], "words": rows["words"], "noise": normal,
            "likeness": tf.gather(rows["likeness"], chosen, batch_dims=1),
            "names": tf.gather(self.names.names, places),
            "references": as_numbers(tf.gather(self.pictures, places)),
        }  # fmt: skip


def keyed_noise(seeds: tf.Tensor, numbers: tf.Tensor, names: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Random numbers of pictures, which no other row changes.

    Args:
        seeds: int64 [batch].
        numbers: of candidates, int64 [batch].
        names: near names among which is chosen.

    Returns:
        As `Reader.request` takes them: uniform and normal.
    """
    apart = tf.constant([0, 2**32], tf.int64)

    def one(key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.random.stateless_uniform([names], key), tf.random.stateless_normal([NOISE], key + apart)

    spec = (tf.TensorSpec([names], tf.float32), tf.TensorSpec([NOISE], tf.float32))
    found: tuple[tf.Tensor, tf.Tensor] = tf.map_fn(one, tf.stack([seeds, numbers], axis=1), fn_output_signature=spec)
    return found


def as_numbers(pixels: tf.Tensor) -> tf.Tensor:
    """Bytes → float32 from 0 to 1."""
    return tf.cast(pixels, tf.float32) / 255.0
