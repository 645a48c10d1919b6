"""Batching of the local server: requests of many clients run together, and each gets its own rows back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
import pytest
import tensorflow as tf

from ganclf.errors import ConfigError
from serving.local import LocalServer
from serving.local.batch_scheduler import BatchingParameters
from serving.local.batching import Batcher
from serving.local.config_files import read_batching_file
from serving.local.failures import RequestError


class Counts(tf.Module):
    """y = 2 x beside the rows of the batch that ran; `slow` is busy for as many seconds as the first row says."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def twice(self, x):
        return {"y": 2 * x, "rows": tf.fill(tf.shape(x), tf.shape(x)[0])}

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32, name="x")])
    def scalar(self, x):
        return {"y": x}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def total(self, x):
        return {"y": tf.reduce_sum(x)}


@pytest.fixture(scope="module")
def base_path(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("counts")
    module = Counts()
    signatures = {"serving_default": module.twice, "scalar": module.scalar, "total": module.total}
    tf.saved_model.save(module, str(folder / "1"), signatures=signatures)
    return folder


@pytest.fixture(scope="module")
def server(base_path, tmp_path_factory):
    file = tmp_path_factory.mktemp("config") / "batching.config"
    file.write_text(
        "max_batch_size { value: 8 } batch_timeout_micros { value: 300000 } max_enqueued_batches { value: 2 } "
        "num_batch_threads { value: 1 } allowed_batch_sizes: 4 allowed_batch_sizes: 8"
    )
    options = {"enable_batching": True, "batching_parameters_file": file}
    with LocalServer(model_name="m", base_path=base_path, port=0, **options) as running:
        yield running


def test_a_lone_request_waits_its_time_and_is_filled_up_to_an_allowed_size(server, connect, ask):
    outputs = connect(server.address).predict(ask("m", x=[1.0, 3.0])).outputs
    assert list(outputs["y"].float_val) == [2.0, 6.0]
    assert list(outputs["rows"].int_val) == [4, 4]


def test_a_batch_of_none_runs_alone(server, connect, ask):
    assert not connect(server.address).predict(ask("m", x=np.zeros(0, np.float32))).outputs["y"].float_val


def test_an_output_without_the_rows_of_the_batch_is_refused(server, connect, ask):
    expected = ("FAILED_PRECONDITION", "Batched output tensor has 0 dimensions")
    assert connect(server.address).refusal(ask("m", signature="total", x=[1.0])) == expected


@pytest.fixture
def held():
    """A batcher of one thread whose graph waits until it is let go, and the batches that it ran."""
    go, begun, batches = threading.Event(), threading.Event(), []

    def run_graph(feeds, fetches, seconds_left):
        begun.set()
        assert go.wait(30)
        batches.append(feeds["x"].tolist())
        return [feeds["x"]]

    batcher = Batcher(BatchingParameters(max_batch_size=2, max_enqueued_batches=1, num_batch_threads=1))

    def run(values, seconds_left=None):
        return batcher.run(run_graph, run_graph, {"x": np.array(values)}, ["x"], seconds_left)

    with ThreadPoolExecutor(8) as clients:
        first = clients.submit(run, [0])
        assert begun.wait(30)
        yield run, clients, batcher, batches, go
        go.set()
        assert first.result(30)[0].tolist() == [0]
    batcher.stop()


def test_a_full_queue_refuses_at_once(held, eventually):
    run, clients, batcher, _, _ = held
    clients.submit(run, [1, 2])
    eventually(lambda: batcher.scheduler.rows == 2)
    with pytest.raises(RequestError, match="The batch scheduling queue to which this task was submitted is full") as at:
        run([3])
    assert at.value.code is grpc.StatusCode.UNAVAILABLE


def test_what_waited_too_long_is_refused_and_the_others_run(held, eventually):
    run, clients, batcher, batches, go = held
    late, patient = clients.submit(run, [1], 0.01), clients.submit(run, [2])
    eventually(lambda: batcher.scheduler.rows == 2)
    threading.Event().wait(0.05)
    go.set()
    assert patient.result(30)[0].tolist() == [2]
    assert late.exception(30).code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert late.exception().message == "Run() timeout exceeded while waiting in batching queue"
    assert batches == [[0], [2]]


def test_what_a_batch_meets_all_its_requests_meet():
    def fail(feeds, fetches, seconds_left):
        raise ZeroDivisionError

    batcher = Batcher(BatchingParameters(num_batch_threads=1))
    with pytest.raises(ZeroDivisionError):
        batcher.run(fail, fail, {"x": np.zeros(1)}, ["x"], None)
    batcher.stop()


@pytest.mark.parametrize("pads", [False, True])
def test_rows_of_other_lengths_are_padded_only_if_that_is_asked_for(pads):
    parameters = BatchingParameters(num_batch_threads=1, batch_timeout_micros=200_000, pad_variable_length_inputs=pads)
    batcher = Batcher(parameters)

    def run(values):
        return batcher.run(run, lambda feeds, *_: [feeds["x"]], {"x": np.array(values, object)}, ["x"], None)

    with ThreadPoolExecutor(2) as clients:
        runs = [clients.submit(run, [[b"a"]]), clients.submit(run, [[b"b", b"c"]])]
    if pads:
        assert [each.result()[0].tolist() for each in runs] == [[[b"a", b""]], [[b"b", b"c"]]]
    else:
        assert {each.exception().code for each in runs} == {grpc.StatusCode.FAILED_PRECONDITION}
    batcher.stop()


def test_the_defaults_are_the_stock_servers():
    read = read_batching_file(None)
    assert (read.max_batch_size, read.batch_timeout_micros, read.max_enqueued_batches) == (1000, 0, 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_batch { value: 1 }", "Error parsing text-format tensorflow.serving.BatchingParameters"),
        ("max_batch_size { value: 0 }", "max_batch_size is 0; give 1 or more"),
        ("max_batch_size { value: 8 } allowed_batch_sizes: 4", "the last must be max_batch_size, which is 8"),
        ("max_batch_size { value: 8 } allowed_batch_sizes: 9 allowed_batch_sizes: 8", "must increase"),
    ],
)
def test_a_file_that_has_no_meaning_is_a_users_error(tmp_path, text, message):
    (tmp_path / "batching.config").write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_batching_file(tmp_path / "batching.config")


