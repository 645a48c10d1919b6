"""Metrics of the local server as Prometheus reads them."""

from __future__ import annotations

import re
import socket
import time
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from ganclf.errors import ConfigError
from serving.local import LocalServer
from serving.local.metrics import Metrics

LINE = re.compile(r'(# TYPE \S+ (counter|histogram)|:tensorflow:serving:\w+\{(\w+="[^"]*",?)*\} [\d.e+]+)')


def serve(base_path, tmp_path, text: str) -> LocalServer:
    file = tmp_path / "monitoring.config"
    file.write_text(text)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    return LocalServer(base_path=base_path, port=0, rest_api_port=port, monitoring_config_file=file)


def test_requests_are_counted_by_model_and_status_and_timed(base_path, tmp_path, connect, ask):
    with serve(base_path, tmp_path, 'prometheus_config { enable: true path: "/metrics" }') as server:
        peer = connect(server.address)
        for _ in range(3):
            peer.predict(ask(text=[b"good"]))
        peer.refusal(ask(signature="X"))
        peer.refusal(ask("a stranger's model"))
        with pytest.raises(HTTPError):
            urlopen(f"http://{server.rest_address}/v1/models/classifier:predict", b"{", timeout=10)
        text = urlopen(f"http://{server.rest_address}/metrics", timeout=10).read().decode()
    lines = text.splitlines()
    assert all(LINE.fullmatch(line) for line in lines)
    assert ':tensorflow:serving:request_count{model_name="classifier",status="OK"} 3' in lines
    assert ':tensorflow:serving:request_count{model_name="classifier",status="FAILED_PRECONDITION"} 1' in lines
    for labels in ('request_latency_count{%s,entrypoint="GRPC"} 3', 'runtime_latency_count{%s,runtime="TF1"} 3'):
        assert ":tensorflow:serving:" + labels % 'model_name="classifier",API="Predict"' in lines
    assert "stranger" not in text


@pytest.mark.parametrize("text", ["", 'prometheus_config { path: "/metrics" }'])
def test_metrics_that_are_not_enabled_are_not_shown(base_path, tmp_path, text):
    with serve(base_path, tmp_path, text) as server, pytest.raises(HTTPError, match="404"):
        urlopen(f"http://{server.rest_address}/metrics", timeout=10)


def test_a_file_that_is_no_monitoring_config_is_a_users_error(base_path, tmp_path):
    with pytest.raises(ConfigError, match=r"Error parsing text-format tensorflow\.serving\.MonitoringConfig"):
        serve(base_path, tmp_path, "prometheus { }")


def test_the_buckets_of_a_histogram_add_up():
    metrics = Metrics()
    metrics.add("request_latency", time.perf_counter(), model_name='m"\n', API="Predict", entrypoint="GRPC")
    counts = [line.rpartition(" ")[2] for line in metrics.text().splitlines() if "_bucket" in line]
    assert len(counts) == 34
    assert counts == sorted(counts)
    assert counts[-1] == "1"
    assert 'model_name="m\\"\\n"' in metrics.text()
