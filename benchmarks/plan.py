"""The cells that a command measures, and the hash by which a stored cell is found again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.corruptions import Corruptions
from benchmarks.data_set import Columns
from benchmarks.encoded import TUNED, UNTUNED, VIEWS
from benchmarks.evaluation_splits import LabelsPerClass
from benchmarks.methods import GAME_PREFIX, game_methods, is_game
from benchmarks.variants import Variant
from ganclf.config import AUTO, EncoderConfig, GameConfig, former_names
from ganclf.errors import ConfigError

RANDOM, STRATIFIED, SUGGESTED = "at random", "at random in each class", "suggested"  # strategies for further labels
FORMAT = {"format": 1, "program": "0.1.0"}  # hashed; a change makes all stored cells count as absent
GAME_FORMAT = {"rules": 2}  # likewise for games: since a pupil teaches them, stored figures are of another game


@dataclass(frozen=True, kw_only=True)
class BenchmarkConfig:
    """The options of a command."""

    data: Sequence[str]
    labels: Sequence[LabelsPerClass]
    methods: Sequence[str]
    seeds: Sequence[int]
    encoder: EncoderConfig
    game: GameConfig  # its seed is replaced by each of `seeds`
    variants: Sequence[Variant]
    columns: Columns
    max_unlabeled: int
    corruptions: Corruptions
    final: bool
    output: Path
    command: str
    suggest: int = 0  # further labels per class, to compare query strategies; 0: only the first ones


@dataclass(frozen=True)
class PlannedCell:
    """One cell before it is measured: method × labels × seed on one data set."""

    method: str
    labels: LabelsPerClass
    seed: int
    variant: Variant
    encoder: EncoderConfig
    game: GameConfig
    further_labels: int = 0  # per class, after the first ones
    strategy: str = ""  # that chooses them

    @property
    def shares_features_with(self) -> tuple[Any, ...]:
        """Equal for cells with the same features: labels matter if the encoder learns from them."""
        return (self.encoder, self.labels, self.seed) if self.encoder.learns_from_labels else (self.encoder,)

    @property
    def encoder_name(self) -> str:
        """As the tables show it."""
        tune, rounds = self.encoder.tune, self.encoder.tune_rounds
        tuning = f"{tune}, {rounds} rounds" if rounds > 1 else tune
        learned = [VIEWS] if self.encoder.chooses_pooling else []
        learned += [] if tune == UNTUNED else [f"{TUNED}{tuning}"]
        learned += ["taught"] if self.encoder.has_teachers else []
        return self.encoder.encoder + (f" ({', '.join(learned)})" if learned else "")

    def key(self, fingerprint: str) -> str:
        """A hash of all settings that the figures depend on; the release of the program is not among them."""
        hashed: dict[str, Any] = FORMAT | {"data": fingerprint, "method": self.method}
        hashed |= {"labels": self.labels, "seed": self.seed, "encoder": former_names(asdict(self.encoder))}
        if not self.encoder.has_teachers:
            hashed["encoder"] = {name: value for name, value in hashed["encoder"].items() if "teacher" not in name}
        if self.encoder.prefix is None:
            del hashed["encoder"]["prefix"]
        if is_game(self.method) or self.further_labels:  # the game suggests for every method
            game = asdict(self.game)
            del game["thresholds"]  # of several labels a text, which no data set here has
            hashed["game"] = former_names(game) | GAME_FORMAT
        elif self.game.class_weights != "none":
            hashed["class_weights"] = self.game.class_weights
        if self.further_labels:
            hashed |= {"more": self.further_labels, "way": self.strategy}
        return hashlib.sha256(json.dumps(hashed, sort_keys=True, default=str).encode()).hexdigest()[:16]


def plan(config: BenchmarkConfig) -> list[PlannedCell]:
    """Return the cells of one data set: by encoder, then by seed, so that a broken-off run has complete samples."""
    found = [
        cell
        for seed in config.seeds
        for labels in config.labels
        for cell in (*_methods(config, labels, seed), *_variants(config, labels, seed))
    ]
    if any(cell.encoder.encoder == AUTO for cell in found):
        raise ConfigError(
            "--encoder auto: which encoders it takes depends on the machine. Name them, as in --encoder fused --fuse "
            "ngram,use."
        )
    order = list(dict.fromkeys(cell.encoder for cell in found))
    return sorted(found, key=lambda cell: order.index(cell.encoder))


def _methods(config: BenchmarkConfig, labels: LabelsPerClass, seed: int) -> Iterator[PlannedCell]:
    for method in config.methods:
        game = replace(config.game, seed=seed, game=game_methods().get(method, config.game.game))
        planned = PlannedCell(method, labels, seed, Variant(), config.encoder, game)
        yield from _strategies(planned, config.suggest) if config.suggest else [planned]


def _strategies(planned: PlannedCell, further_labels: int) -> Iterator[PlannedCell]:
    """Yield a cell per query strategy, each under its own name."""
    for strategy in (RANDOM, STRATIFIED, SUGGESTED):
        variant = Variant(f"{further_labels} more {strategy}")
        yield replace(planned, variant=variant, further_labels=further_labels, strategy=strategy)


def _variants(config: BenchmarkConfig, labels: LabelsPerClass, seed: int) -> Iterator[PlannedCell]:
    """Variants of the game that `--game` names."""
    for variant in config.variants:
        encoder, game = variant.change(config.encoder, replace(config.game, seed=seed))
        yield PlannedCell(GAME_PREFIX + game.game, labels, seed, variant, encoder, game)
