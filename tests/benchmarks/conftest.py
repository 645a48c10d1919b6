import pytest
from colors import write_rows


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A data set called colors whose test part can't be read, found through GANCLF_DATA."""
    monkeypatch.setenv("GANCLF_DATA", str(tmp_path / "data"))
    place = tmp_path / "data" / "colors"
    place.mkdir(parents=True)
    write_rows(place / "train.csv", 60, 1)
    write_rows(place / "unlabeled.csv", 30, 2, label=False)
    (place / "test.csv").mkdir()
    return place
