"""Command line: files that are no text protos, and models that don't load, end the start. Needs to start a server."""

from __future__ import annotations

import subprocess

import pytest
from server_choice import is_foreign, option
from server_process import LOCAL, free_port, plain_flags, start_process

MESSAGES = {
    "model_config_file": "Error parsing text-format tensorflow.serving.ModelServerConfig",
    "monitoring_config_file": "Error parsing text-format tensorflow.serving.MonitoringConfig",
}


def start(config: pytest.Config, flags: list[str]) -> subprocess.Popen[str]:
    """Run the server under test."""
    binary = option(config, "--server-binary")
    return start_process((binary,) if binary else LOCAL, flags)


@pytest.fixture(autouse=True)
def starts(request) -> None:
    if option(request.config, "--server"):
        pytest.skip("the server runs already; --server-binary lets the suite start one")


def test_a_file_that_is_no_text_proto_ends_the_start(request, server, tmp_path):
    (tmp_path / "broken.config").write_text("{")
    processes = {}
    for name in MESSAGES:  # side by side: each takes seconds to import
        flags = plain_flags(server.folder, free_port(), free_port())
        broken = [f"--{name}={tmp_path / 'broken.config'}" if flag.startswith(f"--{name}=") else flag for flag in flags]
        processes[name] = start(request.config, broken)
    for name, process in processes.items():
        out, err = process.communicate(timeout=240)
        assert process.returncode != 0
        assert process.returncode == 2 or is_foreign(request.config)
        assert MESSAGES[name] in out + err


def test_a_model_that_does_not_load_ends_the_start(request, tmp_path):
    (tmp_path / "m" / "1").mkdir(parents=True)
    (tmp_path / "m" / "1" / "saved_model.pb").write_bytes(b"no model")
    flags = [f"--port={free_port()}", "--model_name=m", f"--model_base_path={tmp_path / 'm'}"]
    process = start(request.config, [*flags, "--max_num_load_retries=0"])
    out, err = process.communicate(timeout=240)
    assert process.returncode != 0
    assert "1 servable(s) did not become available: {{{name: m version: 1} due to error: " in out + err
