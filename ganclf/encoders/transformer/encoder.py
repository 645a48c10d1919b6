"""The pretrained encoder: a transformer that others trained, as it is or tuned on the labelled rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
import tensorflow as tf

from ganclf.config import EncoderConfig
from ganclf.encoders.feature_cache import FeatureStore
from ganclf.encoders.ngrams.lazy_tfidf import LazyTfidf
from ganclf.encoders.transformer.backbone import Transformer
from ganclf.encoders.transformer.batches import BatchEncoder
from ganclf.encoders.transformer.contrastive import tune_by_contrast
from ganclf.encoders.transformer.distillation import distil
from ganclf.encoders.transformer.pooling import BLOCKS, Views, choose_views
from ganclf.encoders.transformer.presets import fingerprint, load_preset
from ganclf.encoders.transformer.top_layers import Front, UpperLayers
from ganclf.errors import ConfigError, EncoderError


class PretrainedEncoder(tf.Module):
    """Texts → vectors of unit length, by a BERT, MiniLM, XLM-R or the like.

    Args:
        config: the preset, tokens and characters that are read.
        seed: of the tuning.
    """

    missing_share = 0.0  # of the characters: it draws none

    def __init__(self, config: EncoderConfig, seed: int = 0) -> None:
        super().__init__(name="pretrained_encoder")
        self.config = config
        self.seed = seed
        self.transformer: Transformer | None = None
        self.views: Views | None = None

    def fit(self, texts: Sequence[str], advance: Callable[[int], None] = lambda done: None) -> PretrainedEncoder:
        """Load the preset; nothing is learned from `texts` but what `tfidf` needs. Return self.

        Raises:
            ConfigError: the preset is missing, broken or not supported.
        """
        name = str(self.config.preset)
        self.transformer = Transformer(load_preset(name, self.config.max_tokens), self.config)
        self._check_layers(len(self.transformer.layers))
        self._use(fingerprint(name))
        self._tfidf = LazyTfidf(texts, self.config)
        advance(len(texts))
        return self

    def _check_layers(self, most: int) -> None:
        asked = self.config.tuned_layers
        if asked and not most:
            raise ConfigError(f"--tune {self.config.tune}: the layers of this preset can't be trained on their own.")
        if asked > most:
            raise ConfigError(f"--tune {self.config.tune}: this preset has {most} layers; give layers:{most} or less.")

    def _use(self, weights: str) -> None:
        """Encode with the transformer as it now is; `weights` tells them from others in the store."""
        transformer, config = self._fitted(), self.config
        key = f"{weights} {transformer.pooling} {config.max_tokens} {config.max_characters}"
        self._own_of_many = BatchEncoder(transformer, transformer.embed, FeatureStore(f"1 {key}", transformer.size))
        blocks = FeatureStore(f"blocks 1 {key}", BLOCKS * transformer.size)
        self._blocks_of_many = BatchEncoder(transformer, transformer.blocks, blocks)

    def look(
        self,
        texts: Sequence[str],
        labels: np.ndarray | None = None,
        advance: Callable[[int], None] = lambda done: None,
    ) -> np.ndarray:
        """Choose what is read off the transformer, from now on, and encode the same texts.

        Args:
            texts: n texts, labelled or not.
            labels: int from 0 to classes - 1, or -1 for unlabelled, shape [n]; None: no label is known.
            advance: is told how many texts were encoded.
        Returns:
            float32 of unit length, shape [n, size].
        """
        if self.config.pooling == "preset":
            return self.transform(texts, advance)
        raw = self._blocks_of_many(texts, advance)
        self.views = choose_views(raw, labels, self.seed)
        return self.views.join_many(raw)

    def tune(
        self, texts: Sequence[str], labels: np.ndarray, advance: Callable[[int], None] = lambda done: None
    ) -> None:
        """Pull labelled texts of a class together and others apart; everything is encoded anew after it.

        Args:
            texts: n texts, labelled or not.
            labels: int from 0 to classes - 1, or -1 for unlabelled, shape [n].
            advance: is told how many of `tune_steps` were done.

        A second call goes on from where the first one ended.
        """
        transformer, known = self._fitted(), np.flatnonzero(labels >= 0)
        chosen = [texts[place] for place in known.tolist()]
        tune_by_contrast(
            transformer, chosen, labels[known], steps=self.config.steps_of_tuning, seed=self.seed, advance=advance
        )
        self._use(transformer.fingerprint())

    def distil(
        self, texts: Sequence[str], answers: np.ndarray, advance: Callable[[int], None] = lambda done: None
    ) -> None:
        """Learn answers to n texts, class probabilities, shape [n, classes]; everything is encoded anew after it.

        `advance` is told how many of `tune_steps` were done.
        """
        transformer, steps = self._fitted(), self.config.steps_of_tuning
        encode = self._own_of_many if self.config.pooling == "preset" else self._blocks_of_many  # the one that was used
        vectors = encode(texts)[:, : transformer.size]  # own pooling is the first block
        distil(transformer, texts, answers, vectors, steps=steps, seed=self.seed, advance=advance)
        self._use(transformer.fingerprint())

    def upper(self) -> UpperLayers:
        """The last layers, as many as `--tune layers:N` names."""
        return UpperLayers(self._fitted(), self.config.tuned_layers)

    def adopt(self, front: Front) -> None:
        """Take over the layers of a front that was trained; everything is encoded anew after it."""
        self._fitted().replace_last(front.upper)
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
        return self.views.join(transformer.blocks(ids)) if self.views else transformer.embed(ids)

    def transform(self, texts: Sequence[str], advance: Callable[[int], None] = lambda done: None) -> np.ndarray:
        """Encode many texts, or read from disk what was encoded before; float32, shape [n, size]."""
        self._fitted()
        if self.views:
            return self.views.join_many(self._blocks_of_many(texts, advance))
        return self._own_of_many(texts, advance)

    def tfidf(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Weigh n-grams, for linear baselines; float32, shape [n, words]."""
        return self._tfidf(texts)
