"""The report of a run: the version before is compared on the same texts, or the report states why not."""

from __future__ import annotations

import numpy as np
import pytest
from weather import LABELS, TEXTS

from ganclf.classification.comparison import MethodResult
from ganclf.classification.run_report import compare_with_previous
from ganclf.classification.validation import Evaluation

X_TEST = TEXTS[:6]


def evaluation(predicted: list[str], labels: list[str], kind: str = "test_file") -> Evaluation:
    return Evaluation(kind, "", X_TEST, labels, {"published": MethodResult(np.array(predicted), 1.0, {})})


@pytest.fixture(scope="module")
def before(version) -> list[str]:
    """What the published version predicts."""
    from ganclf import GANClassifier

    return GANClassifier.load(version).predict(X_TEST).tolist()


def test_without_an_earlier_version_nothing_is_compared(tmp_path):
    assert compare_with_previous(tmp_path, evaluation(["x"] * 6, ["x"] * 6)) == {"sentence": ""}


def test_on_a_test_file_both_versions_are_counted_on_the_same_texts(version, before):
    other = {name: next(each for each in sorted(set(LABELS) - {None, ""}) if each != name) for name in before}
    labels = [*before[:5], other[before[5]]]  # five are right
    now = [other[before[0]], *labels[1:]]  # as many are right, of other texts
    found = compare_with_previous(version.parent, evaluation(now, labels))
    assert (found["version"], found["right"], found["texts"]) == (1, 5, 6)
    assert (
        "Version 1, published before, predicts 5 of the same 6 texts correctly: as many as this one."
        in (found["sentence"])
    )
    worse = compare_with_previous(version.parent, evaluation([other[name] for name in labels], labels))
    assert "5 more than this one. That can be chance." in worse["sentence"]
    assert worse["p_value"] == pytest.approx(2 / 2**5)


@pytest.mark.parametrize("kind", ["hold_out", "cross_validation", "none"])
def test_without_a_test_file_a_lower_figure_is_not_called_harm(version, kind):
    found = compare_with_previous(version.parent, evaluation(["x"] * 6, ["x"] * 6, kind))
    assert "does not mean that new labels did harm" in found["sentence"]
    assert "right" not in found


def test_a_version_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "saved_model.pb").write_bytes(b"not a model")
    found = compare_with_previous(tmp_path, evaluation(["x"] * 6, ["x"] * 6))
    assert found["sentence"].startswith("Version 3 could not be read for a comparison:")
