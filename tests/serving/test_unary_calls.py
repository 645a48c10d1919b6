"""Calls that are taken straight from gRPC's completion queue: what a call may do besides being answered."""

from __future__ import annotations

import threading
import time

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from serving.local import LocalServer
from serving.local.options import REQUESTS_PER_THREAD

MOST = REQUESTS_PER_THREAD  # open at once, with one thread
PREDICT = "/tensorflow.serving.PredictionService/Predict"


def outcome(call: grpc.Future) -> tuple[str, str]:
    return call.code().name, call.details()


def are_answered(calls: list[grpc.Future]) -> bool:
    return {call.code() for call in calls} == {grpc.StatusCode.OK}


def test_a_call_without_a_message_is_unimplemented(text_peer):
    call = text_peer.channel.stream_unary(PREDICT).future(iter([]), timeout=30)
    assert outcome(call) == ("UNIMPLEMENTED", f'"{PREDICT}" requires exactly one request message.')


def test_an_empty_message_is_a_request(text_peer):
    call = text_peer.channel.unary_unary(PREDICT).future(b"", timeout=30)
    assert outcome(call) == ("INVALID_ARGUMENT", "Missing ModelSpec")


def test_what_a_handler_raises_is_a_status_and_the_server_goes_on(servers, text_peer, ask, monkeypatch):
    service = servers["classifier"].models
    with monkeypatch.context() as patch:
        patch.setattr(service, "labelled_version", lambda name, label: 1 // 0)
        broken = ask()
        broken.model_spec.version_label = "stable"
        assert text_peer.refusal(broken)[0] == "INTERNAL"
    assert text_peer.predict(ask(text=[b"good"])).outputs["label"].string_val == [b"good"]


@pytest.mark.parametrize("batching", [False, True])
def test_cancelled_calls_leave_nothing_behind(base_path, connect, ask, eventually, batching):
    with LocalServer(base_path=base_path, port=0, enable_batching=batching, grpc_max_threads=1) as server:
        peer = connect(server.address)
        for _ in range(3):
            calls = [peer.prediction.Predict.future(ask(text=[b"good"])) for _ in range(MOST)]
            for call in calls:
                call.cancel()
        eventually(lambda: server.models["classifier"].in_flight == 0)
        eventually(lambda: are_answered([peer.prediction.Predict.future(ask(text=[b"good"])) for _ in range(MOST)]))
        start = time.monotonic()
    assert time.monotonic() - start < 8  # of the 10 s that it would wait for calls in flight


def test_health_is_told_while_every_thread_is_busy(base_path, tmp_path, connect, ask):
    with LocalServer(base_path=base_path, port=0, grpc_max_threads=1) as server:
        peer = connect(server.address)
        files = [tmp_path / name for name in "ab"]
        calls = [peer.prediction.Predict.future(ask(signature="wait", file=str(file).encode())) for file in files]
        request = health_pb2.HealthCheckRequest(service="classifier")
        told = health_pb2_grpc.HealthStub(peer.channel).Check(request, timeout=10)
        assert told.status == health_pb2.HealthCheckResponse.SERVING
        assert not any(call.done() for call in calls)
        for file in files:
            file.touch()
        assert [call.code() for call in calls] == [grpc.StatusCode.OK] * 2


def test_a_stop_waits_for_the_call_in_flight_and_takes_no_other(base_path, tmp_path, connect, ask, eventually):
    server = LocalServer(base_path=base_path, port=0).start()
    peer = connect(server.address)
    call = peer.prediction.Predict.future(ask(signature="wait", file=str(tmp_path / "a").encode()))
    eventually(lambda: server.models["classifier"].in_flight == 1)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    eventually(lambda: peer.status(ask(text=[b"good"]), timeout=1) == "UNAVAILABLE")
    (tmp_path / "a").touch()
    assert call.code() is grpc.StatusCode.OK
    stopping.join(30)
    assert not stopping.is_alive()
