"""The story in one place: load → check → encode → play → evaluate → export."""

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
from ganclf.classification.comparison import Entry
from ganclf.classification.estimator import GANClassifier
from ganclf.classification.validation import Estimate, disturbances, make_estimate
from ganclf.config import STEPS_PER_REPORT, DataConfig, EncoderConfig, GameConfig, RunConfig
from ganclf.data import DataSummary, TrainingData, load_training_data
from ganclf.devices import is_chief, peak_memory_bytes, require_tensorflow_backend
from ganclf.errors import ConfigError
from ganclf.evaluation.metrics import calibration_error, score
from ganclf.evaluation.perturbations import Disturbed
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
    disturbances(output).check()
    material = load_training_data(data, game.seed, lambda note: say.print(f"note: {note}", markup=False))
    _show_summary(material.summary, encoder, material, say)
    _note_imbalance(material.summary, game, say)
    classifier = GANClassifier(**asdict(encoder), **asdict(game), tensorboard=output.tensorboard, verbose=True)
    estimate = make_estimate(classifier, material, output)
    if not estimate.fitted:
        say.print("The estimate is made; now the model that is published learns from all labels.")
        classifier.fit(material.texts, material.labels)
    report = _report(material, classifier, estimate, output)
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


def _show_summary(summary: DataSummary, encoder: EncoderConfig, material: TrainingData, say: Console) -> None:
    table = Table("what", title="The rows", title_justify="left", show_header=False)
    table.add_column(justify="right")
    for what, value in summary.table():
        table.add_row(what.replace("[", r"\["), value)
    say.print(table)
    for warning in summary.warnings:
        say.print(f"warning: {warning}", markup=False)
    cut = sum(len(text) > encoder.max_characters for text in material.texts)
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


def _report(material: TrainingData, classifier: GANClassifier, estimate: Estimate, output: RunConfig) -> dict[str, Any]:
    known = {str(name) for name in classifier.classes_}
    classes = sorted(known | set(estimate.truth))
    results = {name: _result(entry, estimate.truth, classes) for name, entry in estimate.entries.items()}
    report = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": classifier.seed,
        "configuration": _configuration(classifier) | {"compare": output.compare, "output": str(output.output)},
        "data": material.summary.to_json() | {"files": material.sources},
        "evaluation": {
            "kind": estimate.kind,
            "texts": len(estimate.truth),
            "sentence": estimate.sentence,
            "classes": classes,
        },
        "published": classifier.blend_.to_json()
        | {"method": classifier.blend_.method, "sentence": classifier.explanation()}
        | {"evidence": classifier.weighed_.evidence.to_json()},
        "results": results,
        "robustness": _robustness(estimate, classes, disturbances(output)),
        "played": {"adversarial_weight": classifier.played_.adversarial_weight},
        "history": classifier.history_,
        "monitors": classifier.monitors_,
        "collapse": classifier.collapse_,
        "sample_grids": [contract.SAMPLE_GRID_FILE.format(grid.step) for grid in classifier.sample_grids_],
        "missing_glyphs": classifier.encoder_.missing_share,
    }
    return report | {"verdict": verdict(report)}


def _result(entry: Entry, truth: list[str], classes: Sequence[str]) -> dict[str, Any]:
    result = score(truth, entry.predicted.tolist(), classes) | {"seconds": entry.seconds} | entry.settings
    if entry.confidence is not None:
        result["calibration_error"] = calibration_error(entry.predicted == np.array(truth), entry.confidence)
    return result


def _robustness(estimate: Estimate, classes: Sequence[str], how: Disturbed) -> dict[str, Any]:
    """Figures of the asked classifier on the same texts disturbed, by the kind."""
    return {
        name: {
            kind: {"rate": how.rate(kind)} | score(estimate.truth, answers.tolist(), classes)
            for kind, answers in kinds.items()
        }
        for name, entry in estimate.entries.items()
        if (kinds := entry.disturbed)
    }


def _configuration(classifier: GANClassifier) -> dict[str, Any]:
    return asdict(classifier.config(EncoderConfig)) | asdict(classifier.config(GameConfig))


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
