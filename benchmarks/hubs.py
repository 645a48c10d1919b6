"""Data sets by name from TensorFlow Datasets or Hugging Face `datasets`, where these are installed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any

from benchmarks.data_set import Columns, DataSet, assemble, data_folder
from ganclf.data import Rows
from ganclf.data.column_names import LABEL_NAMES, TEXT_NAMES
from ganclf.errors import DataError

TRAIN, TEST = "train", "test"
DEV_NAMES = ("validation", "dev", "valid")
Load = Callable[..., Rows]  # name, split, columns that the user named → rows


def load_from_hub(name: str, columns: Columns, local_names: Sequence[str] = ()) -> DataSet:
    """Read a data set by its name in a hub; its test split stays closed.

    Args:
        name: as the hub has it.
        columns: named by the user; None: found by their usual names.
        local_names: data sets that need no hub, for the error message.

    Raises:
        DataError: no hub is installed, or none has the name.
    """
    problems = []
    for package, (list_splits, load) in HUBS.items():
        if not find_spec(package):
            problems.append(f"{package} is not installed")
            continue
        try:
            return _assemble(name, list_splits(name), partial(load, columns=columns))
        except DataError:
            raise
        except Exception as error:  # noqa: BLE001  whatever a hub or the network may raise
            problems.append(
                f"{package}: {type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"
            )
    raise _unknown(name, local_names, problems)


def _assemble(name: str, splits: Iterable[str], load: Callable[..., Rows]) -> DataSet:
    there = list(splits)
    if TRAIN not in there:
        raise DataError(f"{name}: no split 'train'; found {sorted(there)}. Save its rows as a CSV and give that.")
    dev = next((each for each in DEV_NAMES if each in there), None)
    test = (lambda: load(name, TEST)) if TEST in there else None
    return assemble(name, load(name, TRAIN), [], load(name, dev) if dev else None, test)


def _unknown(name: str, local_names: Sequence[str], problems: Sequence[str]) -> DataError:
    folder = data_folder()
    there = ", ".join(local_names) if folder.is_dir() else "no such folder"
    return DataError(
        f"--data {name}: no file, no folder in {folder} ({there}), and no hub has it ({'; '.join(problems)}). "
        "Give the path of a CSV, set GANCLF_DATA to the folder of data sets, or: pip install datasets"
    )


def _columns(name: str, there: Sequence[str], named: Columns) -> tuple[str, str]:
    """The text and the label column: as named, else by their usual names."""
    text = named.text or next((each for each in TEXT_NAMES if each in there), None)
    label = named.label or next((each for each in LABEL_NAMES if each in there), None)
    if text not in there or label not in there:
        raise DataError(
            f"{name}: columns {sorted(there)}. Name those with text and label: --text-column and --label-column."
        )
    return str(text), str(label)


def _rows(name: str, columns: Columns, texts: Iterable[Any], labels: Iterable[Any], names: Any) -> Rows:
    """Numbers of classes become their names; negative ones mean no label."""
    given = list(labels)
    if names:
        given = [names[int(value)] if int(value) >= 0 else None for value in given]
    return Rows([str(text) for text in texts], [_label(value) for value in given], name, columns.text or "text")


def _label(value: Any) -> str | None:
    return None if value is None else str(value).strip() or None


def _hugging_face_splits(name: str) -> list[str]:
    import datasets  # type: ignore[import-not-found,unused-ignore]

    return list(datasets.get_dataset_split_names(name))


def _load_hugging_face(name: str, split: str, columns: Columns) -> Rows:
    import datasets

    found = datasets.load_dataset(name, split=split)
    text, label = _columns(name, found.column_names, columns)
    names = getattr(found.features[label], "names", None)
    return _rows(name, Columns(text, label), found[text], found[label], names)


def _tensorflow_splits(name: str) -> list[str]:
    import tensorflow_datasets as tfds  # type: ignore[import-not-found,unused-ignore]

    builder = tfds.builder(name)
    builder.download_and_prepare()  # some data sets list their splits only after it
    return list(builder.info.splits)


def _load_tensorflow(name: str, split: str, columns: Columns) -> Rows:
    import tensorflow_datasets as tfds

    data, info = tfds.load(name, split=split, with_info=True)
    text, label = _columns(name, list(info.features), columns)
    records: list[Mapping[str, Any]] = list(tfds.as_numpy(data))
    texts = [record[text].decode("utf-8", "replace") for record in records]
    names = getattr(info.features[label], "names", None)
    return _rows(name, Columns(text, label), texts, [record[label] for record in records], names)


HUBS: dict[str, tuple[Callable[[str], list[str]], Load]] = {
    "tensorflow_datasets": (_tensorflow_splits, _load_tensorflow),
    "datasets": (_hugging_face_splits, _load_hugging_face),
}
