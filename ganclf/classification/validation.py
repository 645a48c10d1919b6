"""How good a classifier is: asked a test file, a held-out part, or each fold in turn, whichever the data allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.base import clone

from ganclf.classification.comparison import Entry, contest, cross_validated_contest
from ganclf.classification.estimator import GANClassifier
from ganclf.config import RunConfig
from ganclf.data import TrainingData, hold_out
from ganclf.evaluation.perturbations import Disturbed

HOLD_OUT_LABELS = 15  # labels a class from which a part is held out; with fewer the estimate is cross-validated
HOLD_OUT_SHARE = 0.2
FOLDS = 3  # each plays with and without generator, and twice more on halves of its labels


@dataclass(frozen=True)
class Estimate:
    """How good each method is, and how that was found out.

    Attributes:
        kind: test_file, hold_out, cross_validation or none.
        sentence: the same for a reader.
        truth: label of each asked text.
        entries: what each method answered.
        fitted: whether the classifier now knows all labels, so that it can be published.
    """

    kind: str
    sentence: str
    truth: list[str]
    entries: dict[str, Entry]
    fitted: bool


def make_estimate(classifier: GANClassifier, material: TrainingData, output: RunConfig) -> Estimate:
    """Ask what the data allows; with a test file `classifier` is fitted to all labels by that."""
    texts, labels = material.texts, material.labels
    how: dict[str, Any] = {"compare": output.compare == "all", "disturb": disturbances(output)}
    fewest = min(material.summary.labeled.values())
    if material.test_texts:
        entries = contest(classifier, texts, labels, material.test_texts, **how)
        sentence = f"On the test file: {len(material.test_texts)} labelled texts that were not learned from."
        return Estimate("test_file", sentence, material.test_labels, entries, True)
    if fewest >= HOLD_OUT_LABELS:
        return _hold_out_estimate(classifier, texts, labels, how)
    if max(material.summary.labeled.values()) < 2:
        sentence = "No estimate: with a single label a class nothing can be held out. Give --test FILE to get one."
        return Estimate("none", sentence, [], {}, False)
    entries, places = cross_validated_contest(classifier, texts, labels, count=FOLDS, **how)
    sentence = (
        f"Cross-validated over the {len(places)} labelled texts (up to {FOLDS} folds); with so few the figures are "
        "rough. The published model learned from all labels."
    )
    return Estimate("cross_validation", sentence, [str(labels[place]) for place in places], entries, False)


def disturbances(output: RunConfig) -> Disturbed:
    """How the asked texts are disturbed."""
    return Disturbed(output.robustness, output.disguise, output.script)


def _hold_out_estimate(
    classifier: GANClassifier, texts: Sequence[str], labels: Sequence[str | None], how: dict[str, Any]
) -> Estimate:
    held = set(hold_out(list(labels), HOLD_OUT_SHARE, classifier.seed).tolist())
    rest = [place for place in range(len(texts)) if place not in held]
    asked = sorted(held)
    entries = contest(
        clone(classifier),
        [texts[i] for i in rest],
        [labels[i] for i in rest],
        [texts[i] for i in asked],
        **how,
    )
    sentence = (
        f"On {len(asked)} labelled texts that were held out, every class in proportion. "
        "The published model then learned from all labels."
    )
    return Estimate("hold_out", sentence, [str(labels[i]) for i in asked], entries, False)
