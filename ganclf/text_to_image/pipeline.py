"""A run from pictures with texts to a published model that draws: load → check → train → evaluate → publish."""

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
from ganclf.encoders.pictures.loading import Images
from ganclf.encoders.pictures.parts import MIN_PICTURES, ImageData, load_image_data
from ganclf.errors import DataError
from ganclf.evaluation.picture_sheets import draw_sheet
from ganclf.export.checkpoints import training_checkpoint, work_of
from ganclf.runs.publishing import publish_with_report, show
from ganclf.runs.starting import report_head, start_run
from ganclf.text_to_image import report as reports
from ganclf.text_to_image.config import AUTO, NO, IllustrateConfig, IllustrateRunConfig
from ganclf.text_to_image.evaluation import compare
from ganclf.text_to_image.pairs import Reader
from ganclf.text_to_image.served import ServedDrawer
from ganclf.text_to_image.training import GAME, MATCHING, WITH, WITHOUT, Players, Training


def run(data: ImageDataConfig, config: IllustrateConfig, output: IllustrateRunConfig) -> Path | None:
    """Train, evaluate and publish.

    Args:
        data: which pictures and texts.
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
        train, held_out, test = (with_texts(part) for part in (images.train, images.held_out, images.test))
        print_note(images.sentence())
        texts = train.pictures.texts
        reader = Reader(texts, train.pixels, config.max_words)
        progress.add_rounds(_rounds(config))
        pairs, others = (
            reader.training_pairs(texts, train.groups),
            reader.pairs(held_out.pictures.texts, held_out.pixels),
        )
        work = work_of(
            asdict(config), replicas, training_pictures=[train.pixels, held_out.pixels],
            training_texts=[texts, held_out.pictures.texts],
        )  # fmt: skip
        with training_checkpoint(checkpoint_base(output.output), work, restart=output.restart) as checkpoint:
            if checkpoint.note:
                print_note(checkpoint.note)
            training = Training(config, reader, pairs, others, checkpoint)
            players = training.run()
            if not is_chief():
                return None
            report, sheet = build_report(images, test, players, training, output)
            progress.begin("publish")
            folder = publish_with_report(
                ServedDrawer(players.best), asdict(config), contract.PNG, report, output.output,
                start - checkpoint.seconds, reports.card, reports.html,
                lambda folder: draw_sheet(sheet, folder / contract.SHEET_FILE),
            )  # fmt: skip
    question = ("--text", test.pictures.texts[0], "--count", "4", "--output", "drawings")
    show([reports.methods_table(report)], reports.sentences(report), report, folder, output.output, question)
    return folder


def with_texts(images: Images) -> Images:
    """Pictures that have a text.

    Raises:
        DataError: hardly any has one.
    """
    has_text = np.array([bool(text) for text in images.pictures.texts], bool)
    found = images.take(np.flatnonzero(has_text))
    if not len(found) or len(found) < min(len(images), MIN_PICTURES // 5):
        raise DataError(
            f"{images.pictures.source}: {len(found):,} of {len(images):,} pictures have a text. Give a table with a "
            "column of file names and one of texts; name them with --image-column and --text-column."
        )
    return found


def build_report(
    images: ImageData, test: Images, players: Players, training: Training, output: IllustrateRunConfig
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Collect data, configuration and figures of a run; `resources` are missing. And pictures for the sheet."""
    config = training.config
    idx = np.sort(np.random.default_rng(config.seed).permutation(len(test))[: output.test_pictures])
    compared = training.reader.pairs([test.pictures.texts[index] for index in idx], test.pixels[idx])
    rows, sheet = compare(players, training.reader, compared)
    report = report_head("text-to-image", config, output) | {
        "has_references": players.best.has_references,
        "data": images.to_json() | {"compared": len(idx)},
        "methods": rows,
        "held_out": {name: figures.to_json() for name, figures in players.figures.items()},
        "notes": players.notes,
        "history": {name: asdict(history) for name, history in players.histories.items()},
    }
    return report | {"verdict": reports.verdict(report)}, sheet


def _rounds(config: IllustrateConfig) -> list[Round]:
    """After the check, with how long each takes in terms of those before."""
    first = WITHOUT if config.references == NO else WITH
    rounds = [Round(first)]
    if config.references == AUTO:
        rounds.append(Round(WITHOUT, {WITH: 0.5}))
    rounds.append(Round(MATCHING, {first: config.matching_epochs / config.epochs}))
    if config.adversarial_epochs:
        rounds.append(Round(GAME, {first: 2.0 * config.adversarial_epochs / config.epochs}))
    return [*rounds, Round("evaluate", {first: 0.1}), Round("publish", {first: 0.1})]
