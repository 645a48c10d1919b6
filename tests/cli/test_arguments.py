"""The command line is the configuration, answers at once, and ends with a sentence."""

from __future__ import annotations

import resource
from dataclasses import fields
from pathlib import Path

import pytest

from ganclf.cli.arguments import from_arguments, run_command
from ganclf.config import DataConfig, EncoderConfig, GameConfig, RunConfig
from ganclf.errors import INTERRUPTED, ConfigError, ExportError, GanclfError
from ganclf.train import main, parse

KINDS = (DataConfig, EncoderConfig, GameConfig, RunConfig)
EVERY_OPTION = [(kind, each) for kind in KINDS for each in fields(kind)]
HEAVY = ("tensorflow", "keras", "sklearn", "numpy", "pandas", "scipy", "matplotlib")


def option(each) -> str:
    return "--" + each.name.replace("_", "-")


def other_value(each):
    """A value that is allowed and, where there is another, is not the default."""
    if each.metadata["choices"]:
        return each.metadata["choices"][-1]
    if "tuple" in each.type:
        return [Path("/some/where"), Path("/else/where")]
    if "Path" in each.type:
        return Path("/some/where")
    if "str" in each.type:
        return "some name"
    if "int" in each.type:
        return int(each.metadata["low"]) + 1
    return float(each.metadata["low"]) + 0.25


@pytest.mark.parametrize("kind", KINDS)
def test_without_options_the_defaults_are_taken(kind):
    assert from_arguments(kind, parse([])) == kind()


@pytest.mark.parametrize("each", [each for _, each in EVERY_OPTION], ids=lambda each: each.name)
def test_every_field_is_an_option_of_its_type(each):
    value = other_value(each)
    words = map(str, value if isinstance(value, list) else [value])
    read = getattr(parse([option(each), *words]), each.name)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("former", "name", "value"),
    [
        ("--guide-weight 0", "teacher_weight", 0.0),
        ("--views own", "pooling", "preset"),
        ("--disguise 0.2", "homoglyphs", 0.2),
    ],
)
def test_a_former_name_is_an_option_still_which_help_does_not_show(former, name, value, capsys):
    assert getattr(parse(former.split()), name) == value
    with pytest.raises(SystemExit):
        parse(["--help"])
    assert former.split()[0] + " " not in capsys.readouterr().out


def test_an_option_for_several_files_takes_them_at_once_or_one_by_one():
    expected = DataConfig(data=(Path("a.csv"), Path("b.csv"), Path("c.csv")))
    assert from_arguments(DataConfig, parse(["--data", "a.csv", "b.csv", "--data", "c.csv"])) == expected


def test_help_names_every_option_its_meaning_and_its_default(capsys):
    with pytest.raises(SystemExit) as ended:
        parse(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    for _, each in EVERY_OPTION:
        assert option(each) in said
        assert " ".join(each.metadata["meaning"].split()) in said
    assert "(default: 256)" in said
    assert "(default: None)" not in said


@pytest.mark.parametrize(
    "wrong", [["--game", "chess"], ["--steps", "many"], ["--step", "5"], ["--nonsense"], ["stray.csv"], ["--steps"]]
)
def test_what_cannot_be_read_ends_with_2(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(wrong)
    assert ended.value.code == 2
    assert "usage: python -m ganclf.train" in capsys.readouterr().err


def test_a_value_out_of_range_ends_with_2_and_one_sentence(capsys):
    assert main(["--dropout", "2"]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: --dropout: 2.0 (dropout rate of hidden units")
    assert captured.err.count("\n") == 1
    assert not captured.out


def fail(error: BaseException):
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code"), [(ConfigError("a b"), 2), (ExportError("a b"), 1), (GanclfError("a b"), 1)], ids=repr
)
def test_our_errors_become_a_sentence_and_their_exit_code(error, code, capsys):
    assert run_command(fail(error)) == code
    assert capsys.readouterr().err == "error: a b\n"


def test_ctrl_c_ends_with_130_and_calms(capsys):
    assert run_command(fail(KeyboardInterrupt())) == INTERRUPTED == 130
    assert "Nothing was published" in capsys.readouterr().err


def test_a_mistake_of_ours_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        run_command(fail(ZeroDivisionError()))


@pytest.mark.parametrize(("given", "code"), [(None, 0), (0, 0), (3, 3)])
def test_a_command_may_choose_its_exit_code(given, code):
    assert run_command(lambda: given) == code


ENDLESS = """
import sys
from ganclf.cli.arguments import run_command

def command():
    while True:
        print("line")

sys.exit(run_command(command))
"""


def test_a_reader_that_leaves_ends_the_command_in_silence(start):
    process = start("-c", ENDLESS)
    assert process.stdout.readline() == "line\n"
    process.stdout.close()
    assert process.wait(30) == 0
    assert process.stderr.read() == ""


def test_help_takes_less_than_a_second_of_the_processor(start):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = start("-m", "ganclf.train", "--help")
    out, err = process.communicate(timeout=30)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.returncode == 0, err
    assert "usage" in out
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


@pytest.mark.parametrize(
    ("module", "arguments"),
    [("train", ["--help"]), ("train", ["--dropout", "2"]), ("suggest", ["--help"]), ("suggest", ["--count", "0"])],
)
def test_nothing_heavy_is_imported_before_there_is_work(start, module, arguments):
    script = f"""
import sys
from ganclf.{module} import main
try:
    main({arguments})
except SystemExit:
    pass
print("imported:", sorted(set(sys.modules) & set({HEAVY})))
"""
    process = start("-c", script)
    assert process.communicate(timeout=30)[0].endswith("imported: []\n")


def test_another_backend_ends_with_2_and_a_sentence(start, tmp_path):
    process = start("-m", "ganclf.train", "--output", tmp_path / "model", KERAS_BACKEND="jax")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    assert err == (
        "error: KERAS_BACKEND is 'jax', but ganclf exports TensorFlow graphs. "
        "Unset KERAS_BACKEND or set it to 'tensorflow'.\n"
    )
    assert not out
    assert not (tmp_path / "model").exists()
