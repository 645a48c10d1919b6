"""The glyph encoder: texts are rendered, embedded glyph by glyph and encoded as a sequence; pretrained on the texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.cli.batching import GLYPH_ID_BATCH, TEXT_IMAGE_BATCH, batches
from ganclf.cli.progress import Advance
from ganclf.config import EncoderConfig
from ganclf.data.rows import UNLABELED
from ganclf.encoders.glyphs.char_ngrams import NgramTable
from ganclf.encoders.glyphs.cnn import most_likely_glyph, nearest_seen_glyphs
from ganclf.encoders.glyphs.distributional_targets import distributional_targets
from ganclf.encoders.glyphs.pretraining import pretrain_glyph_cnn, pretrain_text_encoder, train_on_labels
from ganclf.encoders.glyphs.text_encoder import GLYPH_VECTOR_SIZE, GlyphTextEncoder
from ganclf.encoders.ngrams.tfidf import LazyTfidf
from ganclf.errors import EncoderError
from ganclf.rendering.atlas import BLANK, load_atlas
from ganclf.rendering.render import GlyphLookup

CNN_STEPS = 1.5  # steps of the CNN's pretraining per step of the text encoder's; they take a tenth of the time
TARGETS_COST = 1.0  # time of the distributional targets in steps of the text encoder, relative; for the progress bar


class GlyphEncoder(tf.Module):
    """Texts → vectors of unit length, through images of their characters.

    The served graph holds no CNN: it ran once for every glyph of the atlas, and its vectors are in a table. The
    sequence network's vector is added to the sum of the text's n-gram vectors; both predict the same target, so the
    fewer n-grams are known, the more the network counts. Latent semantic analysis of the n-grams follows in half as
    many numbers, unless an n-gram encoder is fused. An encoder that was fine-tuned on labels uses the network alone.

    Args:
        config: fonts, pixels, the sequence network, characters that are read, steps.
        seed: of initial weights, batches and noise.
    """

    knows_words = False  # whether names of classes can be encoded
    tunings = ("labels",)
    missing_share = 0.0  # of the training texts' characters that no font has; `fit` sets it

    def __init__(self, config: EncoderConfig, seed: int = 0) -> None:
        super().__init__(name="glyph_encoder")
        self.config, self.seed = config, seed
        self.lsa_size = 0 if "ngram" in config.parts else config.size // 2  # a fused n-gram encoder has its own
        self.table: tf.Variable | None = None
        self.ngram_table: NgramTable | None = None

    def fit(self, texts: Sequence[str], advance: Advance = lambda done: None) -> GlyphEncoder:
        """Render the atlas and pretrain the networks on `texts` without labels; return self.

        Raises:
            ConfigError: a font can't be read.
        """
        config = self.config
        atlas = load_atlas([Path(font) for font in config.font], config.glyph_pixels)
        self.missing_share = atlas.missing_share(text[: config.max_glyphs] for text in texts)
        self.lookup = GlyphLookup(atlas, config.max_glyphs)
        glyph_ids = self._glyph_ids(texts)
        counts = np.bincount(glyph_ids.values.numpy(), minlength=len(atlas.images))
        counts[: BLANK + 1] = np.maximum(counts[: BLANK + 1], 1)  # the special glyphs stand for themselves
        self._seen_glyphs = nearest_seen_glyphs(atlas.images, counts)
        self.most_likely = tf.Variable(most_likely_glyph(*self._seen_glyphs), trainable=False, name="most_likely")
        network = GlyphTextEncoder(tf.constant(atlas.images), config.sequence, config.size, self.seed)
        self.network = lambda: network  # hidden from TensorFlow's tracking: the table is what is served
        steps = int((TARGETS_COST + CNN_STEPS + 1) * config.glyph_steps)
        self._pretrain(glyph_ids, _ScaledProgress(advance, len(texts), steps))
        self._tfidf = LazyTfidf(texts, config)
        return self._compute_table()

    def _pretrain(self, glyph_ids: tf.RaggedTensor, advance: Advance) -> None:
        """Train without labels, on glyph ids, int32, shape [n, (time)]."""
        tf.random.set_seed(self.seed)
        targets = distributional_targets(
            glyph_ids.values.numpy(), glyph_ids.row_lengths().numpy(), self.config.size, self.lsa_size, self.seed
        )
        rows = np.concatenate([targets.rows, targets.lsa], axis=1)
        self.ngram_table = NgramTable(targets.ngrams, rows)
        steps = self.config.glyph_steps
        advance(int(TARGETS_COST * steps))
        pretrain_glyph_cnn(self.network(), targets, steps=int(CNN_STEPS * steps), seed=self.seed, advance=advance)
        pretrain_text_encoder(self.network(), glyph_ids, targets, steps=steps, seed=self.seed, advance=advance)

    def tune(self, texts: Sequence[str], labels: np.ndarray, advance: Advance = lambda done: None) -> None:
        """Fine-tune the whole network as a classifier.

        Args:
            texts: n texts, labeled or not.
            labels: int from 0 to classes - 1, or UNLABELED, shape [n].
            advance: receives the number of steps done.
        """
        self._fitted()
        labeled = np.flatnonzero(labels != UNLABELED)
        glyph_ids = self._glyph_ids([texts[row] for row in labeled.tolist()])
        steps = self.config.label_steps(len(labeled))
        tf.random.set_seed(self.seed + 1)
        train_on_labels(self.network(), glyph_ids, labels[labeled], steps=steps, seed=self.seed, advance=advance)
        self.ngram_table = None
        self._compute_table()

    def _glyph_ids(self, texts: Sequence[str]) -> tf.RaggedTensor:
        parts = [self.lookup.glyph_ids(tf.constant(list(batch))) for batch in batches(texts, GLYPH_ID_BATCH)]
        return tf.concat(parts, axis=0)

    def _compute_table(self) -> GlyphEncoder:
        """Embed every glyph once; unseen glyphs get the weighted mean of the seen ones that they resemble."""
        network, (ids, weights) = self.network(), self._seen_glyphs
        vectors = network.embed_atlas()
        table = sum(weights[:, [rank]] * vectors[ids[:, rank]] for rank in range(weights.shape[1]))
        self.table = tf.Variable(np.asarray(table, np.float16), trainable=False, name="table")
        # bare variables, as in classification.served
        self.weights = [weight.value for part in (network.sequence, network.project) for weight in part.weights]
        self._encode_sequence = lambda vectors, glyph_ids: network.encode_sequence(vectors, glyph_ids)
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
        glyph_ids = self.lookup.padded_glyph_ids(texts)
        vectors = tf.cast(tf.gather(table, glyph_ids), tf.float32)
        return self._add_ngrams(self._encode_sequence(vectors, glyph_ids), glyph_ids)

    @property
    def size(self) -> int:
        """Numbers per text."""
        return self.config.size + (0 if self.ngram_table is None else self.lsa_size)

    def _add_ngrams(self, encoded: tf.Tensor, glyph_ids: tf.Tensor) -> tf.Tensor:
        """Add the n-gram vectors of glyph ids [batch, time] to the network's vectors [batch, size]."""
        if self.ngram_table is None:
            return encoded
        ngrams = self.ngram_table(tf.gather(self.most_likely, glyph_ids))
        ppmi, lsa = tf.split(ngrams, [self.config.size, self.lsa_size], axis=1)
        parts = [tf.math.l2_normalize(part, axis=1) for part in (ppmi + encoded, lsa)]
        return tf.math.l2_normalize(tf.concat(parts, axis=1), axis=1)

    def encode_unfolded(self, texts: tf.Tensor) -> tf.Tensor:
        """As `encode`, without the table: the CNN embeds each distinct glyph of the batch."""
        glyph_ids = self.lookup.padded_glyph_ids(texts)
        distinct, which = tf.unique(tf.reshape(glyph_ids, [-1]))
        ids, weights = (tf.gather(tf.constant(each), distinct) for each in self._seen_glyphs)
        seen, where = tf.unique(tf.reshape(ids, [-1]))
        neighbors = tf.gather(self.network().embed_glyphs(seen), where)
        neighbors = tf.reshape(neighbors, [-1, ids.shape[1], GLYPH_VECTOR_SIZE])
        vectors = tf.gather(tf.einsum("gks,gk->gs", neighbors, weights), which)
        vectors = tf.reshape(vectors, [tf.shape(glyph_ids)[0], tf.shape(glyph_ids)[1], GLYPH_VECTOR_SIZE])
        return self._add_ngrams(self._encode_sequence(vectors, glyph_ids), glyph_ids)

    def transform(self, texts: Sequence[str], advance: Advance = lambda done: None) -> np.ndarray:
        """Encode many texts in batches of similar length; float32, shape [n, self.size]."""
        encode = tf.function(self.encode, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
        rows = np.zeros((len(texts), self.size), np.float32)
        order = np.argsort([len(text) for text in texts], kind="stable")
        for batch in batches(order.tolist(), TEXT_IMAGE_BATCH):
            rows[batch] = encode(tf.constant([texts[row] for row in batch])).numpy()
            advance(len(batch))
        return rows

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return tf-idf of n-grams, for linear baselines; float32, shape [n, words]."""
        return self._tfidf(texts)


class _ScaledProgress:
    """Reports `total` units of progress over `steps` steps."""

    def __init__(self, advance: Advance, total: int, steps: int) -> None:
        self._advance, self._total, self._steps, self._done = advance, total, steps, 0

    def __call__(self, done: int) -> None:
        before = self._total * self._done // self._steps
        self._done += done
        self._advance(self._total * self._done // self._steps - before)
