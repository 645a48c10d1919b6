"""A sheet of rendered texts as a PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from ganclf.errors import DataError
from ganclf.rendering.atlas import load_atlas
from ganclf.rendering.render import Renderer, page

MOST_TEXTS = 200
MOST_GLYPHS = 1000  # of a text that are drawn


def write_sheet(
    texts: Sequence[str], file: Path, fonts: Sequence[Path], pixels: int, *, columns: int, scale: int
) -> float:
    """Draw texts below each other, black on white; return the share of their characters that no font has.

    Raises:
        DataError: no texts, or more than MOST_TEXTS.
    """
    if not 0 < len(texts) <= MOST_TEXTS:
        raise DataError(f"{len(texts)} texts: give 1 to {MOST_TEXTS}, as arguments or as lines of the standard input.")
    atlas = load_atlas(fonts, pixels)
    render = Renderer(atlas, MOST_GLYPHS).render
    pages = [page(render(tf.constant([text])), columns)[0].numpy() for text in texts]
    ink = np.concatenate(pages)
    picture = Image.fromarray((255 * (1.0 - ink)).astype(np.uint8))
    picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST).save(file, "PNG")
    return atlas.missing_share(texts)
