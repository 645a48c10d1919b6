"""python -m benchmarks.reading measures each reader in processes of its own."""

import csv

import pytest

from benchmarks.reading import LANGUAGES, READERS, main, write_file


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_has_texts_with_and_without_quotes(language, tmp_path):
    write_file(tmp_path / "rows.csv", language, 200)
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert (header, len(rows)) == (["text", "label"], 200)
    assert 20 < sum("," in text for text, _ in rows) < 120
    assert all(80 <= len(text) <= 101 for text, _ in rows)
    assert all(text.isascii() == (language == "ASCII") for text, _ in rows)


@pytest.mark.slow
def test_each_reader_is_measured(capsys):
    assert main(["--rows", "2000", "--rounds", "1"]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["texts", "reader", "seconds", "ratio", "MB", "ratio"]
    assert [tuple(line.split()[:2]) for line in lines] == [(name, reader) for name in LANGUAGES for reader in READERS]
