"""Measure drawing from words: `python -m benchmarks.text_to_image --output docs/results/text_to_image`.

Trains by the task's own parts, draws the dev texts, or with --final the test texts once, in every way that a run
compares, and scores these beside the nearest name by judges that learned from real pairs alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.data_set import data_folder
from benchmarks.picture_judges import CHOICES, SlashCheck, TwoTowers
from benchmarks.provenance import commit, log_test_use, now
from ganclf.config.devices import peak_memory_bytes
from ganclf.config.images import ImageDataConfig
from ganclf.encoders.pictures.parts import load_image_data
from ganclf.errors import run_command
from ganclf.evaluation.image_metrics import INK, patch_frechet
from ganclf.evaluation.intervals import proportion_interval
from ganclf.evaluation.picture_sheets import draw_sheet
from ganclf.export.checkpoints import Checkpoint
from ganclf.text_to_image.config import IllustrateConfig
from ganclf.text_to_image.drawing import HeldOut
from ganclf.text_to_image.evaluation import NEAREST
from ganclf.text_to_image.pairs import Reader
from ganclf.text_to_image.pipeline import with_texts
from ganclf.text_to_image.served import ServedDrawer
from ganclf.text_to_image.training import PICKED, Players, Training

TABLES = {"mdi_icons": "images.npz", "emoji": "google.npz", "silk_icons": "images.npz"}
DRAWS = 2_000  # of the bootstrap
SLASH = "off"  # a word that is drawn as a slash, in mdi_icons
REPEATS = 20  # of the request whose time is measured
REAL = "real pictures"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.text_to_image", description=__doc__)
    add = parser.add_argument
    add("--data", default="mdi_icons", choices=TABLES, help="data set (default: %(default)s)")
    add("--text-column", default="text", help="column of the texts (default: %(default)s)")
    add("--size", type=int, default=32, help="pixels of a side (default: %(default)s)")
    add("--final", action="store_true", help="score on the test part; default: on the dev part")
    for name, kind in (("epochs", int), ("matching-epochs", int), ("adversarial-epochs", int), ("width", int),
                       ("adversarial-weight", float), ("minutes", float), ("batch-size", int)):  # fmt: skip
        add(
            f"--{name}",
            type=kind,
            help=f"as of ganclf train (default: {getattr(IllustrateConfig(), name.replace('-', '_'))})",
        )
    add("--references", default=IllustrateConfig().references, help="as of ganclf train (default: %(default)s)")
    add("--seed", type=int, default=0, metavar="N", help="random seed (default: %(default)s)")
    add("--work", type=Path, metavar="FOLDER", help="where the training is kept, to go on after a break")
    add("--output", type=Path, required=True, metavar="NAME", help="NAME.jsonl, NAME.md and NAME.png are written")
    parsed = parser.parse_args(arguments)
    words = list(sys.argv[1:] if arguments is None else arguments)
    return run_command(lambda: _measure(parsed, words))


def _measure(parsed: argparse.Namespace, words: Sequence[str]) -> None:
    folder = data_folder() / parsed.data
    start = time.perf_counter()
    data = ImageDataConfig(
        data=(folder / "captions.csv.gz",), images=folder / TABLES[parsed.data], size=parsed.size,
        text_column=parsed.text_column,
    )  # fmt: skip
    options = (
        "epochs",
        "matching_epochs",
        "adversarial_epochs",
        "width",
        "adversarial_weight",
        "minutes",
        "batch_size",
    )
    given = {name: value for name in options if (value := getattr(parsed, name)) is not None}
    config = IllustrateConfig(references=parsed.references, seed=parsed.seed, **given)
    images = load_image_data(data, 0)
    train, held_out = with_texts(images.train), with_texts(images.held_out)
    texts = train.pictures.texts
    reader = Reader(texts, train.pixels, config.max_words)
    pairs, others = reader.training_pairs(texts, train.groups), reader.pairs(held_out.pictures.texts, held_out.pixels)
    training = Training(config, reader, pairs, others, Checkpoint(parsed.work, asdict(config)))
    players = training.run()
    seconds = time.perf_counter() - start
    command = " ".join(["python -m benchmarks.text_to_image", *words])
    if parsed.final:
        log_test_use(parsed.output.parent, command, parsed.data)
    chosen = with_texts(images.test) if parsed.final else held_out
    judged = chosen.pictures.texts
    part = HeldOut(reader.pairs(judged, chosen.pixels))
    methods = {name: draw() for name, draw in _methods(players, part, reader).items()}
    judges = TwoTowers(texts, train.pixels)
    slash = None
    if parsed.data == "mdi_icons":
        slash = SlashCheck(train.pixels / np.float32(255.0), _has_slash(texts))
    report = {
        "created": now(), "commit": commit(), "command": command, "data_set": parsed.data,
        "part": "test" if parsed.final else "dev", "texts": len(judged), "configuration": asdict(config),
        "seconds": seconds, "peak_memory_bytes": peak_memory_bytes(), "notes": players.notes,
        "weights": players.best.generator.count_params(), "milliseconds_of_a_request": _milliseconds(players),
        "history": {name: asdict(history) for name, history in players.histories.items()},
        "rows": [_row(name, drawn, methods[NEAREST], part.true, judged, judges, slash)
                 for name, drawn in methods.items()],
    }  # fmt: skip
    _write(parsed.output, report)
    every = np.linspace(0, len(judged) - 1, 16).astype(int)
    draw_sheet({name: drawn[every] for name, drawn in methods.items()}, parsed.output.with_suffix(".png"), len(every))
    print(_table(report), *players.notes, *(judged[place] for place in every), sep="\n")


def _methods(players: Players, part: HeldOut, reader: Reader) -> dict[str, Callable[[], np.ndarray]]:
    """Pictures of each way, from 0 to 1."""
    found: dict[str, Callable[[], np.ndarray]] = {REAL: lambda: part.true, NEAREST: lambda: part.nearest(reader)}
    drawers = {"without references": players.alone, "without the game": players.plain, "with the game": players.played}
    for name, drawer in drawers.items():
        if drawer is None:
            continue
        found[name] = partial(part.draw, drawer)
        if drawer.discriminator is not None:
            found[f"{name}, 1 of {PICKED}"] = partial(part.draw, drawer, candidates=PICKED)
    return found


def _row(
    name: str, drawn: np.ndarray, nearest: np.ndarray, true: np.ndarray, texts: Sequence[str], judges: TwoTowers,
    slash: SlashCheck | None,
) -> dict[str, Any]:  # fmt: skip
    """Figures of one way; intervals are of the difference from the nearest name, over the same texts."""
    ious, found = _ious(drawn, true), judges.found(drawn, texts)
    row = {
        "method": name, "iou": float(ious.mean()), "l1": float(np.abs(drawn - true).mean()),
        "patch_frechet": patch_frechet(drawn, true), "r_precision": float(found.mean()),
        "iou_over_nearest": _difference(ious, _ious(nearest, true)),
        "r_precision_over_nearest": _difference(found, judges.found(nearest, texts)),
    }  # fmt: skip
    if slash is not None:
        asked, crossed = _has_slash(texts), slash(drawn)
        row["slash_where_asked"] = asdict(proportion_interval(int(crossed[asked].sum()), int(asked.sum())))
        row["slash_elsewhere"] = float(crossed[~asked].mean())
    return row


def _ious(drawn: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Of each picture; what is drawn is the rarer half of the values."""
    is_bright = float(true.mean()) < INK
    inks = [(each.mean(axis=3) > INK) == is_bright for each in (drawn, true)]
    both, either = (op(*inks).sum(axis=(1, 2)) for op in (np.logical_and, np.logical_or))
    return np.where(either > 0, both / np.maximum(either, 1), 1.0)


