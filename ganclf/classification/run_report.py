"""What a run found, as the dictionary of report.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ganclf import contract
from ganclf.classification.comparison import MethodResult
from ganclf.classification.estimator import GANClassifier
from ganclf.classification.trained import TrainedModel
from ganclf.classification.validation import Evaluation, perturbations_of
from ganclf.config import EncoderConfig, RunConfig
from ganclf.data import TrainingData
from ganclf.evaluation.intervals import paired_p_value
from ganclf.evaluation.metrics import calibration_error, score
from ganclf.evaluation.perturbations import Perturbations
from ganclf.evaluation.report import PUBLISHED, SIGNIFICANCE, confidence_sentence, verdict, versions


def build_report(
    data: TrainingData, model: TrainedModel, evaluation: Evaluation, previous: Mapping[str, Any], output: RunConfig
) -> dict[str, Any]:
    """Collect data, configuration and figures of a run.

    Args:
        data: of the run.
        model: that is published.
        evaluation: of it.
        previous: comparison with the version before.
        output: what was compared, and where the model is published.

    Returns:
        JSON-able but for NumPy numbers; `resources` are missing.
    """
    classifier = model.classifier
    classes = sorted({str(name) for name in classifier.classes_} | set(evaluation.labels))
    results = _results(evaluation, classes)
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": classifier.seed,
        "configuration": _configuration(classifier) | {"compare": output.compare, "output": str(output.output)},
        "data": data.summary.to_json()
        | {"files": data.sources, "columns": _columns(data), "reading": [asdict(file) for file in data.summary.files]},
        "evaluation": {
            "kind": evaluation.kind,
            "texts": len(evaluation.labels),
            "sentence": evaluation.sentence,
            "classes": classes,
        },
        "results": results,
        "verdict": verdict(results),
        "confidence": _confidence(evaluation, results),
        "previous": dict(previous),
        "published": _published(classifier),
        "robustness": _robustness(evaluation, classes, perturbations_of(output)),
        "history": classifier.history_,
        "monitors": classifier.monitors_,
        "collapse": classifier.collapse_,
        "sample_grids": [contract.SAMPLE_GRID_FILE.format(grid.step) for grid in classifier.sample_grids_],
        "missing_glyphs": classifier.encoder_.missing_share,
    }


def _columns(data: TrainingData) -> dict[str, Any]:
    """Names of the columns that were read; a list of several text columns."""
    text = data.text_columns
    return {"text": text[0] if len(text) == 1 else list(text), "label": data.columns[1]}


def compare_with_previous(base: Path, evaluation: Evaluation) -> dict[str, Any]:
    """Compare with the newest published version, on the same test texts.

    Args:
        base: folder of all versions; the new one is not published yet.
        evaluation: of the new one.

    Returns:
        `sentence`, empty where there is no earlier version, and the figures where there are any.
    """
    from ganclf.errors import GanclfError
    from ganclf.export.versions import versions as published_versions

    found = published_versions(base)
    if not found:
        return {"sentence": ""}
    version, folder = max(found.items())
    if evaluation.kind != "test_file":
        sentence = (
            f"Version {version} can't be compared fairly without a test file: it may have been trained on these texts. "
            "Figures of two runs without a test file are of different texts; a lower one does not mean that new labels "
            "did harm. Give --test FILE to compare."
        )
        return {"version": version, "sentence": sentence}
    try:
        predicted = GANClassifier.load(folder).predict(evaluation.texts)
    except (GanclfError, OSError, ValueError) as error:
        return {"version": version, "sentence": f"Version {version} could not be read for a comparison: {error}"}
    return {"version": version} | _against(version, predicted, evaluation)


def _against(version: int, predicted: np.ndarray, evaluation: Evaluation) -> dict[str, Any]:
    labels = np.array(evaluation.labels)
    before, now = predicted == labels, evaluation.results[PUBLISHED].predicted == labels
    p_value = paired_p_value(now, before)
    gained = int(now.sum()) - int(before.sum())
    change = "as many" if not gained else f"{abs(gained)} {'fewer' if gained > 0 else 'more'}"
    chance = "" if not gained else " That is more than chance." if p_value < SIGNIFICANCE else " That can be chance."
    sentence = (
        f"Version {version}, published before, predicts {int(before.sum())} of the same {len(labels)} texts correctly: "
        f"{change}{' as' if not gained else ' than'} this one.{chance}"
    )
    return {"right": int(before.sum()), "texts": len(labels), "p_value": p_value, "sentence": sentence}


def _results(evaluation: Evaluation, classes: Sequence[str]) -> dict[str, dict[str, Any]]:
    labels = np.array(evaluation.labels)
    return {
        name: _figures(result, evaluation.labels, classes)
        | {"p_value": paired_p_value(evaluation.results[PUBLISHED].predicted == labels, result.predicted == labels)}
        for name, result in evaluation.results.items()
    }


def _figures(result: MethodResult, labels: list[str], classes: Sequence[str]) -> dict[str, Any]:
    figures = score(labels, result.predicted.tolist(), classes) | {"seconds": result.seconds} | result.settings
    if result.confidence is not None:
        figures["calibration_error"] = calibration_error(result.predicted == np.array(labels), result.confidence)
    return figures


def _confidence(evaluation: Evaluation, results: Mapping[str, Any]) -> dict[str, Any]:
    confidence = evaluation.results[PUBLISHED].confidence if results else None
    if confidence is None:
        return {"mean": None, "sentence": ""}
    mean = float(confidence.mean())
    return {"mean": mean, "sentence": confidence_sentence(results[PUBLISHED], mean)}


def _published(classifier: GANClassifier) -> dict[str, Any]:
    return classifier.stacking_.to_json() | {
        "method": classifier.stacking_.method,
        "sentence": classifier.explanation(),
        "details": classifier.ensemble_.details(),
        "reliability": classifier.ensemble_.reliability.to_json(),
    }


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
    """The configuration that was used: with the weights that the user left to the data."""
    return asdict(classifier.config(EncoderConfig)) | asdict(classifier.game_config_)
