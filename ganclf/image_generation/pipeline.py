"""A run from pictures to a published model that draws: load → check → train → evaluate → publish."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ganclf import contract
from ganclf.cli.progress import Round, print_note, run_progress
from ganclf.config.devices import checkpoint_base, is_chief
from ganclf.config.images import ImageDataConfig
from ganclf.encoders.pictures.loading import Images
from ganclf.encoders.pictures.parts import ImageData, load_image_data
from ganclf.errors import DataError
from ganclf.evaluation.picture_sheets import draw_sheet
from ganclf.export.checkpoints import training_checkpoint, work_of
from ganclf.image_generation import report as reports
from ganclf.image_generation.config import DrawConfig, DrawRunConfig
from ganclf.image_generation.evaluation import BETWEEN, SEED, compare, interpolate
from ganclf.image_generation.served import ServedGenerator
from ganclf.image_generation.training import SHEET_LATENTS, Drawn, Rows, Training
from ganclf.runs.publishing import publish_with_report, show
from ganclf.runs.starting import report_head, start_run

MAX_LABELS = 1000
MIN_OF_LABEL = 5  # pictures to learn from


def run(data: ImageDataConfig, config: DrawConfig, output: DrawRunConfig) -> Path | None:
    """Train, evaluate and publish.

    Args:
        data: which pictures.
        config: how the players are trained.
        output: what is evaluated and where the model is published.

    Returns:
        The folder of the new version, None on machines of a cluster other than the chief.

    Raises:
        GanclfError: with a sentence for the user; nothing was published then.
    """
    start = time.perf_counter()
    replicas = start_run(output.output, batch_size=config.batch_size)
    with run_progress([Round("check")]) as progress:
        progress.begin("check")
        images = load_image_data(data, config.seed, print_note)
        labels = labels_of(images)
        print_note(images.sentence())
        progress.add_rounds(_rounds(output))
        train, held_out, test = (_rows(part, labels) for part in (images.train, images.held_out, images.test))
        parts = [train.pixels, train.classes, held_out.pixels, held_out.classes]
        work = work_of(asdict(config), replicas, training_pictures=parts)
        with training_checkpoint(checkpoint_base(output.output), work, restart=output.restart) as checkpoint:
            if checkpoint.note:
                print_note(checkpoint.note)
            training = Training(config, train, held_out, len(labels), checkpoint, output.tensorboard)
            drawn = training.run()
            if not is_chief():
                return None
            report, sheet = build_report(images, labels, drawn, training, test, output)
            served = ServedGenerator(drawn.generator, labels, training.priors)

            def plots(folder: Path) -> None:
                draw_sheet(sheet, folder / contract.SHEET_FILE)
                between = interpolate(drawn.generator, labels, config.seed + SEED)
                draw_sheet(between, folder / contract.INTERPOLATION_FILE, BETWEEN)
                for step, pictures in drawn.sheets.items():
                    file = folder / report["sample_grids"][step]
                    file.parent.mkdir(exist_ok=True)
                    draw_sheet(_lines(pictures, labels), file, SHEET_LATENTS)

            progress.begin("publish")
            folder = publish_with_report(
                served, asdict(config), contract.PNG, report, output.output, start - checkpoint.seconds,
                reports.card, reports.html, plots,
            )  # fmt: skip
    question = ("--count", "8", "--output", "drawn")
    show([reports.methods_table(report)], reports.sentences(report), report, folder, output.output, question)
    return folder


def labels_of(images: ImageData) -> tuple[str, ...]:
    """Names of the classes, in order; empty where the pictures have no labels, or all the same.

    Raises:
        DataError: there are too many, or too few pictures of one, or a picture has none while others have.
    """
    counts = Counter(images.train.pictures.labels)
    if len(counts) < 2:
        return ()
    if "" in counts:
        raise DataError(
            f"{images.source}: {counts['']:,} pictures have no label, and others have one. Give all of them a "
            "label, or none."
        )
    if len(counts) > MAX_LABELS:
        raise DataError(
            f"{images.source}: {len(counts):,} labels, more than {MAX_LABELS:,}. Name another column with "
            "--label-column."
        )
    name, fewest = counts.most_common()[-1]
    if fewest < MIN_OF_LABEL:
        raise DataError(
            f"{images.source}: label {name!r} has {fewest} pictures to learn from; at least {MIN_OF_LABEL} are needed. "
            "Give more of them, or leave them out."
        )
    return tuple(sorted(counts))


def build_report(
    images: ImageData, labels: tuple[str, ...], drawn: Drawn, training: Training, test: Rows, output: DrawRunConfig
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Collect data, configuration and figures of a run; `resources` are missing. And pictures for the sheet."""
    config = training.config
    compared = test.sample(output.test_pictures, config.seed)
    rows, near, sheet = compare(drawn, training, compared, output.baseline_minutes)
    counts = Counter(images.train.pictures.labels)
    report = report_head("image-generation", config, output) | {
        "data": images.to_json() | {"compared": len(compared), "labels": {name: counts[name] for name in labels}},
        "methods": rows,
        "memorization": near.to_json(),
        "augmented": training.is_augmented,
        "notes": drawn.notes,
        "sample_grids": {step: contract.SAMPLE_GRID_FILE.format(step) for step in drawn.sheets},
        "history": {"game": asdict(drawn.history)},
    }
    return report | {"verdict": reports.verdict(report)}, sheet


def _rows(images: Images, labels: tuple[str, ...]) -> Rows:
    """Pictures with the numbers of their labels; those of a label that is not learned are left out."""
    if not labels:
        return Rows(images.pixels, np.zeros(len(images), np.int32))
    numbers = {name: number for number, name in enumerate(labels)}
    found = np.array([numbers.get(name, -1) for name in images.pictures.labels], np.int32)
    if (found < 0).any():
        print_note(f"left out: {int((found < 0).sum()):,} pictures of labels that no picture to learn from has")
    return Rows(images.pixels[found >= 0], found[found >= 0])


def _lines(pictures: np.ndarray, labels: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Pictures of a sheet, a line per class."""
    parts = pictures.reshape(-1, SHEET_LATENTS, *pictures.shape[1:])
    return dict(zip(labels or ("pictures",), parts, strict=False))


def _rounds(output: DrawRunConfig) -> list[Round]:
    """After the check, with how long each takes in terms of those before."""
    rounds = [Round("features"), Round("game", {"features": 10.0})]
    if output.baseline_minutes:
        rounds.append(Round("autoencoder", {"features": 1.0}))
    return [*rounds, Round("evaluate", {"game": 0.1}), Round("publish", {"game": 0.1})]
