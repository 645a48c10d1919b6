"""A signature as plain values: reading a protocol buffer's maps again for each request costs more than a small run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A tensor that a signature feeds or fetches.

    Attributes:
        name: of the tensor in the graph.
        dtype: DataType.
        sizes: of its shape, -1 for any size; None: of any rank.
    """

    name: str
    dtype: int
    sizes: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Signature:
    """What Predict reads of a SignatureDef.

    Attributes:
        inputs, outputs: by alias, in the order of the aliases.
        defaults: TensorProto by alias, for inputs that a request may leave out.
    """

    inputs: Mapping[str, Endpoint]
    outputs: Mapping[str, Endpoint]
    defaults: Mapping[str, Any]


def read_signature(signature: Any) -> Signature:
    """Read a SignatureDef."""
    return Signature(_endpoints(signature.inputs), _endpoints(signature.outputs), dict(signature.defaults))


def read_endpoint(info: Any) -> Endpoint:
    """Read a TensorInfo."""
    shape = info.tensor_shape
    return Endpoint(info.name, info.dtype, None if shape.unknown_rank else tuple(dim.size for dim in shape.dim))


def _endpoints(infos: Mapping[str, Any]) -> dict[str, Endpoint]:
    return {alias: read_endpoint(infos[alias]) for alias in sorted(infos)}
