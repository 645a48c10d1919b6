"""Files of word vectors: text as GloVe and word2vec write it, .npz, .parquet, or a folder of .npy and .parquet."""

from __future__ import annotations

import gzip
import zipfile
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ganclf.data.vectors import as_matrix
from ganclf.errors import ConfigError

PROBED_LINES = 20  # from which the number of numbers per line is taken
FORMS = (
    "a text file with a word and its numbers per line (.gz too), an .npz with an array of words and one of vectors, a "
    ".parquet with a column of words and columns of numbers, or a folder with an .npy and a .parquet of words"
)


def read_words(path: Path) -> tuple[list[str], np.ndarray]:
    """Read a table of word vectors.

    Args:
        path: in one of FORMS.

    Returns:
        n words, and their vectors, float32, shape [n, size].

    Raises:
        ConfigError: it is missing, or has another form.
    """
    if not path.exists():
        raise ConfigError(f"--preset {path}: no such file or folder. Give {FORMS}.")
    read = _read_folder if path.is_dir() else _READERS.get(path.suffix.lower(), _read_text)
    try:
        words, vectors = read(path)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ConfigError(f"--preset {path}: no word vectors can be read ({error}). Give {FORMS}.") from error
    if vectors.ndim != 2 or not vectors.size or len(words) != len(vectors):
        raise ConfigError(
            f"--preset {path}: {len(words):,} words and vectors of shape {list(vectors.shape)}. Give {FORMS}."
        )
    wrong = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(wrong):
        raise ConfigError(f"--preset {path}: the vector of {words[wrong[0]]!r} holds a value that is no finite number.")
    return words, vectors


def _read_text(path: Path) -> tuple[list[str], np.ndarray]:
    """Lines of a word and its numbers; a head of word2vec (two numbers) is left out, and words may hold spaces."""
    with _lines(path) as stream:
        start = list(islice(stream, PROBED_LINES))
    counts = Counter(_numbers_at_the_end(line) for line in start)
    size = counts.most_common(1)[0][0] if counts else 0
    gap = "\t" if any("\t" in line for line in start) else " "  # a word may be another blank, such as U+00A0
    if size < 2:
        raise ValueError("its lines are not a word and numbers")
    words: list[str] = []
    rows: list[np.ndarray] = []
    with _lines(path) as stream:
        for number, line in enumerate(stream, 1):
            if number == 1 and len(head := line.split()) == 2 and all(part.isdigit() for part in head):
                continue
            if not line.strip():
                continue
            parts = line.rstrip("\r\n\t ").rsplit(gap, size)
            if len(parts) != size + 1:
                raise ValueError(f"line {number} has {len(parts) - 1} numbers, others have {size}")
            words.append(parts[0])
            rows.append(np.array(parts[1:], np.float32))
    return words, np.stack(rows)


def _lines(path: Path) -> Any:
    packed = path.suffix.lower() == ".gz"
    # only line feeds end a line: some tables hold U+0085 and U+2028 as words
    return (gzip.open if packed else open)(path, "rt", encoding="utf-8", errors="replace", newline="\n")


def _numbers_at_the_end(line: str) -> int:
    parts = line.split()
    return next((number for number, part in enumerate(reversed(parts[1:])) if not _is_number(part)), len(parts) - 1)


def _is_number(part: str) -> bool:
    try:
        float(part)
    except ValueError:
        return False
    return True


def _read_npz(path: Path) -> tuple[list[str], np.ndarray]:
    with np.load(path, allow_pickle=False) as stored:
        arrays = [stored[name] for name in stored.files]
    words = [array for array in arrays if array.ndim == 1 and array.dtype.kind in "US"]
    vectors = [array for array in arrays if array.ndim == 2 and array.dtype.kind in "fiu"]
    if len(words) != 1 or len(vectors) != 1:
        raise ValueError("not one array of strings and one of numbers of shape [words, size]")
    strings = np.char.decode(words[0], "utf-8") if words[0].dtype.kind == "S" else words[0]
    return strings.tolist(), vectors[0].astype(np.float32)


def _read_parquet(path: Path) -> tuple[list[str], np.ndarray]:
    words, rest = _columns(path)
    return words, as_matrix(rest).astype(np.float32)


def _columns(path: Path) -> tuple[list[str], list[Any]]:
    """The one column of words, and the others."""
    import pyarrow
    import pyarrow.parquet

    columns = [column.combine_chunks() for column in pyarrow.parquet.read_table(path).columns]
    is_words = [pyarrow.types.is_string(each.type) or pyarrow.types.is_large_string(each.type) for each in columns]
    if sum(is_words) != 1:
        raise ValueError(f"{path.name} has {sum(is_words)} columns of strings, not one")
    words = columns[is_words.index(True)].to_pylist()
    if None in words:
        raise ValueError(f"row {words.index(None) + 1} of {path.name} has no word")
    return words, [each for each, of_words in zip(columns, is_words, strict=True) if not of_words]


def _read_folder(folder: Path) -> tuple[list[str], np.ndarray]:
    for place in (folder, *_subfolders(folder)):
        arrays, tables = list(place.glob("*.npy")), list(place.glob("*.parquet"))
        if len(arrays) == 1 and len(tables) == 1:
            vectors = np.load(arrays[0], allow_pickle=False)
            if vectors.dtype.kind not in "fiu":
                raise ValueError(f"{arrays[0].name} holds no numbers")
            return _columns(tables[0])[0], vectors.astype(np.float32)
    raise ValueError("no folder there with one .npy and one .parquet file")


def _subfolders(folder: Path) -> Iterator[Path]:
    """Two levels: of an unpacked wheel the package and its data."""
    for pattern in ("*/", "*/*/"):
        yield from sorted(folder.glob(pattern))


_READERS = {".npz": _read_npz, ".parquet": _read_parquet}
