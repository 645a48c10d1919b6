"""What a call may do besides being answered: taken from gRPC's completion queue, and by its public handlers."""

from __future__ import annotations

import threading
import time

import grpc
import pytest
import tensorflow as tf
import uvicorn
from grpc_health.v1 import health_pb2, health_pb2_grpc

from serving.local import LocalServer
from serving.local.options import REQUESTS_PER_THREAD
from serving.local.private_apis import is_tried

MOST = REQUESTS_PER_THREAD  # open at once, with one thread
PREDICT = "/tensorflow.serving.PredictionService/Predict"


@pytest.fixture(scope="module", params=[False, True], ids=["completion queue", "public handlers"])
def public_apis_only(request) -> bool:
    return request.param


@pytest.fixture(scope="module")
def server(public_apis_only, tmp_path_factory, text_model, publish):
    """Serves version 3 of the text model."""
    folder = tmp_path_factory.mktemp("classifier")
    publish(text_model, folder, 3)
    with LocalServer(base_path=folder, port=0, public_apis_only=public_apis_only) as running:
        yield running


@pytest.fixture
def text_peer(server, connect):
    return connect(server.address)


def outcome(call: grpc.Future) -> tuple[str, str]:
    return call.code().name, call.details()


def are_answered(calls: list[grpc.Future]) -> bool:
    return {call.code() for call in calls} == {grpc.StatusCode.OK}


def test_a_call_without_a_message_is_unimplemented(text_peer):
    call = text_peer.channel.stream_unary(PREDICT).future(iter([]), timeout=30)
    code, message = outcome(call)
    assert code == "UNIMPLEMENTED"
    assert PREDICT in message
    assert message.endswith("requires exactly one request message.")


def test_an_empty_message_is_a_request(text_peer):
    call = text_peer.channel.unary_unary(PREDICT).future(b"", timeout=30)
    assert outcome(call) == ("INVALID_ARGUMENT", "Missing ModelSpec")


def test_what_a_handler_raises_is_a_status_and_the_server_goes_on(server, text_peer, ask, monkeypatch):
    service = server.models
    with monkeypatch.context() as patch:
        patch.setattr(service, "labeled_version", lambda name, label: 1 // 0)
        broken = ask()
        broken.model_spec.version_label = "stable"
        assert text_peer.refusal(broken)[0] == "INTERNAL"
    assert text_peer.predict(ask(text=[b"good"])).outputs["label"].string_val == [b"good"]


@pytest.mark.parametrize("batching", [False, True])
def test_canceled_calls_leave_nothing_behind(public_apis_only, base_path, connect, ask, eventually, batching):
    options = {"enable_batching": batching, "grpc_max_threads": 1, "public_apis_only": public_apis_only}
    with LocalServer(base_path=base_path, port=0, **options) as server:
        peer = connect(server.address)
        for _ in range(3):
            calls = [peer.prediction.Predict.future(ask(text=[b"good"])) for _ in range(MOST)]
            for call in calls:
                call.cancel()
        eventually(lambda: server.models["classifier"].in_flight == 0)
        eventually(lambda: are_answered([peer.prediction.Predict.future(ask(text=[b"good"])) for _ in range(MOST)]))
        start = time.monotonic()
    assert time.monotonic() - start < 8  # of the 10 s that it would wait for calls in flight


def test_health_is_answered_while_every_thread_is_busy(public_apis_only, base_path, tmp_path, connect, ask):
    with LocalServer(base_path=base_path, port=0, grpc_max_threads=1, public_apis_only=public_apis_only) as server:
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


def test_a_stop_waits_for_the_call_in_flight_and_takes_no_other(
    public_apis_only, base_path, tmp_path, connect, ask, eventually
):
    server = LocalServer(base_path=base_path, port=0, public_apis_only=public_apis_only).start()
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


@pytest.mark.parametrize("batching", [False, True])
def test_more_calls_at_once_than_the_bound_are_refused(public_apis_only, base_path, connect, ask, batching):
    options = {"enable_batching": batching, "grpc_max_threads": 1, "public_apis_only": public_apis_only}
    with LocalServer(base_path=base_path, port=0, **options) as server:
        predict = connect(server.address).prediction.Predict
        calls = [predict.future(ask(signature="spin_rows", seconds=[0.1])) for _ in range(3 * MOST)]
        codes = [call.code() for call in calls]
    assert set(codes) == {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert codes.count(grpc.StatusCode.OK) >= MOST


def test_the_deadline_of_the_client_ends_the_work(server, text_peer, ask, eventually):
    start = time.monotonic()
    assert text_peer.refusal(ask(signature="spin", seconds=20.0), timeout=0.3)[0] == "DEADLINE_EXCEEDED"
    eventually(lambda: server.models["classifier"].in_flight == 0)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("package", "version", "expected"),
    [
        ("grpcio", "1.79.1", False),
        ("grpcio", "1.80.0", True),
        ("grpcio", "1.85.1", True),
        ("grpcio", "1.86.0rc1", False),
        ("grpcio", "2.0.0", False),
        ("tensorflow", "2.20.0", True),
        ("tensorflow", "2.21.0", False),
        ("tensorflow", "unknown", False),
        ("uvicorn", "0.33.0", False),
        ("uvicorn", "0.34.0", True),
        ("uvicorn", "0.55.0", False),
    ],
)
def test_private_parts_are_used_only_of_versions_that_were_tried(package, version, expected):
    assert is_tried(package, version) is expected


def test_one_line_of_the_log_names_what_is_used(public_apis_only, base_path, caplog):
    caplog.set_level("INFO", "serving.local.server")
    LocalServer(base_path=base_path, port=0, public_apis_only=public_apis_only).start().stop()
    lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("calls: ")]
    calls, runs = ("public handlers", "Session.run") if public_apis_only else ("completion queue", "session callables")
    rest = "public connections" if public_apis_only else "bounded connections"
    assert lines == [
        f"calls: {calls} (grpcio {grpc.__version__}); graph: {runs} (TensorFlow {tf.__version__}); "
        f"REST: {rest} (uvicorn {uvicorn.__version__})"
    ]
