"""Fitting and applying an encoder on the training texts, and adding text images for the game on images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ganclf.cli.progress import progress
from ganclf.config import EncoderConfig
from ganclf.data.rows import EncodedTexts, View


def fit_encoder(
    texts: Sequence[str],
    config: EncoderConfig,
    seed: int,
    *,
    verbose: bool,
    teacher_vectors: np.ndarray | None = None,
) -> tuple[Any, Sequence[str]]:
    """Fit an encoder without labels.

    Args:
        texts: n strings.
        config: of the encoder.
        seed: of everything random in it.
        verbose: show progress.
        teacher_vectors: those of the file that the configuration names, float32, shape [n, size of a vector]; default:
            they are read, and the file must have one row per text.

    Returns:
        The encoder, and the texts that it was fitted on: with homoglyphs where the configuration has them.
    """
    from ganclf.encoders import make_encoder

    texts = _with_homoglyphs(texts, config.homoglyph_training, seed)
    with progress("Reading the texts", len(texts), verbose) as advance:
        return make_encoder(config, seed, teacher_vectors).fit(texts, advance), texts


def prefix_note(config: EncoderConfig) -> str | None:
    """A sentence where a transformer was trained with a prefix that neither its files nor the configuration name."""
    if config.prefix is not None:
        return None
    from ganclf.encoders.transformer.sentence_files import missing_prefix_note

    own = [config.preset] if config.preset and "pretrained" in config.parts else []
    return missing_prefix_note([*own, *config.teacher])


def encode_training_texts(
    encoder: Any, texts: Sequence[str], labels: np.ndarray | None, config: EncoderConfig, *, verbose: bool
) -> np.ndarray:
    """Encode the texts that an encoder was fitted on; a transformer chooses its pooling by the labels.

    Args:
        encoder: fitted.
        texts: n strings.
        labels: int, UNLABELED where there is none, shape [n]; None where the encoder doesn't need them.
        config: of the encoder.
        verbose: show progress.

    Returns:
        float32 of unit length, shape [n, size].
    """
    with progress("Encoding", len(texts), verbose) as advance:
        if config.chooses_pooling:
            return encoder.fit_transform(texts, labels, advance)
        return encoder.transform(texts, advance)


def views_of(encoder: Any, features: np.ndarray, columns: slice | None = None) -> tuple[View, ...]:
    """How an encoder, or each of its parts, sees the texts.

    Args:
        encoder: fitted.
        features: served ones of the n texts that it was fitted on, float32, shape [n, size].
        columns: those of this encoder, with start and stop; None: all.

    Returns:
        The views, of which each forms an opinion of its own.
    """
    columns = columns or slice(0, features.shape[1])
    if hasattr(encoder, "views"):
        return tuple(encoder.views(features, columns.start))
    encode = encoder.transform if encoder.knows_words else None
    return (View(view_name(encoder), features[:, columns], encode, columns),)


def split_columns(sizes: Sequence[int], start: int) -> list[slice]:
    """Columns of blocks of these sizes, side by side from column `start` on."""
    stops = start + np.cumsum(sizes)
    return [slice(int(stop - size), int(stop)) for stop, size in zip(stops, sizes, strict=True)]


def view_name(encoder: Any) -> str:
    """What --encoder calls it."""
    from ganclf.encoders import ENCODERS

    return next(name for name, kind in ENCODERS.items() if isinstance(encoder, kind))


def with_text_images(
    encoder: Any, config: EncoderConfig, characters: int, texts: Sequence[str], features: np.ndarray
) -> tuple[Any, EncodedTexts]:
    """Add text images to a fitted encoder.

    Args:
        encoder: fitted.
        config: of the encoder.
        characters: of a text that are rendered.
        texts: n strings.
        features: of these texts, float32, shape [n, size].

    Returns:
        An encoder that renders texts as well, and the rows with their images.
    """
    from ganclf.encoders.with_images import EncoderWithImages
    from ganclf.rendering.atlas import load_atlas
    from ganclf.rendering.text_images import GLYPH_SIZE

    both = EncoderWithImages(encoder, load_atlas(config.font, GLYPH_SIZE), characters)
    both.measure_missing(texts)
    return both, both.add_images(texts, features)


def _with_homoglyphs(texts: Sequence[str], rate: float, seed: int) -> Sequence[str]:
    """Replace characters of every second text by homoglyphs of the training split, which no test has."""
    if not rate:
        return texts
    from ganclf.rendering.homoglyphs import homoglyph_attack

    mixed = list(texts)
    mixed[::2] = homoglyph_attack(texts[::2], rate, "homoglyph", split="train", seed=seed)
    return mixed
