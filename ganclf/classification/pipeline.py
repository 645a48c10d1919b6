"""A run from files to a published model: load → check → encode → train → evaluate → publish."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ganclf import contract
from ganclf.classification.comparison import MethodResult, TrainedModel, train
from ganclf.classification.estimator import GANClassifier
from ganclf.classification.validation import Evaluation, evaluate, perturbations_of
from ganclf.config import STEPS_PER_REPORT, DataConfig, EncoderConfig, GameConfig, RunConfig
from ganclf.data import DataSummary, TrainingData, load_training_data
from ganclf.devices import is_chief, peak_memory_bytes, require_tensorflow_backend
from ganclf.errors import ConfigError
from ganclf.evaluation.metrics import calibration_error, score
from ganclf.evaluation.perturbations import Perturbations
from ganclf.evaluation.plots import plot_confusion_matrix, plot_learning_curves, plot_pixels
from ganclf.evaluation.report import METHOD_NAMES, model_card, results_table, verdict, versions

UNBALANCED = 3.0  # labels of the most frequent class a label of the rarest, above which class weights are offered


def run(data: DataConfig, encoder: EncoderConfig, game: GameConfig, output: RunConfig) -> Path | None:
    """Learn, evaluate and publish; returns the folder of the new version, None on machines beside the chief's.

    Raises:
        GanclfError: with a sentence for the user; nothing was published then.
    """
    start, out, say = time.perf_counter(), Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)
    require_tensorflow_backend()
    if is_chief():
        _check_output(output.output)
    perturbations_of(output).check()
    data_ = load_training_data(data, game.seed, lambda note: say.print(f"note: {note}", markup=False))
    _show_check(data_, encoder, game, say)
    classifier = GANClassifier(**asdict(encoder), **asdict(game), tensorboard=output.tensorboard, verbose=True)
    rows = classifier.encode(data_.texts, data_.labels)
    model = train(classifier, rows, data_.texts, data_.labels)
    evaluation = evaluate(model, data_, output)
    report = _report(data_, model, evaluation, output)
    if missing := report["missing_glyphs"]:
        say.print(
            f"note: {100 * missing:.2g} % of the characters have no glyph. Add a font that has them: --font FILE."
        )
    folder = classifier.save(output.output, lambda extra: _write_extras(extra, report, classifier, start))
    if folder is None:
        say.print("This machine learned with the others; the chief of the cluster publishes.")
    else:
        _show_results(report, folder, output.output, out)
    return folder


def _check_output(folder: Path) -> None:
    """Find out before the work whether the result can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigError(f"--output {folder}: can't be written ({error.strerror}). Give another folder.") from error


def _show_check(data: TrainingData, encoder: EncoderConfig, game: GameConfig, say: Console) -> None:
    _show_summary(data.summary, encoder, data, say)
    _note_imbalance(data.summary, game, say)


def _show_summary(summary: DataSummary, encoder: EncoderConfig, data: TrainingData, say: Console) -> None:
    table = Table("what", title="The rows", title_justify="left", show_header=False)
    table.add_column(justify="right")
    for what, value in summary.table():
        table.add_row(what.replace("[", r"\["), value)
    say.print(table)
    for warning in summary.warnings:
        say.print(f"warning: {warning}", markup=False)
    cut = sum(len(text) > encoder.max_characters for text in data.texts)
    if cut:
        say.print(
            f"note: {cut} texts are longer than the {encoder.max_characters} characters that are read; "
            "their rest is cut. Read more with --max-characters.",
            markup=False,
        )


def _note_imbalance(summary: DataSummary, game: GameConfig, say: Console) -> None:
    if summary.imbalance > UNBALANCED and game.class_weights == "none":
        say.print(
            f"note: the most frequent label occurs {summary.imbalance:.1f} times as often as the rarest. If texts to "
            "come are not so unbalanced, or rare classes matter as much: --class-weights balanced.",
            markup=False,
        )


