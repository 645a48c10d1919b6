"""The glyph encoder: texts are drawn, seen glyph by glyph, and read as a sequence; learned without labels first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.config import EncoderConfig
from ganclf.encoders.glyphs.char_ngrams import RunMemory
from ganclf.encoders.glyphs.distributional_targets import find_meanings
from ganclf.encoders.glyphs.homoglyphs import likest, look_alikes
from ganclf.encoders.glyphs.pretraining import learn_labels, learn_to_read, learn_to_see
from ganclf.encoders.glyphs.text_encoder import SIGHT_SIZE, GlyphReader
from ganclf.encoders.ngrams.lazy_tfidf import LazyTfidf
from ganclf.errors import EncoderError
from ganclf.rendering.atlas import BLANK, load_atlas
from ganclf.rendering.render import GlyphLookup

TEXTS_A_CALL = 256  # texts that are encoded at once: bounds memory
GLYPHS_A_CALL = 2048  # that are seen at once when the table is made
SEEING = 1.5  # steps of learning to see, a step of learning to read; they take a tenth of the time
FINDING = 1.0  # likewise of finding meanings, about, where the texts are many: for the estimate of time


class GlyphEncoder(tf.Module):
    """Texts → vectors of unit length, through pictures of their characters.

    What is served is folded: the network that sees glyphs ran once for every glyph of the atlas, and its vectors stand
    in a table. What the network reads in a text is added to what is remembered of the text's runs of glyphs; both tell
    the same vector, and the fewer runs are known, the more the network's say counts. Beside it stands which runs the
    text has, in half as many numbers, unless n-grams stand beside it. A network that was tuned on labels tells
    something else, and speaks alone.

    Args:
        config: fonts, pixels, the sequence network, glyphs that are read, steps.
        seed: of first weights, batches and noise.
    """

    tunings = ("labels",)
    missing_share = 0.0  # of the training texts' characters, told by `fit`

    def __init__(self, config: EncoderConfig, seed: int = 0) -> None:
        super().__init__(name="glyph_encoder")
        self.config, self.seed = config, seed
        self.latent = 0 if "ngram" in config.parts else config.size // 2  # beside n-grams theirs tell that
        self.table: tf.Variable | None = None
        self.memory: RunMemory | None = None

    def fit(self, texts: Sequence[str], advance: Callable[[int], None] = lambda done: None) -> GlyphEncoder:
        """Draw the atlas, and learn to see and to read from `texts` without labels; return self.

        Raises:
            ConfigError: a font can't be read.
        """
        config = self.config
        atlas = load_atlas([Path(font) for font in config.font], config.glyph_pixels)
        self.missing_share = atlas.missing_share(text[: config.max_glyphs] for text in texts)
        self.lookup = GlyphLookup(atlas, config.max_glyphs)
        drawn = self._places(texts)
        counts = np.bincount(drawn.values.numpy(), minlength=len(atlas.images))
        counts[: BLANK + 1] = np.maximum(counts[: BLANK + 1], 1)  # stand for themselves
        self._alike = look_alikes(atlas.images, counts)
        self.likest = tf.Variable(likest(*self._alike), trainable=False, name="likest")
        reader = GlyphReader(tf.constant(atlas.images), config.sequence, config.size, self.seed)
        self.reader = lambda: reader  # out of the tracker's sight: what is served is the table
        self._learn(drawn, _Parts(advance, len(texts), int((FINDING + SEEING + 1) * config.glyph_steps)))
        self._tfidf = LazyTfidf(texts, config)
        return self._fold()

    def _learn(self, drawn: tf.RaggedTensor, advance: Callable[[int], None]) -> None:
        """Learn without labels, from places in the atlas, int32, shape [n, (time)]."""
        tf.random.set_seed(self.seed)
        meanings = find_meanings(
            drawn.values.numpy(), drawn.row_lengths().numpy(), self.config.size, self.latent, self.seed
        )
        rows = np.concatenate([meanings.rows, meanings.latent], axis=1)
        self.memory = RunMemory(meanings.runs, rows)
        steps = self.config.glyph_steps
        advance(int(FINDING * steps))
        learn_to_see(self.reader(), meanings, steps=int(SEEING * steps), seed=self.seed, advance=advance)
        learn_to_read(self.reader(), drawn, meanings, steps=steps, seed=self.seed, advance=advance)

    def tune(
        self, texts: Sequence[str], labels: np.ndarray, advance: Callable[[int], None] = lambda done: None
    ) -> None:
        """Learn to tell labels apart, with all of the network.

        Args:
            texts: n texts, labelled or not.
            labels: int from 0 to classes - 1, or -1 for unlabelled, shape [n].
            advance: is told how many of the steps were done.
        """
        self._fitted()
        known = np.flatnonzero(labels >= 0)
        drawn, steps = self._places([texts[place] for place in known.tolist()]), self.config.label_steps(len(known))
        tf.random.set_seed(self.seed + 1)
        learn_labels(self.reader(), drawn, labels[known], steps=steps, seed=self.seed, advance=advance)
        self.memory = None
        self._fold()

    def _places(self, texts: Sequence[str]) -> tf.RaggedTensor:
        parts = [self.lookup.glyph_ids(tf.constant(part)) for part in _parts(texts, 4096)]
        return tf.concat(parts, axis=0)

    def _fold(self) -> GlyphEncoder:
        """Let every glyph be seen once; those that no training text holds are what they look like."""
        reader, (places, shares) = self.reader(), self._alike
        see = tf.function(reader.see, input_signature=[tf.TensorSpec([None], tf.int32)])
        glyphs = range(0, len(places), GLYPHS_A_CALL)
        seen = np.concatenate(
            [see(tf.range(at, min(at + GLYPHS_A_CALL, len(places)), dtype=tf.int32)) for at in glyphs]
        )
        table = sum(shares[:, [rank]] * seen[places[:, rank]] for rank in range(shares.shape[1]))
        self.table = tf.Variable(np.asarray(table, np.float16), trainable=False, name="table")
        # bare variables, as in classification.served
        self.weights = [weight.value for part in (reader.sequence, reader.project) for weight in part.weights]
        self._read = lambda vectors, drawn: reader.read(vectors, drawn)
        return self

    def _fitted(self) -> tf.Variable:
        if self.table is None:
            raise EncoderError("The encoder was not fitted; call fit(texts) first.")
        return self.table

    def encode(self, texts: tf.Tensor) -> tf.Tensor:
        """Turn texts into feature vectors; part of the served graph.

        Args:
            texts: strings, shape [batch].
        Returns:
            float32 of unit length, shape [batch, self.size].
        Raises:
            EncoderError: the encoder was not fitted.
        """
        table = self._fitted()
        drawn = self.lookup.padded_glyph_ids(texts)
        return self._recall(self._read(tf.cast(tf.gather(table, drawn), tf.float32), drawn), drawn)

    @property
    def size(self) -> int:
        """Numbers a text becomes."""
        return self.config.size + (0 if self.memory is None else self.latent)

    def _recall(self, read: tf.Tensor, drawn: tf.Tensor) -> tf.Tensor:
        """Add what is remembered of the runs at the places `drawn`, [batch, time], to what was read, [batch, size]."""
        if self.memory is None:
            return read
        meaning, latent = tf.split(self.memory(tf.gather(self.likest, drawn)), [self.config.size, self.latent], axis=1)
        parts = [tf.math.l2_normalize(part, axis=1) for part in (meaning + read, latent)]
        return tf.math.l2_normalize(tf.concat(parts, axis=1), axis=1)

    def encode_by_sight(self, texts: tf.Tensor) -> tf.Tensor:
        """As `encode`, but not folded: the network sees each distinct glyph of the batch."""
        drawn = self.lookup.padded_glyph_ids(texts)
        glyphs, which = tf.unique(tf.reshape(drawn, [-1]))
        places, shares = (tf.gather(tf.constant(each), glyphs) for each in self._alike)
        shown, where = tf.unique(tf.reshape(places, [-1]))
        seen = tf.reshape(tf.gather(self.reader().see(shown), where), [-1, places.shape[1], SIGHT_SIZE])
        vectors = tf.gather(tf.einsum("gks,gk->gs", seen, shares), which)
        seen = tf.reshape(vectors, [tf.shape(drawn)[0], tf.shape(drawn)[1], SIGHT_SIZE])
        return self._recall(self._read(seen, drawn), drawn)

    def transform(self, texts: Sequence[str], advance: Callable[[int], None] = lambda done: None) -> np.ndarray:
        """Encode many texts in steps, those of about the same length together; float32, shape [n, self.size]."""
        encode = tf.function(self.encode, input_signature=[tf.TensorSpec([None], tf.string)])
        rows = np.zeros((len(texts), self.size), np.float32)
        order = np.argsort([len(text) for text in texts], kind="stable")
        for chosen in _parts(order.tolist(), TEXTS_A_CALL):
            rows[chosen] = encode(tf.constant([texts[place] for place in chosen])).numpy()
            advance(len(chosen))
        return rows

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Weigh n-grams, for linear baselines; float32, shape [n, words]."""
        return self._tfidf(texts)


def _parts(rows: Sequence, size: int) -> list:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


class _Parts:
    """Tells of `total` units while `steps` steps are done."""

    def __init__(self, advance: Callable[[int], None], total: int, steps: int) -> None:
        self._advance, self._total, self._steps, self._done = advance, total, steps, 0

    def __call__(self, done: int) -> None:
        before = self._total * self._done // self._steps
        self._done += done
        self._advance(self._total * self._done // self._steps - before)
