"""Metrics as Prometheus reads them: requests by model and status, and their times."""

from __future__ import annotations

from urllib.request import urlopen

import pytest
from conversation import ask, call_rest, refusal
from served_models import METRICS_PATH

PREFIX = ":tensorflow:serving:"


@pytest.fixture
def read(server):
    """The samples of the page, by name and labels."""
    parser = pytest.importorskip("prometheus_client.parser", reason="prometheus-client is not installed")

    def read(name: str, **labels: str) -> float:
        """The sum of the samples whose labels hold these."""
        text = urlopen(f"http://{server.rest}{METRICS_PATH}", timeout=30).read().decode()
        samples = [each for family in parser.text_string_to_metric_families(text) for each in family.samples]
        names = {PREFIX + name, f"{PREFIX}{name}_total"}  # the parser calls every counter so
        return sum(each.value for each in samples if each.name in names and labels.items() <= each.labels.items())

    return read


@pytest.fixture
def busy(server):
    """Three answers over gRPC, one over REST, and one refusal."""

    def busy() -> None:
        for _ in range(3):
            server.peer.predict(ask(inputs={"text": [b"a"]}))
        refusal(server.peer.predict, ask(signature="X"))
        assert call_rest(server.rest, "POST", "/v1/models/text:predict", {"instances": ["a"]})[0] == 200

    return busy


def test_requests_are_counted_by_model_and_status(read, busy):
    names = [{"model_name": "text", "status": status} for status in ("OK", "FAILED_PRECONDITION")]
    before = [read("request_count", **labels) for labels in names]
    busy()
    assert [read("request_count", **labels) for labels in names] == [before[0] + 4, before[1] + 1]


@pytest.mark.parametrize(("entrypoint", "more"), [("GRPC", 3), ("REST", 1)])
def test_requests_are_timed_by_their_entrance(read, busy, entrypoint, more):
    labels = {"model_name": "text", "API": "Predict", "entrypoint": entrypoint}
    before = read("request_latency_count", **labels)
    busy()
    assert read("request_latency_count", **labels) == before + more
    assert read("request_latency_bucket", le="+Inf", **labels) == before + more
    assert read("request_latency_sum", **labels) > 0


def test_the_runtime_is_timed(read, busy):
    before = read("runtime_latency_count", model_name="text", API="Predict")
    busy()
    assert read("runtime_latency_count", model_name="text", API="Predict") == before + 4
