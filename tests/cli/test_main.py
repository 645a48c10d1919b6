"""ganclf COMMAND finds its module, and a mistake ends with a sentence."""

import subprocess
import sys

import pytest

from ganclf import __version__
from ganclf.cli.command_line import MODULES
from ganclf.cli.main import EXTRAS, SUMMARIES, main

BLOCKED = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras", "sklearn", "streamlit", "grpc_health"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
from ganclf.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def test_every_command_has_a_summary():
    assert set(SUMMARIES) == set(MODULES)
    assert set(EXTRAS) <= set(MODULES)


def test_the_version_is_that_of_the_package(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"ganclf {__version__}\n"


@pytest.mark.parametrize(("words", "code"), [(["--help"], 0), (["-h"], 0), ([], 2)])
def test_help_names_all_commands(words, code, capsys):
    assert main(words) == code
    captured = capsys.readouterr()
    shown = captured.err if code else captured.out
    assert all(f"  {name} " in shown for name in MODULES)


@pytest.mark.parametrize(
    ("word", "hint"), [("trian", "Did you mean 'train'?"), ("xyz", "Choose from train, predict, generate, suggest")]
)
def test_an_unknown_command_is_a_sentence_with_a_suggestion(word, hint, capsys):
    assert main([word]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: ganclf {word}: unknown command. {hint}")
    assert error.count("\n") == 1


@pytest.mark.parametrize("name", MODULES)
def test_every_command_is_reached_with_its_arguments(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert "usage:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "extra"), [("train", "train"), ("predict", "train"), ("serve", "serve"), ("ui", "ui")]
)
def test_a_library_that_is_not_installed_is_a_sentence_that_names_the_extra(name, extra, tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "saved_model.pb").touch()
    options = {"train": ["--output", tmp_path / "new"], "predict": ["--model", tmp_path, "a text"], "ui": []}
    words = options.get(name, ["--model_base_path", tmp_path])
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, name, *map(str, words)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.endswith(f"is not installed. Install it with: pip install 'ganclf[{extra}]'\n")
    assert "Traceback" not in done.stderr
