"""The command line is the configuration, answers at once, and ends with a sentence."""

from __future__ import annotations

import json
import re
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
    if each.type.startswith("bool"):
        return True
    if "tuple[str" in each.type:
        return ["some name", "-1", ""]
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
    words = map(str, value if isinstance(value, list) else [] if value is True else [value])
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


def shown_help(option, capsys):
    with pytest.raises(SystemExit) as ended:
        parse([option])
    assert ended.value.code == 0
    return " ".join(capsys.readouterr().out.split())


def test_help_all_names_every_option_its_meaning_and_its_default(capsys):
    help_text = shown_help("--help-all", capsys)
    for _, each in EVERY_OPTION:
        assert option(each) in help_text
        assert " ".join(each.metadata["meaning"].split()) in help_text
    assert "(default: 256)" in help_text
    assert "(default: None)" not in help_text


def test_help_shows_ten_options_and_where_the_others_are(capsys):
    help_text = shown_help("--help", capsys)
    shown = [each.name for _, each in EVERY_OPTION if re.search(rf"{option(each)} [A-Z{{]", help_text)]
    assert shown == [each.name for _, each in EVERY_OPTION if each.metadata["common"]]
    assert len(shown) == 10
    assert "--help-all show all options" in help_text


@pytest.mark.parametrize(
    "wrong", [["--game", "chess"], ["--steps", "many"], ["--step", "5"], ["--nonsense"], ["stray.csv"], ["--steps"]]
)
def test_what_cannot_be_read_ends_with_2(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        parse(wrong)
    assert ended.value.code == 2
    assert "usage: python -m ganclf.train" in capsys.readouterr().err


def write(tmp_path, text, name="options.yaml"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return str(file)


FILE = """
game: off  # not a truth value
steps: 20
learning-rate: 1e-3
guide_weight: 0
data: [a.csv, b.csv]
preset: null
"""


def test_a_file_gives_options_and_the_command_line_wins(tmp_path):
    parsed = parse(["--config", write(tmp_path, FILE), "--steps", "30", "--data", "c.csv"])
    game, data = from_arguments(GameConfig, parsed), from_arguments(DataConfig, parsed)
    assert game == GameConfig(game="off", steps=30, learning_rate=1e-3, teacher_weight=0.0)
    assert data == DataConfig(data=(Path("c.csv"),))
    alone = from_arguments(DataConfig, parse(["--config", write(tmp_path, FILE)]))
    assert alone == DataConfig(data=(Path("a.csv"), Path("b.csv")))


@pytest.mark.parametrize(("words", "header"), [([], None), (["--header"], True), (["--no-header"], False)])
def test_whether_there_is_a_header_is_found_or_said(words, header):
    assert from_arguments(DataConfig, parse(words)) == DataConfig(header=header)


def test_a_file_gives_columns_values_and_flags_of_the_reading(tmp_path):
    text = "text-column: [title, body]\nno-label-values: ['-1', '']\nheader: false\nkeep_label_spelling: False\n"
    data = from_arguments(DataConfig, parse(["--config", write(tmp_path, text)]))
    assert data == DataConfig(text_column=("title", "body"), no_label_values=("-1", ""), header=False)


def test_an_option_wins_over_the_file_even_with_its_default_value(tmp_path):
    assert parse(["--steps", "1000", "--config", write(tmp_path, "steps: 5")]).steps == 1000


def test_the_parameters_of_a_model_are_such_a_file(tmp_path):
    stored = {"steps": 7, "random_state": 3, "verbose": True, "tensorboard": None, "views": "own", "font": ["a.ttf"]}
    parsed = parse(["--config", write(tmp_path, json.dumps(stored), "parameters.json")])
    assert (parsed.steps, parsed.seed, parsed.pooling, parsed.font) == (7, 3, "preset", (Path("a.ttf"),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stpes: 3", "unknown option 'stpes'. Did you mean 'steps'?"),
        ("xyz: 3", "unknown option 'xyz'. Options are "),
        ("steps: many", "--steps: 'many' is not a whole number."),
        ("steps: 2.5", "--steps: '2.5' is not a whole number."),
        ("steps: [1, 2]", "--steps: ['1', '2'] is not one value."),
        ("game: chess", "--game: 'chess' is not a choice; choose from "),
        ("- steps", "give one option per line, as in `steps: 500`."),
        ("header: maybe", "--header: 'maybe' is neither true nor false."),
        ("steps: [", "Give a YAML or JSON file."),
    ],
)
def test_a_mistake_in_a_file_ends_with_2_and_one_sentence(text, message, tmp_path, capsys):
    assert main(["--config", write(tmp_path, text)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_file_that_is_not_there_ends_with_2(tmp_path, capsys):
    assert main(["--config", str(tmp_path / "none.yaml")]) == 2
    assert "can't be read (No such file or directory)" in capsys.readouterr().err


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
    process = start("-m", "ganclf.train", "--help", alone=True)
    out, err = process.communicate(timeout=30)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.returncode == 0, err
    assert "usage" in out
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("train", ["--help"]),
        ("train", ["--dropout", "2"]),
        ("predict", ["--help"]),
        ("suggest", ["--help"]),
        ("suggest", ["--count", "0"]),
        ("rendering.__main__", ["--help"]),
        ("export.stock_ops.__main__", ["--help"]),
    ],
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
    process = start("-c", script, alone=True)
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
