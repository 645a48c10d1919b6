"""What a server answers, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from ganclf.contract import Prediction


@dataclass(frozen=True)
class Answer:
    """The answer for all texts of a call, in their order."""

    predictions: tuple[Prediction, ...]
    model: str
    version: int  # that answered; of the last part, if a long list met two versions during a switch
    seconds: float  # from the call to the answer, retries included


@dataclass(frozen=True)
class VersionStatus:
    """Where a version is in its life on the server."""

    version: int
    state: str  # START, LOADING, AVAILABLE, UNLOADING or END
    error: str  # why it ended; empty: no error


@dataclass(frozen=True)
class TensorSpec:
    """What one input takes or one output gives."""

    dtype: str
    shape: tuple[int | None, ...] | None  # None inside: any size; None: any shape


@dataclass(frozen=True)
class SignatureMetadata:
    """One way to call a model."""

    inputs: dict[str, TensorSpec]
    outputs: dict[str, TensorSpec]


@dataclass(frozen=True)
class Metadata:
    """How a model can be called."""

    model: str
    version: int
    signatures: dict[str, SignatureMetadata]
