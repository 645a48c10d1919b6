"""Fine-tuning the encoder before the game: contrastive, by distillation, its top layers in a game, or on labels."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganclf.classification.cotraining import concatenate_views, cotrain
from ganclf.classification.semi_supervised.reliability import ReliabilityEstimate, estimate_reliability
from ganclf.classification.semi_supervised.spectral_prior import fit_linear
from ganclf.cli.progress import progress
from ganclf.config import EncoderConfig, GameConfig
from ganclf.config.devices import choose_strategy
from ganclf.data.rows import UNLABELED

CANDIDATES = 2400  # unlabeled rows that can get a pseudo-label: bounds the time of encoding between two rounds
PSEUDO_LABELS = 240  # of them that get one for the next round
SHORT_GAME_STEPS = 600  # of the game that predicts them, at most
DISTILLATION_ROWS = 4000  # unlabeled rows with which the encoder is distilled: bounds the time of encoding before it
MAX_STATES_BYTES = 2**29  # of the hidden states that are kept to train layers; rows that don't fit are left out
LAYERS_BATCH, LAYERS_LABELED_BATCH = 64, 32  # rows per step, at most; a step through layers takes long


@dataclass(frozen=True)
class FineTuning:
    """What is fine-tuned, and on what.

    Attributes:
        encoder: is changed in place.
        texts: n texts, labeled or not.
        labels: int from 0 to classes - 1, or UNLABELED, shape [n].
        config: of the encoder.
        game: that predicts pseudo-labels, or in which layers are trained.
        verbose: show progress.
    """

    encoder: Any
    texts: Sequence[str]
    labels: np.ndarray
    config: EncoderConfig
    game: GameConfig
    verbose: bool = False

    def encode(self, idx: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray, ReliabilityEstimate]:
        """Texts, labels and features [n, size] of some rows, and the reliability estimate on them."""
        texts, labels = [self.texts[i] for i in idx], self.labels[idx]
        with progress("Encoding", len(texts), self.verbose) as advance:
            features = self.encoder.transform(texts, advance)
        linear = fit_linear(features, labels, self.game.seed, self.game.class_weights)
        return texts, labels, features, estimate_reliability(features, labels, linear, self.game)


def finetune_contrastive(tuning: FineTuning) -> None:
    """Fine-tune on the labeled texts; in each further round also on pseudo-labels of a short game."""
    labels, steps = tuning.labels, tuning.config.steps_of_tuning
    for number in range(1, tuning.config.tune_rounds + 1):
        if number > 1:
            labels = pseudo_label(tuning)
        with progress(f"Fine-tuning (round {number})", steps, tuning.verbose) as advance:
            tuning.encoder.tune(tuning.texts, labels, advance)


def pseudo_label(tuning: FineTuning) -> np.ndarray:
    """Return the labels and, for the rows of which a short game is most confident, its predictions; int, shape [n].

    A game that collapses gives no pseudo-labels; a warning states it.
    """
    from ganclf.classification.games.training import predict_log_proba, train_gan

    idx = subsample_unlabeled(tuning.labels, CANDIDATES, tuning.game.seed)
    _, labels, features, reliability = tuning.encode(idx)
    config = reliability.apply_to(replace(tuning.game, steps=min(tuning.game.steps, SHORT_GAME_STEPS)))
    with progress("Training a short game", config.steps, tuning.verbose) as advance:
        trained = train_gan(features, labels, reliability.teacher, config, advance)
    result = tuning.labels.copy()
    if trained.collapse:
        _warn(tuning, trained.collapse, "This round has the labeled texts alone.")
        return result
    probabilities = np.exp(predict_log_proba(trained.network, features))
    chosen, predicted = most_confident_per_class(probabilities, labels == UNLABELED, PSEUDO_LABELS)
    result[idx[chosen]] = predicted
    return result


def subsample_unlabeled(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Indices of the labeled rows and of `count` unlabeled ones, or all, either in a random order; int."""
    generator = np.random.default_rng(seed)
    labeled, unlabeled = (
        generator.permutation(np.flatnonzero(where)) for where in (labels != UNLABELED, labels == UNLABELED)
    )
    return np.concatenate([labeled, unlabeled[:count]])


