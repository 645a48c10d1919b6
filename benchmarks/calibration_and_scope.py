"""What a benchmark's page tells of published classifiers beside accuracy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.methods import PUBLISHED, SCOPE_AUROC, SOFTMAX_AUROC
from benchmarks.summary import Group

CALIBRATION = "calibration_error"


def beyond_accuracy(groups: Sequence[Group]) -> Iterator[str]:
    """One sentence a number of labels: what was published, how well calibrated, and how well it knows its scope."""
    for group in groups:
        if PUBLISHED not in group.lines:
            continue
        chosen = [cell["settings"] for cell in group.lines[PUBLISHED].cells]
        told = Counter(each["method"] for each in chosen)
        methods = ", ".join(f"{name} in {times}" for name, times in told.most_common())
        parts = [
            f"At {group.labels} labels a class: published was {methods} of {len(chosen)} draws",
            f"expected calibration error {100 * _mean(chosen, CALIBRATION):.1f} %",
            f"mean trust in the unlabelled rows {_mean(chosen, 'trust'):.2f}",
        ]
        if SCOPE_AUROC in chosen[0]:
            parts.append(
                f"AUROC of texts of a class against texts of none {100 * _mean(chosen, SCOPE_AUROC):.1f} by in_scope, "
                f"{100 * _mean(chosen, SOFTMAX_AUROC):.1f} by the maximum softmax of the same game"
            )
        yield "; ".join(parts) + "."


def _mean(chosen: Sequence[dict], name: str) -> float:
    return float(np.mean([each[name] for each in chosen]))
