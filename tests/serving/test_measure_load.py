"""h2load as the clients of a measurement: what it counts was answered, and a refusal is no answer."""

from __future__ import annotations

import grpc
import pytest

from ganclf.errors import ServerError
from serving import wire
from serving.measure import h2load, load_client
from serving.measure.__main__ import _parser

needs_h2load = pytest.mark.skipif(not h2load.is_installed(), reason="h2load is not installed (Debian: nghttp2-client)")


def request(number: int) -> bytes:
    return wire.predict_request("classifier", None, [load_client.text(number).encode()]).SerializeToString()


def test_the_texts_of_a_measurement_are_different_and_the_same_again():
    assert len({load_client.text(number) for number in range(100)}) == 100
    assert load_client.text(7) == load_client.text(7)


@needs_h2load
def test_answered_requests_are_counted(servers):
    answered = h2load.send(servers["classifier"].address, [request(0), request(1)], clients=4, seconds=1)
    assert answered.requests >= 8
    assert 0 < answered.processor_seconds < 8


@needs_h2load
def test_a_request_that_is_refused_ends_the_measurement(servers):
    with pytest.raises(grpc.RpcError):
        h2load.send(servers["classifier"].address, [b""], clients=1, seconds=1)


def test_a_status_without_an_answer_is_not_counted():
    output = "requests: 12 total, 12 started, 12 done, 12 succeeded, 0 failed\ntraffic: 1KB (999) total, 0B (0) data"
    with pytest.raises(ServerError, match="not all were answered"):
        h2load._count(output, b"expected")
    with pytest.raises(ServerError, match="does not print"):
        h2load._count("h2load: unknown option", b"expected")


@pytest.mark.parametrize(("former", "name"), [("swap", "hot-swap"), ("malformed", "fuzz"), ("kill", "crash-recovery")])
def test_former_names_of_measurements_are_taken(former, name):
    assert _parser().parse_args([former]).what == _parser().parse_args([name]).what == name