def _report(data: TrainingData, model: TrainedModel, evaluation: Evaluation, output: RunConfig) -> dict[str, Any]:
    classifier = model.classifier
    classes = sorted({str(name) for name in classifier.classes_} | set(evaluation.labels))
    results = {name: _result(result, evaluation.labels, classes) for name, result in evaluation.results.items()}
    report = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": classifier.seed,
        "configuration": _configuration(classifier) | {"compare": output.compare, "output": str(output.output)},
        "data": data.summary.to_json() | {"files": data.sources},
        "evaluation": {
            "kind": evaluation.kind,
            "texts": len(evaluation.labels),
            "sentence": evaluation.sentence,
            "classes": classes,
        },
        "published": classifier.stacking_.to_json()
        | {"method": classifier.stacking_.method, "sentence": classifier.explanation()}
        | {"details": classifier.ensemble_.details(), "reliability": classifier.ensemble_.reliability.to_json()},
        "results": results,
        "robustness": _robustness(evaluation, classes, perturbations_of(output)),
        "history": classifier.history_,
        "monitors": classifier.monitors_,
        "collapse": classifier.collapse_,
        "sample_grids": [contract.SAMPLE_GRID_FILE.format(grid.step) for grid in classifier.sample_grids_],
        "missing_glyphs": classifier.encoder_.missing_share,
    }
    return report | {"verdict": verdict(report)}


def _result(result: MethodResult, labels: list[str], classes: Sequence[str]) -> dict[str, Any]:
    figures = score(labels, result.predicted.tolist(), classes) | {"seconds": result.seconds} | result.settings
    if result.confidence is not None:
        figures["calibration_error"] = calibration_error(result.predicted == np.array(labels), result.confidence)
    return figures


def _robustness(evaluation: Evaluation, classes: Sequence[str], how: Perturbations) -> dict[str, Any]:
    """Figures of the published model on the same texts perturbed, by the kind."""
    return {
        name: {
            kind: {"rate": how.rate(kind)} | score(evaluation.labels, predicted.tolist(), classes)
            for kind, predicted in result.perturbed.items()
        }
        for name, result in evaluation.results.items()
        if result.perturbed
    }


def _configuration(classifier: GANClassifier) -> dict[str, Any]:
    """What was used: with the weights that the user left to the data."""
    return asdict(classifier.config(EncoderConfig)) | asdict(classifier.played_)


def _write_extras(folder: Path, report: dict[str, Any], classifier: GANClassifier, start: float) -> None:
    """Put report, model card and plots into the version before it is published."""
    size = sum(file.stat().st_size for file in folder.parent.rglob("*") if file.is_file())
    report["resources"] = {
        "seconds": time.perf_counter() - start,
        "peak_memory_bytes": peak_memory_bytes(),
        "model_bytes": size,
    }
    text = json.dumps(report, indent=1, ensure_ascii=False, default=_plain)
    (folder / contract.REPORT_FILE).write_text(text + "\n", encoding="utf-8")
    card = model_card(report, Path(report["configuration"]["output"]).name)
    (folder / contract.MODEL_CARD_FILE).write_text(card, encoding="utf-8")
    points = min(STEPS_PER_REPORT, classifier.steps)
    plot_learning_curves(classifier.history_, points, folder / contract.CURVES_PLOT_FILE)
    for grid, file in zip(classifier.sample_grids_, report["sample_grids"], strict=True):
        plot_pixels(grid.pixels, folder / file)
    for method, result in list(report["results"].items())[:1]:  # what is published
        title = f"{METHOD_NAMES[method]}: {100 * result['accuracy']:.1f} % of {report['evaluation']['texts']}"
        matrix, classes = result["confusion_matrix"], report["evaluation"]["classes"]
        plot_confusion_matrix(matrix, classes, title, folder / contract.CONFUSION_PLOT_FILE)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else str(value)


def _show_results(report: dict[str, Any], folder: Path, base: Path, out: Console) -> None:
    if report["results"]:
        out.print(results_table(report))
    else:
        out.print(report["evaluation"]["sentence"], markup=False)
    if report["collapse"]:
        out.print(report["collapse"], markup=False)
    if report["verdict"]:
        out.print(report["verdict"], markup=False)
    out.print(report["published"]["sentence"], markup=False)
    resources = report["resources"]
    out.print(
        f"Published {folder} ({resources['model_bytes'] / 1e6:.1f} MB, {resources['seconds']:.0f} s, "
        f"{resources['peak_memory_bytes'] / 2**20:.0f} MiB at the peak). "
        f"Report and plots: {folder / contract.ASSETS_EXTRA}",
        markup=False,
    )
    out.print(
        f"""Next:
  python -m ganclf.predict --model {base} "where is my parcel"     one text
  python -m serving.local --model_name {base.name} --model_base_path {base}     serve it (or: make serve)
  python -m ui --model {base.name}     the page, beside the server (or: make ui)""",
        markup=False,
    )
