"""Written by `python -m ganclf.classification.parameters`; a test holds it current."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator

DEFAULTS: dict[str, Any]

def renamed(given: Mapping[str, Any]) -> dict[str, Any]: ...
def documentation() -> str: ...

class ClassifierParameters(BaseEstimator):
    encoder: Literal["ngram", "pretrained", "glyph", "use", "static", "fused", "auto"]
    preset: str | None
    max_tokens: int
    prefix: str | None
    pooling: Literal["auto", "preset"]
    tune: str
    tune_steps: int | None
    tune_rounds: int
    teacher: tuple[Path | str, ...]
    teacher_vectors: Path | None
    teacher_texts: int
    fuse: str
    homoglyph_training: float
    sequence: Literal["conv", "lstm", "attention"]
    font: tuple[Path | str, ...]
    glyph_pixels: int
    max_glyphs: int
    glyph_steps: int
    size: int
    max_characters: int
    vocabulary_size: int
    game: Literal["k+1", "triple", "off"]
    space: Literal["feature", "image"]
    image_characters: int
    channels: int
    steps: int
    batch_size: int | None
    labeled_batch_size: int | None
    learning_rate: float | None
    momentum: float
    width: int
    depth: int
    latent_size: int
    dropout: float | None
    input_noise: float | None
    label_names: Literal["auto", "yes", "no"]
    label_descriptions: Path | None
    class_priors: Literal["estimated", "labels"]
    class_weights: Literal["none", "balanced"]
    teacher_weight: float
    entropy_weight: float
    class_prior_weight: float
    consistency_weight: float
    pseudo_label_weight: float
    pseudo_label_threshold: float
    virtual_adversarial_weight: float
    virtual_adversarial_radius: float
    mixup_weight: float
    adversarial_weight: float | None
    adversarial_loss: Literal["logistic", "least-squares", "wasserstein", "hinge", "relativistic", "paired-relativistic"]
    penalty: Literal["none", "gradient", "r1", "r2", "r1+r2"]
    penalty_weight: float
    label_smoothing: float
    instance_noise: float
    feature_matching_weight: float | None
    fooling_weight: float | None
    pair_weight: float
    generated_label_weight: float
    minibatch_kernels: int
    historical_weight: float
    discriminator_normalization: Literal["none", "batch", "weight", "spectral"]
    generator_normalization: Literal["none", "batch", "weight", "spectral"]
    discriminator_steps: int
    discriminator_learning_rate: float | None
    generator_learning_rate: float | None
    rampup_fraction: float
    unlabeled_weight: float | None
    calibration: Literal["cross-fit", "none"]
    thresholds: Literal["micro", "macro", "half"]
    average_decay: float
    random_state: int | np.random.RandomState | None
    tensorboard: Path | str | None
    verbose: int
    def __init__(
        self,
        *,
        encoder: Literal["ngram", "pretrained", "glyph", "use", "static", "fused", "auto"] = ...,
        preset: str | None = ...,
        max_tokens: int = ...,
        prefix: str | None = ...,
        pooling: Literal["auto", "preset"] = ...,
        tune: str = ...,
        tune_steps: int | None = ...,
        tune_rounds: int = ...,
        teacher: tuple[Path | str, ...] = ...,
        teacher_vectors: Path | None = ...,
        teacher_texts: int = ...,
        fuse: str = ...,
        homoglyph_training: float = ...,
        sequence: Literal["conv", "lstm", "attention"] = ...,
        font: tuple[Path | str, ...] = ...,
        glyph_pixels: int = ...,
        max_glyphs: int = ...,
        glyph_steps: int = ...,
        size: int = ...,
        max_characters: int = ...,
        vocabulary_size: int = ...,
        game: Literal["k+1", "triple", "off"] = ...,
        space: Literal["feature", "image"] = ...,
        image_characters: int = ...,
        channels: int = ...,
        steps: int = ...,
        batch_size: int | None = ...,
        labeled_batch_size: int | None = ...,
        learning_rate: float | None = ...,
        momentum: float = ...,
        width: int = ...,
        depth: int = ...,
        latent_size: int = ...,
        dropout: float | None = ...,
        input_noise: float | None = ...,
        label_names: Literal["auto", "yes", "no"] = ...,
        label_descriptions: Path | None = ...,
        class_priors: Literal["estimated", "labels"] = ...,
        class_weights: Literal["none", "balanced"] = ...,
        teacher_weight: float = ...,
        entropy_weight: float = ...,
        class_prior_weight: float = ...,
        consistency_weight: float = ...,
        pseudo_label_weight: float = ...,
        pseudo_label_threshold: float = ...,
        virtual_adversarial_weight: float = ...,
        virtual_adversarial_radius: float = ...,
        mixup_weight: float = ...,
        adversarial_weight: float | None = ...,
        adversarial_loss: Literal["logistic", "least-squares", "wasserstein", "hinge", "relativistic", "paired-relativistic"] = ...,
        penalty: Literal["none", "gradient", "r1", "r2", "r1+r2"] = ...,
        penalty_weight: float = ...,
        label_smoothing: float = ...,
        instance_noise: float = ...,
        feature_matching_weight: float | None = ...,
        fooling_weight: float | None = ...,
        pair_weight: float = ...,
        generated_label_weight: float = ...,
        minibatch_kernels: int = ...,
        historical_weight: float = ...,
        discriminator_normalization: Literal["none", "batch", "weight", "spectral"] = ...,
        generator_normalization: Literal["none", "batch", "weight", "spectral"] = ...,
        discriminator_steps: int = ...,
        discriminator_learning_rate: float | None = ...,
        generator_learning_rate: float | None = ...,
        rampup_fraction: float = ...,
        unlabeled_weight: float | None = ...,
        calibration: Literal["cross-fit", "none"] = ...,
        thresholds: Literal["micro", "macro", "half"] = ...,
        average_decay: float = ...,
        random_state: int | np.random.RandomState | None = ...,
        tensorboard: Path | str | None = ...,
        verbose: int = ...,
    ) -> None: ...
    def get_params(self, deep: bool = ...) -> dict[str, Any]: ...
    def set_params(self, **params: Any) -> Self: ...
    @property
    def seed(self) -> int: ...
    def config(self, kind: type, **others: Any) -> Any: ...
