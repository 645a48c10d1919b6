"""Work on many texts or rows goes in batches: the sizes that bound memory, and the loop, each in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ganclf.cli.progress import Advance

if TYPE_CHECKING:
    import numpy as np

NGRAM_BATCH = 1024  # texts whose n-grams are counted or summed
GLYPH_ID_BATCH = 4096  # texts whose characters are looked up in an atlas
TEXT_IMAGE_BATCH = 256  # texts whose glyph images or glyph vectors are in memory
PREDICT_BATCH = 256  # texts that a published model predicts
TOKENIZE_BATCH = 2048  # texts that are tokenized and sorted by length: padding stays small, progress is visible
VECTOR_BATCH = 4096  # rows of numbers that are joined and projected


def batches(items: Any, size: int) -> Iterator[Any]:
    """Yield slices of at most `size` items, in order.

    Args:
        items: a sequence, an array, or rows with `len` and slices.
        size: items per batch.
    """
    for start in range(0, len(items), size):
        yield items[start : start + size]


def map_batches(fn: Callable[[Any], Any], items: Any, size: int, advance: Advance = lambda done: None) -> np.ndarray:
    """Apply `fn` to batches and join the results.

    Args:
        fn: takes a slice of `items`; its result has one row per item.
        items: as in `batches`.
        size: items per batch.
        advance: receives the number of items after each batch.

    Returns:
        The rows of all results, in the order of `items`.
    """
    import numpy as np  # only now: commands answer --help at once

    results = []
    for batch in batches(items, size) if len(items) else [items]:  # no items are a batch, too: it has the shape
        results.append(np.asarray(fn(batch)))
        advance(len(batch))
    return np.concatenate(results)
