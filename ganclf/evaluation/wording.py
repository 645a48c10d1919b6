"""What tables and sentences of a report say of figures: with one label a text, and with several."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WIDE = 0.25  # interval of the accuracy from which texts are too few to judge confidence
_MOST_DIGITS = 3  # of the ends of an interval
SIGNIFICANCE = 0.05  # p-value below which a difference counts as more than chance
Result = Mapping[str, Any]  # figures of a method


class Wording(ABC):
    """How figures of methods become cells and sentences.

    Attributes:
        methods_header: of the table of methods, without the first column and the seconds.
        classes_header: of the table of classes.
        main_figure: by which methods are ranked.
        output: of the model, for the model card, with `{classes}`.
        limit: what the model does with texts that belong to no class.
    """

    methods_header: tuple[str, ...]
    classes_header: tuple[str, ...]
    main_figure: str
    output: str
    limit: str

    @abstractmethod
    def method_cells(self, result: Result) -> tuple[str, ...]:
        """Cells of a method's row."""

    @abstractmethod
    def class_cells(self, figures: Result) -> tuple[str, ...]:
        """Cells of a class's row, without its name."""

    @abstractmethod
    def accuracy(self, own: Result) -> str:
        """State the figures of the published model in a sentence or two."""

    @abstractmethod
    def difference(self, own: Result, other: Result, name: str) -> str:
        """State the difference from another method, and whether it is more than chance."""

    @abstractmethod
    def confidence(self, result: Result, mean_confidence: float) -> str:
        """State whether the published model is too sure or too modest."""

    @abstractmethod
    def title(self, own: Result, name: str) -> str:
        """Title of the plot of the published model."""


class SingleLabelWording(Wording):
    """With one label a text: accuracy first."""

    methods_header = ("right", "accuracy (95 %)", "macro F1")
    classes_header = ("class", "precision", "recall", "F1", "test texts")
    main_figure = "right"
    output = "one of {classes} labels, with a probability for each"
    limit = "It has only the labels above and always predicts one of them, also for texts that belong to none."

    def method_cells(self, result: Result) -> tuple[str, ...]:
        """Right texts, accuracy and macro F1."""
        return (
            f"{result['right']} of {result['texts']}",
            f"{percent(result['accuracy'])} ({span(result['accuracy_interval'])})",
            percent(result["macro_f1"]),
        )

    def class_cells(self, figures: Result) -> tuple[str, ...]:
        """Precision, recall, F1 and support."""
        shares = (percent(figures[name]) for name in ("precision", "recall", "f1"))
        return (*shares, str(figures["support"]))

    def accuracy(self, own: Result) -> str:
        """How many texts are right."""
        return (
            f"The published model predicted {own['right']} of {own['texts']} test texts correctly: "
            f"{percent(own['accuracy'])} % (95 % interval {span(own['accuracy_interval'])} %)."
        )

    def difference(self, own: Result, other: Result, name: str) -> str:
        """In texts."""
        gained = own["right"] - other["right"]
        right = f"{other['right']} of {other['texts']}"
        if gained == 0:
            return f"The best other method ({name}) got as many right."
        change = f"{abs(gained)} {'more' if gained > 0 else 'fewer'} than the best other method ({name}, {right})"
        if other["p_value"] >= SIGNIFICANCE:
            return f"That is {change}; a difference of this size can be chance."
        advice = "" if gained > 0 else " Prefer that method here, or add labels."
        return f"That is {change}, which is more than chance.{advice}"

    def confidence(self, result: Result, mean_confidence: float) -> str:
        """Mean confidence beside the accuracy."""
        low, high = result["accuracy_interval"]
        figures = f"on average {percent(mean_confidence)} % sure, and right in {percent(result['accuracy'])} %"
        if low <= mean_confidence <= high and high - low > WIDE:
            return f"So few texts can't show whether its confidence fits: it is {figures} of them."
        if low <= mean_confidence <= high:
            return f"Its confidence fits: it is {figures} of these texts."
        if mean_confidence > high:
            return f"It is too sure of itself: it is {figures} of these texts."
        return f"It is too modest: it is {figures} of these texts."

    def title(self, own: Result, name: str) -> str:
        """Right texts."""
        return f"{name}: {own['right']} of {own['texts']} right"


