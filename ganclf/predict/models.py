"""What answers: a published model in this process, or one on a server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ganclf import contract
from ganclf.errors import ModelError
from ganclf.predict.answers import Answers

if TYPE_CHECKING:
    from ganclf.contract import Prediction
    from serving.client import Client

_BLOCK = 2**20  # bytes that are hashed at once


class Model(Protocol):
    """What answers texts.

    Attributes:
        identity: the same only for the same model.
        scope: whether it gives in-scope scores.
        multi_label: whether a text can have several labels.
        class_count: how many classes it knows.
    """

    identity: str
    scope: bool
    multi_label: bool
    class_count: int

    def answer(self, texts: Sequence[str]) -> Answers:
        """Answer texts that are not blank, in their order."""


class FolderModel:
    """A Model in saved_models/<name>, or in the folder of one of its versions."""

    def __init__(self, folder: Path) -> None:
        import numpy as np

        from ganclf.export.published import PublishedModel

        self._model = PublishedModel(folder)
        self.identity = hash_folder(self._model.folder)
        self.multi_label = self._model.multi_label
        self.class_count = len(self._model.classes)
        self.scope = not bool(np.isnan(self._model.answers(["?"])[1]).any())

    def answer(self, texts: Sequence[str]) -> Answers:
        """Answer in batches that bound the memory."""
        probabilities, scope = self._model.answers(texts)
        chosen = self._model.decide(probabilities) if self.multi_label else None
        return Answers(self._model.classes, probabilities, scope if self.scope else None, chosen)


class ServerModel:
    """A Model on a server."""

    def __init__(self, client: Client) -> None:
        self._client = client
        first = client.predict(["?"])
        prediction = first.predictions[0]
        self.identity = f"{client.address} {first.model} {first.version}"
        self.scope = prediction.in_scope is not None
        self.multi_label = prediction.labels is not None
        self.class_count = len(prediction.probabilities)

    def answer(self, texts: Sequence[str]) -> Answers:
        """Ask; the client bounds the size of a request."""
        return as_answers(self._client.predict(texts).predictions)


def as_answers(predictions: Sequence[Prediction]) -> Answers:
    """Put single predictions into arrays; a class that only some of them have has no probability in the others."""
    import numpy as np

    classes = sorted({name for each in predictions for name in each.probabilities})
    place = {name: index for index, name in enumerate(classes)}
    probabilities = np.zeros((len(predictions), len(classes)), np.float32)
    chosen = np.zeros(probabilities.shape, bool)
    for row, each in enumerate(predictions):
        probabilities[row, [place[name] for name in each.probabilities]] = list(each.probabilities.values())
        chosen[row, [place[name] for name in each.labels or ()]] = True
    scope = np.array([np.nan if each.in_scope is None else each.in_scope for each in predictions], np.float32)
    several = any(each.labels is not None for each in predictions)
    return Answers(classes, probabilities, scope, chosen if several else None)


def columns_under(folder: Path) -> tuple[str, ...]:
    """Names of the text columns in the file that a model was trained on; empty where they are not known.

    Args:
        folder: of the model, or of one of its versions.
    """
    from ganclf.export.versions import newest

    try:
        report = newest(folder) / contract.ASSETS_EXTRA / contract.REPORT_FILE
        text = json.loads(report.read_text(encoding="utf-8"))["data"]["columns"]["text"]
    except (ModelError, OSError, ValueError, KeyError, TypeError):
        return ()
    return (text,) if isinstance(text, str) else tuple(map(str, text))


def base_name(folder: Path) -> str:
    """The name of a model, whose folder or version's folder is given."""
    return folder.parent.name if contract.version_number(folder.name) is not None else folder.name


def hash_folder(version: Path) -> str:
    """The same only for the same files, but for those that do not change answers."""
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(version.rglob("*")):
        if file.is_file() and contract.ASSETS_EXTRA not in file.relative_to(version).parts:
            digest.update(f"{file.relative_to(version)}\n{hash_file(file)}\n".encode())
    return digest.hexdigest()


def hash_file(file: Path) -> str:
    """The same only for the same content."""
    digest = hashlib.blake2b(digest_size=16)
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
