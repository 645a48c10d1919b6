"""Which rows are in the batch of a step, on one device and on many."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from ganclf.classification.games.batches import batch_indices, game_batches
from ganclf.data.rows import UNLABELED

ROWS, CLASSES = 11, 2
FEATURES = np.arange(ROWS, dtype=np.float32)[:, None]
LABELS = np.array([0, 1, UNLABELED, UNLABELED, 1, 0, UNLABELED, UNLABELED, UNLABELED, 0, UNLABELED])
TEACHER_PROBS = np.stack([FEATURES[:, 0], -FEATURES[:, 0]], axis=1)  # of a row, by its number


def epochs(rows: int, batch_size: int, count: int, seed: int = 0) -> np.ndarray:
    """The orders of `count` epochs, one per row."""
    steps = -(-rows * count // batch_size)
    seen = [batch_indices(tf.constant(step, tf.int64), batch_size, rows, seed) for step in range(steps)]
    return np.concatenate(seen)[: rows * count].reshape(count, rows)


def batches(steps: int = 6, context: tf.distribute.InputContext | None = None, seed: int = 0) -> list[dict]:
    sizes = {"steps": steps, "batch_size": 8, "labeled_batch_size": 4}
    return list(game_batches(FEATURES, LABELS, TEACHER_PROBS, **sizes, seed=seed, context=context).as_numpy_iterator())


@pytest.mark.parametrize(("rows", "batch_size"), [(1, 4), (2, 2), (7, 3), (50, 8), (50, 50), (10, 25), (1000, 256)])
def test_every_epoch_visits_every_row_once_even_if_a_batch_lies_across_its_border(rows, batch_size):
    orders = np.sort(epochs(rows, batch_size, 4), axis=1)
    np.testing.assert_array_equal(orders, np.tile(np.arange(rows), [4, 1]))


def test_every_epoch_has_an_order_of_its_own():
    orders = epochs(50, 8, 6)
    assert len({tuple(order) for order in orders.tolist()}) == 6


@pytest.mark.parametrize("rows", [8, 50, 100])
def test_an_order_is_a_shuffle_where_about_one_row_stays_in_place(rows):
    orders = epochs(rows, rows, 40)
    assert 0.5 < (orders == np.arange(rows)).sum(axis=1).mean() < 2
    assert abs(np.mean([np.corrcoef(order, np.arange(rows))[0, 1] for order in orders])) < 0.2


def test_an_order_depends_on_the_seed():
    np.testing.assert_array_equal(epochs(50, 8, 2, seed=1), epochs(50, 8, 2, seed=1))
    assert (epochs(50, 8, 2, seed=1) != epochs(50, 8, 2, seed=2)).any()


def test_the_largest_seed_can_be_used():
    assert len(batches(seed=2**31 - 1)) == 6


def test_there_are_as_many_batches_as_steps_and_all_are_whole():
    elements = batches(steps=6)
    assert len(elements) == 6
    shapes = {name: value.shape for name, value in elements[-1].items()}
    assert shapes == {"labeled": (4, 1), "labels": (4,), "unlabeled": (8, 1), "teacher_probs": (8, CLASSES)}


def test_labeled_rows_come_with_their_labels():
    for batch in batches():
        np.testing.assert_array_equal(batch["labels"], LABELS[batch["labeled"][:, 0].astype(int)])
    assert {row for batch in batches() for row in batch["labeled"][:, 0].tolist()} == {0, 1, 4, 5, 9}


def test_unlabeled_rows_are_all_rows_and_come_with_their_teacher_probs():
    for batch in batches():
        np.testing.assert_array_equal(batch["teacher_probs"][:, 0], batch["unlabeled"][:, 0])
    assert {row for batch in batches() for row in batch["unlabeled"][:, 0].tolist()} == set(range(ROWS))


@pytest.mark.parametrize(("pipelines", "replicas"), [(1, 2), (2, 2), (2, 4), (4, 4)])
def test_the_replicas_of_all_pipelines_together_get_the_batches_of_a_single_one(pipelines, replicas):
    parts = []
    for pipeline in range(pipelines):
        elements = batches(context=tf.distribute.InputContext(pipelines, pipeline, replicas))
        local = replicas // pipelines
        parts += [elements[replica::local] for replica in range(local)]
    for step, whole in enumerate(batches()):
        for name, value in whole.items():
            np.testing.assert_array_equal(np.concatenate([part[step][name] for part in parts]), value)


def test_the_seed_repeats_the_batches():
    for one, other in zip(batches(seed=3), batches(seed=3), strict=True):
        np.testing.assert_equal(one, other)
