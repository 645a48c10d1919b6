"""The pretrained encoder: a transformer as it is, or fine-tuned on the labeled rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.cli.progress import Advance
from ganclf.config import EncoderConfig
from ganclf.data.rows import UNLABELED
from ganclf.encoders.feature_cache import FeatureStore
from ganclf.encoders.ngrams.tfidf import LazyTfidf
from ganclf.encoders.transformer.backbone import Transformer
from ganclf.encoders.transformer.batches import BatchEncoder
from ganclf.encoders.transformer.contrastive import finetune_contrastive
from ganclf.encoders.transformer.distillation import distill
from ganclf.encoders.transformer.packed import SAMPLE, SMALL_POOL, PackedTransformer, for_pool
from ganclf.encoders.transformer.pooling import BLOCKS, LayerPooling, choose_pooling
from ganclf.encoders.transformer.presets import fingerprint, load_preset
from ganclf.encoders.transformer.sentence_files import check_prompt_pooling, read_prompt
from ganclf.encoders.transformer.top_layers import SplitTransformer, TopLayers
from ganclf.errors import ConfigError, EncoderError


class _BatchEncoders(NamedTuple):
    """Encode many texts at once, and keep their rows in the cache."""

    pooled: BatchEncoder  # by the preset's pooling
    blocks: BatchEncoder  # all blocks, of which the labels choose


def _batch_encoders(transformer: Transformer, fast: Transformer | PackedTransformer, key: str) -> _BatchEncoders:
    renew = transformer.tokenizer.renew
    pooled, blocks = (
        FeatureStore(f"1 {key}", transformer.size),
        FeatureStore(f"blocks 1 {key}", BLOCKS * transformer.size),
    )
    return _BatchEncoders(
        BatchEncoder(transformer.ids, fast.embed, pooled, renew),
        BatchEncoder(transformer.ids, fast.pooled_blocks, blocks, renew),
    )


class PretrainedEncoder(tf.Module):
    """Texts → vectors of unit length, by BERT, MiniLM, XLM-R or a similar model.

    Args:
        config: the preset, tokens and characters that are read.
        seed: of the fine-tuning.
    """

    knows_words = True  # whether names of classes can be encoded
    missing_share = 0.0  # of the characters that no font has: nothing is rendered here

    def __init__(self, config: EncoderConfig, seed: int = 0) -> None:
        super().__init__(name="pretrained_encoder")
        self.config = config
        self.seed = seed
        self.transformer: Transformer | None = None
        self.pooling: LayerPooling | None = None

    def fit(self, texts: Sequence[str], advance: Advance = lambda done: None) -> PretrainedEncoder:
        """Load the preset; return self.

        Args:
            texts: for `tfidf`; a few of them also decide whether a pool is encoded in bfloat16.
            advance: receives the number of texts.

        Raises:
            ConfigError: the preset is missing, broken or not supported.
        """
        name = str(self.config.preset)
        prefix = read_prompt(Path(name)) if self.config.prefix is None else self.config.prefix
        check_prompt_pooling(Path(name), prefix)
        self.transformer = Transformer(load_preset(name, self.config.max_tokens), self.config, prefix)
        self._check_layers(len(self.transformer.layers))
        sample = texts[:: max(1, len(texts) // SAMPLE)][:SAMPLE] if len(texts) >= SMALL_POOL else []
        self._sample = np.array(sample, object)  # no list: those are tracked
        self._use(fingerprint(name))
        self._tfidf = LazyTfidf(texts, self.config)
        advance(len(texts))
        return self

    def _check_layers(self, available: int) -> None:
        wanted = self.config.tuned_layers
        if wanted and not available:
            raise ConfigError(f"--tune {self.config.tune}: the layers of this preset can't be trained on their own.")
        if wanted > available:
            raise ConfigError(
                f"--tune {self.config.tune}: this preset has {available} layers; give layers:{available} or less."
            )

    def _use(self, weights: str) -> None:
        """Encode with the transformer as it is now; `weights` is its fingerprint in the cache.

        A pool may be encoded in bfloat16. Few texts are encoded as served, so that what is predicted for them and
        what is expected of a published model are the served answers.
        """
        transformer, config = self._fitted(), self.config
        key = f"{weights} {transformer.pooling} {config.max_tokens} {config.max_characters}"
        key += f" {transformer.prefix!r}" if transformer.prefix else ""
        served = _batch_encoders(transformer, for_pool(transformer, []), key)
        fast = for_pool(transformer, self._sample.tolist())
        narrow = isinstance(fast, PackedTransformer) and fast.bfloat16
        pool = _batch_encoders(transformer, fast, f"{key} bfloat16") if narrow else served
        self._encoders = lambda texts: pool if len(texts) >= SMALL_POOL else served  # no tuples: those are tracked

    def fit_transform(
        self, texts: Sequence[str], labels: np.ndarray | None = None, advance: Advance = lambda done: None
    ) -> np.ndarray:
        """Choose the pooling by the labels, and encode the same texts; the transformer stays as it is.

        Args:
            texts: n texts, labeled or not.
            labels: int from 0 to classes - 1, or UNLABELED, shape [n]; None: no text is labeled.
            advance: receives the number of texts that were encoded.

        Returns:
            float32 of unit length, shape [n, size].
        """
        if self.config.pooling == "preset":
            return self.transform(texts, advance)
        raw = self._encoders(texts).blocks(texts, advance)
        self.pooling = choose_pooling(raw, labels, self.seed)
        return self.pooling.transform(raw)

    def tune(self, texts: Sequence[str], labels: np.ndarray, advance: Advance = lambda done: None) -> None:
        """Fine-tune contrastively on the labeled texts; a second call goes on from the first one's weights.

        Args:
            texts: n texts, labeled or not.
            labels: int from 0 to classes - 1, or UNLABELED, shape [n].
            advance: receives the number of steps done.
        """
        transformer, labeled = self._fitted(), np.flatnonzero(labels != UNLABELED)
        chosen = [texts[row] for row in labeled.tolist()]
        finetune_contrastive(
            transformer, chosen, labels[labeled], steps=self.config.steps_of_tuning, seed=self.seed, advance=advance
        )
        self._use(transformer.fingerprint())

    def distill(self, texts: Sequence[str], soft_labels: np.ndarray, advance: Advance = lambda done: None) -> None:
        """Fine-tune on soft labels.

        Args:
            texts: n texts.
            soft_labels: class probabilities, shape [n, classes].
            advance: receives the number of steps done.
        """
        transformer, steps = self._fitted(), self.config.steps_of_tuning
        encoders = self._encoders(texts)
        encode = encoders.pooled if self.config.pooling == "preset" else encoders.blocks  # the one that has a cache
        vectors = encode(texts)[:, : transformer.size]  # the preset's pooling is the first block
        distill(transformer, texts, soft_labels, vectors, steps=steps, seed=self.seed, advance=advance)
        self._use(transformer.fingerprint())

    def split(self) -> SplitTransformer:
        """Return the transformer split below its last N layers, with N of `--tune layers:N`."""
        return SplitTransformer(self._fitted(), self.config.tuned_layers)

    def set_top_layers(self, top_layers: TopLayers) -> None:
        """Replace the last layers by trained ones."""
        self._fitted().set_last_layers(top_layers.top)
        self._use(self._fitted().fingerprint())

    def _fitted(self) -> Transformer:
        if self.transformer is None:
            raise EncoderError("The encoder was not fitted; call fit(texts) first.")
        return self.transformer

    def encode(self, texts: tf.Tensor) -> tf.Tensor:
        """Turn texts into feature vectors; part of the served graph.

        Args:
            texts: strings, shape [batch].

        Returns:
            float32 of unit length, shape [batch, size].

        Raises:
            EncoderError: the encoder was not fitted.
        """
        transformer = self._fitted()
        ids = transformer.ids(texts)
        return self.pooling(transformer.pooled_blocks(ids)) if self.pooling else transformer.embed(ids)

    def transform(self, texts: Sequence[str], advance: Advance = lambda done: None) -> np.ndarray:
        """Encode many texts, or read them from the cache; float32, shape [n, size]."""
        self._fitted()
        if self.pooling:
            return self.pooling.transform(self._encoders(texts).blocks(texts, advance))
        return self._encoders(texts).pooled(texts, advance)

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Return tf-idf of n-grams, for linear baselines; float32, shape [n, words]."""
        return self._tfidf(texts)
