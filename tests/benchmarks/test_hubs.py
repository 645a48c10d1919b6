import sys
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import hubs
from benchmarks.data_set import Columns
from ganclf.errors import DataError


class Column(dict):
    """As much of a Hugging Face dataset as is used."""

    column_names = ("text", "label")
    features = {"text": None, "label": SimpleNamespace(names=["neg", "pos"])}  # noqa: RUF012


@pytest.fixture
def asked(monkeypatch):
    """A stand-in for the package `datasets`; the splits that were opened."""
    opened: list[str] = []

    def load_dataset(name, split):
        opened.append(split)
        return Column(text=["a", "b", "c"], label=[0, 1, -1])

    module = SimpleNamespace(
        load_dataset=load_dataset, get_dataset_split_names=lambda name: ["train", "test"] if name == "films" else 1 / 0
    )
    monkeypatch.setitem(sys.modules, "datasets", module)
    monkeypatch.setattr(hubs, "find_spec", lambda package: package == "datasets" or None)
    return opened


def test_hugging_face_rows_have_their_labels_by_name_and_the_test_split_stays_closed(asked):
    data = hubs.load_from_hub("films", Columns())
    assert (data.texts, data.labels) == (["a", "b", "c"], ["neg", "pos", None])
    assert asked == ["train"]
    assert data.read_test().labels == ["neg", "pos", None]
    assert asked == ["train", "test"]


def test_columns_with_unusual_names_have_to_be_named(asked):
    with pytest.raises(DataError, match="--text-column"):
        hubs.load_from_hub("films", Columns(text="plot"))


def test_a_name_that_no_hub_has_is_said_with_the_reason(asked):
    with pytest.raises(DataError, match=r"datasets: ZeroDivisionError.*CSV"):
        hubs.load_from_hub("unknown", Columns())


def test_tensorflow_datasets_records_are_decoded(monkeypatch):
    info = SimpleNamespace(
        splits={"train": None, "validation": None},
        features={"sentence": None, "label": SimpleNamespace(names=["no", "yes"])},
    )
    records = [{"sentence": "é".encode(), "label": np.int64(1)}, {"sentence": b"f", "label": np.int64(0)}]
    module = SimpleNamespace(
        builder=lambda name: SimpleNamespace(info=info, download_and_prepare=lambda: None),
        load=lambda name, split, with_info: (records, info),
        as_numpy=lambda data: iter(data),
    )
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", module)
    monkeypatch.setattr(hubs, "find_spec", lambda package: package == "tensorflow_datasets" or None)
    data = hubs.load_from_hub("glue", Columns())
    assert (data.texts, data.labels) == (["é", "f"], ["yes", "no"])
    assert data.dev.texts == ["é", "f"]
    assert data.read_test is None
