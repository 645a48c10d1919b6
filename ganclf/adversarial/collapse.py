"""A game that went wrong: recognised by stated rules, said in a sentence, and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np

LEAST_VARIETY = 0.05  # of the variety of real rows; below it the generator makes one row again and again
LEAST_OTHERS = 0.1  # of what all classes but one should have together; below it the classifier says one class
PATIENCE_REPORTS = 3  # in a row; one bad report may be chance. What is not a number is not waited for.

Report = Mapping[str, np.ndarray]


def not_finite(report: Report) -> str | None:
    """Say which values are no numbers, or None."""
    broken = sorted(name for name, value in report.items() if not np.all(np.isfinite(value)))
    return f"the game diverged: {', '.join(broken)} not finite" if broken else None


def generator_collapsed(report: Report, shares: np.ndarray) -> str | None:
    """Say that generated rows are all alike, or None."""
    if "generated_batch_std" not in report:
        return None
    generated, real = float(report["generated_batch_std"]), float(report["real_batch_std"])
    if generated >= LEAST_VARIETY * real:
        return None
    return f"the generator collapsed: its rows vary by {generated:.2g}, real rows by {real:.2g}"


def classifier_collapsed(report: Report, shares: np.ndarray) -> str | None:
    """Say that nearly everything is called one class while the labels expect others, or None."""
    predicted = report["predicted_class_distribution"]
    most = int(np.argmax(predicted))
    if 1.0 - predicted[most] >= LEAST_OTHERS * (1.0 - shares[most]):
        return None
    return (
        f"the classifier collapsed: it calls {100 * predicted[most]:.0f} % of the unlabelled rows class {most}, "
        f"where about {100 * shares[most]:.0f} % are expected"
    )


SYMPTOMS = (generator_collapsed, classifier_collapsed)


class CollapseStopping(keras.callbacks.Callback):
    """Looks at the monitors at every report; ends a collapsed game and takes the average back.

    No label is asked. The best average weights are the newest ones that were kept at a report without any symptom.

    Args:
        shares: expected class shares of the unlabelled rows, shape [classes].
        steps_a_report: rounds between two reports.

    Attributes:
        reports: values of the monitors at each report.
        sentence: what happened; None where nothing did.
        restored_step: the step of the newest average without any symptom; 0 is before anything was learned.
    """

    def __init__(self, shares: Sequence[float], steps_a_report: int) -> None:
        super().__init__()
        self.shares, self.steps_a_report = np.asarray(shares), steps_a_report
        self.reports: list[Report] = []
        self.sentence: str | None = None
        self._bad_reports = 0

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Keep the first weights: the last resort."""
        self._keep(0)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """One report: keep the average, or count a symptom, or end the game."""
        report = self.model.report()
        self.reports.append(report)
        broken = not_finite(report)
        symptom = broken or next(filter(None, (check(report, self.shares) for check in SYMPTOMS)), None)
        self._bad_reports = self._bad_reports + 1 if symptom else 0
        if not symptom:
            self._keep((epoch + 1) * self.steps_a_report)
        elif broken or self._bad_reports >= PATIENCE_REPORTS:
            self._go_back(symptom, (epoch + 1) * self.steps_a_report)

    def _keep(self, step: int) -> None:
        self._best, self.restored_step = self.model.average.get_weights(), step

    def _go_back(self, symptom: str, step: int) -> None:
        self.model.average.set_weights(self._best)
        self.model.stop_training = True
        self.sentence = (
            f"At step {step} {symptom}. The run went back to the average weights of step {self.restored_step}."
        )
