"""Measure drawing on characters of several typefaces: `python -m benchmarks.image_generation --data FOLDER`.

The folder has characters.csv.gz (index, character, split) and an .npz of pictures per typeface, which are the labels.
Each game plays for as many minutes, on networks of the same form and with the same features, and so does a variational
autoencoder; what they draw is compared with the characters of another split, and read by an independent reader of
characters. Each method appends a JSON row as soon as it is measured; one that has a row is not measured again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.glyph_reader import GlyphReader
from benchmarks.provenance import commit, log_test_use, now
from ganclf.errors import run_command

GAMES = ("r3gan", "dcgan", "wgan-gp")
REAL, AUTOENCODER, COMPONENTS = "real training pictures", "variational autoencoder", "principal components"
STEPS_PER_REPORT = 100  # of the discriminator: a training ends soon after its minutes
HELD_OUT = 170  # training characters that end the trainings
ROW_SEED = 1234  # of the held-out characters
COLUMNS = {
    "frechet": "FD", "vgg_frechet": "FD (VGG)", "kernel": "KID", "precision": "precision", "recall": "recall",
    "density": "density", "coverage": "coverage", "ratio": "distance to train", "copies": "copies",
    "readable": "readable", "steps": "steps", "cpu_seconds": "CPU s",
}  # fmt: skip
Draw = Callable[[np.ndarray], np.ndarray]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.image_generation", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="FOLDER", help="with characters.csv.gz and a .npz per typeface")
    add("--typefaces", nargs="+", default=["hei", "kai", "song"], metavar="NAME", help="the labels")
    add("--side", type=int, default=32, metavar="N", help="pixels, to which pictures are made smaller")
    add("--games", nargs="*", default=list(GAMES), choices=GAMES, help="default: all")
    add("--minutes", type=float, default=8.0, metavar="N", help="of each training (default: %(default)s)")
    add("--width", type=int, default=24, metavar="N", help="of the networks (default: %(default)s)")
    add("--seeds", type=int, nargs="+", default=[0], metavar="N", help="of the trainings (default: 0)")
    add("--max-rows", type=int, default=10_000, metavar="N", help="pictures that are compared, at most")
    add("--final", action="store_true", help="measure on the split `test` instead of `dev`; its use is logged")
    add("--reader", type=Path, metavar="FILE", help="wheel of rapidocr-onnxruntime; default: nothing is read")
    add("--work", type=Path, required=True, metavar="FOLDER", help="for trainings in the making, weights and sheets")
    add("--output", type=Path, required=True, metavar="FILE", help="JSON lines; a .md beside it is made of them")
    words = list(sys.argv[1:] if arguments is None else arguments)
    parsed = parser.parse_args(words)
    return run_command(lambda: _measure(parsed, words))


def _measure(parsed: argparse.Namespace, words: Sequence[str]) -> None:
    from ganclf.export.checkpoints import Checkpoint
    from ganclf.image_generation.config import DrawConfig
    from ganclf.image_generation.training import Training

    part = "test" if parsed.final else "dev"
    if parsed.final:
        log_test_use(parsed.output.parent, "python -m benchmarks.image_generation " + " ".join(words), parsed.data.name)
    train, held_out, compared = _pictures(parsed, part)
    compared = compared.sample(parsed.max_rows, ROW_SEED)
    classes = len(parsed.typefaces)
    config = DrawConfig(width=parsed.width, minutes=parsed.minutes, steps=1_000_000)
    first = Training(config, train, held_out, classes, Checkpoint(parsed.work / "features", {}))
    judge = Judge(parsed, first, compared)
    done = [(row["method"], row["seed"]) for row in _rows(parsed.output) if row["split"] == part]
    for seed in parsed.seeds:
        for name in (REAL, COMPONENTS, AUTOENCODER, *parsed.games):
            if (name, seed) in done:
                continue
            start, cpu = time.perf_counter(), time.process_time()
            draw, found = _trained(parsed, name, seed, first, judge)
            found |= {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - cpu}
            row = {
                "created": now(), "commit": commit(), "method": name, "seed": seed, "split": part,
                "minutes": parsed.minutes, "width": parsed.width, **found, **judge.figures(draw, name, seed),
            }  # fmt: skip
            _append(parsed.output, row)
            parsed.output.with_suffix(".md").write_text(summary(_rows(parsed.output)), encoding="utf-8")


def _trained(
    parsed: argparse.Namespace, name: str, seed: int, first: Any, judge: Judge
) -> tuple[Draw, dict[str, Any]]:  # fmt: skip
    """What a method draws, and figures of its training."""
    from dataclasses import replace

    from ganclf.encoders.pictures.form import as_floats
    from ganclf.export.checkpoints import Checkpoint
    from ganclf.image_generation.baselines import principal_components, variational_autoencoder
    from ganclf.image_generation.game import RECIPES
    from ganclf.image_generation.networks import weights_of
    from ganclf.image_generation.training import Training, drawing, latents_of

    if name == REAL:
        return lambda asked: as_floats(first.train.sample(len(asked), seed).pixels), {}
    if name == COMPONENTS:
        return principal_components(first.train, first.classes, seed), {}
    game = name if name in GAMES else first.config.game
    steps = STEPS_PER_REPORT // RECIPES[game].updates
    config = replace(first.config, seed=seed, game=game, steps_per_report=steps, patience=10_000)
    checkpoint = Checkpoint(parsed.work / f"{name}-{seed}", {})
    training = Training(config, first.train, first.held_out, first.classes, checkpoint)
    if name == AUTOENCODER:
        return variational_autoencoder(training, parsed.minutes), {}
    drawn = training.play(judge.features)
    draw = drawing(drawn.generator)
    reports = max(map(len, drawn.history.losses.values()))
    found = {
        "steps": reports * config.steps_per_report, "best_step": drawn.history.best_epoch * config.steps_per_report,
        "weights": weights_of([drawn.generator]), "message": drawn.history.message, "scores": drawn.history.scores,
    }  # fmt: skip
    return lambda asked: draw(latents_of(len(asked), config.latent, seed + 7), asked), found


class Judge:
    """Compares what methods draw with real pictures.

    Args:
        parsed: arguments of the command.
        first: a training, by whose features pictures are compared.
        compared: real pictures that no method learned from.
    """

    def __init__(self, parsed: argparse.Namespace, first: Any, compared: Any) -> None:
        from ganclf.encoders.pictures.form import as_floats
        from ganclf.evaluation.image_features import has_vgg, vgg_features

        self.features = first.fit_features()
        self._compared, self._work = compared, parsed.work
        self._train = as_floats(first.train.pixels)
        real = as_floats(compared.pixels)
        self._spaces = {"": self.features}
        if has_vgg():
            self._spaces["vgg_"] = vgg_features(as_floats(first.train.sample(2000, 0).pixels))
        self._real = {name: features(real) for name, features in self._spaces.items()}
        self._train_features = self.features(self._train)
        self._reader = None if parsed.reader is None else GlyphReader(parsed.reader)

    def figures(self, draw: Draw, name: str, seed: int) -> dict[str, Any]:
        """Of as many pictures of each label as the real ones have; a sheet of some is written, too."""
        from ganclf.evaluation.image_distributions import compare_features, memorization
        from ganclf.evaluation.picture_sheets import draw_sheet

        pictures = draw(self._compared.classes)
        found: dict[str, Any] = {"compared": len(pictures)}
        for space, features in self._spaces.items():
            distance = compare_features(features(pictures), self._real[space], seed)
            found |= {f"{space}{key}": value for key, value in distance.to_json().items()}
        own = self.features(pictures)
        if name != REAL:
            found |= memorization(own, self._train_features, self._real[""]).to_json()
        if self._reader is not None:
            found["readable"] = self._reader.read(1.0 - pictures).readable()  # ink is 1 in these files
        lines = {str(number): 1.0 - pictures[self._compared.classes == number][:12] for number in range(3)}
        draw_sheet(lines, self._work / f"{name.replace(' ', '_')}-{seed}.png", 12)
        return found


def _pictures(parsed: argparse.Namespace, part: str) -> tuple[Any, Any, Any]:
    """Pictures to learn from, held-out ones, and those of a split; the held-out ones are training characters."""
    from ganclf.image_generation.training import Rows

    table = pd.read_csv(parsed.data / "characters.csv.gz", dtype=str)
    learned = table.loc[table["split"] == "train", "index"].astype(int).to_numpy()
    learned = np.random.default_rng(ROW_SEED).permutation(learned)
    compared = table.loc[table["split"] == part, "index"].astype(int).to_numpy()
    parts = (np.sort(learned[HELD_OUT:]), np.sort(learned[:HELD_OUT]), compared)
    found: list[list[np.ndarray]] = [[] for _ in parts]
    for name in parsed.typefaces:
        with np.load(parsed.data / f"{name}.npz") as archive:
            whole = archive["images"]
        times = whole.shape[1] // parsed.side
        small = whole.reshape(len(whole), parsed.side, times, parsed.side, times).mean(axis=(2, 4))
        for idx, arrays in zip(parts, found, strict=True):
            arrays.append(np.round(small[idx]).astype(np.uint8)[..., np.newaxis])
    rows = []
    for arrays in found:
        numbers = np.repeat(np.arange(len(arrays), dtype=np.int32), [len(each) for each in arrays])
        rows.append(Rows(np.concatenate(arrays), numbers))
    return rows[0], rows[1], rows[2]


def summary(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as Markdown: means over seeds, with the standard deviation where there are several."""
    parts = [
        "# Drawing characters of three typefaces",
        "Made by `python -m benchmarks.image_generation`; see its help.",
    ]
    for split in sorted({row["split"] for row in rows}):
        mine = [row for row in rows if row["split"] == split]
        shown = [name for name in COLUMNS if any(name in row for row in mine)]
        lines = [f"| method | seeds | {' | '.join(COLUMNS[name] for name in shown)} |"]
        lines.append("|" + " --- |" * (len(shown) + 2))
        for method in dict.fromkeys(row["method"] for row in mine):
            same = [row for row in mine if row["method"] == method]
            cells = [_cell([row[name] for row in same if name in row]) for name in shown]
            lines.append(f"| {method} | {len(same)} | {' | '.join(cells)} |")
        first = mine[0]
        parts += [
            f"## Beside the split `{split}`",
            f"{first['compared']:,} pictures of each kind; {first['minutes']:g} minutes for each training, width "
            f"{first['width']}.",
            "\n".join(lines),
        ]
    return "\n\n".join(parts) + "\n"


def _cell(values: Sequence[float]) -> str:
    if not values:
        return ""
    digits = 0 if max(values) >= 100 else 3
    mean = f"{np.mean(values):,.{digits}f}"
    return f"{mean} ± {np.std(values, ddof=1):,.{digits}f}" if len(values) > 1 else mean


def _rows(output: Path) -> list[dict[str, Any]]:
    if not output.is_file():
        return []
    return [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]


def _append(output: Path, row: dict[str, Any]) -> None:
    sys.stdout.write(" ".join(f"{name}={value}" for name, value in row.items() if name != "scores") + "\n")
    sys.stdout.flush()
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
