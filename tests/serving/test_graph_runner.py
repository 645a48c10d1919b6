"""In which threads the ops of a run are done."""

import math
import threading

import numpy as np
import pytest
import tensorflow as tf

from serving.local import LocalServer
from serving.local.failures import RequestError
from serving.local.graph_runner import MANY_ROWS, CallableRunner, GraphRunner, SessionRunner, make_graph_runner


@pytest.fixture(params=[True, False], ids=["callables", "Session.run"])
def session_callable(request) -> bool:
    return request.param


@pytest.fixture
def make_run(session_callable):
    """Give a run whose op tells the thread in which it is done, and its number of rows."""

    def tell(rows: np.ndarray) -> np.ndarray:
        return np.array([threading.get_ident(), len(rows)], np.int64)

    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        rows = tf.compat.v1.placeholder(tf.float32, [None])
        told = tf.numpy_function(tell, [rows], tf.int64)
        yield lambda many=MANY_ROWS: make_graph_runner(session, [rows], [told], many, session_callable)


def thread_and_rows(run: GraphRunner, count: int) -> tuple[int, int]:
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


def test_a_scalar_is_one_row(session_callable):
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        number = tf.compat.v1.placeholder(tf.float32, [])
        run = make_graph_runner(session, [number], [number + 1.0], session_callable=session_callable)
        assert run.run([np.float32(2.0)], None)[0] == 3.0


def test_the_deadline_ends_a_run(session_callable):
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        start = tf.compat.v1.placeholder(tf.int32, [])
        endless = tf.while_loop(lambda n: n >= 0, lambda n: n * 0, [start])[0]
        run = make_graph_runner(session, [start], [endless], session_callable=session_callable)
        with pytest.raises(tf.errors.DeadlineExceededError):
            run.run([np.int32(1)], 0.2, to_the_second=True)


def test_both_give_the_same_arrays_in_the_same_order():
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        texts, numbers = tf.compat.v1.placeholder(tf.string, [None]), tf.compat.v1.placeholder(tf.float32, [None, 2])
        fetches = [numbers * 2, tf.strings.upper(texts), numbers * 2]
        arrays = [np.array([b"a", b"b"], object), np.array([[1, 2], [3, 4]], np.float32)]
        first, second = (
            make_graph_runner(session, [texts, numbers], fetches, session_callable=each).run(arrays, None)
            for each in (True, False)
        )
        assert [array.tolist() for array in first] == [array.tolist() for array in second]
        assert first[1].tolist() == [b"A", b"B"]


def test_a_shape_that_session_run_refuses_is_the_requests_mistake():
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        pairs = tf.compat.v1.placeholder(tf.float32, [None, 2])
        with pytest.raises(RequestError, match="Cannot feed value of shape"):
            make_graph_runner(session, [pairs], [pairs], session_callable=False).run([np.zeros(3, np.float32)], None)


@pytest.mark.parametrize(("public_apis_only", "kind"), [(False, CallableRunner), (True, SessionRunner)])
def test_the_option_chooses(base_path, connect, ask, public_apis_only, kind):
    with LocalServer(base_path=base_path, port=0, public_apis_only=public_apis_only) as server:
        assert connect(server.address).predict(ask(text=[b"good"])).outputs["label"].string_val == [b"good"]
        with server.models["classifier"].lease(None) as servable:
            assert {type(each) for each in servable._runners.values()} == {kind}
