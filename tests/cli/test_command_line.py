"""Commands that are shown work when they are pasted."""

import os
import shlex
import subprocess
import sys
import sysconfig

import pytest

from ganclf.cli import command_line as module
from ganclf.cli.command_line import MODULES, command_line


@pytest.fixture(autouse=True)
def fresh():
    """PATH is read anew, before and after."""
    for each in (module._is_on_path, module._environment):
        each.cache_clear()
    yield
    for each in (module._is_on_path, module._environment):
        each.cache_clear()


def test_a_command_runs_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", os.defpath)
    line = command_line("predict", "--model", tmp_path / "my model", "--help")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Classify texts" in done.stdout


def test_paths_with_blanks_are_quoted(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", os.defpath)
    words = shlex.split(command_line("serve", "--model_base_path", tmp_path / "a b", "--port", 8500))
    assert words[-6:] == ["-m", "serving.local", "--model_base_path", str(tmp_path / "a b"), "--port", "8500"]
    assert sys.executable in words


@pytest.mark.parametrize("own", [True, False])
def test_the_short_command_is_used_where_it_is_this_installations(own, tmp_path, monkeypatch):
    script = tmp_path / "ganclf"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    paths = dict(sysconfig.get_paths(), scripts=str(tmp_path if own else tmp_path / "other"))
    monkeypatch.setattr(sysconfig, "get_path", paths.__getitem__)
    line = command_line("train", "--data", "my rows.csv")
    assert line.startswith("ganclf train") == own
    assert line.endswith("--data 'my rows.csv'")


@pytest.mark.parametrize("name", MODULES)
def test_each_command_has_a_module(name):
    done = subprocess.run(
        [sys.executable, "-c", f"import importlib.util as u; assert u.find_spec({MODULES[name]!r})"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
