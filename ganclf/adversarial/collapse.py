"""Collapse of a game: recognized by stated rules, described in one sentence, and undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np

MIN_BATCH_STD = 0.05  # of that of real rows; below it the generator makes one row again and again
MIN_OTHER_CLASSES = 0.1  # of the prior of all classes but one; below it the classifier predicts one class
PATIENCE_REPORTS = 3  # in a row; one bad report may be chance. NaN and infinity end the game at once.

Report = Mapping[str, np.ndarray]


def not_finite(report: Report) -> str | None:
    """Name the values that are NaN or infinite, or None."""
    broken = sorted(name for name, value in report.items() if not np.all(np.isfinite(value)))
    return f"the game diverged: {', '.join(broken)} not finite" if broken else None


def generator_collapsed(report: Report, class_priors: np.ndarray) -> str | None:
    """Describe a generator whose rows are all alike, or None."""
    if "generated_batch_std" not in report:
        return None
    generated, real = float(report["generated_batch_std"]), float(report["real_batch_std"])
    if generated >= MIN_BATCH_STD * real:
        return None
    return f"the generator collapsed: its rows vary by {generated:.2g}, real rows by {real:.2g}"


def classifier_collapsed(report: Report, class_priors: np.ndarray) -> str | None:
    """Describe a classifier that predicts nearly always one class while the priors expect others, or None."""
    predicted = report["predicted_class_distribution"]
    top = int(np.argmax(predicted))
    if 1.0 - predicted[top] >= MIN_OTHER_CLASSES * (1.0 - class_priors[top]):
        return None
    return (
        f"the classifier collapsed: it predicts class {top} for {100 * predicted[top]:.0f} % of the unlabeled rows, "
        f"where about {100 * class_priors[top]:.0f} % are expected"
    )


SYMPTOMS = (generator_collapsed, classifier_collapsed)


class CollapseStopping(keras.callbacks.Callback):
    """Checks the monitors at every report; ends a collapsed game and restores the average weights.

    No label is needed. The restored weights are the newest averages from a report without a symptom.

    Args:
        class_priors: expected class distribution of the unlabeled rows, shape [classes].
        steps_per_report: steps between two reports.

    Attributes:
        reports: values of the monitors at each report.
        message: one sentence on the collapse; None where there was none.
        restored_step: the step of the newest average without a symptom; 0 is before the first step.
    """

    def __init__(self, class_priors: Sequence[float], steps_per_report: int) -> None:
        super().__init__()
        self.class_priors, self.steps_per_report = np.asarray(class_priors), steps_per_report
        self.reports: list[Report] = []
        self.message: str | None = None
        self._bad_reports = 0

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Keep the initial weights, in case nothing better comes."""
        self._keep(0)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Keep the average, or count a symptom, or end the game."""
        report = self.model.report()
        self.reports.append(report)
        broken = not_finite(report)
        symptom = broken or next(filter(None, (check(report, self.class_priors) for check in SYMPTOMS)), None)
        self._bad_reports = self._bad_reports + 1 if symptom else 0
        if not symptom:
            self._keep((epoch + 1) * self.steps_per_report)
        elif broken or self._bad_reports >= PATIENCE_REPORTS:
            self._restore(symptom, (epoch + 1) * self.steps_per_report)

    def _keep(self, step: int) -> None:
        self._best, self.restored_step = self.model.ema_network.get_weights(), step

    def _restore(self, symptom: str, step: int) -> None:
        self.model.ema_network.set_weights(self._best)
        self.model.stop_training = True
        self.message = (
            f"At step {step} {symptom}. The run went back to the average weights of step {self.restored_step}."
        )