def most_confident_per_class(
    probabilities: np.ndarray, allowed: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Choose the rows with the highest probability of each class, in proportion to the class's share.

    Args:
        probabilities: shape [n, classes].
        allowed: which rows may be chosen, bool, shape [n].
        count: rows, but for rounding.

    Returns:
        Indices and predicted classes of the chosen rows, int, both of shape [chosen].
    """
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    per_class = np.rint(count * probabilities[allowed].mean(axis=0)).astype(int) if allowed.any() else []
    order = np.argsort(-confidence, kind="stable")
    ranked = order[allowed[order]]
    chosen = [ranked[predicted[ranked] == label][:rows] for label, rows in enumerate(per_class)]
    idx = np.concatenate([np.zeros(0, int), *chosen])
    return idx, predicted[idx]


def distill(tuning: FineTuning) -> None:
    """Train the encoder on the predictions of a co-training ensemble: its own features, n-grams, and both."""
    idx = subsample_unlabeled(tuning.labels, DISTILLATION_ROWS, tuning.game.seed)
    texts, labels = [tuning.texts[i] for i in idx], tuning.labels[idx]
    probabilities, collapses = cotrain(_views(tuning, texts, labels), labels, tuning.game, tuning.verbose)
    for collapse in collapses:
        _warn(tuning, collapse, "This game is left out.")
    if probabilities is None:
        return
    steps = tuning.config.steps_of_tuning
    with progress(f"Fine-tuning ({tuning.config.tune})", steps, tuning.verbose) as advance:
        tuning.encoder.distill(texts, probabilities, advance)


def _views(tuning: FineTuning, texts: Sequence[str], labels: np.ndarray) -> dict[str, np.ndarray]:
    """Views for co-training, float32 of unit length, shape [n, size of the view], by name."""
    from ganclf.encoders.ngrams.encoder import NgramEncoder

    with progress("Encoding", len(texts), tuning.verbose) as advance:
        own = tuning.encoder.fit_transform(texts, labels, advance)
    ngrams = NgramEncoder(tuning.config, tuning.game.seed).fit(tuning.texts).transform(texts)
    views = {tuning.config.encoder: own, "n-grams": ngrams}
    return views | {"both": concatenate_views(views)}


def finetune_top_layers(tuning: FineTuning) -> None:
    """Train the last layers of the transformer in a game, below its classifier.

    The layers below run once. The moving average of the trained layers is kept, unless the game collapses: then the
    layers keep their weights, and a warning states it.
    """
    from ganclf.classification.games.training import train_gan

    transformer, config = tuning.encoder.split(), _top_layers_config(tuning)
    assert config.batch_size
    drawn = subsample_unlabeled(tuning.labels, config.steps * config.batch_size, config.seed)
    idx = drawn[fits_into(transformer.row_bytes([tuning.texts[i] for i in drawn]), MAX_STATES_BYTES)]
    texts, labels, _, reliability = tuning.encode(idx)
    config = reliability.apply_to(config)
    with progress("Running lower layers", len(texts), tuning.verbose) as advance:
        states = transformer.states(texts, advance)
    with progress(f"Fine-tuning ({tuning.config.tune})", config.steps, tuning.verbose) as advance:
        trained = train_gan(
            states, labels, reliability.teacher, config, advance, make_backbone=transformer.make_top_layers
        )
    if trained.collapse:
        return _warn(tuning, trained.collapse, "The layers keep their weights.")
    return tuning.encoder.set_top_layers(trained.backbone)


def fits_into(sizes: np.ndarray, limit: int) -> np.ndarray:
    """Which rows fit into `limit` bytes, the first ones first; bool, shape [n]."""
    return np.cumsum(sizes) <= limit


def _top_layers_config(tuning: FineTuning) -> GameConfig:
    replicas, config = choose_strategy().num_replicas_in_sync, tuning.game
    unlabeled, labeled = (-(-rows // replicas) * replicas for rows in (LAYERS_BATCH, LAYERS_LABELED_BATCH))
    return replace(
        config,
        steps=tuning.config.steps_of_tuning,
        batch_size=min(config.batch_size or unlabeled, unlabeled),
        labeled_batch_size=min(config.labeled_batch_size, labeled),
    )


def finetune_on_labels(tuning: FineTuning) -> None:
    """Train all networks of the glyph encoder on the labels."""
    steps = tuning.config.label_steps(int((tuning.labels != UNLABELED).sum()))
    with progress("Fine-tuning (labels)", steps, tuning.verbose) as advance:
        tuning.encoder.tune(tuning.texts, tuning.labels, advance)


def _warn(tuning: FineTuning, what: str, therefore: str) -> None:
    warnings.warn(f"--tune {tuning.config.tune}: {what} {therefore}", stacklevel=2)


METHODS: dict[str, Callable[[FineTuning], None]] = {
    "contrastive": finetune_contrastive,
    "distil": distill,
    "layers": finetune_top_layers,
    "labels": finetune_on_labels,
}


def finetune(tuning: FineTuning) -> None:
    """Fine-tune the encoder in place with the method of its configuration; `none` does nothing."""
    if tuning.config.tune != "none":
        METHODS[tuning.config.tuning](tuning)
