"""What answers for a classifier: a model fitted here, or one that was published. Both have the same methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ganclf import contract
from ganclf.classification.label_types import class_names
from ganclf.data.rows import EncodedTexts
from ganclf.export.published import PublishedModel

if TYPE_CHECKING:  # TensorFlow is imported only to publish
    from ganclf.export.publish import Expected, Extras


class Model(Protocol):
    """Texts in, probabilities out; can be published."""

    def answers(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return probabilities, shape [n, classes], and in-scope scores, shape [n], float32."""

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probability of each class, float32, shape [n, classes]."""

    def save(self, folder: Path, parameters: Mapping[str, Any], extras: Extras) -> Path:
        """Publish the next version under `folder`; returns the version's folder."""


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A model in this process.

    Attributes:
        encoder: fitted.
        head: encoded texts → probabilities and in-scope scores.
        classes: the labels, in the order of the probabilities.
        thresholds: probability from which a text gets a label, float32, shape [classes]; None with one label a text.
    """

    encoder: Any
    head: Any
    classes: np.ndarray
    thresholds: np.ndarray | None = None

    def answers(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return probabilities, shape [n, classes], and in-scope scores, shape [n], float32."""
        from ganclf.rendering.text_images import map_rows

        rows = EncodedTexts.of(self.encoder.transform(texts))
        return map_rows(lambda batch: self.head(batch)[0], rows), map_rows(lambda batch: self.head(batch)[1], rows)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probability of each class, float32, shape [n, classes]."""
        from ganclf.rendering.text_images import map_rows

        return map_rows(lambda batch: self.head(batch)[0], EncodedTexts.of(self.encoder.transform(texts)))

    def save(self, folder: Path, parameters: Mapping[str, Any], extras: Extras) -> Path:
        """Publish the next version under `folder`; returns the version's folder."""
        from ganclf.classification.served import ServedClassifier, ServedMultiLabelClassifier
        from ganclf.export.publish import Publication, publish

        names = class_names(self.classes)
        if self.thresholds is None:
            served = ServedClassifier(self.encoder, self.head, names)
        else:
            served = ServedMultiLabelClassifier(self.encoder, self.head, names, self.thresholds)
        return publish(Publication(served, parameters, expected(self.probabilities)), folder, extras)


class SavedModel:
    """A published model.

    Args:
        published: read from its folder.
        keep: a temporary folder that must live as long as the model.
    """

    def __init__(self, published: PublishedModel, keep: TemporaryDirectory[str] | None = None) -> None:
        self.published, self._keep = published, keep

    def answers(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return probabilities, shape [n, classes], and in-scope scores, shape [n], float32; NaN for no score."""
        return self.published.answers(texts)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return the probability of each class, float32, shape [n, classes]."""
        return self.published.probabilities(texts)

    def save(self, folder: Path, parameters: Mapping[str, Any], extras: Extras) -> Path:
        """Copy the version as the next one under `folder`, with the parameters of its training."""
        from ganclf.export.publish import publish_copy

        return publish_copy(self.published.folder, expected(self.published.probabilities), folder, extras)


def expected(probabilities: Callable[[Sequence[str]], np.ndarray]) -> Expected:
    """What a published model has to answer, of a function that gives the probabilities of texts."""
    from ganclf.export.warmup import texts_of

    return lambda request: {contract.PROBABILITIES: probabilities(texts_of(request))}


def to_files(model: Model, parameters: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the published files of a model by their relative paths."""
    with TemporaryDirectory() as folder:
        version = model.save(Path(folder), parameters, lambda assets: None)
        files = (file for file in version.rglob("*") if file.is_file())
        return {file.relative_to(version).as_posix(): file.read_bytes() for file in files}


def from_files(files: Mapping[str, bytes]) -> SavedModel:
    """Read the model that `to_files` wrote."""
    folder = TemporaryDirectory(prefix="ganclf-")
    for name, content in files.items():
        file = Path(folder.name, "1", name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return SavedModel(PublishedModel(Path(folder.name, "1")), folder)
