"""Clients that are not ours predict, and read status and metadata: Node over gRPC, ovmsclient over gRPC, curl."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from serving.client import Client
from serving.local import LocalServer
from serving.protos import main

ROOT = Path(__file__).parents[2]
NODE = ROOT / "examples" / "node"
TEXTS = ["sun sun sun", "so much rain 雨"]


@pytest.fixture(scope="module")
def server(version, free_port):
    """Serves a model of ours, the smallest."""
    with LocalServer(base_path=version.parent, port=0, rest_api_port=free_port()) as running:
        yield running


@pytest.fixture(scope="module")
def expected(server) -> list[str]:
    with Client(server.address) as client:
        return [each.label for each in client.predict(TEXTS).predictions]


def run(*command: object, **environment: str) -> Any:
    ended = subprocess.run(
        [str(part) for part in command], env=os.environ | environment, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout)


@pytest.fixture(scope="module")
def protoset(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("protos") / "serving.protoset"
    assert main([str(file)]) == 0
    return file


@pytest.fixture
def node() -> str:
    found = shutil.which("node")
    if not found or not (NODE / "node_modules").is_dir():
        pytest.skip("node, or what `npm ci` installs in examples/node, is not there")
    return found


def test_node_asks_with_the_published_messages(node, server, protoset, expected):
    answer = run(node, NODE / "classify.js", server.address, "classifier", *TEXTS, PROTOSET=str(protoset))
    assert answer["labels"] == expected
    assert answer["versions"] == [{"version": 1, "state": "AVAILABLE"}]
    assert answer["inputs"] == ["text"]
    assert answer["version"] == 1
    assert len(answer["confidence"]) == 2


def test_node_is_told_in_words_what_is_refused(node, server, protoset):
    command = [node, str(NODE / "classify.js"), server.address, "other", "text"]
    environment = os.environ | {"PROTOSET": str(protoset)}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "NOT_FOUND: Could not find any versions of model other\n"


def ovms_python() -> str | None:
    """An interpreter that has ovmsclient: one that GANCLF_OVMS names, that of scripts/setup, or this one."""
    places = [os.environ.get("GANCLF_OVMS"), ROOT / ".venv" / "ovms" / "bin" / "python", sys.executable]
    for python in filter(None, places):
        if Path(python).is_file() and not subprocess.run([python, "-c", "import ovmsclient"], capture_output=True,
                                                         check=False).returncode:  # fmt: skip
            return str(python)
    return None


def test_ovmsclient_asks_as_it_asks_any_server(server, expected):
    python = ovms_python()
    if not python:
        pytest.skip("ovmsclient is not installed; scripts/setup test does it where it can")
    answer = run(python, Path(__file__).with_name("ovms.py"), server.address, "classifier", 1, *TEXTS)
    assert answer["labels"] == expected
    assert answer["versions"] == [{"version": 1, "state": "AVAILABLE"}]
    assert answer["inputs"] == ["text"]
    assert answer["shape"] == [2, 2]


def test_curl_asks_over_rest(server, expected):
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    address = f"http://{server.rest_address}/v1/models/classifier"
    answer = run("curl", "-sS", "-d", json.dumps({"instances": TEXTS}), f"{address}:predict")
    assert [each["label"] for each in answer["predictions"]] == expected
    assert run("curl", "-sS", address)["model_version_status"][0]["state"] == "AVAILABLE"
    signatures = run("curl", "-sS", f"{address}/metadata")["metadata"]["signature_def"]["signature_def"]
    assert list(signatures["serving_default"]["inputs"]) == ["text"]


def test_a_descriptor_set_that_can_not_be_written_is_a_users_mistake(tmp_path, capsys):
    assert main([str(tmp_path / "nowhere" / "serving.protoset")]) == 2
    assert "can't be written (No such file or directory)" in capsys.readouterr().err
