"""Client, page and command line without TensorFlow: what `pip install ganclf` and `ganclf[ui]` give."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from serving.local import LocalServer

ROOT = Path(__file__).parents[2]
BLOCK = '''
import sys

class Blocked:
    """Finds no library of the extras `train` and `serve`."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in NAMES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

NAMES = {names}
sys.meta_path.insert(0, Blocked())
'''
TRAIN = {
    "tensorflow",
    "tensorflow_text",
    "tensorflow_serving",
    "keras",
    "sklearn",
    "scipy",
    "matplotlib",
    "threadpoolctl",
}
SERVE = {"grpc_health", "grpc_reflection", "uvicorn"}
UI = {"streamlit", "starlette"}


def run(program, *words, blocked=TRAIN | SERVE | UI):
    source = BLOCK.replace("{names}", repr(sorted(blocked))) + program
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", source, *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


GANCLF = "from ganclf.cli.main import main; sys.exit(main())"


def test_the_blocker_blocks():
    assert "No module named 'tensorflow'" in run("import tensorflow").stderr


def test_the_client_and_the_readers_need_no_extra():
    done = run(
        "import serving.client, ganclf, ganclf.data, ganclf.config, ganclf.predict, ganclf.train, ganclf.suggest"
    )
    assert done.returncode == 0, done.stderr


def test_every_module_of_the_page_needs_streamlit_only():
    names = [str(file.relative_to(ROOT).with_suffix("")).replace("/", ".") for file in (ROOT / "ui").rglob("*.py")]
    modules = sorted(set(names) - {"ui.app"})  # app.py is a script that Streamlit runs
    assert len(modules) > 5
    done = run(f"import {', '.join(modules)}", blocked=TRAIN | SERVE)
    assert done.returncode == 0, done.stderr


def test_the_page_starts_without_tensorflow():
    app = str(ROOT / "ui" / "app.py")
    page = f"from streamlit.testing.v1 import AppTest; page = AppTest.from_file({app!r}).run(timeout=30)"
    done = run(f"{page}\nassert not page.exception, page.exception", blocked=TRAIN | SERVE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["predict", "--help"], ["train", "--help"]])
def test_the_command_answers_without_extras(words):
    done = run(GANCLF, *words)
    assert done.returncode == 0, done.stderr
    assert "ganclf" in done.stdout


def test_the_command_classifies_by_a_server_without_extras(version):
    with LocalServer(model_name="weather", base_path=version.parent, port=0) as server:
        done = run(GANCLF, "predict", "--server", server.address, "--model-name", "weather", "rain tomorrow")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) >= 1


@pytest.mark.parametrize(("command", "extra"), [("train", "train"), ("serve", "serve"), ("ui", "ui")])
def test_a_missing_library_is_a_sentence_with_the_extra(command, extra, tmp_path):
    options = {"serve": ["--model_name", "my", "--model_base_path", tmp_path], "train": ["--output", tmp_path / "my"]}
    done = run(GANCLF, command, *options.get(command, []))
    assert done.returncode == 2, done.stderr
    assert f"pip install 'ganclf[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_extra_is_needed_by_what_pip_installs_first():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not [
        each for each in project["dependencies"] if each.startswith(("tensorflow", "keras", "scikit", "streamlit"))
    ]
    assert set(project["optional-dependencies"]) >= {"train", "serve", "ui", "all", "dev"}
