"""Batching: requests run together, and each refusal of the queue. The server has one thread, and batches of 4 rows."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest
from conversation import ask, call_rest, refusal

PREDICT = "/v1/models/rows:predict"


@pytest.fixture
def peer(batching_server):
    return batching_server.peer


def twice(*values: float, signature: str = ""):
    return ask("rows", signature=signature, inputs={"x": np.float32(values)})


def test_requests_of_many_clients_run_together_and_get_their_own_rows(peer):
    with ThreadPoolExecutor(4) as clients:
        answers = list(clients.map(lambda n: peer.predict(twice(n)), range(8)))
    assert [list(answer.outputs["y"].float_val) for answer in answers] == [[2.0 * n] for n in range(8)]
    assert max(answer.outputs["rows"].int_val[0] for answer in answers) > 1


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (ask("rows", signature="scalar", inputs={"x": np.float32(1)}),
         "Batching Run() input tensors must have at least one dimension"),
        (twice(*[1.0] * 5), "Task size 5 is larger than maximum input batch size 4"),
    ],
    ids=["rank 0", "too large"],
)  # fmt: skip
def test_what_can_not_be_batched_is_refused(peer, request_, message):
    code, said = refusal(peer.predict, request_)
    assert code == "INVALID_ARGUMENT"
    assert message in said


def test_a_full_queue_refuses_at_once_and_the_others_are_answered(peer):
    calls = [peer.prediction.Predict.future(twice(0.1, 0, 0, signature="slow"), timeout=30) for _ in range(12)]
    ends = [(call.code(), call.details()) for call in calls]
    refused = [details for code, details in ends if code is grpc.StatusCode.UNAVAILABLE]
    assert {code for code, _ in ends} == {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE}
    for details in refused:
        assert "The batch scheduling queue" in details
        assert "is full" in details


def test_a_full_queue_is_503_over_rest(batching_server):
    body = {"signature_name": "slow", "instances": [0.1, 0.0, 0.0]}
    with ThreadPoolExecutor(12) as clients:
        calls = [clients.submit(call_rest, batching_server.rest, "POST", PREDICT, body) for _ in range(12)]
    refused = [answered["error"] for status, answered in (call.result() for call in calls) if status == 503]
    assert refused
    assert all("The batch scheduling queue" in message for message in refused)


def test_what_waited_too_long_in_the_queue_is_refused(batching_server, peer):
    """Over REST: there the server's own limit of time is shorter than that of the client which keeps it busy."""
    call = peer.prediction.Predict.future(twice(4.0, signature="slow"), timeout=30)
    time.sleep(1)  # until it runs: the two calls come by different ways, and either could be the first
    body = {"signature_name": "slow", "instances": [0.0, 0.0, 0.0, 0.0]}
    status, answered = call_rest(batching_server.rest, "POST", PREDICT, body)
    assert status == 429
    assert "Run() timeout exceeded while waiting in batching queue" in answered["error"]
    assert call.code() is grpc.StatusCode.OK
