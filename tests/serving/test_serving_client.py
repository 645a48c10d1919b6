"""The client against real servers."""

from __future__ import annotations

import json
import math
import shutil
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from ganclf import contract
from ganclf.errors import ServerError, ServerUnavailable, UserError
from serving import wire
from serving.answers import TensorSpec
from serving.client import TLS, Client
from serving.local import LocalServer


@pytest.fixture
def client(servers):
    with Client(servers["classifier"].address) as connected:
        yield connected


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_predictions_come_in_order_with_sorted_probabilities(client):
    answer = client.predict(["good", "bad bad"])
    assert [prediction.label for prediction in answer.predictions] == ["good", "bad"]
    assert list(answer.predictions[0].probabilities) == ["good", "bad"]
    assert answer.predictions[0].probability == max(answer.predictions[0].probabilities.values())
    assert (answer.model, answer.version) == ("classifier", 3)
    assert 0 < answer.seconds < 10


def test_no_texts_are_no_predictions(client):
    assert client.predict([]).predictions == ()


def test_a_text_with_half_a_surrogate_pair_is_answered(client):
    assert len(client.predict(["good \ud800"]).predictions) == 1


def test_a_long_list_travels_in_parts_and_comes_back_in_order(client):
    texts = ["good" if n % 3 else "bad" for n in range(2 * contract.MAX_REQUEST_TEXTS + 5)]
    assert [prediction.label for prediction in client.predict(texts).predictions] == texts


def test_parts_are_bounded_in_texts_and_in_bytes():
    parts = list(wire.split_texts(["a"] * 2500))
    assert [len(part) for part in parts] == [1024, 1024, 452]
    wide = "字" * contract.MAX_TEXT_CHARACTERS
    parts = list(wire.split_texts([wide] * 30))
    assert sum(map(len, parts)) == 30
    assert all(sum(map(len, part)) <= wire.MAX_REQUEST_BYTES for part in parts)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("one text", "takes a list"),
        ([b"bytes"], "text 0 is bytes"),
        (["fine", None], "text 1 is NoneType"),
        (["a" * (contract.MAX_TEXT_CHARACTERS + 1)], "text 0 has 100001 characters"),
    ],
)
def test_texts_that_can_not_be_sent_are_the_users_error(client, texts, message):
    with pytest.raises(UserError, match=message):
        client.predict(texts)


def test_status_and_metadata_are_plain_values(client):
    [status] = client.status()
    assert (status.version, status.state, status.error) == (3, "AVAILABLE", "")
    metadata = client.metadata()
    assert (metadata.model, metadata.version) == ("classifier", 3)
    assert {"serving_default", "spin", "unguarded"} <= set(metadata.signatures)
    signature = metadata.signatures["serving_default"]
    assert signature.inputs == {"text": TensorSpec("string", (None,))}
    assert signature.outputs["probabilities"] == TensorSpec("float", (None, 2))


def test_an_unknown_version_is_a_server_error_with_a_remedy(client):
    with pytest.raises(ServerError, match=r"Specific\(classifier, 9\)\. Check the name and the version") as caught:
        client.predict(["a"], version=9)
    assert caught.value.code == "NOT_FOUND"
    assert not isinstance(caught.value, ServerUnavailable)


def test_a_model_that_is_not_ours_is_a_server_error(servers):
    with Client(servers["float"].address, model="float") as client, pytest.raises(ServerError) as caught:
        client.predict(["a"])
    assert caught.value.code == "INVALID_ARGUMENT"


def test_outputs_in_another_form_are_a_server_error():
    response = wire.messages.PredictResponse()
    response.outputs.add(key="label").value.string_val.append(b"good")
    with pytest.raises(ServerError, match="not ours"):
        wire.read_predictions(response, 1)


def test_probabilities_as_raw_bytes_are_read_too():
    response = wire.messages.PredictResponse()
    response.outputs.add(key="label").value.string_val.append(b"b")
    response.outputs.add(key="classes").value.string_val.extend([b"a", b"b"])
    response.outputs.add(key="probabilities").value.tensor_content = b"\x00\x00\x80\x3e\x00\x00\x40\x3f"
    [prediction] = wire.read_predictions(response, 1)
    assert prediction.probabilities == {"b": 0.75, "a": 0.25}


def test_without_a_server_the_deadline_ends_the_retries():
    start = time.monotonic()
    with Client(f"127.0.0.1:{free_port()}", timeout=0.6) as client, pytest.raises(ServerUnavailable) as caught:
        client.predict(["a"])
    assert 0.1 < time.monotonic() - start < 5
    assert caught.value.code == "UNAVAILABLE"
    assert "python -m serving.local" in str(caught.value)


