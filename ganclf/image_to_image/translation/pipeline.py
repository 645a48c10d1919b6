"""A run from two kinds of pictures to a published translator: load → check → train → evaluate → publish."""

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
from ganclf.evaluation.picture_sheets import draw_sheet
from ganclf.export.checkpoints import training_checkpoint, work_of
from ganclf.image_to_image.translation import report as reports
from ganclf.image_to_image.translation.config import TranslationConfig, TranslationRunConfig
from ganclf.image_to_image.translation.evaluation import compare
from ganclf.image_to_image.translation.kinds import Kinds, load_kinds
from ganclf.image_to_image.translation.served import ServedTranslator
from ganclf.image_to_image.translation.training import Trained, Training
from ganclf.runs.publishing import publish_with_report, show
from ganclf.runs.starting import report_head, start_run


def run(data: ImageDataConfig, config: TranslationConfig, output: TranslationRunConfig) -> Path | None:
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
        kinds = load_kinds(data, config.characters, config.seed, print_note)
        print_note(kinds.sentence())
        progress.add_rounds([Round("game"), Round("evaluate", {"game": 0.05}), Round("publish", {"game": 0.05})])
        pictures = [part for kind in (kinds.first, kinds.second) for part in (kind.train, kind.held_out)]
        work = work_of(asdict(config), replicas, training_pictures=pictures)
        with training_checkpoint(checkpoint_base(output.output), work, restart=output.restart) as checkpoint:
            if checkpoint.note:
                print_note(checkpoint.note)
            trained = Training(config, kinds, checkpoint).run()
            if not is_chief():
                return None
            report, sheet = build_report(kinds, trained, config, output)
            served = ServedTranslator(trained.translator, kinds.names, kinds.form)
            progress.begin("publish")
            folder = publish_with_report(
                served, asdict(config), contract.PNG, report, output.output, start - checkpoint.seconds,
                reports.card, reports.html, lambda folder: draw_sheet(sheet, folder / contract.SHEET_FILE),
            )  # fmt: skip
    question = ("--input", "picture.png", "--target", kinds.second.name, "--output", "translated.png")
    show(reports.methods_tables(report), reports.sentences(report), report, folder, output.output, question)
    return folder


def build_report(
    kinds: Kinds, trained: Trained, config: TranslationConfig, output: TranslationRunConfig
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Collect data, configuration and figures of a run; `resources` are missing. And pictures for the sheet."""
    rows, sheet = compare(trained.translator, kinds, output.test_pictures)
    report = report_head("image-to-image", config, output) | {
        "kinds": list(kinds.names),
        "data": kinds.to_json(),
        "methods": rows,
        "held_out": [figures.to_json() for figures in trained.figures],
        "notes": trained.notes,
        "history": {"game": asdict(trained.history)},
    }
    return report | {"verdict": reports.verdict(report)}, sheet
