"""Texts become rows: an encoder is fitted, tuned where that is asked for, and draws the texts for a game in pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ganclf.config import EncoderConfig, GameConfig
from ganclf.errors import DataError
from ganclf.progress import progress
from ganclf.rows import EncodedRows
from ganclf.tuning import TUNINGS, Tuning


def encode_texts(
    texts: Sequence[str],
    number: Callable[[], np.ndarray | None],
    config: EncoderConfig,
    game: GameConfig,
    *,
    characters: int,
    verbose: bool,
) -> tuple[Any, EncodedRows]:
    """Fit an encoder and let it encode the texts it was fitted on.

    Args:
        texts: n strings.
        number: returns the labels, int, -1 for unlabelled, shape [n], None where there are none; asked only where they
            matter.
        config: of the encoder.
        game: on features, in which layers are tuned.
        characters: of a text that are drawn too; 0: none.
        verbose: show progress.
    Returns:
        The encoder, and the rows that it made of the texts.
    Raises:
        DataError: an encoder is to be tuned and no labels were given.
    """
    from ganclf.encoders import ENCODERS

    texts = _partly_disguised(texts, config.disguise_training, game.seed)
    with progress("Reading the texts", len(texts), verbose) as advance:
        encoder: Any = ENCODERS[config.encoder](config, seed=game.seed).fit(texts, advance)
    labels = number() if config.learns_from_labels else None
    if config.tune != "none":
        if labels is None:
            raise DataError(f"--tune {config.tune}: no labels were given; give some, or leave --tune out.")
        TUNINGS[config.tuning](Tuning(encoder, texts, labels, config, game, verbose))
    with progress("Encoding", len(texts), verbose) as advance:
        look = config.chooses_views
        features = encoder.look(texts, labels, advance) if look else encoder.transform(texts, advance)
    return _with_pictures(encoder, config, characters, texts, features) if characters else (encoder, features)


def _with_pictures(
    encoder: Any, config: EncoderConfig, characters: int, texts: Sequence[str], features: np.ndarray
) -> tuple[Any, EncodedRows]:
    """The encoder, which from now on draws the first characters of texts too, and the rows with their pictures."""
    from ganclf.encoders.pictured import PicturedEncoder
    from ganclf.glyphs import load_atlas
    from ganclf.strips import SIDE

    pictured = PicturedEncoder(encoder, load_atlas(config.font, SIDE), characters)
    pictured.note_missing(texts)
    return pictured, pictured.pictured(texts, features)


def _partly_disguised(texts: Sequence[str], share: float, seed: int) -> Sequence[str]:
    """Every second text disguised, where that is asked for, with pairs that no test sees."""
    if not share:
        return texts
    from ganclf.glyphs.disguise import disguise

    mixed = list(texts)
    mixed[::2] = disguise(texts[::2], share, "alike", part="train", seed=seed)
    return mixed
