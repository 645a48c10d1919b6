"""Tuning the encoder before the game: by contrast, on what games answer, its last layers in a game, or on labels."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganclf.classification.cotraining import joint_answers, side_by_side
from ganclf.classification.semi_supervised.reliability import Evidence, gather_evidence
from ganclf.classification.semi_supervised.spectral_prior import fit_linear
from ganclf.cli.progress import progress
from ganclf.config import EncoderConfig, GameConfig
from ganclf.devices import choose_strategy

CANDIDATES = 2400  # unlabelled rows of which the surest are chosen: bounds the time of encoding between two rounds
BELIEVED = 240  # of them that are taken for labelled in the next round
SHORT_GAME = 600  # steps of the game that names them, at the most
TAUGHT = 4000  # unlabelled rows that games answer to teach the encoder: bounds the time of encoding before it
STATES_BYTES = 2**29  # of the states of tokens that are kept for training layers; rows that don't fit are left out
LAYERS_BATCH, LAYERS_LABELLED_BATCH = 64, 32  # rows a step, at the most; a step through layers takes long


@dataclass(frozen=True)
class Tuning:
    """What is tuned, and on what.

    Attributes:
        encoder: is changed in place.
        texts: n texts, labelled or not.
        labels: int from 0 to classes - 1, or -1 for unlabelled, shape [n].
        config: of the encoder.
        game: that names rows, or in which layers learn.
        verbose: show progress.
    """

    encoder: Any
    texts: Sequence[str]
    labels: np.ndarray
    config: EncoderConfig
    game: GameConfig
    verbose: bool = False

    def part(self, places: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray, Evidence]:
        """Texts, labels and features [n, size] of some rows, and what their labels say of the others."""
        texts, labels = [self.texts[place] for place in places], self.labels[places]
        with progress("Encoding", len(texts), self.verbose) as advance:
            features = self.encoder.transform(texts, advance)
        linear = fit_linear(features, labels, self.game.seed, self.game.class_weights)
        return texts, labels, features, gather_evidence(features, labels, linear, self.game)


def tune_in_rounds(tuning: Tuning) -> None:
    """Tune on the labelled texts; in each further round on those that a short game is sure of, too."""
    labels, steps = tuning.labels, tuning.config.steps_of_tuning
    for number in range(1, tuning.config.tune_rounds + 1):
        if number > 1:
            labels = believe(tuning)
        with progress(f"Tuning (round {number})", steps, tuning.verbose) as advance:
            tuning.encoder.tune(tuning.texts, labels, advance)


def believe(tuning: Tuning) -> np.ndarray:
    """Return the labels and, for the rows of which a short game is surest, its answers; int, shape [n].

    A game that collapses is not believed, which is said in a warning.
    """
    from ganclf.classification.games.training import predict_log_proba, train_gan

    places = draw(tuning.labels, CANDIDATES, tuning.game.seed)
    _, labels, features, evidence = tuning.part(places)
    game = evidence.rule(replace(tuning.game, steps=min(tuning.game.steps, SHORT_GAME)))
    with progress("Playing a short game", game.steps, tuning.verbose) as advance:
        played = train_gan(features, labels, evidence.guide, game, advance)
    believed = tuning.labels.copy()
    if played.collapse:
        _warn(tuning, played.collapse, "This round has the labelled texts alone.")
        return believed
    chosen, answers = surest(np.exp(predict_log_proba(played.network, features)), labels < 0, BELIEVED)
    believed[places[chosen]] = answers
    return believed


def _warn(tuning: Tuning, what: str, therefore: str) -> None:
    warnings.warn(f"--tune {tuning.config.tune}: {what} {therefore}", stacklevel=2)


def draw(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Places of the labelled rows and of `count` unlabelled ones, or all, either in a random order; int."""
    generator = np.random.default_rng(seed)
    known, others = (generator.permutation(np.flatnonzero(where)) for where in (labels >= 0, labels < 0))
    return np.concatenate([known, others[:count]])


