"""Version folders as TF Serving reads them."""

from pathlib import Path

import pytest

from ganclf.contract import version_number
from ganclf.errors import ModelError
from ganclf.export.versions import newest, next_version, versions


@pytest.fixture
def base(tmp_path) -> Path:
    for name in ("2", "10", "9"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "saved_model.pb").touch()
    (tmp_path / "11").mkdir()  # broken: no model in it
    for name in (".publishing-77", "notes", "12.old", "-13"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "saved_model.pb").touch()
    return tmp_path


def test_versions_are_whole_models_whose_name_is_a_number_lowest_first(base):
    assert list(versions(base)) == [2, 9, 10]
    assert versions(base)[10] == base / "10"


def test_the_newest_is_the_highest_whole_one(base):
    assert newest(base) == base / "10"


def test_a_version_itself_is_the_newest(base):
    assert newest(base / "2") == base / "2"


def test_the_next_number_is_above_a_gap_and_above_a_broken_folder(base):
    assert next_version(base) == 12


def test_the_next_number_is_above_a_file_of_that_name(base):
    (base / "40").touch()
    assert next_version(base) == 41


def test_the_first_number_is_1(tmp_path):
    assert next_version(tmp_path) == next_version(tmp_path / "none") == 1


@pytest.mark.parametrize("folder", ["11", "notes/none"])
def test_without_a_model_the_error_names_folder_and_command(base, folder):
    with pytest.raises(ModelError, match=rf"{folder}: no published model.*ganclf.train --output .*{folder}"):
        newest(base / folder)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("1", True), ("0007", True), (str(2**63 - 1), True), (str(2**63), False), ("-1", False), ("", False),
     ("1a", False), ("٣", False), ("²", False), ("9" * 5000, False)],
)  # fmt: skip
def test_a_version_is_named_by_the_digits_of_an_int64(name, is_one):
    assert (version_number(name) is not None) is is_one
