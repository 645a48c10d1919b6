"""The wheel, installed into an empty environment: its commands work where no checkout is."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from ganclf import __version__

ROOT = Path(__file__).parents[2]
PACKAGES = ("ganclf", "serving", "ui")
SMALL = ["--steps", "3", "--size", "16", "--vocabulary-size", "500", "--batch-size", "16", "--labels-per-class", "4"]
DATA = {  # what is read at run time and is no module
    "ganclf/data/sample/messages.csv",
    "ganclf/data/sample/messages_test.csv",
    "ganclf/export/stock_ops/ops_2_20.txt",
    "ganclf/py.typed",
    "serving/config/models.config",
    "serving/config/kubernetes/deployment.yaml",
    "ui/.streamlit/config.toml",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy: setuptools leaves a folder `build` where it works."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheels")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(source)], check=True, timeout=120)
    (found,) = target.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of an environment with the wheel; the libraries are those of this environment."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], check=True, timeout=120)
    (packages,) = folder.glob("lib/python*/site-packages")
    # behind the own packages; a .pth file of that folder, such as one of an editable installation, is not read
    libraries = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    (packages / "libraries.pth").write_text("\n".join(libraries) + "\n")
    return folder


@pytest.fixture
def run(installed, tmp_path):
    """Run a program of the environment in an empty folder."""

    def run(program, *words):
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        variables["PATH"] = f"{installed / 'bin'}{os.pathsep}{variables['PATH']}"
        command = [str(installed / "bin" / program), *map(str, words)]
        return subprocess.run(
            command, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=240, check=False
        )

    return run


def test_the_wheel_has_the_version_and_every_file_that_is_read(wheel):
    assert wheel.name == f"ganclf-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert names >= DATA
    modules = {str(file.relative_to(ROOT)) for name in PACKAGES for file in (ROOT / name).rglob("*.py")}
    assert names >= modules
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


def test_what_is_imported_is_what_was_installed(run, installed):
    """Neither the checkout nor an editable installation."""
    program = "import ganclf, serving, ui; print(ganclf.__file__, serving.__file__, ui.__file__, sep='\\n')"
    done = run("python", "-c", program)
    assert done.returncode == 0, done.stderr
    assert all(Path(line).is_relative_to(installed) for line in done.stdout.splitlines()), done.stdout
    assert run("ganclf", "--version").stdout == f"ganclf {__version__}\n"


def test_the_installed_command_trains_publishes_and_predicts(run, tmp_path):
    done = run("ganclf", "train", "--output", "models/my", "--compare", "none", "--calibration", "none", *SMALL)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "models" / "my" / "1" / "saved_model.pb").is_file()
    done = run("ganclf", "predict", "--model", "models/my", "where is my parcel", "发票开错了")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) >= 2


def test_what_is_kept_in_the_repository_is_refused_in_a_sentence(run):
    done = run("ganclf", "benchmark", "--help")
    assert done.returncode == 2
    assert "Clone the repository" in done.stderr
    assert "Traceback" not in done.stderr
