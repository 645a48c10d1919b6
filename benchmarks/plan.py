"""Which cells a command asks for, and the hash that tells whether one is there already."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.corruptions import Unusual
from benchmarks.encoded import TUNED, UNTUNED, VIEWS
from benchmarks.evaluation_splits import Count
from benchmarks.methods import GAME_PREFIX, games, plays
from benchmarks.sets import Columns
from benchmarks.variants import Variant
from ganclf import __version__
from ganclf.config import EncoderConfig, GameConfig, former_names

RANDOM, EACH_CLASS, SUGGESTED = "at random", "at random in each class", "suggested"  # ways to choose further labels
FORMAT = 1  # of a cell; a change makes old cells count as absent


@dataclass(frozen=True, kw_only=True)
class BenchmarkConfig:
    """What a command asks for."""

    data: Sequence[str]
    labels: Sequence[Count]
    methods: Sequence[str]
    seeds: Sequence[int]
    encoder: EncoderConfig
    game: GameConfig  # its seed is replaced by each of `seeds`
    variants: Sequence[Variant]
    columns: Columns
    max_unlabeled: int
    unusual: Unusual
    final: bool
    output: Path
    command: str
    suggest: int = 0  # further labels a class, to compare the ways to choose them; 0: only the first ones


@dataclass(frozen=True)
class Planned:
    """One cell before it is measured: method × labels × seed on one data set."""

    method: str
    labels: Count
    seed: int
    variant: Variant
    encoder: EncoderConfig
    game: GameConfig
    more: int = 0  # further labels a class
    way: str = ""  # to choose them

    @property
    def shares_features_with(self) -> tuple[Any, ...]:
        """Equal for cells with the same features: labels matter where the encoder learns from them."""
        return (self.encoder, self.labels, self.seed) if self.encoder.learns_from_labels else (self.encoder,)

    @property
    def encoder_name(self) -> str:
        """As the tables show it."""
        tune, rounds = self.encoder.tune, self.encoder.tune_rounds
        how = f"{tune}, {rounds} rounds" if rounds > 1 else tune
        learned = [VIEWS] if self.encoder.chooses_pooling else []
        learned += [] if tune == UNTUNED else [f"{TUNED}{how}"]
        return self.encoder.encoder + (f" ({', '.join(learned)})" if learned else "")

    def key(self, fingerprint: str) -> str:
        """A hash of all that decides the figures, beside the program itself."""
        decides: dict[str, Any] = {"format": FORMAT, "program": __version__, "data": fingerprint, "method": self.method}
        decides |= {"labels": self.labels, "seed": self.seed, "encoder": former_names(asdict(self.encoder))}
        if plays(self.method) or self.more:  # the game suggests for every method
            decides["game"] = former_names(asdict(self.game))
        elif self.game.class_weights != "none":
            decides["class_weights"] = self.game.class_weights
        if self.more:
            decides |= {"more": self.more, "way": self.way}
        return hashlib.sha256(json.dumps(decides, sort_keys=True, default=str).encode()).hexdigest()[:16]


def plan(config: BenchmarkConfig) -> list[Planned]:
    """Return the cells of one data set: by encoder, then by seed, so that a broken-off run has whole draws."""
    found = [
        cell
        for seed in config.seeds
        for labels in config.labels
        for cell in (*_methods(config, labels, seed), *_variants(config, labels, seed))
    ]
    order = list(dict.fromkeys(cell.encoder for cell in found))
    return sorted(found, key=lambda cell: order.index(cell.encoder))


def _methods(config: BenchmarkConfig, labels: Count, seed: int) -> Iterator[Planned]:
    for method in config.methods:
        game = replace(config.game, seed=seed, game=games().get(method, config.game.game))
        planned = Planned(method, labels, seed, Variant(), config.encoder, game)
        yield from _ways(planned, config.suggest) if config.suggest else [planned]


def _ways(planned: Planned, more: int) -> Iterator[Planned]:
    """One cell for each way to choose further labels, under a name of its own."""
    for way in (RANDOM, EACH_CLASS, SUGGESTED):
        yield replace(planned, variant=Variant(f"{more} more {way}"), more=more, way=way)


def _variants(config: BenchmarkConfig, labels: Count, seed: int) -> Iterator[Planned]:
    """Variants of the game that `--game` names."""
    for variant in config.variants:
        encoder, game = variant.change(config.encoder, replace(config.game, seed=seed))
        yield Planned(GAME_PREFIX + game.game, labels, seed, variant, encoder, game)
