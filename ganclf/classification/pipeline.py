"""A run from files to a published model: load → check → encode → train → evaluate → publish."""

from __future__ import annotations

import shlex
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from ganclf import contract
from ganclf.classification.estimator import GANClassifier
from ganclf.classification.label_issues import write_label_issues
from ganclf.classification.labels import unlabeled_rows
from ganclf.classification.run_report import build_report, compare_with_previous
from ganclf.classification.semi_supervised.cross_fitting import STEPS_SHARE, cross_fit_games
from ganclf.classification.semi_supervised.many_classes import OMISSIONS
from ganclf.classification.tasks import MULTI_LABEL, SINGLE_LABEL
from ganclf.classification.trained import train
from ganclf.classification.validation import (
    ESTIMATE_STEPS_SHARE,
    compares,
    evaluate,
    evaluation_rounds,
    perturbations_of,
    takes_plain_path,
)
from ganclf.cli.command_line import command_line
from ganclf.cli.output import check_folder
from ganclf.cli.progress import Round, print_note, run_progress
from ganclf.cli.progress import console as notes
from ganclf.config import AUTO, STEPS_PER_REPORT, DataConfig, EncoderConfig, GameConfig, RunConfig
from ganclf.config.devices import is_chief, peak_memory_bytes, require_tensorflow_backend
from ganclf.data import DataSummary, TrainingData, load_training_data
from ganclf.data.vectors import read_vectors, select_vectors
from ganclf.encoders.auto import choose_encoders
from ganclf.encoders.fit import prefix_note
from ganclf.evaluation.html_report import html_report
from ganclf.evaluation.model_card import model_card
from ganclf.evaluation.plot_fonts import missing_glyphs_note
from ganclf.evaluation.plots import plot_classes, plot_confusion_matrix, plot_learning_curves, plot_pixels
from ganclf.evaluation.report import (
    METHOD_NAMES,
    PUBLISHED,
    Table,
    classes_table,
    columns_sentence,
    methods_table,
    sentences,
)
from ganclf.evaluation.wording import percent, wording_of
from ganclf.export.report_files import published_sentences, resources_of, write_report

WITHOUT_LABELS = (
    "no text has a label: the model learns from the names of the classes alone, and how often it is right can't be "
    "measured without labels. Label the texts that `ganclf suggest` chooses, and train with them."
)
UNBALANCED = 3.0  # labels of the most frequent class per label of the rarest, above which a note offers class weights


def run(data: DataConfig, encoder: EncoderConfig, game: GameConfig, output: RunConfig) -> Path | None:
    """Train, evaluate and publish.

    Args:
        data: files and columns.
        encoder: how texts become features.
        game: how the networks are trained.
        output: what is evaluated and where the model is published.

    Returns:
        The folder of the new version, None on machines of a cluster other than the chief.

    Raises:
        GanclfError: with a sentence for the user; nothing was published then.
    """
    start = time.perf_counter()
    require_tensorflow_backend()
    _check_output(output)
    with run_progress([Round("check")]) as progress:
        progress.begin("check")
        choice = choose_encoders(encoder)
        training_data = load_training_data(data, game.seed, print_note)
        _check(training_data, encoder, game)
        (MULTI_LABEL if training_data.multi_label else SINGLE_LABEL).check(encoder, game)
        if encoder.encoder == AUTO:
            print_note(choice.sentence())
        if note := prefix_note(choice.config):
            print_note(note)
        progress.add_rounds(_rounds(training_data, game, output))
        progress.begin("encode")
        classifier = GANClassifier(**asdict(encoder), **asdict(game), tensorboard=output.tensorboard, verbose=True)
        vectors = _teacher_vectors(encoder, training_data)
        labels = _labels(training_data)
        rows = classifier.encode(training_data.texts, labels, vectors)
        model = train(classifier, rows, training_data.texts, labels, vectors)
        evaluation = evaluate(model, training_data, output, progress.begin)
        previous = compare_with_previous(output.output, evaluation)
        report = build_report(training_data, model, evaluation, previous, output)
        progress.begin("publish")
        folder = classifier.save(output.output, lambda extra: _write_extras(extra, report, classifier, start))
    _show_results(report, folder, output.output)
    return folder


def _labels(data: TrainingData) -> Any:
    """The labels to learn from; without any, the classes by their names."""
    if data.summary.labeled_rows:
        return data.labels
    return unlabeled_rows(list(data.summary.labeled), len(data.texts))


def _rounds(data: TrainingData, game: GameConfig, output: RunConfig) -> list[Round]:
    """The rounds after the check, and how long each takes in terms of those before."""
    games = cross_fit_games(data.summary.labeled_rows)
    like_train = {"cross-fit": 1.0 / (games * STEPS_SHARE)} if game.calibration == "cross-fit" else None
    once = {"train": 1.0} if compares(data, output) and game.game != "off" else {}
    estimates = evaluation_rounds(data)
    share = ESTIMATE_STEPS_SHARE if len(estimates) > 1 else 1.0
    again = {"encode": 1.0, "cross-fit": share, "train": share * (1.0 + once.get("train", 0.0))}
    evaluations = [Round(name, once if data.test_texts else again) for name in estimates]
    return [Round("encode"), Round("cross-fit"), Round("train", like_train), *evaluations, Round("publish", {})]


