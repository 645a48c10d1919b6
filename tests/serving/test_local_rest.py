"""REST of the local server: rows and columns, examples, each error with its HTTP status; beyond tests/conformance."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
import time

import pytest
import tensorflow as tf

from serving.local import LocalServer
from serving.local.prediction_service import PredictionService
from serving.local.rest.http_server import RestServer
from serving.local.rest.routes import Routes


class Kinds(tf.Module):
    """x + y and its like in several dtypes, bytes as they came, and a vector for examples."""

    @tf.function(
        input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x"), tf.TensorSpec([None], tf.int64, name="n")]
    )
    def both(self, x, n):
        return {"sum": tf.reduce_sum(x, 1) + tf.cast(n, tf.float32), "n": n, "odd": n % 2 == 1}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="s")])
    def echo(self, s):
        return {"s": s, "s_bytes": s}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def halve(self, x):
        return {"y": x / 2}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def total(self, x):
        return {"y": tf.reduce_sum(x)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="inputs")])
    def regress(self, inputs):
        return {"outputs": tf.io.parse_example(inputs, {"x": tf.io.FixedLenFeature([], tf.float32)})["x"] / 5}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="inputs")])
    def classify(self, inputs):
        word = tf.io.parse_example(inputs, {"word": tf.io.FixedLenFeature([1], tf.string)})["word"]
        return {"classes": word, "scores": tf.fill(tf.shape(word), 0.2)}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    base_path = tmp_path_factory.mktemp("kinds")
    module = Kinds()
    named = {name: getattr(module, name) for name in ("echo", "halve", "total", "regress", "classify")}
    tf.saved_model.save(module, str(base_path / "5"), signatures={"serving_default": module.both, **named})
    options = {"rest_api_port": free_port(), "max_message_mebibytes": 1}
    with LocalServer(model_name="kinds", base_path=base_path, port=0, **options) as running:
        text = 'model_config_list { config { name: "kinds" base_path: "' + str(base_path)
        running.models.reload(
            parse(text + '" model_platform: "tensorflow" version_labels { key: "stable" value: 5 } } }')
        )
        yield running


def parse(text: str) -> object:
    from google.protobuf import text_format
    from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

    return text_format.Parse(text, ModelServerConfig())


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@pytest.fixture
def call(server):
    """Send a request; return the status and what the body says."""
    connection = http.client.HTTPConnection(server.rest_address, timeout=30)

    def call(method: str, path: str, body: object = None, **headers: str) -> tuple[int, object]:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, data, headers)
        response = connection.getresponse()
        assert response.headers["Content-Type"] == "application/json"
        return response.status, json.loads(response.read().decode(errors="replace"))

    yield call
    connection.close()


@pytest.fixture
def predict(call):
    return lambda body, path="/v1/models/kinds:predict": call("POST", path, body)


def test_not_a_number_and_infinity_travel(predict):
    status, body = predict(b'{"signature_name": "halve", "instances": [NaN, -Infinity]}')
    assert status == 200
    assert str(body["predictions"]) == "[nan, -inf]"


@pytest.mark.parametrize("choice", ["/versions/5", "/labels/stable", "/VERSIONS/05"])
def test_versions_and_labels_in_the_path(call, choice):
    body = {"signature_name": "halve", "instances": [1]}
    assert call("POST", f"/v1/models/kinds{choice}:predict", body) == (200, {"predictions": [0.5]})
    assert call("GET", f"/v1/models/kinds{choice}")[0] == 200


def test_classify_and_regress(call):
    body = {"signature_name": "regress", "examples": [{"x": 1.0}, {"x": [2.0]}]}
    assert call("POST", "/v1/models/kinds:regress", body) == (200, {"results": [0.2, 0.4]})
    body = {"signature_name": "classify", "context": {"word": "dog"}, "examples": [{}, {"word": {"b64": "Y2F0"}}]}
    expected = {"results": [[["dog", 0.2]], [["cat", 0.2]]]}
    assert call("POST", "/v1/models/kinds:classify", body) == (200, expected)


HALVE = {"signature_name": "halve"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "JSON Parse error: The document is empty"),
        (b"{", "JSON Parse error: "),
        (b"[" * 100_000, "JSON Parse error: nested too deeply"),
        (b'{"instances": ' + b"[" * 800 + b"]" * 800 + b"}", "instances is a plain list"),
        (b'{"inputs": {"n": [0], "x": ' + b"[" * 900 + b"]" * 900 + b"}}", "Encountered list at unexpected level: 32"),
        (b'{"instances": [' + b"9" * 5000 + b"]}", "JSON Parse error: Number too big"),
        ([1], "JSON Value: [\n    1\n] Is not object"),
        ({"signature_name": 1}, "not formatted correctly. 'signature_name' key must be a string value."),
        ({"instances": 1}, "Excepting 'instances' to be an list/array"),
        ({"instances": [1]}, "instances is a plain list, but expecting list of objects"),
        ({"instances": [{"x": [1, 2], "n": 1, "z": 1}]}, "Failed to process element: 0 key: z of 'instances' list."),
        ({"instances": [{"x": [1, 2], "n": 1}, 2]}, "Expecting object but got list at item 1 of input list"),
        ({**HALVE, "instances": [1, {"x": 1}]}, "Expecting value/list but got object at item 1 of input list"),
        ({**HALVE, "instances": ["a"]}, 'JSON Value: "a" Type: String is not of expected type: float'),
        ({**HALVE, "instances": [True]}, "Type: True is not of expected type: float"),
        ({**HALVE, "instances": [1e39]}, "Cannot convert JSON value: 1e+39 to float without loss of precision."),
        ({"inputs": {"x": [[1, 2], [3]], "n": [1, 2]}}, "Encountered list at unexpected size: 1 at level: 1 expected "),
        ({"inputs": {"x": [[1, 2]], "n": [1.5]}}, "is not of expected type: int64"),
        ({"inputs": {"x": [[1, 2]], "n": [2**63]}}, "does not fit expected type: int64"),
        ({**HALVE, "instances": [[1]]}, "Shape of tensor x [1,1] is not compatible with expected shape [?]."),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_body_is_refused(predict, body, message):
    status, answered = predict(body)
    assert status == 400
    assert message in answered["error"]


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("POST", f"/v1/models/kinds/versions/{2**63}:predict", 400, f"Failed to convert version: {2**63} to numeric."),
        ("GET", "/v1/models/kinds:predict", 400, "Malformed request: GET /v1/models/kinds:predict"),
        ("GET", "/v1/models", 400, "Missing model name in request."),
        ("GET", "/elsewhere", 404, "Not Found"),
    ],
)
def test_a_path_is_refused(call, method, path, status, message):
    body = {"instances": [1]} if method == "POST" else None
    assert call(method, path, body) == (status, {"error": message})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "When method is classify, key 'examples' is expected and was not found"),
        ({"examples": 1}, "Expecting 'examples' value to be an list/array"),
        ({"examples": []}, "'examples' value is an empty array"),
        ({"examples": [1]}, "Example must be JSON object but got JSON Number"),
        ({"examples": [{"x": [[1]]}]}, "Feature: x has element with unexpected JSON type: Array"),
        ({"examples": [{"x": [1, 0.5]}]}, "Unexpected element type in feature: x expecting type: int64"),
        ({"examples": [{"x": 2**63}]}, "Feature: x has uint64 element. Only int64 is supported."),
    ],
)
def test_examples_are_refused(call, body, message):
    status, answered = call("POST", "/v1/models/kinds:regress", {"signature_name": "regress", **body})
    assert status == 400
    assert message in answered["error"]


def test_a_body_over_the_bound_is_refused_before_it_is_read(server):
    with socket.create_connection(server.rest_address.split(":"), timeout=10) as connection:
        connection.sendall(b"POST /v1/models/kinds:predict HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n")
        answered = connection.recv(65_536)
    assert answered.startswith(b"HTTP/1.1 429 ")


def test_a_body_that_is_sent_whole_is_refused_too_and_its_connection_goes_on(call):
    status, answered = call("POST", "/v1/models/kinds:predict", b" " * 2**21)
    assert status == 429
    assert "Received message larger than max" in answered["error"]
    assert call("POST", "/v1/models/kinds:predict", {**HALVE, "instances": [1]}) == (200, {"predictions": [0.5]})


def test_chunks_over_the_bound_are_refused(server):
    connection = http.client.HTTPConnection(server.rest_address, timeout=30)
    chunks = iter([b" " * 2**19] * 4)
    connection.request("POST", "/v1/models/kinds:predict", chunks, encode_chunked=True)
    assert connection.getresponse().status == 429
    connection.close()


def test_chunks_are_put_together(server):
    connection = http.client.HTTPConnection(server.rest_address, timeout=30)
    body = json.dumps({**HALVE, "instances": [1]}).encode()
    connection.request("POST", "/v1/models/kinds:predict", iter([body[:7], body[7:]]), encode_chunked=True)
    assert json.loads(connection.getresponse().read()) == {"predictions": [0.5]}
    connection.close()


def exchange(server, method, path, body=b"", headers=None):
    """Status, headers and body of one exchange."""
    connection = http.client.HTTPConnection(server.rest_address, timeout=20)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    answer = response.status, response.headers, response.read()
    connection.close()
    return answer


def test_bodies_may_be_compressed_in_both_directions(server):
    rows = json.dumps({"signature_name": "halve", "instances": [2.0] * 500}).encode()
    headers = {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"}
    status, answered, body = exchange(server, "POST", "/v1/models/kinds:predict", gzip.compress(rows), headers)
    assert (status, answered["Content-Encoding"]) == (200, "gzip")
    assert json.loads(gzip.decompress(body)) == {"predictions": [1.0] * 500}
    status, answered, _ = exchange(server, "POST", "/v1/models/kinds:predict", rows)
    assert (status, answered["Content-Encoding"]) == (200, None)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"no gzip", 400), (gzip.compress(b"{")[:-9], 400), (gzip.compress(b" " * 2**21), 429)],
    ids=["other", "cut", "bomb"],
)
def test_a_compressed_body_that_is_none_or_a_bomb_is_refused(server, body, status):
    answer = exchange(server, "POST", "/v1/models/kinds:predict", body, {"Content-Encoding": "gzip"})
    assert answer[0] == status
    assert "error" in json.loads(answer[2])


def test_pages_from_elsewhere_may_ask_only_if_that_is_allowed(server, base_path):
    names = {"Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"}
    headers = exchange(server, "GET", "/v1/models/kinds")[1]
    assert [headers[name] for name in names] == [None] * 3
    assert exchange(server, "OPTIONS", "/v1/models/kinds")[0] == 400
    options = {"rest_api_port": free_port(), "rest_api_enable_cors_support": True}
    with LocalServer(base_path=base_path, port=0, **options) as open_server:
        for method in ("GET", "OPTIONS"):
            status, headers, _ = exchange(open_server, method, "/v1/models/classifier")
            assert status == 200
            assert all(headers[name] for name in names)
            assert headers["Access-Control-Allow-Origin"] == "*"


def test_the_server_does_not_name_itself(server):
    assert exchange(server, "GET", "/v1/models/kinds")[1]["Server"] is None


@pytest.mark.parametrize("path", ["/v1/models/no%2Fsuch", "/v1/models/no%2fsuch"])
def test_a_name_may_hold_a_quoted_slash(call, path):
    assert call("GET", path) == (404, {"error": "Could not find any versions of model no/such"})


def rest_server(server: LocalServer, bounded_connections: bool) -> RestServer:
    """The same models behind a server of two connections that waits half a second for its clients."""
    routes = Routes(server.models, PredictionService(server.models), 5.0)
    bounds = {"max_bytes": 2**20, "max_connections": 2, "idle_seconds": 0.5}
    return RestServer("127.0.0.1", 0, routes, {}, **bounds, bounded_connections=bounded_connections)


@pytest.fixture
def bounded(server):
    running = rest_server(server, bounded_connections=True)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def public(server):
    """On the public interface of uvicorn alone."""
    running = rest_server(server, bounded_connections=False)
    running.start()
    yield running
    running.stop()


@pytest.fixture(params=["bounded", "public"])
def either(request):
    return request.getfixturevalue(request.param)


POST = b"POST /v1/models/kinds:predict HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize("sent", [b"", b"GET /v1/mod", POST], ids=["nothing", "half a line", "half the headers"])
def test_a_connection_that_begins_no_request_is_closed(bounded, sent):
    with connect_to(bounded) as connection:
        connection.sendall(sent)
        assert received(connection) == b""


def test_headers_that_come_byte_by_byte_do_not_keep_a_connection(bounded):
    end = time.monotonic() + 10
    is_closed = False
    with connect_to(bounded) as connection:
        connection.sendall(POST)
        connection.settimeout(0.05)
        while not is_closed and time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                is_closed = sends_and_meets_the_end(connection)
    assert is_closed


def sends_and_meets_the_end(connection: socket.socket) -> bool:
    try:
        connection.sendall(b"X")
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_a_body_that_stops_in_the_middle_is_given_up(either):
    with connect_to(either) as connection:
        connection.sendall(POST + b"Content-Length: 9\r\n\r\n{")
        assert received(connection).startswith(b"HTTP/1.1 504 ")


def test_more_connections_than_the_bound_are_closed_at_once(bounded):
    with connect_to(bounded) as first, connect_to(bounded) as second:
        request = b"GET /v1/models/kinds HTTP/1.1\r\nHost: x\r\n\r\n"
        first.sendall(request)
        second.sendall(request)
        assert first.recv(12) == second.recv(12) == b"HTTP/1.1 200"
        with connect_to(bounded) as third:
            assert received(third) == b""


def test_on_the_public_interface_more_connections_than_the_bound_are_unavailable(public):
    request = b"GET /v1/models/kinds HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect_to(public) as first, connect_to(public) as second:
        first.sendall(request)
        second.sendall(request)
        assert first.recv(12) == second.recv(12) == b"HTTP/1.1 200"
        with connect_to(public) as third:
            third.sendall(request)
            assert third.recv(12) == b"HTTP/1.1 503"


def test_a_connection_that_is_silent_after_its_answer_is_closed(either):
    with connect_to(either) as connection:
        connection.sendall(b"GET /v1/models/kinds HTTP/1.1\r\nHost: x\r\n\r\n")
        assert received(connection).startswith(b"HTTP/1.1 200")


def test_headers_over_the_bound_are_refused(either):
    with connect_to(either) as connection:
        connection.sendall(POST + b"X: " + b"x" * 100_000)
        assert received(connection)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 431", b"")


def connect_to(server: RestServer) -> socket.socket:
    return socket.create_connection(server.address.split(":"), timeout=10)


def received(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


HALVES = [rb"\ud800", rb"\udc80", rb"\uDFFF", rb"good \ud83d day", rb"\udc80\ud800", rb"\\\ud800", rb"\ud800\u0041"]
PLACES = {
    "a row": b'{"signature_name": "echo", "instances": ["HALF"]}',
    "a named row": b'{"signature_name": "echo", "instances": [{"s": "HALF"}]}',
    "a key of a row": b'{"signature_name": "echo", "instances": [{"HALF": "a"}]}',
    "nested lists": b'{"signature_name": "echo", "instances": [[["HALF"]]]}',
    "a column": b'{"signature_name": "echo", "inputs": {"s": ["HALF"]}}',
    "a key of a column": b'{"signature_name": "echo", "inputs": {"s": ["a"], "HALF": 1}}',
    "bytes": b'{"signature_name": "echo", "inputs": {"s": [{"b64": "HALF"}]}}',
    "the signature": b'{"signature_name": "HALF", "inputs": ["a"]}',
    "a key beside": b'{"HALF": 1, "signature_name": "echo", "inputs": ["a"]}',
    "no object": b'["HALF"]',
    "a feature": b'{"signature_name": "classify", "examples": [{"word": "HALF"}]}',
    "a feature's name": b'{"signature_name": "classify", "examples": [{"HALF": "a"}]}',
}


@pytest.mark.parametrize("half", HALVES, ids=str)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("verb", ["predict", "classify", "regress"])
def test_half_of_a_surrogate_pair_is_refused_wherever_it_stands(call, place, half, verb):
    body = PLACES[place].replace(b"HALF", half)
    status, answer = call("POST", f"/v1/models/kinds:{verb}", body)
    assert status == 400
    offset = body.index(half) + {rb"good \ud83d day": 5, rb"\\\ud800": 2}.get(half, 0)
    assert answer == {"error": f"JSON Parse error: The surrogate pair in string is invalid. at offset: {offset}"}


def test_offsets_count_bytes(predict):
    assert predict('{"inputs": "京\\ud800"}'.encode())[1]["error"].endswith("at offset: 15")


@pytest.mark.parametrize("whole", [rb"\ud83d\ude00", rb"\\ud800", rb"\\\\udc80\u4eac", rb"\uD83D\uDE00\uD83D\uDE00"])
def test_whole_pairs_and_escaped_backslashes_are_text(predict, whole):
    status, body = predict(PLACES["a row"].replace(b"HALF", whole))
    assert status == 200
    assert body["predictions"][0]["s"] == json.loads(b'"' + whole + b'"')


NAMES = ["a key of a row", "a key beside", "the signature", "a feature's name"]


@pytest.mark.parametrize("place", NAMES)
@pytest.mark.parametrize("verb", ["predict", "classify"])
@pytest.mark.parametrize("raw", [b"\xff", b"\xed\xa0\x80"], ids=["no UTF-8", "half of a pair in UTF-8"])
def test_names_that_are_not_utf8_are_refused(call, place, verb, raw):
    status, body = call("POST", f"/v1/models/kinds:{verb}", PLACES[place].replace(b"HALF", raw))
    if place == "a key beside" and verb == "predict":
        assert (status, "outputs" in body) == (200, True)
    else:
        assert (status, list(body)) == (400, ["error"])
