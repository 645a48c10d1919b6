"""A run from pictures to a published enlarger: load → check → train → evaluate → publish."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ganclf import contract
from ganclf.cli.progress import Round, print_note, run_progress
from ganclf.config.devices import checkpoint_base, is_chief
from ganclf.config.images import ImageDataConfig
from ganclf.encoders.pictures.parts import ImageData, load_image_data
from ganclf.errors import ConfigError
from ganclf.evaluation.picture_sheets import draw_sheet
from ganclf.export.checkpoints import training_checkpoint, work_of
from ganclf.image_to_image.super_resolution import report as reports
from ganclf.image_to_image.super_resolution.config import EnlargeConfig, EnlargeRunConfig
from ganclf.image_to_image.super_resolution.evaluation import compare, draw_trade
from ganclf.image_to_image.super_resolution.served import ServedEnlarger
from ganclf.image_to_image.super_resolution.training import Players, Training
from ganclf.runs.publishing import publish_with_report, show
from ganclf.runs.starting import report_head, start_run

MIN_SMALL = 8  # pixels of a side before it is enlarged


def run(data: ImageDataConfig, config: EnlargeConfig, output: EnlargeRunConfig) -> Path | None:
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
        if images.form.size // int(config.scale) < MIN_SMALL:
            raise ConfigError(
                f"--size {images.form.size}: a picture of {images.form.size} pixels would be learned from "
                f"{images.form.size // int(config.scale)}; give larger pictures with --size "
                f"{MIN_SMALL * int(config.scale)}, or a smaller --scale."
            )
        print_note(images.sentence())
        progress.add_rounds(_rounds(config))
        train, held_out = images.train.pixels, images.held_out.pixels
        work = work_of(asdict(config), replicas, training_pictures=[train, held_out])
        with training_checkpoint(checkpoint_base(output.output), work, restart=output.restart) as checkpoint:
            if checkpoint.note:
                print_note(checkpoint.note)
            training = Training(config, train, held_out, checkpoint)
            players = training.run()
            if not is_chief():
                return None
            report, sheet = build_report(images, players, training, output)
            served = ServedEnlarger(players.plain, players.sharp, images.form.channels, images.form.background)

            def plots(folder: Path) -> None:
                draw_sheet(sheet, folder / contract.SHEET_FILE)
                if players.has_game:
                    draw_trade(report["methods"], folder / contract.TRADE_PLOT_FILE)

            progress.begin("publish")
            folder = publish_with_report(
                served, asdict(config), contract.PNG, report, output.output, start - checkpoint.seconds,
                reports.card, reports.html, plots,
            )  # fmt: skip
    question = ("--input", "small.png", "--output", "large.png")
    show([reports.methods_table(report)], reports.sentences(report), report, folder, output.output, question)
    return folder


def build_report(
    images: ImageData, players: Players, training: Training, output: EnlargeRunConfig
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Collect data, configuration and figures of a run; `resources` are missing. And pictures for the sheet."""
    config = training.config
    idx = np.random.default_rng(config.seed).permutation(len(images.test))[: output.test_pictures]
    rows, sheet = compare(players, training.make_generator, images.held_out.pixels, images.test.pixels[np.sort(idx)])
    report = report_head("super-resolution", config, output) | {
        "scale": int(config.scale),
        "data": images.to_json() | {"compared": len(idx)},
        "methods": rows,
        "held_out": {name: figures.to_json() for name, figures in players.figures.items()},
        "notes": players.notes,
        "history": {name: asdict(history) for name, history in players.histories.items()},
    }
    return report | {"verdict": reports.verdict(report)}, sheet


def _rounds(config: EnlargeConfig) -> list[Round]:
    """After the check, with how long each takes in terms of those before."""
    rounds = [Round("difference")]
    if config.adversarial_epochs:
        rounds.append(Round("game", {"difference": 2.0 * config.adversarial_epochs / config.epochs}))
    return [*rounds, Round("evaluate", {"difference": 0.1}), Round("publish", {"difference": 0.1})]