def _difference(ours: np.ndarray, theirs: np.ndarray) -> list[float]:
    """Mean of ours - theirs, and its 95 % interval by the bootstrap over texts."""
    differences = ours.astype(float) - theirs.astype(float)
    random = np.random.default_rng(0)
    means = differences[random.integers(0, len(differences), (DRAWS, len(differences)))].mean(axis=1)
    return [float(differences.mean()), *map(float, np.quantile(means, (0.025, 0.975)))]


def _has_slash(texts: Sequence[str]) -> np.ndarray:
    return np.array([SLASH in text.lower().split() for text in texts], bool)


def _milliseconds(players: Players) -> dict[str, float]:
    """Median time of a request of one picture, of 1 and of PICKED candidates, in this process."""
    served = ServedDrawer(players.best)
    found = {}
    for count in (1, PICKED):
        request = {name: tf.constant(values) for name, values in served.request(["a new text"], [0], [count]).items()}
        served.draw(**request)
        times = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            served.draw(**request)
            times.append(1000.0 * (time.perf_counter() - start))
        found[str(count)] = statistics.median(times)
    return found


def _table(report: dict[str, Any]) -> str:
    names = ("IoU", "over the nearest name", "L1", "Fréchet", f"R-precision of {CHOICES}", "over the nearest name",
             f"slash where “{SLASH}”", "slash elsewhere")  # fmt: skip
    lines = ["| method | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for row in report["rows"]:
        iou, precision = (
            "{:+.3f} ({:+.3f} to {:+.3f})".format(*row[name])
            for name in ("iou_over_nearest", "r_precision_over_nearest")
        )
        asked = row.get("slash_where_asked")
        slash = (
            (f"{100 * asked['mean']:.0f} % of {asked['count']}", f"{100 * row['slash_elsewhere']:.1f} %")
            if asked
            else ("", "")
        )
        cells = (f"{row['iou']:.3f}", iou, f"{row['l1']:.4f}", f"{row['patch_frechet']:.3f}",
                 f"{100 * row['r_precision']:.1f} %", precision, *slash)  # fmt: skip
        lines.append(f"| {row['method']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _write(output: Path, report: dict[str, Any]) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.with_suffix(".jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(report, ensure_ascii=False) + "\n")
    notes = "\n".join(f"- {note}" for note in report["notes"])
    text = (
        f"# Pictures from words: {report['data_set']}, {report['part']}\n\n`{report['command']}`\n\n"
        f"{_table(report)}\n\n"
        f"{report['seconds']:.0f} s, {report['weights']:,} weights of the generator; a request takes "
        f"{report['milliseconds_of_a_request']['1']:.0f} ms, of {PICKED} candidates "
        f"{report['milliseconds_of_a_request'][str(PICKED)]:.0f} ms.\n\n{notes}\n"
    )
    output.with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
