"""What a run found, as the dictionary of report.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ganclf import contract
from ganclf.classification.comparison import MethodResult, aligned
from ganclf.classification.estimator import GANClassifier
from ganclf.classification.label_issues import report_label_issues
from ganclf.classification.label_types import class_names
from ganclf.classification.labels import indicator_matrix
from ganclf.classification.semi_supervised.many_classes import OMISSIONS
from ganclf.classification.trained import TrainedModel
from ganclf.classification.validation import Evaluation, perturbations_of, takes_plain_path
from ganclf.config import EncoderConfig, RunConfig
from ganclf.data import TrainingData
from ganclf.evaluation.intervals import paired_p_value
from ganclf.evaluation.metrics import calibration_error, score
from ganclf.evaluation.multi_label_metrics import micro_f1, paired_micro_f1_p_value, score_label_sets
from ganclf.evaluation.perturbations import Perturbations
from ganclf.evaluation.report import PUBLISHED, verdict, versions
from ganclf.evaluation.wording import SIGNIFICANCE, WORDINGS, percent


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
    classes = sorted({str(name) for name in classifier.classes_} | evaluation.label_names)
    figures = FIGURES[evaluation.multi_label](evaluation, classes)
    results = figures.results()
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "seed": classifier.seed,
        "multi_label": evaluation.multi_label,
        "configuration": _configuration(classifier) | {"compare": output.compare, "output": str(output.output)},
        "data": data.summary.to_json()
        | {
            "files": data.sources,
            "columns": _columns(data),
            "reading": [file.to_json() for file in data.summary.files],
        },
        "evaluation": {
            "kind": evaluation.kind,
            "texts": len(evaluation.labels),
            "sentence": evaluation.sentence,
            "classes": classes,
        },
        "results": results,
        "verdict": verdict(results, evaluation.multi_label),
        "confidence": _confidence(figures, results),
        "previous": dict(previous),
        "encoders": _encoders(classifier),
        "published": _published(classifier, nothing_unlabeled=None not in data.labels),
        "robustness": _robustness(figures, perturbations_of(output)),
        "history": classifier.history_,
        "monitors": classifier.monitors_,
        "collapse": classifier.collapse_,
        "label_issues": report_label_issues(model, data.labeled_rows),
        "notes": list(OMISSIONS) if takes_plain_path(data) else [],
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
        before = GANClassifier.load(folder)
        if before.multi_label != evaluation.multi_label:
            kind = "several labels" if before.multi_label else "one label"
            return {"version": version, "sentence": f"Version {version} gives {kind} per text, and can't be compared."}
        predicted = before.predict(evaluation.texts)
    except (GanclfError, OSError, ValueError) as error:
        return {"version": version, "sentence": f"Version {version} could not be read for a comparison: {error}"}
    classes = sorted(evaluation.label_names | {str(name) for name in before.classes_})
    figures = FIGURES[evaluation.multi_label](evaluation, classes)
    return {"version": version} | figures.against(version, predicted, before.classes_)


class SingleLabelFigures:
    """Figures of an evaluation with one label a text.

    Args:
        evaluation: of all methods.
        classes: all names, sorted.
    """

    def __init__(self, evaluation: Evaluation, classes: Sequence[str]) -> None:
        self.evaluation, self.classes, self.truth = evaluation, classes, np.array(evaluation.labels)

    def results(self) -> dict[str, dict[str, Any]]:
        """By method, with the p-value of the paired test against the published model."""
        return {
            name: self.of(result)
            | {"p_value": paired_p_value(self._right(self.evaluation.results[PUBLISHED]), self._right(result))}
            for name, result in self.evaluation.results.items()
        }

    def of(self, result: MethodResult) -> dict[str, Any]:
        """Of one method."""
        figures = self.of_predictions(result, result.predicted) | {"seconds": result.seconds} | result.settings
        if result.confidence is not None:
            figures["calibration_error"] = calibration_error(self._right(result), result.confidence)
        return figures

    def of_predictions(self, result: MethodResult, predicted: np.ndarray) -> dict[str, Any]:
        """Of other predictions by the same method for the same texts."""
        return score(self.evaluation.labels, predicted.tolist(), self.classes)

    def mean_confidence(self) -> float | None:
        """Of the published model: the mean probability of its predictions."""
        confidence = self.evaluation.results[PUBLISHED].confidence
        return None if confidence is None else float(confidence.mean())

    def against(self, version: int, predicted: np.ndarray, classes: np.ndarray) -> dict[str, Any]:
        """Compare the published model with predictions of an earlier version, which has these classes."""
        before, now = predicted == self.truth, self._right(self.evaluation.results[PUBLISHED])
        p_value = paired_p_value(now, before)
        gained = int(now.sum()) - int(before.sum())
        change = "as many" if not gained else f"{abs(gained)} {'fewer' if gained > 0 else 'more'}"
        chance = (
            "" if not gained else " That is more than chance." if p_value < SIGNIFICANCE else " That can be chance."
        )
        sentence = (
            f"Version {version}, published before, predicts {int(before.sum())} of the same {len(self.truth)} texts "
            f"correctly: {change}{' as' if not gained else ' than'} this one.{chance}"
        )
        return {"right": int(before.sum()), "texts": len(self.truth), "p_value": p_value, "sentence": sentence}

    def _right(self, result: MethodResult) -> np.ndarray:
        return result.predicted == self.truth


class MultiLabelFigures(SingleLabelFigures):
    """The same with several labels a text."""

    def __init__(self, evaluation: Evaluation, classes: Sequence[str]) -> None:
        self.evaluation, self.classes = evaluation, classes
        self.truth = indicator_matrix(evaluation.labels, classes) == 1
        self.aligned = {name: aligned(result, classes) for name, result in evaluation.results.items()}

    def results(self) -> dict[str, dict[str, Any]]:
        """By method, with the p-value of the paired test against the published model."""
        return {
            name: self.of(result)
            | {"p_value": paired_micro_f1_p_value(self.truth, self._given(PUBLISHED), self._given(name))}
            for name, result in self.aligned.items()
        }

    def of(self, result: MethodResult) -> dict[str, Any]:
        """Of one method."""
        figures = score_label_sets(
            self.truth, result.predicted == 1, self.classes, result.probabilities, result.thresholds
        )
        error = calibration_error(self.truth.ravel(), np.asarray(result.probabilities).ravel())
        return figures | {"calibration_error": error, "seconds": result.seconds} | result.settings

    def of_predictions(self, result: MethodResult, predicted: np.ndarray) -> dict[str, Any]:
        """Of other predictions by the same method for the same texts."""
        return score_label_sets(self.truth, predicted == 1, self.classes)

    def mean_confidence(self) -> float | None:
        """Of the published model: how many labels per text its probabilities add up to."""
        return float(np.asarray(self.aligned[PUBLISHED].probabilities).sum(axis=1).mean())

    def against(self, version: int, predicted: np.ndarray, classes: np.ndarray) -> dict[str, Any]:
        """Compare the published model with predictions of an earlier version, which has these classes."""
        before = np.zeros_like(self.truth)
        before[:, [list(self.classes).index(str(name)) for name in classes]] = predicted == 1
        now = self._given(PUBLISHED)
        p_value = paired_micro_f1_p_value(self.truth, now, before)
        gained = 100 * (micro_f1(self.truth, now) - micro_f1(self.truth, before))
        change = f"{abs(gained):.1f} points {'less' if gained > 0 else 'more'} than"
        chance = "more than chance" if p_value < SIGNIFICANCE else "no more than chance may bring"
        sentence = (
            f"Version {version}, published before, has a micro F1 of {percent(micro_f1(self.truth, before))} % on the "
            f"same {len(self.truth)} texts: {change} this one, which is {chance}."
        )
        return {
            "micro_f1": micro_f1(self.truth, before), "texts": len(self.truth), "p_value": p_value, "sentence": sentence
        }  # fmt: skip

    def _given(self, name: str) -> np.ndarray:
        return self.aligned[name].predicted == 1


FIGURES = {False: SingleLabelFigures, True: MultiLabelFigures}


def _confidence(figures: SingleLabelFigures, results: Mapping[str, Any]) -> dict[str, Any]:
    mean = figures.mean_confidence() if results else None
    if mean is None:
        return {"mean": None, "sentence": ""}
    wording = WORDINGS[figures.evaluation.multi_label]
    return {"mean": mean, "sentence": wording.confidence(results[PUBLISHED], mean)}


def _encoders(classifier: GANClassifier) -> dict[str, Any]:
    """Which encoders `--encoder auto` took; empty with another encoder."""
    if classifier.served_views_ is None:
        return {}
    return classifier.served_views_.to_json(classifier.ensemble_.figures().get("views", ()))


def _published(classifier: GANClassifier, nothing_unlabeled: bool) -> dict[str, Any]:
    thresholds = {}
    remark = " Every text had a label: there was nothing unlabeled to learn from." if nothing_unlabeled else ""
    if classifier.thresholds_ is not None:
        thresholds["thresholds"] = dict(
            zip(class_names(classifier.classes_), classifier.thresholds_.tolist(), strict=True)
        )
    return (
        classifier.stacking_.to_json()
        | {
            "method": classifier.stacking_.method,
            "sentence": classifier.explanation() + remark,
            "details": classifier.ensemble_.details(),
            "reliability": classifier.ensemble_.figures(),
        }
        | thresholds
    )


def _robustness(figures: SingleLabelFigures, how: Perturbations) -> dict[str, Any]:
    """Figures of the published model on the same texts perturbed, by the kind."""
    results = getattr(figures, "aligned", figures.evaluation.results)
    return {
        name: {
            kind: {"rate": how.rate(kind)} | figures.of_predictions(result, predicted)
            for kind, predicted in result.perturbed.items()
        }
        for name, result in results.items()
        if result.perturbed
    }


def _configuration(classifier: GANClassifier) -> dict[str, Any]:
    """The configuration that was used: with the weights that the user left to the data."""
    return asdict(classifier.config(EncoderConfig)) | asdict(classifier.game_config_)
