"""The settings hold in every folder, whatever the environment has."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ui import __main__ as starting
from ui.settings import DEFAULT_HOST, DEFAULT_PORT, MAX_UPLOAD_MEGABYTES, Settings

FORCED = {
    "browser.gatherUsageStats": False,
    "server.address": DEFAULT_HOST,
    "server.port": DEFAULT_PORT,
    "server.headless": True,
    "server.maxUploadSize": MAX_UPLOAD_MEGABYTES,
}


def test_the_command_line_outranks_the_environment_which_outranks_the_default(monkeypatch: pytest.MonkeyPatch):
    assert Settings.from_arguments([]) == Settings()
    monkeypatch.setenv("GANCLF_SERVER", "there:8500")
    monkeypatch.setenv("GANCLF_MODEL", "other")
    assert Settings.from_arguments(["--server", "here:1"]) == Settings(server="here:1", model="other")


def test_arguments_that_are_not_the_pages_are_left_alone():
    assert Settings.from_arguments(["-m", "browser", "--mod", "x", "tests"]) == Settings()


def test_privacy_and_limits_are_on_the_command_line_of_streamlit():
    arguments = starting.streamlit_arguments(starting._parser().parse_args([]))
    assert arguments[0] == "run"
    assert Path(arguments[1]).is_file()
    for name, value in FORCED.items():
        assert f"--{name}={str(value).lower()}" in arguments


def test_the_config_file_beside_the_page_has_the_same_values():
    config = tomllib.loads((starting.APP.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert {name: config[name.split(".")[0]][name.split(".")[1]] for name in FORCED} == FORCED


def test_help_answers_without_streamlit():
    code = "import sys, ui.__main__ as m; m._parser().format_help(); sys.exit('streamlit' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=starting.APP.parents[1])


def test_no_page_has_an_icon():
    # Streamlit's page fetches an icon from fonts.gstatic.com to show it in the browser's tab
    assert "icon=" not in starting.APP.read_text(encoding="utf-8")
