"""In which threads the ops of a run are done."""

import math
import threading

import numpy as np
import pytest
import tensorflow as tf

from serving.local.prepared_run import MANY_ROWS, PreparedRun


@pytest.fixture
def make_run():
    """Give a run whose op tells the thread in which it is done, and its number of rows."""

    def tell(rows: np.ndarray) -> np.ndarray:
        return np.array([threading.get_ident(), len(rows)], np.int64)

    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        rows = tf.compat.v1.placeholder(tf.float32, [None])
        told = tf.numpy_function(tell, [rows], tf.int64)
        yield lambda *options: PreparedRun(session, [rows], [told], *options)


def thread_and_rows(run: PreparedRun, count: int) -> tuple[int, int]:
    thread, rows = run.run([np.zeros(count, np.float32)], None)[0].tolist()
    return thread, rows


def test_few_rows_stay_in_the_thread_that_asks_and_many_are_shared(make_run):
    run, here = make_run(), threading.get_ident()
    assert thread_and_rows(run, 1) == (here, 1)
    thread, rows = thread_and_rows(run, MANY_ROWS)
    assert (thread != here, rows) == (True, MANY_ROWS)
    assert thread_and_rows(run, MANY_ROWS - 1) == (here, MANY_ROWS - 1)


@pytest.mark.parametrize(("many", "is_here"), [(math.inf, True), (0, False)])
def test_a_bound_of_its_own(make_run, many, is_here):
    run = make_run(many)
    for count in (1, 100):
        assert (thread_and_rows(run, count)[0] == threading.get_ident()) == is_here


def test_a_scalar_is_one_row():
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        number = tf.compat.v1.placeholder(tf.float32, [])
        run = PreparedRun(session, [number], [number + 1.0])
        assert run.run([np.float32(2.0)], None)[0] == 3.0
