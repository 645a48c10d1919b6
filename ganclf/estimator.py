"""GANClassifier: the game as a scikit-learn estimator over texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from ganclf.config import EncoderConfig, GameConfig
from ganclf.devices import choose_strategy, require_tensorflow_backend
from ganclf.errors import DataError, TrainingError
from ganclf.evaluation.baselines import tuned_logistic_regression
from ganclf.parameters import takes
from ganclf.progress import progress
from ganclf.texts import as_texts, is_missing
from ganclf.tuning import TUNINGS, Tuning

Labels = Sequence[Any]  # a label of any sortable type; None, NaN or "" where there is none


@takes(EncoderConfig, GameConfig, tensorboard=None, verbose=False)
class GANClassifier(ClassifierMixin, BaseEstimator):
    """Learn a text classifier from few labelled and many unlabelled texts.

    Args:
        encoder: how text becomes numbers; this and its settings as in `ganclf.config.EncoderConfig`.
        game: this and its settings as in `ganclf.config.GameConfig`, `seed` among them.
        tensorboard: folder for TensorBoard's logs.
        verbose: show progress.

    Attributes:
        classes_: the labels, sorted, shape [classes].
        encoder_: the fitted encoder.
        network_: the averaged classifier.
        history_: mean loss of each player over the game, a list a player.
        monitors_: what was watched over the game, a list a monitor.
        collapse_: a sentence where the game collapsed and its last good average was taken back, else None.
    """

    def fit(self, texts: Sequence[str], labels: Labels) -> GANClassifier:
        """Learn from all texts; where a label is None the text is unlabelled.

        Args:
            texts: n strings.
            labels: n labels, None for unlabelled.
        Returns:
            self.
        Raises:
            DataError: fewer than two classes are labelled, or the lengths differ.
            ConfigError: an argument is out of range.
        """
        texts = as_texts(texts)
        self._number(labels, len(texts))  # a mistake is said before the work
        return self.play(self.encode(texts, labels), labels)

    def encode(self, texts: Sequence[str], labels: Labels | None = None) -> np.ndarray:
        """Fit the encoder and return the features of the same texts, float32, shape [n, size].

        Labels as in `fit`; only an encoder that is tuned needs them.
        """
        require_tensorflow_backend()
        choose_strategy()  # several machines have to find each other before TensorFlow does anything else
        from ganclf.encoders import ENCODERS

        texts = as_texts(texts)
        if not texts:
            raise DataError("no texts were given; give some, a few of them with a label.")

        config = self._config(EncoderConfig)
        with progress("Reading the texts", len(texts), self.verbose) as advance:
            self.encoder_: Any = ENCODERS[config.encoder](config, seed=self.seed).fit(texts, advance)
        if config.tune != "none":
            numbers = self._number([None] * len(texts) if labels is None else labels, len(texts))
            TUNINGS[config.tuning](
                Tuning(self.encoder_, texts, numbers, config, self._config(GameConfig), self.verbose)
            )
        with progress("Encoding", len(texts), self.verbose) as advance:
            return self.encoder_.transform(texts, advance)

    def play(self, features: np.ndarray, labels: Labels) -> GANClassifier:
        """Play the game on features that `encode` made; labels as in `fit`."""
        from ganclf.recipes.play import play_game

        numbers = self._number(labels, len(features))
        known = numbers >= 0
        linear = tuned_logistic_regression(features[known], numbers[known], self.seed)
        config = self._config(GameConfig)
        self.__dict__.pop("published_", None)  # what `load` read is replaced
        with progress(f"Playing ({config.game})", config.steps, self.verbose) as advance:
            guide = linear.predict_proba(features)
            played = play_game(features, numbers, guide, config, advance, self.tensorboard)
        self.network_, self.history_, self.monitors_ = played.network, played.history, played.monitors
        self.collapse_ = played.collapse
        if played.collapse and not played.kept_step:
            raise TrainingError(f"{played.collapse} Nothing was learned. Lower --learning-rate or the terms' weights.")
        return self

    def _config(self, kind: type) -> Any:
        return kind(**{each.name: getattr(self, each.name) for each in fields(kind)})

    def _number(self, labels: Labels, rows: int) -> np.ndarray:
        """Set `classes_`; return the place of each label in them, -1 for none, int64, shape [n]."""
        if len(labels) != rows:
            raise DataError(f"{rows} texts but {len(labels)} labels; give one label a text, None where there is none.")
        known = [not is_missing(label) for label in labels]
        given = [label for label, there in zip(labels, known, strict=True) if there]
        self.classes_ = np.unique(np.array(given)) if given else np.array([])
        if len(self.classes_) < 2:
            raise DataError(
                f"Labels of {len(self.classes_)} class(es): {self.classes_.tolist()}; two or more are needed."
            )
        numbers = np.full(rows, -1)
        numbers[np.flatnonzero(known)] = np.searchsorted(self.classes_, np.array(given))
        return numbers

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probability of each class in the order of `classes_`, float32, shape [n, classes]."""
        check_is_fitted(self, "classes_")
        if hasattr(self, "published_"):
            return self.published_.probabilities(as_texts(texts))
        return self.probabilities(self.encoder_.transform(as_texts(texts)))

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """As `predict_proba`, from features of shape [n, size]."""
        import tensorflow as tf

        return tf.nn.softmax(self.network_(tf.constant(features, tf.float32))).numpy()

    def predict(self, texts: Sequence[str]) -> np.ndarray:
        """Return the most likely class of each text, shape [n]."""
        probabilities = self.predict_proba(texts)
        return self.classes_[probabilities.argmax(axis=1)]

    def save(self, folder: Path | str, extras: Callable[[Path], None] = lambda assets: None) -> Path:
        """Publish the next version under `folder`, ready for TF Serving; return the version's folder.

        Args:
            folder: saved_models/<name>.
            extras: is given the version's assets.extra and may write files there, before it is published.
        """
        from ganclf.export import publish

        check_is_fitted(self, "network_")
        return publish(self, Path(folder), extras)

    @classmethod
    def load(cls, folder: Path | str) -> GANClassifier:
        """Read what `save` or the command published: the newest version in `folder`, or that version's folder.

        The result predicts; its classes are strings. `fit` starts anew with the same arguments.
        """
        from ganclf.published import PublishedModel

        require_tensorflow_backend()
        published = PublishedModel(Path(folder))
        known = set(cls().get_params())
        loaded = cls(**{name: value for name, value in published.parameters().items() if name in known})
        loaded.published_ = published
        loaded.classes_ = np.array(published.classes)
        return loaded
