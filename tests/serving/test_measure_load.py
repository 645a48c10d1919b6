"""h2load as the clients of a measurement: what it counts was answered, and a refusal is no answer."""

from __future__ import annotations

import grpc
import pytest

from ganclf.errors import ServerError
from serving import wire
from serving.measure import asking, h2load

pytestmark = pytest.mark.skipif(not h2load.is_installed(), reason="h2load is not installed (Debian: nghttp2-client)")


def request(number: int) -> bytes:
    return wire.predict_request("classifier", None, [asking.text(number).encode()]).SerializeToString()


def test_the_texts_of_a_measurement_are_different_and_the_same_again():
    assert len({asking.text(number) for number in range(100)}) == 100
    assert asking.text(7) == asking.text(7)


def test_answered_requests_are_counted(servers):
    answered = h2load.ask(servers["classifier"].address, [request(0), request(1)], clients=4, seconds=1)
    assert answered.requests >= 8
    assert 0 < answered.processor_seconds < 8


def test_a_request_that_is_refused_ends_the_measurement(servers):
    with pytest.raises(grpc.RpcError):
        h2load.ask(servers["classifier"].address, [b""], clients=1, seconds=1)


def test_a_status_without_an_answer_is_not_counted():
    said = "requests: 12 total, 12 started, 12 done, 12 succeeded, 0 failed\ntraffic: 1KB (999) total, 0B (0) data"
    with pytest.raises(ServerError, match="not all were answered"):
        h2load._count(said, b"expected")
    with pytest.raises(ServerError, match="does not say"):
        h2load._count("h2load: unknown option", b"expected")
