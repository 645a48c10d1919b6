"""GANClassifier: the game as a scikit-learn estimator over texts."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from ganclf.classification.finetuning import FineTuning, finetune
from ganclf.classification.parameters import renamed, takes
from ganclf.classification.semi_supervised.cross_fitting import cross_fit_steps
from ganclf.classification.semi_supervised.ensemble import fit_ensemble
from ganclf.cli.progress import progress
from ganclf.config import EncoderConfig, GameConfig, current_names
from ganclf.data.rows import UNLABELED, EncodedTexts
from ganclf.data.texts import as_texts, is_missing
from ganclf.devices import choose_strategy, is_chief, require_tensorflow_backend
from ganclf.encoders.fit import encode_training_texts, fit_encoder, with_text_images
from ganclf.errors import DataError, ExportError, TrainingError

if TYPE_CHECKING:
    from ganclf.export.published import PublishedModel

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
        ensemble_: linear model, teacher and weight of the unlabeled rows, fitted before the game.
        stacking_: weights of game and linear model in what is published.
        head_: all of it in one graph, from features to probabilities and in-scope score.
        played_: the game's settings with those that were chosen for it.
        history_: mean loss of each player over the game, a list a player.
        monitors_: what was watched over the game, a list a monitor.
        sample_grids_: pictures that the generator drew, beside real ones, in a game in pixels.
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

    def encode(self, texts: Sequence[str], labels: Labels | None = None) -> EncodedTexts:
        """Fit the encoder and return the same texts encoded: features, and in a game on images these too.

        Labels as in `fit`; only an encoder that is tuned needs them, and a pretrained one chooses its views by them.
        """
        require_tensorflow_backend()
        choose_strategy()  # several machines have to find each other before TensorFlow does anything else
        texts = as_texts(texts)
        if not texts:
            raise DataError("no texts were given; give some, a few of them with a label.")
        config, game = self.config(EncoderConfig), self.config(GameConfig, space="feature")
        numbers = self._number(labels, len(texts)) if labels is not None and config.learns_from_labels else None
        if numbers is None and config.tune != "none":
            raise DataError(f"--tune {config.tune}: no labels were given; give some, or leave --tune out.")
        self.encoder_, texts = fit_encoder(texts, config, game.seed, verbose=self.verbose)
        if numbers is not None:
            finetune(FineTuning(self.encoder_, texts, numbers, config, game, self.verbose))
        rows = EncodedTexts(encode_training_texts(self.encoder_, texts, numbers, config, verbose=self.verbose))
        if self.space == "image":
            self.encoder_, rows = with_text_images(self.encoder_, config, self.image_characters, texts, rows.features)
        return rows

    def play(self, features: EncodedTexts | np.ndarray, labels: Labels) -> GANClassifier:
        """Play the game on rows that `encode` made; labels as in `fit`."""
        from ganclf.classification.games.training import train_gan

        features = EncodedTexts.of(features)
        numbers = self._number(labels, len(features))
        config = self.config(GameConfig)
        self.__dict__.pop("published_", None)  # what `load` read is replaced
        with progress("cross-fit", cross_fit_steps(numbers, config), self.verbose) as advance:
            self.ensemble_ = fit_ensemble(features, numbers, config, advance)
        with progress("train", config.steps, self.verbose) as advance:
            teacher, config = self.ensemble_.reliability.teacher, self.ensemble_.resolve(numbers)
            played = train_gan(features, numbers, teacher, config, advance, self.tensorboard)
        self.network_, self.history_, self.monitors_ = played.network, played.history, played.monitors
        self.played_, self.collapse_, self.sample_grids_ = played.config, played.collapse, played.sample_grids
        if played.collapse and not played.restored_step:
            raise TrainingError(f"{played.collapse} Nothing was learned. Lower --learning-rate or the terms' weights.")
        self.stacking_ = self.ensemble_.fit_stacking(self.game_probabilities(features))
        self.head_ = self.ensemble_.head(self.network_, self.stacking_, features, numbers)
        return self

    def set_params(self, **params: Any) -> GANClassifier:
        """Set parameters of this estimator; former names are taken, too."""
        super().set_params(**renamed(params))
        return self

    def config(self, kind: type, **others: Any) -> Any:
        """The settings of one kind, EncoderConfig or GameConfig, or `others` in their place; with all defaults."""
        return kind(**{each.name: getattr(self, each.name) for each in fields(kind)} | others)

    def _number(self, labels: Labels, rows: int) -> np.ndarray:
        """Set `classes_`; return the place of each label in them, UNLABELED for none, int64, shape [n]."""
        if len(labels) != rows:
            raise DataError(f"{rows} texts but {len(labels)} labels; give one label a text, None where there is none.")
        known = [not is_missing(label) for label in labels]
        given = [label for label, there in zip(labels, known, strict=True) if there]
        self.classes_ = np.unique(np.array(given)) if given else np.array([])
        if len(self.classes_) < 2:
            raise DataError(
                f"Labels of {len(self.classes_)} class(es): {self.classes_.tolist()}; two or more are needed."
            )
        numbers = np.full(rows, UNLABELED)
        numbers[np.flatnonzero(known)] = np.searchsorted(self.classes_, np.array(given))
        return numbers

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probability of each class in the order of `classes_`, float32, shape [n, classes]."""
        check_is_fitted(self, "classes_")
        if hasattr(self, "published_"):
            return self.published_.probabilities(as_texts(texts))
        return self.probabilities(self.encoder_.transform(as_texts(texts)))

    def probabilities(self, features: EncodedTexts | np.ndarray) -> np.ndarray:
        """As `predict_proba`, from n rows that `encode` or the encoder made."""
        from ganclf.rendering.text_images import map_rows

        return map_rows(lambda batch: self.head_(batch)[0], EncodedTexts.of(features))

    def game_probabilities(self, features: EncodedTexts | np.ndarray) -> np.ndarray:
        """As `probabilities`, but by the game alone and not calibrated."""
        from ganclf.classification.games.training import predict_log_proba

        return np.exp(predict_log_proba(self.network_, features))

    def explanation(self) -> str:
        """What is published and why, in plain sentences."""
        return self.ensemble_.explanation(self.stacking_)

    def scope(self, features: EncodedTexts | np.ndarray) -> np.ndarray:
        """How much n rows look like the classes: the share of the training rows that do so less, shape [n]."""
        from ganclf.rendering.text_images import map_rows

        return map_rows(lambda batch: self.head_(batch)[1], EncodedTexts.of(features))

    def predict(self, texts: Sequence[str]) -> np.ndarray:
        """Return the most likely class of each text, shape [n]."""
        probabilities = self.predict_proba(texts)
        return self.classes_[probabilities.argmax(axis=1)]

    def save(self, folder: Path | str, extras: Callable[[Path], None] = lambda assets: None) -> Path | None:
        """Publish the next version under `folder`, ready for TF Serving; what was loaded is copied as it is.

        Args:
            folder: saved_models/<name>.
            extras: is given the version's assets.extra and may write files there, before it is published.

        Returns:
            The version's folder; None on a machine of a cluster that is not its chief, which alone publishes.
        """
        from ganclf.classification.served import ServedClassifier
        from ganclf.export.publish import Publication, publish, publish_copy

        check_is_fitted(self, ["network_", "published_"], all_or_any=any)
        if not is_chief():
            return None
        if hasattr(self, "published_"):
            return publish_copy(self.published_.folder, self.published_.probabilities, Path(folder), extras)
        served = ServedClassifier(self.encoder_, self.head_, [str(each) for each in self.classes_])
        return publish(Publication(served, self.get_params(), self.predict_proba), Path(folder), extras)

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: the arguments. What was learned lies in TensorFlow, which pickle can't write."""
        if any(hasattr(self, name) for name in ("encoder_", "network_", "published_")):
            raise ExportError(
                "a fitted GANClassifier can't be pickled or deep-copied. Use its save(folder) and later "
                "GANClassifier.load(folder)."
            )
        return super().__getstate__()

    @classmethod
    def load(cls, folder: Path | str) -> GANClassifier:
        """Read what `save` or the command published: the newest version in `folder`, or that version's folder.

        The result predicts; its classes are strings. `fit` starts anew with the same arguments.
        """
        from ganclf.export.published import PublishedModel

        require_tensorflow_backend()
        published = PublishedModel(Path(folder))
        loaded = cls(**_known_parameters(cls, published))
        loaded.published_ = published
        loaded.classes_ = np.array(published.classes)
        return loaded


def _known_parameters(kind: type[GANClassifier], published: PublishedModel) -> dict[str, Any]:
    """The stored parameters under today's names, without unknown ones, for each of which there is a warning."""
    stored = current_names(published.parameters())
    known = kind().get_params()
    for name in sorted(stored.keys() - known.keys()):
        warnings.warn(
            f"{published.folder}: parameter {name!r} ({stored[name]!r}) is unknown to this version of ganclf and is "
            "ignored.",
            stacklevel=3,
        )
    return {name: value for name, value in stored.items() if name in known}
