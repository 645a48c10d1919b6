"""Measure translation without pairs: `python -m benchmarks.picture_translation --data FOLDER --kinds hei song`.

The folder has an .npz of pictures per kind, of which row i shows the same in all, and a table that says the split of
each: characters.csv.gz (index, character, split) or captions.csv.gz (index, codepoints, split). The first kind is
learned from one half of the split `train`, the second from the other half: no picture has its partner among those that
are learned from. The published model translates the pictures of another split, in both directions. A row per method is
appended as JSON: copies, shift, morphology, the model, the same network trained on all pairs of `train` as a ceiling,
and real pictures, with what an independent reader makes of characters.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from benchmarks.glyph_reader import GlyphReader
from benchmarks.provenance import commit, log_test_use, now
from ganclf.contract import MAX_PICTURES
from ganclf.encoders.pictures.form import as_bytes, as_floats
from ganclf.errors import ConfigError, run_command

TABLES = ("characters.csv.gz", "captions.csv.gz")
PAPER = 255  # under transparent pictures
PAIRED_RATE = 1e-3  # of Adam at the start, for the network of pairs
PAIRED_BATCH = 32


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.picture_translation", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="FOLDER", help="with a table and an .npz per kind")
    add("--kinds", nargs=2, default=["hei", "song"], metavar="NAME", help="from which, and into which")
    add(
        "--size",
        type=int,
        default=32,
        metavar="N",
        help="pixels of a side; pictures are made smaller by means of squares",
    )
    add("--ink", action="store_true", help="the arrays have 255 for ink, not for paper")
    add("--final", action="store_true", help="measure on the split `test` instead of `dev`; its use is logged")
    add("--reader", type=Path, metavar="FILE", help="wheel of rapidocr-onnxruntime; default: nothing is read")
    add("--paired-epochs", type=int, default=0, metavar="N", help="of the network of pairs; default: there is none")
    add("--models", type=Path, required=True, metavar="FOLDER", help="for the models; those that are there are used")
    add("--seeds", type=int, nargs="+", default=[0], metavar="N", help="a run for each (default: 0)")
    add("--output", type=Path, required=True, metavar="FILE", help="JSON lines to which the rows are appended")
    add("--train", nargs=argparse.REMAINDER, default=[], metavar="OPTION", help="last: options of ganclf train")
    words = list(sys.argv[1:] if arguments is None else arguments)
    parsed = parser.parse_args(words)
    return run_command(lambda: _measure(parsed, words))


def _measure(parsed: argparse.Namespace, words: Sequence[str]) -> None:
    file = next((parsed.data / name for name in TABLES if (parsed.data / name).is_file()), None)
    if file is None:
        raise ConfigError(f"--data {parsed.data}: there is none of {', '.join(TABLES)} in the folder.")
    table = pd.read_csv(file, dtype=str)
    if parsed.final:
        command = "python -m benchmarks.picture_translation " + " ".join(words)
        log_test_use(parsed.output.parent, command, parsed.data.name)
    split = "test" if parsed.final else "dev"
    reader = None if parsed.reader is None else GlyphReader(parsed.reader)
    pictures = [_pictures(parsed, name) for name in parsed.kinds]
    idx = {part: np.flatnonzero(table["split"] == part) for part in ("train", "dev", split)}
    characters = table["character"].iloc[idx[split]].tolist() if reader else []
    for seed in parsed.seeds:
        model, report = _train(parsed, table, pictures, idx, seed)
        for direction in range(2):
            ordered = pictures if direction == 0 else pictures[::-1]
            given, real = (each[idx[split]] for each in ordered)
            common = {
                "created": now(), "commit": commit(), "seed": seed, "from": parsed.kinds[direction],
                "to": parsed.kinds[1 - direction], "size": parsed.size, "split": split,
                "seconds": report["resources"]["seconds"],
            }  # fmt: skip
            for method, translate in _methods(parsed, model, ordered, idx, direction, seed).items():
                start = time.perf_counter()
                made = real / np.float32(255) if method == "real" else translate(given)
                row = {**common, "method": method, "seconds_each": (time.perf_counter() - start) / len(given)}
                row |= _figures(made, given, real)
                if reader is not None:
                    readings = reader.read(made)
                    row |= {"read": readings.accuracy(characters), "readable": readings.readable()}
                _append(parsed.output, row)


def _figures(made: np.ndarray, given: np.ndarray, real: np.ndarray) -> dict[str, float]:
    from ganclf.image_to_image.translation.training import figures_of

    pairs = np.stack([np.arange(len(real))] * 2, axis=1)
    return figures_of(made, given, real, pairs, None).to_json()


def _methods(
    parsed: argparse.Namespace, model: Any, pictures: Sequence[np.ndarray], idx: Mapping[str, np.ndarray],
    direction: int, seed: int,
) -> dict[str, Callable[[np.ndarray], np.ndarray]]:  # fmt: skip
    """What translates, in one direction; simple methods are fitted to the pairs of `dev`."""
    from ganclf.encoders.pictures.form import Form
    from ganclf.image_to_image.translation.evaluation import simple_methods
    from ganclf.image_to_image.translation.kinds import Kind, Kinds

    held_out = [Kind(name, each[:0], each[idx["dev"]], each[:0]) for name, each in zip("ab", pictures, strict=True)]
    pairs = np.stack([np.arange(len(idx["dev"]))] * 2, axis=1)
    form = Form(parsed.size, pictures[0].shape[3])
    kinds = Kinds(form, held_out[0], held_out[1], pairs, pairs, {}, ("a", "b"))
    methods: dict[str, Callable[[np.ndarray], np.ndarray]] = {"real": as_floats, **simple_methods(kinds, 0)}
    target = parsed.kinds[1 - direction]
    methods["this model"] = lambda given: _convert(model, given, target)
    if parsed.paired_epochs:
        methods["network of pairs"] = _paired(parsed, [each[idx["train"]] for each in pictures], seed)
    return methods


def _convert(model: Any, given: np.ndarray, target: str) -> np.ndarray:
    files = [tf.io.encode_png(picture).numpy() for picture in given]
    made: list[bytes] = []
    for start in range(0, len(files), MAX_PICTURES):
        made += model.convert(files[start : start + MAX_PICTURES], target=target)
    channels = given.shape[3]
    return as_floats(np.stack([tf.io.decode_png(file, channels=channels).numpy() for file in made]))


def _paired(
    parsed: argparse.Namespace, pictures: Sequence[np.ndarray], seed: int
) -> Callable[[np.ndarray], np.ndarray]:  # fmt: skip
    """The same network with the least mean difference on pairs: what could be reached if there were any."""
    from ganclf.image_to_image.translation.config import TranslationConfig
    from ganclf.image_to_image.translation.networks import UNet

    config = TranslationConfig()
    network = UNet(pictures[0].shape[3], config.width, config.blocks, seed)
    steps = parsed.paired_epochs * (len(pictures[0]) // PAIRED_BATCH)
    network.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(PAIRED_RATE, steps)), loss="mae")
    given, real = (as_floats(each) for each in pictures)
    keras.utils.set_random_seed(seed)
    network.fit(given, real, batch_size=PAIRED_BATCH, epochs=parsed.paired_epochs, verbose=0)
    return lambda shown: np.clip(network.predict(as_floats(shown), verbose=0), 0.0, 1.0)


def _train(
    parsed: argparse.Namespace, table: pd.DataFrame, pictures: Sequence[np.ndarray], idx: Mapping[str, np.ndarray],
    seed: int,
) -> tuple[Any, dict[str, Any]]:  # fmt: skip
    """A published model and its report; it is trained unless it is there."""
    from ganclf import contract
    from ganclf.errors import ModelError
    from ganclf.export.published_pictures import PublishedPictures
    from ganclf.train import main as train

    base = parsed.models / f"{'_'.join(parsed.kinds)}_{parsed.size}_{seed}"
    try:
        model = PublishedPictures(base)
    except ModelError:
        halves = np.array_split(np.random.default_rng(0).permutation(idx["train"]), 2)
        folders = []
        for name, each, half in zip(parsed.kinds, pictures, halves, strict=True):
            folders.append(parsed.models / f"of_{parsed.size}" / "_".join(parsed.kinds) / name)
            _write_table(folders[-1], each, half, idx["dev"], table)
        words = ["--task", "image-to-image", "--data", *(str(folder / f"{folder.name}.csv") for folder in folders)]
        words += ["--size", str(parsed.size), "--seed", str(seed), "--output", str(base), *parsed.train]
        if train(words):
            raise ConfigError(f"{base}: the training failed; the message above says why.") from None
        model = PublishedPictures(base)
    report = json.loads((model.folder / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text(encoding="utf-8"))
    return model, report


def _write_table(folder: Path, pictures: np.ndarray, half: np.ndarray, dev: np.ndarray, table: pd.DataFrame) -> None:
    """Pictures with their parts: a half of `train`; `dev` is held out, and its pairs are the test of the report."""
    folder.mkdir(parents=True, exist_ok=True)
    middle = len(dev) // 2
    lines = ["image,text,split"]
    for part, numbers in (("train", half), ("dev", dev[:middle]), ("test", dev[middle:])):
        for number in numbers.tolist():
            tf.io.write_file(str(folder / f"{number}.png"), tf.io.encode_png(pictures[number]))
            lines.append(f"{number}.png,{number},{part}")
    (folder / f"{folder.name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _pictures(parsed: argparse.Namespace, name: str) -> np.ndarray:
    """Of a kind, on white, made smaller by the mean of squares; uint8 [pictures, size, size, channels]."""
    with np.load(parsed.data / f"{name}.npz") as archive:
        whole = archive["images"]
    values = whole[..., np.newaxis] if whole.ndim == 3 else whole
    if values.shape[3] == 4:
        alpha = values[..., 3:].astype(np.float32) / 255.0
        values = values[..., :3] * alpha + PAPER * (1.0 - alpha)
    if parsed.ink:
        values = 255 - values
    count, side, _, channels = values.shape
    times = side // parsed.size
    if times * parsed.size != side:
        raise ConfigError(f"--size {parsed.size}: the pictures have {side} pixels; give a part of that.")
    squares = values.reshape(count, parsed.size, times, parsed.size, times, channels)
    return as_bytes(squares.mean(axis=(2, 4), dtype=np.float32) / 255.0)


def _append(output: Path, row: dict[str, Any]) -> None:
    sys.stdout.write(" ".join(f"{name}={value}" for name, value in row.items()) + "\n")
    with output.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
