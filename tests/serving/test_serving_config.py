"""The files for the stock server say what the project's names and limits say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

import serving
from ganclf import contract

CONFIG = Path(serving.__file__).parent / "config"
BATCHING_FIELDS = {  # of tensorflow.serving.BatchingParameters, which the Python package does not ship
    "max_batch_size", "batch_timeout_micros", "max_enqueued_batches", "num_batch_threads", "thread_pool_name",
    "allowed_batch_sizes", "pad_variable_length_inputs",
}  # fmt: skip


def test_the_model_config_serves_our_model():
    parsed = text_format.Parse((CONFIG / "models.config").read_text(), model_server_config_pb2.ModelServerConfig())
    [model] = parsed.model_config_list.config
    assert model.name == contract.DEFAULT_MODEL
    assert model.base_path == f"/models/{contract.DEFAULT_MODEL}"
    assert model.model_version_policy.WhichOneof("policy_choice") == "latest"


def test_the_batching_config_has_known_fields_and_takes_our_largest_request():
    text = re.sub(r"#.*", "", (CONFIG / "batching.config").read_text())
    values = {name: int(value) for name, value in re.findall(r"(\w+)\s*\{\s*value:\s*(\d+)\s*\}", text)}
    assert not re.sub(r"\w+\s*\{\s*value:\s*\d+\s*\}", "", text).strip()
    assert values.keys() <= BATCHING_FIELDS
    assert values["max_batch_size"] >= contract.MAX_REQUEST_TEXTS


def test_compose_mounts_what_the_flags_name_and_listens_on_loopback():
    text = (CONFIG / "compose.yaml").read_text()
    assert "image: tensorflow/serving:2.20.0" in text
    for flag in re.findall(r"=(/config/\S+)", text):
        assert f"- .{flag.removeprefix('/config')}:{flag}:ro" in text
        assert (CONFIG / Path(flag).name).is_file()
    assert re.findall(r'"([\d.]+):\d+:(\d+)"', text) == [("127.0.0.1", "8500"), ("127.0.0.1", "8501")]
    assert f"../../saved_models/{contract.DEFAULT_MODEL}:/models/{contract.DEFAULT_MODEL}:ro" in text


def test_compose_is_yaml():
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    service = yaml.safe_load((CONFIG / "compose.yaml").read_text())["services"]["serving"]
    assert all(isinstance(flag, str) for flag in service["command"])