def silent_server(seconds: float) -> grpc.Server:
    """Answers nothing for some seconds."""
    server = grpc.server(ThreadPoolExecutor(1))
    handler = grpc.unary_unary_rpc_method_handler(lambda request, context: time.sleep(seconds) or b"")
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("tensorflow.serving.PredictionService", {"Predict": handler})]
    )
    return server


def test_a_slow_server_ends_at_the_deadline_without_a_retry():
    server = silent_server(1.0)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with (
        Client(f"127.0.0.1:{port}", timeout=0.3) as client,
        pytest.raises(ServerError, match="longer timeout") as error,
    ):
        client.predict(["a"])
    assert error.value.code == "DEADLINE_EXCEEDED"
    server.stop(0).wait()


def test_a_call_outlives_a_restart_of_the_server(base_path):
    port = free_port()
    first = LocalServer(base_path=base_path, port=port).start()
    with Client(f"127.0.0.1:{port}", timeout=30) as client:
        client.predict(["good"])
        first.stop()
        second = LocalServer(base_path=base_path, port=port)
        starter = threading.Timer(0.5, second.start)
        starter.start()
        assert client.predict(["good"]).predictions[0].label == "good"
        starter.join()
        second.stop()


@pytest.mark.parametrize("wrong", [0, -1, float("nan")])
def test_a_timeout_that_leaves_no_time_is_the_users_error(wrong):
    with pytest.raises(UserError, match="timeout"):
        Client(timeout=wrong)


@pytest.mark.parametrize("timeout", [math.inf, 1e12, 1e300])
def test_a_timeout_without_bound_waits_for_the_answer(base_path, timeout):
    with LocalServer(base_path=base_path, port=0) as server, Client(server.address, timeout=timeout) as client:
        assert client.predict(["good"]).predictions[0].label == "good"
        assert client.status()[0].state == "AVAILABLE"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A self-signed certificate for 127.0.0.1, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl, which makes the certificate, is not installed")
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(
        [*command.split(), "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True, capture_output=True
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize("both_sides", [False, True])
def test_tls_encrypts_and_can_prove_the_client(certificate, base_path, tmp_path, both_sides):
    cert, key = certificate
    texts = {"server_key": key.read_text(), "server_cert": cert.read_text()}
    if both_sides:
        texts["custom_ca"] = cert.read_text()
    lines = [f"{name}: {json.dumps(text)}" for name, text in texts.items()]
    (tmp_path / "ssl.config").write_text("\n".join([*lines, f"client_verify: {str(both_sides).lower()}"]))
    server = LocalServer(base_path=base_path, port=0, ssl_config_file=tmp_path / "ssl.config").start()
    port = server.address.rpartition(":")[2]
    own = {"certificate": cert, "key": key} if both_sides else {}
    with Client(f"127.0.0.1:{port}", tls=TLS(root_certificate=cert, **own)) as client:
        assert client.predict(["good"]).predictions[0].label == "good"
    server.stop()


def test_tls_files_are_checked(tmp_path):
    with pytest.raises(UserError, match="can't be read"):
        Client(tls=TLS(root_certificate=tmp_path / "gone.pem"))
    with pytest.raises(UserError, match="both or neither"):
        Client(tls=TLS(root_certificate=tmp_path, certificate=tmp_path))


def test_a_client_with_a_label_is_answered_by_its_version(tmp_path, text_model, publish):
    (tmp_path / "m").mkdir()
    for number in (1, 2):
        publish(text_model, tmp_path / "m", number)
    model = f'name: "m" base_path: "{tmp_path}/m" model_platform: "tensorflow" model_version_policy {{ all {{ }} }}'
    (tmp_path / "models.config").write_text(
        f'model_config_list {{ config {{ {model} version_labels {{ key: "stable" value: 1 }} }} }}'
    )
    options = {"model_config_file": tmp_path / "models.config", "allow_version_labels_for_unavailable_models": True}
    with LocalServer(port=0, **options) as server:
        with Client(server.address, model="m", label="stable") as client:
            assert client.predict(["good"]).version == 1
            assert client.predict(["good"], version=2).version == 2
            assert client.metadata().version == 1
        refused = pytest.raises(ServerError, match="Unrecognized servable version label: canary")
        with Client(server.address, model="m", label="canary") as client, refused:
            client.predict(["good"])