def test_a_large_request_is_split_if_that_is_asked_for_and_comes_back_whole(base_path, tmp_path, connect, ask):
    (tmp_path / "batching.config").write_text(
        "max_batch_size { value: 20 } enable_large_batch_splitting { value: true } "
        "max_execution_batch_size { value: 8 } allowed_batch_sizes: 4 allowed_batch_sizes: 8"
    )
    options = {"enable_batching": True, "batching_parameters_file": tmp_path / "batching.config"}
    with LocalServer(model_name="m", base_path=base_path, port=0, **options) as server:
        peer = connect(server.address)
        outputs = peer.predict(ask("m", x=np.arange(18, dtype=np.float32))).outputs
        assert list(outputs["y"].float_val) == [2.0 * n for n in range(18)]
        assert max(outputs["rows"].int_val) <= 8
        assert "larger than maximum input batch size 20" in peer.refusal(ask("m", x=np.zeros(21, np.float32)))[1]


def test_parameters_without_batching_are_a_users_error(base_path, tmp_path):
    (tmp_path / "batching.config").touch()
    with pytest.raises(ConfigError, match="without --enable_batching"):
        LocalServer(base_path=base_path, port=0, batching_parameters_file=tmp_path / "batching.config")


def test_an_execution_size_above_the_batch_size_is_a_users_error():
    with pytest.raises(ConfigError, match="max_execution_batch_size is 9; give at most max_batch_size, which is 8"):
        BatchingParameters(max_batch_size=8, enable_large_batch_splitting=True, max_execution_batch_size=9)


def test_a_client_that_leaves_its_batch_leaves_no_request_behind(base_path, tmp_path, connect, ask, eventually):
    (tmp_path / "batching.config").write_text("batch_timeout_micros { value: 400000 }")
    options = {"enable_batching": True, "batching_parameters_file": tmp_path / "batching.config"}
    with LocalServer(model_name="m", base_path=base_path, port=0, **options) as server:
        call = connect(server.address).prediction.Predict.future(ask("m", x=[1.0]))
        eventually(lambda: server.models["m"].in_flight == 1)
        call.cancel()
        eventually(lambda: server.models["m"].in_flight == 0)
