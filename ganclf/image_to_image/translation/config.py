"""How a model that translates pictures is trained and evaluated, and where it is published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option

UNUSED_DATA_OPTIONS = frozenset(("test",))  # of ImageDataConfig: what is for the test is decided for both kinds at once


@dataclass(frozen=True, kw_only=True)
class TranslationConfig(Checked):
    """Training."""

    characters: int = option(
        3000, "characters that are drawn of each font file, at most", low=50, high=20_000, common=True
    )
    epochs: int = option(30, "passes over the pictures of the first kind, at most", low=1, high=10_000, common=True)
    minutes: float | None = option(
        None, "time for training, at most; with it two runs of one seed may differ; default: no bound", low=0.01,
        high=10_000, common=True,
    )  # fmt: skip
    cycle_weight: float = option(
        3.0, "of the difference between a picture and what there and back makes of it", low=0.0, high=1e6
    )
    penalty_weight: float = option(3e-5, "of the discriminators' gradient at real pictures (R1)", low=0.0, high=1e6)
    batch_size: int = option(16, "pictures of each kind per step, over all replicas", low=2, high=65_536)
    width: int = option(24, "channels of the generators' first maps", low=4, high=1024)
    blocks: int = option(2, "residual blocks of each generator", low=1, high=100)
    discriminator_width: int = option(32, "channels of the discriminators' first maps", low=4, high=1024)
    learning_rate: float = option(
        1e-3, "of the generators' Adam at the start; it falls to 0 over all epochs", low=1e-6, high=1.0
    )
    discriminator_learning_rate: float = option(1e-3, "of the discriminators' Adam, likewise", low=1e-6, high=1.0)
    seed: int = option(0, "random seed; the same seed gives the same model", low=0, high=2**31 - 1, common=True)


@dataclass(frozen=True, kw_only=True)
class TranslationRunConfig(Checked):
    """Output and evaluation."""

    output: Path = option(
        Path("saved_models/translator"), "folder of the model; each run adds the next version", common=True
    )
    test_pictures: int = option(
        1000, "pictures of each kind that are translated in the evaluation, at most", low=20, high=10_000
    )
    restart: bool = option(False, "begin anew where a training with the same --output was broken off", common=True)