def _check_output(output: RunConfig) -> None:
    """Check before the work that the result can be written and that what the evaluation needs is installed."""
    perturbations_of(output).check()
    if is_chief():
        check_folder(output.output)


def _check(data: TrainingData, encoder: EncoderConfig, game: GameConfig) -> None:
    """Show what was read, and what may spoil training or report."""
    notes.print(Table("The rows", ("rows", "count"), data.summary.table()).as_rich())
    for warning in data.summary.warnings:
        notes.print(f"warning: {warning}", markup=False, highlight=False)
    cut = sum(len(text) > encoder.max_characters for text in data.texts)
    if not data.summary.labeled_rows:
        print_note(WITHOUT_LABELS)
    if cut:
        print_note(
            f"{cut} texts are longer than the {encoder.max_characters} characters that are read; "
            "the rest of them is cut. Read more with --max-characters."
        )
    if encoder.teacher and len(data.texts) > encoder.teacher_texts:
        print_note(
            f"each teacher reads {encoder.teacher_texts:,} of {len(data.texts):,} texts, chosen at random. More hardly "
            "teach more, and 5,000 teach as much: --teacher-texts."
        )
    if len(estimates := evaluation_rounds(data)) > 1:
        print_note(
            f"there is no test file, so the accuracy is estimated {len(estimates)} times on labels that are held out, "
            "with shorter games. That takes longer than the training, less with --compare none. Give --test FILE."
        )
    _note_imbalance(data.summary, game)
    for omission in OMISSIONS if takes_plain_path(data) else ():
        print_note(omission)


def _note_imbalance(summary: DataSummary, game: GameConfig) -> None:
    if summary.imbalance > UNBALANCED and game.class_weights == "none":
        print_note(
            f"the most frequent label occurs {summary.imbalance:.1f} times as often as the rarest. If new texts are "
            "more balanced, or rare classes matter as much: --class-weights balanced."
        )


def _teacher_vectors(encoder: EncoderConfig, data: TrainingData) -> np.ndarray | None:
    """Read the vectors that the user made, and keep those of the training texts, float32, shape [n, size]."""
    if encoder.teacher_vectors is None:
        return None
    path = Path(encoder.teacher_vectors)
    files = " and ".join(source for option, source in data.sources.items() if option != "test")
    kept = np.array(data.row_idx, int)
    return select_vectors(read_vectors(path), path, data.rows_read, kept, f"the rows of {files}")


def _write_extras(folder: Path, report: dict[str, Any], classifier: GANClassifier, start: float) -> None:
    """Put plots, report and model card into the version before it is published."""
    report["resources"] = resources_of(folder, start, peak_memory_bytes())
    name = Path(report["configuration"]["output"]).name
    steps, curves = classifier.steps, folder / contract.CURVES_PLOT_FILE
    plot_learning_curves(classifier.history_, min(STEPS_PER_REPORT, steps), steps, curves)
    for grid, file in zip(classifier.sample_grids_, report["sample_grids"], strict=True):
        plot_pixels(grid.pixels, folder / file)
    if published := report["results"].get(PUBLISHED):
        title, classes = wording_of(report).title(published, METHOD_NAMES[PUBLISHED]), report["evaluation"]["classes"]
        if report["multi_label"]:
            plot_classes(published["per_class"], title, folder / contract.CLASSES_PLOT_FILE)
        else:
            shown = published.get("confusion_classes", classes)
            plot_confusion_matrix(published["confusion_matrix"], shown, title, folder / contract.CONFUSION_PLOT_FILE)
        if missing := missing_glyphs_note(classes):
            print_note(missing)
    write_label_issues(report["label_issues"]["rows"], folder)
    write_report(folder, report, model_card(report, name), html_report(report, name, folder))


def _show_results(report: dict[str, Any], folder: Path | None, base: Path) -> None:
    out = Console(soft_wrap=True)
    if missing := report["missing_glyphs"]:
        print_note(f"{percent(missing)} % of the characters have no glyph. Add a font that has them: --font FILE.")
    if folder is None:
        notes.print("This machine took part in training; the chief of the cluster publishes.")
        return
    lines = [columns_sentence(report), *sentences(report)]
    if report["results"]:
        out.print(methods_table(report).as_rich())
        out.print(classes_table(report).as_rich())
    else:
        lines.insert(0, report["evaluation"]["sentence"])
    lines += [
        *published_sentences(report, folder),
        _next(base.resolve()),
    ]
    for line in lines:
        out.print(line, markup=False, highlight=False)


def _next(base: Path) -> str:
    """Commands for the model that was published."""
    predict = command_line("predict", "--model", base)
    serve = command_line("serve", "--model_name", base.name, "--model_base_path", base)
    return f"""Next:
  {predict} {shlex.quote("where is my parcel")}
  {serve}
  {command_line("ui", "--model", base.name)}  # the page, while the server runs"""
