"""Calibration and out-of-distribution metrics of published classifiers, for the page of a benchmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.methods import PUBLISHED, SCOPE_AUROC, SOFTMAX_AUROC
from benchmarks.summary import Group

CALIBRATION = "calibration_error"


def calibration_and_scope(groups: Sequence[Group]) -> Iterator[str]:
    """Yield a sentence per number of labels: the method published, its calibration error and its scope AUROC."""
    for group in groups:
        if PUBLISHED not in group.lines:
            continue
        chosen = [cell["settings"] for cell in group.lines[PUBLISHED].cells]
        counts = Counter(each["method"] for each in chosen)
        methods = ", ".join(f"{name} in {count}" for name, count in counts.most_common())
        parts = [
            f"At {group.labels} labels per class: published was {methods} of {len(chosen)} draws",
            f"expected calibration error {100 * _mean(chosen, CALIBRATION):.1f} %",
            f"mean weight of the unlabeled rows {_mean(chosen, 'unlabeled_weight'):.2f}",
        ]
        if SCOPE_AUROC in chosen[0]:
            parts.append(
                f"AUROC of in-scope against out-of-scope texts {100 * _mean(chosen, SCOPE_AUROC):.1f} by in_scope, "
                f"{100 * _mean(chosen, SOFTMAX_AUROC):.1f} by the maximum softmax of the same game"
            )
        yield "; ".join(parts) + "."


def _mean(chosen: Sequence[dict], name: str) -> float:
    return float(np.mean([each[name] for each in chosen]))
