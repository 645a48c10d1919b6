"""python -m serving.local as a user starts it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from forked import ForkedPython

from serving.client import Client
from serving.local.flags import make_parser

ROOT = Path(__file__).parents[2]


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "serving.local", *map(str, arguments)]
    return ForkedPython(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "serving.local", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def lines_of(log: str) -> list[str]:
    """The server's own lines; TensorFlow's C++ writes others."""
    return [line for line in log.splitlines() if line.startswith("{")]


SECRET = "a very private text"


class Ended(NamedTuple):
    """A server from its start to Ctrl-C."""

    waits: str  # the first line that it printed
    line: str  # the second
    address: str
    code: int
    out: str
    log: str


@pytest.fixture(scope="module")
def ended(text_model, publish, tmp_path_factory, connect, ask) -> Ended:
    """Started on an empty folder with flags in both forms; it waits, then it is asked, and refuses some."""
    base_path = tmp_path_factory.mktemp("classifier")
    parameters = tmp_path_factory.mktemp("config") / "batching.config"
    parameters.write_text("max_batch_size { value: 8 }")
    flags = ["--enable_batching=true", f"--batching_parameters_file={parameters}"]
    flags += ["--enable_signature_method_name_check", "--prefer_tflite_model", "--num_load_threads=2"]
    flags += ["--file_system_poll_wait_seconds=0.1"]
    server = start("--model_base_path", os.path.relpath(base_path, ROOT), "--port=0", *flags)
    waits = server.stdout.readline()
    publish(text_model, base_path, 1)
    line = server.stdout.readline()
    address = line.split()[-1]
    peer = connect(address)
    assert peer.refusal(ask(signature="unguarded", text=SECRET.encode()))[0] == "INVALID_ARGUMENT"
    assert peer.refusal(ask(signature=SECRET, text=[SECRET.encode()]))[0] == "FAILED_PRECONDITION"
    with Client(address) as client:
        assert client.predict([f"good {SECRET}"]).predictions[0].label == "good"
    server.send_signal(signal.SIGINT)
    out, log = server.communicate(timeout=60)
    return Ended(waits, line, address, server.returncode, out, log)


def test_a_signal_ends_it_with_zero_and_a_scalar_did_not(ended):
    assert re.fullmatch(r"serving classifier version 1 on (127\.0\.0\.1:\d+)\n", ended.line)
    assert (ended.code, ended.out) == (0, "")
    assert "Traceback" not in ended.log
    messages = [json.loads(line)["message"] for line in lines_of(ended.log)]
    assert f"Running gRPC ModelServer at {ended.address} ..." in messages
    assert f"draining {ended.address}" in messages


def test_flags_of_the_stock_server_in_both_forms(ended):
    lines = [json.loads(line) for line in lines_of(ended.log)]
    warned = [each["message"].split()[0] for each in lines if each["level"] == "WARNING"]
    assert warned == ["--prefer_tflite_model", "--num_load_threads"]


def test_the_log_holds_no_text_of_any_request(ended):
    assert SECRET not in ended.log
    lines = lines_of(ended.log)
    assert lines
    assert [set(json.loads(line)) for line in lines] == [{"time", "level", "part", "message"}] * len(lines)


def test_an_empty_folder_is_waited_on(ended):
    assert re.search(r"waits for the first version that loads in \S*classifier\d+\n$", ended.waits)


def test_a_folder_that_does_not_exist_is_a_users_error(tmp_path):
    ended = run("--model_base_path", tmp_path / "gone")
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: --model_base_path: ")
    assert "Train a model" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_a_users_error(servers, tmp_path):
    ended = run("--model_base_path", tmp_path, "--port", servers["float"].address.rpartition(":")[2])
    assert ended.returncode == 2
    assert re.fullmatch(r"error: 127.0.0.1:\d+ can't be listened on: .*\n", ended.stderr)


def test_help_and_wrong_arguments_need_no_tensorflow():
    code = (
        "import sys; from serving.local.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "assert 'tensorflow' not in sys.modules"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "--model_base_path" in ended.stdout


STOCK_FLAGS = (
    "port", "grpc_socket_path", "rest_api_port", "rest_api_num_threads", "rest_api_timeout_in_ms",
    "rest_api_enable_cors_support", "enable_batching", "allow_version_labels_for_unavailable_models",
    "batching_parameters_file", "enable_per_model_batching_parameters", "model_config_file",
    "model_config_file_poll_wait_seconds", "model_name", "model_base_path", "num_load_threads", "num_unload_threads",
    "max_num_load_retries", "load_retry_interval_micros", "file_system_poll_wait_seconds", "flush_filesystem_caches",
    "tensorflow_session_parallelism", "tensorflow_session_config_file", "tensorflow_intra_op_parallelism",
    "tensorflow_inter_op_parallelism", "use_alts_credentials", "ssl_config_file", "platform_config_file",
    "per_process_gpu_memory_fraction", "saved_model_tags", "grpc_channel_arguments", "grpc_max_threads",
    "enable_model_warmup", "num_request_iterations_for_warmup", "version", "monitoring_config_file",
    "remove_unused_fields_from_bundle_metagraph", "prefer_tflite_model", "num_tflite_pools",
    "num_tflite_interpreters_per_pool", "enable_signature_method_name_check", "xla_cpu_compilation_enabled",
    "xla_gpu_compilation_enabled", "enable_profiler", "thread_pool_factory_config_file", "mixed_precision",
    "skip_initialize_tpu", "enable_grpc_healthcheck_service", "enable_serialization_as_tensor_content",
)  # fmt: skip


def test_every_flag_of_the_stock_server_is_taken():
    known = make_parser()._option_string_actions
    assert {f"--{name}" for name in STOCK_FLAGS} <= known.keys()


def test_the_version_is_told_without_serving():
    ended = run("--version")
    assert ended.returncode == 0
    assert "TensorFlow Library: 2.20" in ended.stdout


@pytest.mark.parametrize("name", ["1", "007"])
def test_the_folder_of_a_version_is_refused_and_the_right_one_named(text_model, publish, tmp_path, name):
    publish(text_model, tmp_path, 1).rename(tmp_path / name)
    ended = run("--model_base_path", tmp_path / name, "--port=0")
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1] == (
        f"error: --model_base_path: {tmp_path / name} is version {name} of a model. Give the folder that holds it: "
        f"{tmp_path}."
    )


def test_a_saved_model_without_a_number_is_refused_with_the_way_to_serve_it(text_model, publish, tmp_path):
    publish(text_model, tmp_path, 1).rename(tmp_path / "model")
    ended = run("--model_base_path", tmp_path / "model", "--port=0")
    assert ended.returncode == 2
    assert f"{tmp_path}/model is a SavedModel itself. Move it into a folder whose name is a number" in ended.stderr


def test_the_folder_of_a_version_in_a_list_of_models_is_refused(text_model, publish, tmp_path):
    publish(text_model, tmp_path, 1)
    file = tmp_path / "models.config"
    file.write_text(
        f'model_config_list {{ config {{ name: "m" base_path: "{tmp_path}/1" model_platform: "tensorflow" }} }}'
    )
    ended = run("--model_config_file", file, "--port=0")
    assert ended.returncode == 2
    assert f"error: {file}: m: {tmp_path}/1 is version 1 of a model. Give the folder that holds it" in ended.stderr
