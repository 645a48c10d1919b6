"""A model that the server starts with and that can't be loaded ends it, as it ends the stock server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ganclf.errors import ModelError
from serving.local import LocalServer
from serving.local.config_files import one_model
from serving.local.registry import ModelRegistry, StartupCheck
from serving.local.versions import RetryPolicy

ROOT = Path(__file__).parents[2]
NO_RETRIES = RetryPolicy(max_retries=0)


@pytest.fixture
def broken(tmp_path) -> Path:
    """A folder whose version 1 is no SavedModel."""
    (tmp_path / "broken" / "1").mkdir(parents=True)
    (tmp_path / "broken" / "1" / "saved_model.pb").write_bytes(b"no model")
    return tmp_path / "broken"


def listing(folders: dict[str, Path]):
    config = one_model(*next(iter(folders.items())))
    for name, folder in list(folders.items())[1:]:
        config.MergeFrom(one_model(name, folder))
    return config


def test_the_command_ends_after_the_last_try(broken):
    flags = [f"--model_base_path={broken}", "--model_name=m", "--port=0", "--file_system_poll_wait_seconds=0.05"]
    flags += ["--max_num_load_retries=2", "--load_retry_interval_micros=100000"]
    command = [sys.executable, "-m", "serving.local", *flags]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2
    last = ended.stderr.splitlines()[-1]
    assert last.startswith(
        "error: Failed to start server. 1 servable(s) did not become available: {{{name: m version: 1}"
    )
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("m version 1 can't be loaded") == 1 + 2


def test_a_model_of_a_later_list_may_fail(base_path, broken):
    given_up: list[ModelError] = []
    with LocalServer(
        model_name="m", base_path=base_path, port=0, max_num_load_retries=0, give_up=given_up.append
    ) as server:
        assert server.models.reload(listing({"m": base_path, "broken": broken})) == ["broken"]
        server._poll()
        assert not given_up
        assert server.models["m"].version == 1


def test_an_empty_folder_is_waited_for_before_another_model_ends_the_server(
    base_path, broken, tmp_path, text_model, publish
):
    (tmp_path / "empty").mkdir()
    models = ModelRegistry(retries=NO_RETRIES)
    models.reload(listing({"good": base_path, "broken": broken, "empty": tmp_path / "empty"}))
    first = StartupCheck(models)
    first.check()
    publish(text_model, tmp_path / "empty", 1)
    models.update()
    with pytest.raises(ModelError, match=r"1 servable\(s\) did not become available: {{{name: broken version: 1} due"):
        first.check()
    models.close()