def surest(probabilities: np.ndarray, allowed: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Choose about `count` rows, those with the highest probability of each class in proportion to the class's share.

    Args:
        probabilities: shape [n, classes].
        allowed: which rows may be chosen, bool, shape [n].
        count: rows, but for rounding.
    Returns:
        Places and classes of the chosen rows, int, both of shape [chosen].
    """
    answers, certainty = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wanted = np.rint(count * probabilities[allowed].mean(axis=0)).astype(int) if allowed.any() else []
    order = np.argsort(-certainty, kind="stable")
    ranked = order[allowed[order]]
    chosen = [ranked[answers[ranked] == name][:rows] for name, rows in enumerate(wanted)]
    places = np.concatenate([np.zeros(0, int), *chosen])
    return places, answers[places]


def tune_on_answers(tuning: Tuning) -> None:
    """Let the encoder learn what games on its own rows, on n-grams and on both side by side answer together."""
    places = draw(tuning.labels, TAUGHT, tuning.game.seed)
    texts, labels = [tuning.texts[place] for place in places], tuning.labels[places]
    answers, collapses = joint_answers(_views(tuning, texts, labels), labels, tuning.game, tuning.verbose)
    for collapse in collapses:
        _warn(tuning, collapse, "This game is not heard.")
    if answers is None:
        return
    steps = tuning.config.steps_of_tuning
    with progress(f"Tuning ({tuning.config.tune})", steps, tuning.verbose) as advance:
        tuning.encoder.distil(texts, answers, advance)


def _views(tuning: Tuning, texts: Sequence[str], labels: np.ndarray) -> dict[str, np.ndarray]:
    """What the games are played on, float32 of unit length, shape [n, size of the view], by name."""
    from ganclf.encoders.ngrams.encoder import NgramEncoder

    with progress("Encoding", len(texts), tuning.verbose) as advance:
        own = tuning.encoder.look(texts, labels, advance)
    grams = NgramEncoder(tuning.config, tuning.game.seed).fit(tuning.texts).transform(texts)
    views = {tuning.config.encoder: own, "n-grams": grams}
    return views | {"both": side_by_side(views)}


def tune_layers(tuning: Tuning) -> None:
    """Let the last layers of the transformer learn in a game, in front of its classifier.

    The layers below run once. The average of the trained layers is what stays, unless the game collapses: then the
    layers stay as they are, which is said in a warning.
    """
    from ganclf.classification.games.training import train_gan

    upper, game = tuning.encoder.upper(), _game_of_layers(tuning)
    drawn = draw(tuning.labels, game.steps * game.batch_size, game.seed)
    places = drawn[fitting(upper.row_bytes([tuning.texts[place] for place in drawn]), STATES_BYTES)]
    texts, labels, _, evidence = tuning.part(places)
    game = evidence.rule(game)
    with progress("Running lower layers", len(texts), tuning.verbose) as advance:
        states = upper.states(texts, advance)
    with progress(f"Tuning ({tuning.config.tune})", game.steps, tuning.verbose) as advance:
        played = train_gan(states, labels, evidence.guide, game, advance, make_backbone=upper.front)
    if played.collapse:
        return _warn(tuning, played.collapse, "The layers stay as they were.")
    return tuning.encoder.adopt(played.backbone)


def fitting(sizes: np.ndarray, limit: int) -> np.ndarray:
    """Say which rows fit into `limit` bytes, the first ones first; bool, shape [n]."""
    return np.cumsum(sizes) <= limit


def _game_of_layers(tuning: Tuning) -> GameConfig:
    replicas, game = choose_strategy().num_replicas_in_sync, tuning.game
    unlabelled, labelled = (-(-most // replicas) * replicas for most in (LAYERS_BATCH, LAYERS_LABELLED_BATCH))
    return replace(
        game,
        steps=tuning.config.steps_of_tuning,
        batch_size=min(game.batch_size, unlabelled),
        labelled_batch_size=min(game.labelled_batch_size, labelled),
    )


def tune_on_labels(tuning: Tuning) -> None:
    """Let all networks of the glyph encoder learn the labels."""
    steps = tuning.config.label_steps(int((tuning.labels >= 0).sum()))
    with progress("Tuning (labels)", steps, tuning.verbose) as advance:
        tuning.encoder.tune(tuning.texts, tuning.labels, advance)


TUNINGS: dict[str, Callable[[Tuning], None]] = {
    "contrastive": tune_in_rounds,
    "distil": tune_on_answers,
    "layers": tune_layers,
    "labels": tune_on_labels,
}


def finetune(tuning: Tuning) -> None:
    """Tune the encoder in place, as its configuration asks for; `none` does nothing."""
    if tuning.config.tune != "none":
        TUNINGS[tuning.config.tuning](tuning)
