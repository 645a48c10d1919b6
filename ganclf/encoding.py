"""Texts become rows: an encoder is fitted, tuned where that is asked for, and draws the texts for a game in pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ganclf.config import EncoderConfig, GameConfig
from ganclf.progress import progress
from ganclf.rows import EncodedRows
from ganclf.tuning import TUNINGS, Tuning


def encode_texts(
    texts: Sequence[str],
    number: Callable[[], np.ndarray],
    config: EncoderConfig,
    game: GameConfig,
    characters: int,
    verbose: bool,
) -> tuple[Any, EncodedRows]:
    """Fit an encoder and let it encode the texts it was fitted on.

    Args:
        texts: n strings.
        number: returns the labels, int, -1 for unlabelled, shape [n]; asked only where the encoder is tuned.
        config: of the encoder.
        game: on features, in which layers are tuned.
        characters: of a text that are drawn too; 0: none.
        verbose: show progress.
    Returns:
        The encoder, and the rows that it made of the texts.
    """
    from ganclf.encoders import ENCODERS

    texts = _partly_disguised(texts, config.disguise_training, game.seed)
    with progress("Reading the texts", len(texts), verbose) as advance:
        encoder: Any = ENCODERS[config.encoder](config, seed=game.seed).fit(texts, advance)
    if config.tune != "none":
        TUNINGS[config.tuning](Tuning(encoder, texts, number(), config, game, verbose))
    if characters:
        encoder = _with_pictures(encoder, config, characters)
    with progress("Encoding", len(texts), verbose) as advance:
        return encoder, encoder.transform(texts, advance)


def _with_pictures(encoder: Any, config: EncoderConfig, characters: int) -> Any:
    """The encoder, which now draws the first characters of the texts too."""
    from ganclf.encoders.pictured import PicturedEncoder
    from ganclf.glyphs import load_atlas
    from ganclf.strips import SIDE

    return PicturedEncoder(encoder, load_atlas(config.font, SIDE), characters)


def _partly_disguised(texts: Sequence[str], share: float, seed: int) -> Sequence[str]:
    """Every second text disguised, where that is asked for, with pairs that no test sees."""
    if not share:
        return texts
    from ganclf.glyphs.disguise import disguise

    mixed = list(texts)
    mixed[::2] = disguise(texts[::2], share, "alike", part="train", seed=seed)
    return mixed
