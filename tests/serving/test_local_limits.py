"""What the local server bounds: sizes, time, and how much runs at once."""

from __future__ import annotations

import http.client
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from ganclf.errors import ConfigError
from serving.local import LocalServer
from serving.local.options import MAX_TEXTS, REQUESTS_PER_THREAD, ServerOptions


def test_more_texts_than_the_bound_are_refused(text_peer, ask):
    code, message = text_peer.refusal(ask(text=[b"a"] * (MAX_TEXTS + 1)))
    assert code == "INVALID_ARGUMENT"
    assert message == f"text has {MAX_TEXTS + 1} rows; send at most {MAX_TEXTS} in one request."


def test_as_many_texts_as_the_bound_are_answered(text_peer, ask):
    response = text_peer.predict(ask(text=[b"a"] * MAX_TEXTS))
    assert len(response.outputs["label"].string_val) == MAX_TEXTS


def test_the_clients_deadline_ends_a_request_and_its_work(servers, text_peer, ask, eventually):
    start = time.monotonic()
    code, _ = text_peer.refusal(ask(signature="spin", seconds=20.0), timeout=0.3)
    assert code == "DEADLINE_EXCEEDED"
    eventually(lambda: servers["classifier"].models["classifier"].in_flight == 0)
    assert time.monotonic() - start < 20


def test_a_larger_message_is_refused(base_path, connect, ask):
    with LocalServer(base_path=base_path, port=0, max_message_mebibytes=1) as server:
        code, message = connect(server.address).refusal(ask(text=[b"a" * 2**20]))
        assert code == "RESOURCE_EXHAUSTED"
        assert "Received message larger than max" in message


def test_more_requests_at_once_than_the_bound_are_refused_at_once(base_path, connect, ask):
    with LocalServer(base_path=base_path, port=0, grpc_max_threads=1) as server:
        predict = connect(server.address).prediction.Predict
        calls = [predict.future(ask(signature="spin", seconds=0.02)) for _ in range(4 * REQUESTS_PER_THREAD)]
        codes = [call.code() for call in calls]
    assert set(codes) == {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert codes.count(grpc.StatusCode.OK) >= REQUESTS_PER_THREAD


def test_a_port_in_use_is_an_error_with_a_remedy(servers, base_path):
    port = int(servers["float"].address.rpartition(":")[2])
    with pytest.raises(ConfigError, match=rf"127.0.0.1:{port} can't be listened on.*another --port"):
        LocalServer(base_path=base_path, port=port).start()


@pytest.mark.parametrize(
    "wrong",
    [
        {"model_name": ""},
        {"port": -1},
        {"port": 70_000},
        {"grpc_max_threads": 0},
        {"max_message_mebibytes": 4096},
        {"file_system_poll_wait_seconds": float("nan")},
    ],
    ids=str,
)
def test_an_option_out_of_range_is_an_error_that_names_it(tmp_path, wrong):
    with pytest.raises(ConfigError, match=f"--{next(iter(wrong))}: "):
        ServerOptions(base_path=tmp_path, **wrong)


def test_a_text_of_too_many_characters_is_refused(base_path, connect, ask):
    with LocalServer(base_path=base_path, port=0, max_text_characters=10, max_texts=2) as server:
        peer = connect(server.address)
        assert peer.predict(ask(text=["京" * 10])).model_spec.version.value == 1
        expected = ("INVALID_ARGUMENT", "text has a text of more than 10 characters; cut it.")
        assert peer.refusal(ask(text=["京" * 11])) == expected
        assert peer.refusal(ask(text=[b"a"] * 3))[1] == "text has 3 rows; send at most 2 in one request."


@pytest.mark.parametrize("batching", [False, True])
def test_a_request_of_a_patient_client_ends_at_the_servers_bound(base_path, connect, ask, batching):
    with LocalServer(base_path=base_path, port=0, max_request_seconds=2.0, enable_batching=batching) as server:
        peer = connect(server.address)
        assert peer.predict(ask(text=[b"a"])).model_spec.version.value == 1
        spin = ask(signature="spin_rows", seconds=[30.0])
        start = time.monotonic()
        assert peer.refusal(spin)[0] == "DEADLINE_EXCEEDED"
        assert time.monotonic() - start < 20


def test_a_rest_request_ends_at_its_bound_however_quick_those_before_were(base_path):
    options = {"rest_api_port": free_port(), "rest_api_timeout_in_ms": 2000}
    with LocalServer(base_path=base_path, port=0, **options) as server:
        assert rest(server, 0.0)[0] == 200
        assert rest(server, 0.0)[0] == 200
        assert rest(server, 30.0)[0] == 504


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def rest(server: LocalServer, seconds: float) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(server.rest_address, timeout=30)
    body = json.dumps({"signature_name": "spin", "inputs": seconds})
    connection.request("POST", "/v1/models/classifier:predict", body)
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def test_a_stop_waits_for_the_rest_request_in_flight(base_path, eventually):
    server = LocalServer(base_path=base_path, port=0, rest_api_port=free_port()).start()
    with ThreadPoolExecutor(1) as client:
        call = client.submit(rest, server, 1.0)
        eventually(lambda: server.models["classifier"].in_flight == 1)
        server.stop()
        assert call.result(30)[0] == 200
    with pytest.raises(ConnectionRefusedError):
        rest(server, 0.0)
