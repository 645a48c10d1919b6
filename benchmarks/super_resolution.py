"""Measure enlarging on drawn characters: `python -m benchmarks.super_resolution --data FOLDER --typeface song`.

The folder has characters.csv.gz (index, character, split) and an .npz of pictures per typeface. The command trains on
the characters of the split `train`, once in full and once by difference alone for as many seconds; each published model
then enlarges the characters of another split, of its own typeface and of one that it never saw. Each run appends JSON
rows: filters, sharpnesses, and what an independent reader of characters makes of them.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf

from benchmarks.glyph_reader import GlyphReader
from benchmarks.provenance import commit, log_test_use, now
from ganclf.contract import MAX_PICTURES
from ganclf.encoders.pictures.form import as_bytes, as_floats
from ganclf.errors import ConfigError, run_command

SHARPNESSES = (0.0, 0.25, 0.5, 0.75, 1.0)
MAX_EPOCHS = 10_000  # of the run that is bounded by seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.super_resolution", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="FOLDER", help="with characters.csv.gz and a .npz per typeface")
    add("--typeface", default="song", metavar="NAME", help="that is learned from (default: %(default)s)")
    add("--unseen", default="kai", metavar="NAME", help="that is enlarged too (default: %(default)s)")
    add("--final", action="store_true", help="measure on the split `test` instead of `dev`; its use is logged")
    add("--reader", type=Path, metavar="FILE", help="wheel of rapidocr-onnxruntime; default: nothing is read")
    add("--models", type=Path, required=True, metavar="FOLDER", help="for the models; those that are there are used")
    add("--seeds", type=int, nargs="+", default=[0], metavar="N", help="a run for each (default: 0)")
    add("--output", type=Path, required=True, metavar="FILE", help="JSON lines to which the rows are appended")
    add("--train", nargs=argparse.REMAINDER, default=[], metavar="OPTION", help="last: options of ganclf train")
    words = list(sys.argv[1:] if arguments is None else arguments)
    parsed = parser.parse_args(words)
    return run_command(lambda: _measure(parsed, words))


def _measure(parsed: argparse.Namespace, words: Sequence[str]) -> None:
    from ganclf.image_to_image.super_resolution.training import SHARE_OF_DIFFERENCE

    table = pd.read_csv(parsed.data / "characters.csv.gz", dtype=str)
    part = table[table["split"] == ("test" if parsed.final else "dev")]
    if parsed.final:
        log_test_use(parsed.output.parent, "python -m benchmarks.super_resolution " + " ".join(words), "glyph_pairs")
    reader = None if parsed.reader is None else GlyphReader(parsed.reader)
    idx, characters = part["index"].astype(int).to_numpy(), part["character"].tolist()
    for seed in parsed.seeds:
        whole, report = _train(parsed, table, seed, [], "game")
        seconds = report["resources"]["seconds"]
        minutes = seconds / 60.0 / SHARE_OF_DIFFERENCE
        alone = ["--adversarial-epochs", "0", "--epochs", str(MAX_EPOCHS), "--minutes", f"{minutes:.3f}"]
        alone_model, _ = _train(parsed, table, seed, alone, "difference")
        for typeface in (parsed.typeface, parsed.unseen):
            true = _pictures(parsed.data, typeface)[idx]
            for found in _rows(whole, alone_model, true, int(report["scale"])):
                row = {
                    "created": now(), "commit": commit(), "seed": seed, "learned": parsed.typeface,
                    "typeface": typeface, "split": "test" if parsed.final else "dev", "seconds": seconds,
                    **_figures(found, true),
                }  # fmt: skip
                if reader is not None:
                    readings = reader.read(1.0 - found["pictures"])  # ink is 1 in these files
                    row |= {"read": readings.accuracy(characters), "readable": readings.readable()}
                _append(parsed.output, row)


def _rows(whole: Any, alone: Any, true: np.ndarray, scale: int) -> Iterator[dict[str, Any]]:
    """Pictures by each method, from 0 to 1."""
    from ganclf.image_to_image.super_resolution.evaluation import FILTERS, by_filter
    from ganclf.image_to_image.super_resolution.networks import make_small

    yield {"method": "real pictures", "pictures": as_floats(true)}
    for name in FILTERS:
        yield {"method": name, "pictures": by_filter(name, scale)(true)}
    small = as_bytes(make_small(tf.constant(as_floats(true)), scale).numpy())
    files = [tf.io.encode_png(picture).numpy() for picture in small]
    for sharpness in SHARPNESSES:
        start = time.perf_counter()
        pictures = _convert(whole, files, sharpness)
        each = (time.perf_counter() - start) / len(files)
        yield {"method": f"sharpness {sharpness:g}", "pictures": pictures, "seconds_each": each}
    yield {"method": "difference alone, as many seconds", "pictures": _convert(alone, files, 0.0)}


def _figures(found: Mapping[str, Any], true: np.ndarray) -> dict[str, Any]:
    from ganclf.image_to_image.super_resolution.training import figures_of

    return {name: value for name, value in found.items() if name != "pictures"} | figures_of(
        found["pictures"], true
    ).to_json()


def _convert(model: Any, files: Sequence[bytes], sharpness: float) -> np.ndarray:
    made: list[bytes] = []
    for start in range(0, len(files), MAX_PICTURES):
        made += model.convert(files[start : start + MAX_PICTURES], sharpness)
    return as_floats(np.stack([tf.io.decode_png(file, channels=1).numpy() for file in made]))


def _train(
    parsed: argparse.Namespace, table: pd.DataFrame, seed: int, options: Sequence[str], name: str
) -> tuple[Any, dict[str, Any]]:
    """A published model and its report; it is trained unless it is there."""
    from ganclf import contract
    from ganclf.errors import ModelError
    from ganclf.export.published_pictures import PublishedPictures
    from ganclf.train import main as train

    base = parsed.models / f"{parsed.typeface}_{name}_{seed}"
    try:
        model = PublishedPictures(base)
    except ModelError:
        parsed.models.mkdir(parents=True, exist_ok=True)
        rows = parsed.models / f"{parsed.typeface}.csv"
        with rows.open("w", encoding="utf-8", newline="") as stream:
            learned = table[table["split"] == "train"]
            csv.writer(stream).writerows([("image",), *((index,) for index in learned["index"])])
        typeface = parsed.data / f"{parsed.typeface}.npz"
        words = ["--task", "super-resolution", "--data", str(rows), "--images", str(typeface)]
        words += ["--size", "64", "--seed", str(seed), "--output", str(base), *parsed.train, *options]
        if train(words):
            raise ConfigError(f"{base}: the training failed; the message above says why.") from None
        model = PublishedPictures(base)
    report = json.loads((model.folder / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text(encoding="utf-8"))
    return model, report


def _pictures(folder: Path, typeface: str) -> np.ndarray:
    with np.load(folder / f"{typeface}.npz") as archive:
        return archive["images"][..., np.newaxis]


def _append(output: Path, row: dict[str, Any]) -> None:
    sys.stdout.write(" ".join(f"{name}={value}" for name, value in row.items()) + "\n")
    with output.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
