"""Work in batches gives the rows of the whole, in order."""

import numpy as np
import pytest

from ganclf.cli.batching import batches, map_batches


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (3, [3]), (7, [3, 3, 1])])
def test_batches_hold_every_item_once_in_order(count, sizes):
    items = list(range(count))
    found = list(batches(items, 3))
    assert [len(batch) for batch in found] == sizes
    assert [item for batch in found for item in batch] == items


def test_results_are_joined_and_progress_counts_every_item():
    done = []
    doubled = map_batches(lambda batch: 2 * batch, np.arange(10).reshape(5, 2), 2, done.append)
    assert doubled.tolist() == (2 * np.arange(10).reshape(5, 2)).tolist()
    assert done == [2, 2, 1]


def test_no_items_give_no_rows_of_the_right_width():
    assert map_batches(lambda batch: np.zeros((len(batch), 4)), [], 2).shape == (0, 4)
