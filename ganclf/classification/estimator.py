"""GANClassifier: semi-supervised GAN training as a scikit-learn estimator over texts."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from ganclf.classification.finetuning import FineTuning, finetune
from ganclf.classification.fitted import FittedModel, Model, SavedModel, from_files, to_files
from ganclf.classification.label_types import LABEL_TYPE, classes_of
from ganclf.classification.labels import EncodedLabels, Labels, encode_labels, label_set_numbers
from ganclf.classification.parameters import ClassifierParameters, documentation, renamed
from ganclf.classification.scope import rows_kept_aside
from ganclf.classification.scoring import accuracy
from ganclf.classification.semi_supervised.label_names import ClassNames, class_names, templates_for
from ganclf.classification.semi_supervised.many_classes import evenly, has_many_classes
from ganclf.classification.tasks import MULTI_LABEL, SINGLE_LABEL, Task, task_of
from ganclf.classification.view_choice import leave_out_weak
from ganclf.cli.progress import console, progress
from ganclf.config import AUTO, EncoderConfig, GameConfig
from ganclf.config.devices import choose_strategy, is_chief, require_tensorflow_backend
from ganclf.data.rows import EncodedTexts, is_labeled
from ganclf.data.texts import as_texts
from ganclf.encoders.auto import choose_encoders
from ganclf.encoders.fit import encode_training_texts, fit_encoder, views_of, with_text_images
from ganclf.errors import DataError, ModelError, TrainingError
from ganclf.export.published import PublishedModel

if TYPE_CHECKING:
    from ganclf.classification.games.training import SharedGame

# besides the published files
PICKLED = ("classes_", "thresholds_", "history_", "monitors_", "collapse_", "game_config_", "seed_")


class GANClassifier(ClassifierMixin, ClassifierParameters):
    """Learn a text classifier from a few labeled and many unlabeled texts.

    >>> texts = ["very good", "good", "very bad", "bad", "so good", "so bad"]
    >>> labels = ["positive", None, "negative", None, None, None]
    >>> classifier = GANClassifier(steps=50, batch_size=4, labeled_batch_size=4, random_state=0)
    >>> classifier.fit(texts, labels).predict(["good", "bad"]).tolist()
    ['positive', 'negative']
    >>> classifier.predict_proba(["good"]).shape
    (1, 2)

    A text may have several labels: then y is a list of labels per text, or an array of 0 and 1 with a column per class.

    >>> sets = [["praise", "short"], None, ["blame"], ["blame", "short"], ["praise"], None]
    >>> several = GANClassifier(steps=50, batch_size=4, labeled_batch_size=4, random_state=0).fit(texts, sets)
    >>> several.predict(["good", "bad"]).shape, several.predict_proba(["good"]).shape
    ((2, 3), (1, 3))

    Former names of parameters are taken, too, and `seed` for `random_state`.

    Args:
        PARAMETERS

    Attributes:
        classes_: the labels, sorted, shape [classes].
        thresholds_: probability from which a text gets a label, float32, shape [classes]; None with one label a text.
        model_: what answers: fitted here, or read from files.
        encoder_: the fitted encoder; this and all that follow only where the model was fitted in this process.
        served_views_: which encoders `encoder="auto"` took, and which it left out; None with another encoder.
        network_: the classifier network, averaged over the steps.
        ensemble_: linear model, teacher and weight of the unlabeled rows, fitted before the network.
        stacking_: weights of network and linear model in what is published.
        head_: both in one graph, from features to probabilities and in-scope score.
        game_config_: the GameConfig with the weights that were chosen by the data.
        history_: mean losses over the training, a list per loss.
        monitors_: other figures over the training, a list per figure.
        sample_grids_: generated images beside real ones, in training on images.
        collapse_: a sentence where training collapsed and its last good average was restored, else None.
    """

    def fit(self, X: Sequence[str], y: Labels | None, class_names: Sequence[Any] | None = None) -> Self:
        """Learn from all texts.

        Args:
            X: n texts: a list, an array of shape [n] or [n, 1], a Series, or a table with one column. A missing text
                is an empty one.
            y: n labels in the same forms: strings, numbers or truth values; None, NaN, NaT, "" or the number -1 for an
                unlabeled text. Blanks around a label do not count. With several labels a text: a list, tuple or set of
                labels per text, None or an empty one where there are none; or a table or array of 0 and 1 with a column
                per class, in which a row of -1 is unlabeled and a row of 0 has none of the labels.
            class_names: of the columns of such an array; default: a table's column names, or the columns' numbers. Or
                of the classes where no text has a label (y is None, or all of it): a sentence encoder learns from them.

        Returns:
            self.

        Raises:
            DataError: fewer than two classes are labeled, the lengths differ, X has several columns, labels are of
                several types, or y has several columns of other numbers than 0 and 1.
            ConfigError: a parameter is out of range, or it does not go with several labels a text.
        """
        self.__dict__.pop("seed_", None)
        texts = as_texts(X)
        labels = encode_labels(y, len(texts), class_names)  # a mistake shows before the work
        task_of(labels.idx).check(self.config(EncoderConfig), self.config(GameConfig))
        return self.fit_encoded(self.encode(texts, labels), labels)

    def encode(
        self,
        X: Sequence[str],
        y: Labels | EncodedLabels | None = None,
        teacher_vectors: np.ndarray | None = None,
    ) -> EncodedTexts:
        """Fit the encoder and return the same texts encoded: as features, and for training on images also as images.

        Args:
            X: n texts.
            y: labels as in `fit`; needed for fine-tuning, and for choosing the pooling of a pretrained encoder.
            teacher_vectors: in place of the rows of the file that the parameter of this name gives, for example where
                X is a part of its texts; float32, shape [n, numbers].

        Returns:
            The encoded texts.
        """
        require_tensorflow_backend()
        choose_strategy()  # several machines have to find each other before TensorFlow does anything else
        texts: Sequence[str] = as_texts(X)
        if not texts:
            raise DataError("no texts were given; give some, a few of them with a label.")
        given, game = self.config(EncoderConfig), self.config(GameConfig, space="feature")
        choice, labels, encoded = choose_encoders(given), None, None
        config = choice.config
        if y is not None and given.learns_from_labels:
            encoded = encode_labels(y, len(texts)).idx
            task_of(encoded).check(config, game)
            labels = label_set_numbers(encoded) if is_labeled(encoded).any() else None
        if labels is None and config.tune != "none":
            raise DataError(f"--tune {config.tune}: no labels were given; give some, or leave --tune out.")
        shown = self.verbose > 0
        self.encoder_, texts = fit_encoder(texts, config, game.seed, verbose=shown, teacher_vectors=teacher_vectors)
        if labels is not None:
            finetune(FineTuning(self.encoder_, texts, labels, config, game, shown))
        features = encode_training_texts(self.encoder_, texts, labels, config, verbose=shown)
        self.served_views_ = None
        if given.encoder == AUTO:
            features, self.served_views_ = leave_out_weak(self.encoder_, features, encoded, choice, game)
        rows = EncodedTexts(features, views=views_of(self.encoder_, features), name_templates=templates_for(texts))
        if self.space == "image":
            self.encoder_, drawn = with_text_images(self.encoder_, config, self.image_characters, texts, features)
            rows = replace(rows, images=drawn.images)
        return rows

    def fit_encoded(
        self, rows: EncodedTexts | np.ndarray, y: Labels | EncodedLabels, shared: SharedGame | None = None
    ) -> Self:
        """Learn from rows that `encode` made; labels as in `fit`.

        `shared` is the game of several fits with the same parameters; each fit changes the network of the one before.
        """
        from ganclf.classification.games.training import SharedGame, train_gan

        rows, config, shared = EncodedTexts.of(rows), self.config(GameConfig), shared or SharedGame()
        labels = encode_labels(y, len(rows))
        task = task_of(labels.idx)
        task.check(self.config(EncoderConfig), config)
        self.__dict__.pop("model_", None)
        with progress("cross-fit", task.cross_fit_steps(labels.idx, config), self.verbose > 0) as advance:
            names = self._names(task, labels.classes, rows)
            self.ensemble_ = task.fit_ensemble(rows, labels.idx, config, advance, *names, shared=shared)
        with progress("train", config.steps, self.verbose > 0) as advance:
            known = self.ensemble_.training_labels(labels.idx)
            teacher, config = self.ensemble_.reliability.teacher, self.ensemble_.resolve(known)
            aside = rows_kept_aside(known, teacher.shape[1], config.seed)
            used = np.delete(np.arange(len(rows)), aside) if len(aside) else slice(None)
            part = rows[used], known[used], teacher[used]
            trained = train_gan(*part, config, advance, self.tensorboard, shared=shared)
        self.network_, self.history_, self.monitors_ = trained.network, trained.history, trained.monitors
        self.game_config_, self.collapse_, self.sample_grids_ = trained.config, trained.collapse, trained.sample_grids
        if trained.collapse and not trained.restored_step:
            raise TrainingError(f"{trained.collapse} Nothing was learned. Lower --learning-rate or the terms' weights.")
        self.classes_, self.task_ = labels.classes, task
        bounded = not task.multi_label and has_many_classes(len(self.classes_))
        some = evenly(rows, len(self.classes_)) if bounded else rows
        self.stacking_ = self.ensemble_.fit_stacking(self.game_probabilities(some))
        self.thresholds_ = self.stacking_.thresholds if task.multi_label else None
        self.head_ = self.ensemble_.head(self.network_, self.stacking_, rows, known, aside)
        self.model_: Model = FittedModel(self.encoder_, self.head_, self.classes_, self.thresholds_)
        if self.verbose > 1:
            console.print(self.explanation(), markup=False, highlight=False)
        return self

    def predict_proba(self, X: Sequence[str]) -> np.ndarray:
        """Return the probability of each class in the order of `classes_`, float32, shape [n, classes].

        With several labels a text each is the probability that the text has the label; they do not sum to 1.
        """
        check_is_fitted(self, "model_")
        return self.model_.probabilities(as_texts(X))

    def predict(self, X: Sequence[str]) -> np.ndarray:
        """Return the most likely class of each text, shape [n].

        With several labels a text, as in scikit-learn: 1 where a text has a label and 0 where not, int64, shape
        [n, classes]; a text has a label whose probability is at least its threshold in `thresholds_`.
        """
        return self._predict(self.predict_proba(X))

    def predict_labels(self, X: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the labels of each text, in the order of `classes_`; with one label a text, tuples of one."""
        return list(self._task.names(self.predict(X), self.classes_))

    @property
    def multi_label(self) -> bool:
        """Whether a text may have several labels; after `fit` or `load`."""
        return self._task.multi_label

    @property
    def _task(self) -> Task:
        check_is_fitted(self, "model_")
        return SINGLE_LABEL if self.thresholds_ is None else MULTI_LABEL

    def _predict(self, probabilities: np.ndarray) -> np.ndarray:
        return self._task.predict(probabilities, self.classes_, self.thresholds_)

    def score(self, X: Sequence[str], y: Labels, sample_weight: Sequence[float] | None = None) -> float:
        """Return the accuracy on the labeled texts; unlabeled ones are left out.

        With several labels a text, as in scikit-learn: the share of the texts all of whose labels are predicted and no
        other (subset accuracy). `f1_score(y, predict(X), average="micro")` counts single labels.

        Raises:
            DataError: no text is labeled, or labels are of another type than the classes.
        """
        return accuracy(self, X, y, sample_weight)

    def probabilities(self, rows: EncodedTexts | np.ndarray) -> np.ndarray:
        """As `predict_proba`, from n rows that `encode` or the encoder made; after `fit`, not after `load`."""
        from ganclf.rendering.text_images import map_rows

        head = self._fitted("head_")
        return map_rows(lambda batch: head(batch)[0], EncodedTexts.of(rows))

    def game_probabilities(self, rows: EncodedTexts | np.ndarray) -> np.ndarray:
        """As `probabilities`, by the classifier network alone and not calibrated; after `fit`, not after `load`."""
        from ganclf.classification.games.training import predict_log_proba

        task = self._fitted("task_")
        return task.probabilities(predict_log_proba(self._fitted("network_"), rows, task.outputs))

    def scope(self, rows: EncodedTexts | np.ndarray) -> np.ndarray:
        """In-scope score of n rows: the share of texts like the training texts that look less so, shape [n].

        After `fit`, not after `load`.
        """
        from ganclf.rendering.text_images import map_rows

        head = self._fitted("head_")
        return map_rows(lambda batch: head(batch)[1], EncodedTexts.of(rows))

    def explanation(self) -> str:
        """What is published and why, in plain sentences; after `fit`, not after `load`."""
        return str(self._fitted("ensemble_").explanation(self.stacking_))

    def _names(self, task: Task, classes: np.ndarray, rows: EncodedTexts) -> tuple[ClassNames | None, ...]:
        """The names of the classes for the teacher, of a task that uses them."""
        if task.multi_label:
            return ()
        names = classes.astype(str).tolist()
        templates = rows.name_templates or templates_for(names)
        return (class_names(names, templates, self.label_names, self.label_descriptions),)

    def _fitted(self, name: str) -> Any:
        """An attribute that only a fit in this process leaves.

        Raises:
            NotFittedError: there was no fit.
            ModelError: the model was loaded or unpickled.
        """
        if name not in vars(self):
            check_is_fitted(self, "model_")
            raise ModelError(
                f"{name} is missing: a loaded model has what was published, not the networks of its training. "
                "Use predict or predict_proba, or call fit again."
            )
        return getattr(self, name)

    def save(self, folder: Path | str, extras: Callable[[Path], None] = lambda assets: None) -> Path | None:
        """Publish the next version under `folder`, ready for TF Serving; what was loaded is copied as it is.

        Args:
            folder: saved_models/<name>.
            extras: gets the version's assets.extra and may write files there, before it is published.

        Returns:
            The version's folder; None on a machine of a cluster that is not its chief, which alone publishes.
        """
        check_is_fitted(self, "model_")
        return self.model_.save(Path(folder), self._stored_params(), extras) if is_chief() else None

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """Read what `save` or the command published: the newest version in `folder`, or that version's folder.

        The result predicts; its classes are of the type that they had in `fit`, and strings where the command trained.
        `fit` starts anew with the same parameters. A stored parameter that this version of ganclf does not have is left
        out with a warning.
        """
        require_tensorflow_backend()
        published = PublishedModel(Path(folder))
        loaded = cls(**_known_parameters(published))
        loaded.classes_ = classes_of(published.classes, published.parameters().get(LABEL_TYPE))
        loaded.model_, loaded.thresholds_ = SavedModel(published), published.thresholds
        return loaded

    def __getstate__(self) -> dict[str, Any]:
        """Return parameters and published files: what TensorFlow holds can't be pickled otherwise."""
        state = self.get_params()
        if "model_" in vars(self):
            state |= {name: value for name, value in vars(self).items() if name in PICKLED}
            state["files"] = to_files(self.model_, self._stored_params())
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore what `__getstate__` gave; the model is read as `load` reads one."""
        files = state.pop("files", None)
        self.__dict__.update(state)
        if files is not None:
            require_tensorflow_backend()
            self.model_ = from_files(files)

    def __sklearn_tags__(self) -> Any:
        """Texts in place of a matrix, labels required."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array = True, True, False
        return tags

    def _stored_params(self) -> dict[str, Any]:
        kind = {} if self.classes_.dtype.kind == "U" else {LABEL_TYPE: self.classes_.dtype.name}
        return self.get_params() | {"random_state": self.seed} | kind


if GANClassifier.__doc__:  # not with python -OO
    GANClassifier.__doc__ = GANClassifier.__doc__.replace("PARAMETERS", documentation())


def _known_parameters(published: PublishedModel) -> dict[str, Any]:
    """The stored parameters under today's names, without unknown ones, for each of which there is a warning."""
    stored = renamed(published.parameters())
    stored.pop(LABEL_TYPE, None)
    params = GANClassifier().get_params()
    for name in sorted(stored.keys() - params.keys()):
        warnings.warn(
            f"{published.folder}: parameter {name!r} ({stored[name]!r}) is unknown to this version of ganclf and is "
            "ignored.",
            stacklevel=3,
        )
    return {name: value for name, value in stored.items() if name in params}
