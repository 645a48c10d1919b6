"""The command that measures text generation: its options; a run of it takes minutes."""

import pytest

from benchmarks.text_generation import main


def test_help_names_the_data_and_the_seeds(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert {"--data", "--test", "--seeds", "--output"} <= set(capsys.readouterr().out.replace("\n", " ").split())


def test_a_file_that_is_not_there_is_a_sentence(tmp_path, capsys):
    assert main(["--data", str(tmp_path / "no.csv"), "--output", str(tmp_path / "rows.jsonl")]) == 2
    assert "no.csv" in capsys.readouterr().err