class MultiLabelWording(Wording):
    """With several labels a text: the F1 of all labels together (micro) first."""

    methods_header = ("micro F1 (95 %)", "macro F1", "all labels right")
    classes_header = ("class", "precision", "recall", "F1", "average precision", "threshold", "test texts")
    main_figure = "micro_f1"
    output = "any of {classes} labels, with a probability for each; one label, several or none"
    limit = "It has only the labels above. It gives none where no probability reaches its threshold."

    def method_cells(self, result: Result) -> tuple[str, ...]:
        """Micro and macro F1, and the share of texts with all labels right."""
        return (
            f"{percent(result['micro_f1'])} ({span(result['micro_f1_interval'])})",
            percent(result["macro_f1"]),
            f"{result['right']} of {result['texts']}",
        )

    def class_cells(self, figures: Result) -> tuple[str, ...]:
        """Precision, recall, F1, average precision, threshold and support."""
        shares = (percent(figures[name]) for name in ("precision", "recall", "f1"))
        average, threshold = figures["average_precision"], figures["threshold"]
        return (
            *shares,
            "–" if average is None else percent(average),
            "–" if threshold is None else f"{threshold:.2f}",
            str(figures["support"]),
        )

    def accuracy(self, own: Result) -> str:
        """Micro F1, precision, recall, and texts with all labels right."""
        return (
            f"The published model has a micro F1 of {percent(own['micro_f1'])} % (95 % interval "
            f"{span(own['micro_f1_interval'])} %) on {own['texts']} test texts: of the labels that it gave "
            f"{percent(own['micro_precision'])} % were right, and it found {percent(own['micro_recall'])} % of the "
            f"true ones. All labels were right for {own['right']} texts ({percent(own['accuracy'])} %)."
        )

    def difference(self, own: Result, other: Result, name: str) -> str:
        """In points of micro F1."""
        gained = 100 * (own["micro_f1"] - other["micro_f1"])
        if abs(gained) < 0.05:
            return f"The best other method ({name}) has the same micro F1."
        change = (
            f"{abs(gained):.1f} points {'more' if gained > 0 else 'less'} than the best other method ({name}, "
            f"{percent(other['micro_f1'])} %)"
        )
        if other["p_value"] >= SIGNIFICANCE:
            return f"That F1 is {change}; a difference of this size can be chance."
        advice = "" if gained > 0 else " Prefer that method here, or add labels."
        return f"That F1 is {change}, which is more than chance.{advice}"

    def confidence(self, result: Result, mean_confidence: float) -> str:
        """Labels per text by the sum of the probabilities, and true ones."""
        expected, true = mean_confidence, result["labels_per_text"]
        figures = f"its probabilities add up to {expected:.2f} labels per text, and these texts have {true:.2f}"
        if abs(expected - true) <= 0.1 * true:
            return f"Its confidence fits: {figures}."
        return f"It is too {'sure of itself' if expected > true else 'modest'}: {figures}."

    def title(self, own: Result, name: str) -> str:
        """Micro F1."""
        return f"{name}: micro F1 {percent(own['micro_f1'])} % on {own['texts']} texts"


WORDINGS: dict[bool, Wording] = {False: SingleLabelWording(), True: MultiLabelWording()}  # by report["multi_label"]


def wording_of(report: Mapping[str, Any]) -> Wording:
    """That of a report; reports that were written before there were several labels a text have one."""
    return WORDINGS[bool(report.get("multi_label"))]


def percent(share: float) -> str:
    """0.875 → 87.5."""
    return f"{100 * share:.1f}"


def percent_range(shares: Iterable[float]) -> str:
    """0.034, 0.5 and 0.875 → 3 to 88."""
    percents = [100 * share for share in shares]
    return f"{min(percents):.0f} to {max(percents):.0f}"


def span(interval: Sequence[float]) -> str:
    """(0.8, 0.9) → 80 to 90, with as many digits as it takes to tell both ends apart."""
    low, high = (100 * end for end in interval)
    for digits in range(_MOST_DIGITS):
        if f"{low:.{digits}f}" != f"{high:.{digits}f}":
            return f"{low:.{digits}f} to {high:.{digits}f}"
    return f"{low:.{_MOST_DIGITS}f} to {high:.{_MOST_DIGITS}f}"
