"""A fitted classifier becomes saved_models/<name>/<version>/, published at once or not at all."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from ganclf import contract
from ganclf.errors import ExportError
from ganclf.gate import check_servable
from ganclf.published import PARAMETERS_FILE
from ganclf.versions import next_version
from ganclf.warmup import write_warmup

if TYPE_CHECKING:
    from ganclf.estimator import GANClassifier


TOLERANCE = 1e-4  # between the probabilities of the fitted and of the published model

_own_drafts: set[str] = set()  # that this process is writing; a number of a process comes again, as after a restart


class ServedClassifier(tf.Module):
    """Raw strings → labels and probabilities: the encoder and what answers in one graph.

    Args:
        encoder: fitted; has encode(texts).
        head: features [batch, size] → probabilities [batch, classes], in-scope score [batch].
        classes: label of each probability.
    """

    def __init__(self, encoder: Any, head: Any, classes: Sequence[str]) -> None:
        super().__init__(name="classifier")
        self.encoder = encoder
        self.head = head
        self.classes = tf.constant(list(classes))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name=contract.TEXT)])
    def predict(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Strings [batch] → label, confidence and in_scope [batch], probabilities and classes [batch, classes]."""
        text = tf.ensure_shape(text, [None])  # a scalar must be an error here: in the tokenizers it ends the process
        probabilities, in_scope = self.head(self.encoder.encode(text))
        return {
            contract.LABEL: tf.gather(self.classes, tf.argmax(probabilities, axis=1)),
            contract.PROBABILITIES: probabilities,
            # not tf.tile, which takes microseconds for each string
            contract.CLASSES: tf.gather(self.classes[tf.newaxis], tf.zeros_like(text, tf.int32)),
            contract.CONFIDENCE: tf.reduce_max(probabilities, axis=1),
            contract.IN_SCOPE: in_scope,
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="inputs")])
    def classify(self, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Serialized tf.Example [batch] with the feature `text` → classes and scores, for TF Serving's Classify."""
        inputs = tf.ensure_shape(inputs, [None])
        feature = {contract.TEXT: tf.io.FixedLenFeature([], tf.string)}
        answer = self.predict(tf.io.parse_example(inputs, feature)[contract.TEXT])
        return {"classes": answer[contract.CLASSES], "scores": answer[contract.PROBABILITIES]}


def publish(classifier: GANClassifier, base: Path, extras: Callable[[Path], None] = lambda folder: None) -> Path:
    """Write the next version under `base`; until it is whole, no folder with a version's name is there.

    Args:
        classifier: fitted, or loaded; what was loaded is copied.
        base: saved_models/<name>.
        extras: writes further files into the version's assets.extra.
    Returns:
        The version's folder.
    Raises:
        ExportError: the stock server could not run the written model, or it answers otherwise than the fitted one.
    """
    base.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(base)
    draft = base / f".publishing-{os.getpid()}-{secrets.token_hex(4)}"
    _own_drafts.add(draft.name)
    try:
        _write(classifier, draft)
        extras(draft / contract.ASSETS_EXTRA)
        _check(classifier, draft)
        return _rename_to_next_version(draft, base)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        _own_drafts.discard(draft.name)


def _write(classifier: GANClassifier, draft: Path) -> None:
    if hasattr(classifier, "published_"):
        shutil.copytree(classifier.published_.folder, draft)
        return
    served = ServedClassifier(classifier.encoder_, classifier.head_, [str(each) for each in classifier.classes_])
    signatures = {contract.PREDICT_SIGNATURE: served.predict, contract.CLASSIFY_SIGNATURE: served.classify}
    tf.saved_model.save(served, str(draft), signatures=signatures)
    updater = tf.compat.v1.saved_model.signature_def_utils.MethodNameUpdater(str(draft))
    updater.replace_method_name(contract.CLASSIFY_SIGNATURE, "tensorflow/serving/classify")
    updater.save()
    extra = draft / contract.ASSETS_EXTRA
    extra.mkdir(exist_ok=True)
    write_warmup(extra / contract.WARMUP_FILE)
    parameters = {name: value if value is None else _plain(value) for name, value in classifier.get_params().items()}
    (extra / PARAMETERS_FILE).write_text(json.dumps(parameters, indent=1) + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


def _check(classifier: GANClassifier, draft: Path) -> None:
    """Check that a server can load the draft, and compare its answers to the warm-up with those of the fitted model."""
    texts, probabilities = check_servable(draft)
    difference = float(np.abs(probabilities - classifier.predict_proba(texts)).max())
    if not difference < TOLERANCE:
        raise ExportError(
            f"The written model's probabilities differ by {difference:g} from the fitted one's (at most {TOLERANCE:g})."
            " Nothing was published. Please report this as a bug."
        )


def _rename_to_next_version(draft: Path, base: Path) -> Path:
    for _ in range(100):  # another run may take the number at the same moment
        target = base / str(next_version(base))
        try:
            draft.rename(target)
        except OSError:
            if not target.exists():
                raise
        else:
            return target
    raise ExportError(f"{base}: no version number was free in 100 attempts; is another program writing there?")


def _remove_leftovers(base: Path) -> None:
    """Remove drafts of runs that were killed."""
    for draft in base.glob(".publishing-*"):
        owner = draft.name.split("-")[1]
        used = draft.name in _own_drafts if owner == str(os.getpid()) else owner.isdigit() and _runs(int(owner))
        if not used:
            shutil.rmtree(draft, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)  # asks only
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
