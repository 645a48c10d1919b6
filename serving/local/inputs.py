"""What a request feeds into the graph, checked against the signature before the runtime sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from tensorflow.core.framework import types_pb2

from serving.local.failures import invalid_argument
from serving.local.options import Limits
from serving.local.servable import Servable
from serving.local.signatures import Endpoint
from serving.local.tensors import array_dtype, dtype_name, shape_fits, shape_name


def check_inputs(endpoints: Mapping[str, Endpoint], inputs: Mapping[str, np.ndarray], servable: Servable) -> None:
    """What the runtime would refuse, said in its words; plus our own: a scalar text kills the process in some ops.

    Args:
        endpoints: by alias.
        inputs: an array for each of some of the aliases.
        servable: that is asked.
    Raises:
        RequestError: INVALID_ARGUMENT.
    """
    for index, (alias, array) in enumerate(inputs.items()):
        endpoint = endpoints[alias]
        sent = array_dtype(array)
        if sent != endpoint.dtype:
            raise invalid_argument(
                f"Expects arg[{index}] to be {dtype_name(endpoint.dtype)} but {dtype_name(sent)} is provided"
            )
        if servable.is_declared(endpoint.name):
            _check_shape(alias, array, endpoint.sizes)
        if sent == types_pb2.DT_STRING:
            _check_texts(alias, array, servable.limits)


def _check_shape(alias: str, array: np.ndarray, sizes: tuple[int, ...] | None) -> None:
    if sizes is not None and not shape_fits(array.shape, sizes):
        raise invalid_argument(
            f"Shape of tensor {alias} {shape_name(array.shape)} is not compatible with expected shape "
            f"{shape_name(sizes)}."
        )


def _check_texts(alias: str, array: np.ndarray, limits: Limits) -> None:
    if array.ndim and len(array) > limits.texts:
        raise invalid_argument(f"{alias} has {len(array)} rows; send at most {limits.texts} in one request.")
    for text in array.ravel():  # bytes are counted first: a character has one or more
        if len(text) > limits.characters and len(text.decode(errors="replace")) > limits.characters:
            raise invalid_argument(f"{alias} has a text of more than {limits.characters} characters; cut it.")


def examples_of(sent: Any) -> np.ndarray:
    """The serialized tf.Examples of an Input.

    Args:
        sent: Input, with a list of examples, or with a list and a context that holds for each of them.
    Returns:
        bytes, shape [examples]; the context's features precede the example's, so that the example's own win.
    Raises:
        RequestError: INVALID_ARGUMENT, there is no example.
    """
    kind = sent.WhichOneof("kind")
    examples = getattr(sent, kind).examples if kind else []
    if not examples:
        raise invalid_argument("Input is empty.")
    context = sent.example_list_with_context.context.SerializeToString() if kind != "example_list" else b""
    serialized = np.empty(len(examples), object)
    serialized[:] = [context + example.SerializeToString() for example in examples]
    return serialized
