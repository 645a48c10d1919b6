"""An inference request as a coroutine: checks, one run of the graph, an answer. Predict is the first of them.

The run can be waited for by a thread or without one. The checks and their order are the stock server's.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import predict_pb2

from ganclf import contract
from serving.local.failures import RequestError, invalid_argument
from serving.local.options import Limits
from serving.local.servable import Endpoint, Servable, Signature
from serving.local.tensors import array_dtype, dtype_name, fill_proto, parse_tensor, shape_fits, shape_name


@dataclass(frozen=True)
class GraphCall:
    """One run of a servable that a request needs; it goes on with an array for each fetch.

    Attributes:
        servable: that runs it.
        feeds: array by tensor name.
        fetches: tensor names.
        seconds_left: until the client's deadline; None: it has none.
    """

    servable: Servable
    feeds: Mapping[str, np.ndarray]
    fetches: Sequence[str]
    seconds_left: float | None


RequestCoroutine = Generator[GraphCall, list[np.ndarray], Any]  # returns the response
Method = Callable[[Servable, Any, float | None], RequestCoroutine]  # (servable, request, seconds left)


def run_request(coroutine: RequestCoroutine, to_the_second: bool = False) -> Any:
    """Run a request in this thread; return the response, or raise what it met.

    Args:
        coroutine: of a request.
        to_the_second: whether the run has to end at the deadline; gRPC itself ends the wait of its clients then.
    """
    call = next(coroutine)
    try:
        arrays = call.servable.run(call.feeds, call.fetches, call.seconds_left, to_the_second)
    except Exception as error:  # noqa: BLE001  the coroutine holds a lease and a clock: it gets the error first
        return finish_request(coroutine, error=error)
    return finish_request(coroutine, arrays)


def finish_request(
    coroutine: RequestCoroutine, arrays: list[np.ndarray] | None = None, error: BaseException | None = None
) -> Any:
    """Send the coroutine what its run came to; return the response. No request runs the graph twice.

    Args:
        coroutine: that waits for its run.
        arrays: one for each fetch, or
        error: what the run met.
    """
    try:
        if error is not None:
            coroutine.throw(error)
        else:
            coroutine.send(arrays or [])
    except StopIteration as end:
        return end.value
    raise AssertionError("a request ran the graph twice")


def predict(servable: Servable, request: predict_pb2.PredictRequest, seconds_left: float | None) -> RequestCoroutine:
    """Answer a request with one version of a model; the coroutine returns a PredictResponse.

    Args:
        servable: the version.
        request: its ModelSpec has chosen the version already; here it names the signature.
        seconds_left: until the client's deadline; None: it has none.

    Raises:
        RequestError: the request does not fit the signature.
        tf.errors.OpError: the model failed on it.
    """
    name = request.model_spec.signature_name or contract.PREDICT_SIGNATURE
    signature, sent = _signature(servable, name), request.inputs
    _check_count(signature, sent)
    inputs = _parse_inputs(signature, sent)
    outputs = _choose_outputs(signature, request.output_filter)
    check_inputs(signature.inputs, inputs, servable)
    feeds = {signature.inputs[alias].name: array for alias, array in inputs.items()}
    arrays = yield GraphCall(servable, feeds, [output.name for output in outputs.values()], seconds_left)
    response = predict_pb2.PredictResponse()
    write_spec(response.model_spec, request.model_spec, servable)
    filled = response.outputs
    for (alias, output), array in zip(outputs.items(), arrays, strict=True):
        fill_proto(filled[alias], array, output.dtype)
    return response


def check_inputs(endpoints: Mapping[str, Endpoint], inputs: Mapping[str, np.ndarray], servable: Servable) -> None:
    """Refuse what the runtime would refuse, in its words; and a scalar text, which kills the process in some ops.

    Args:
        endpoints: by alias.
        inputs: an array for each of some of the aliases.
        servable: that runs them.

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


def signature_name(spec: Any) -> str:
    """The signature that a ModelSpec means."""
    return str(spec.signature_name or contract.PREDICT_SIGNATURE)


def write_spec(spec: Any, requested: Any, servable: Servable) -> None:
    """Fill the ModelSpec of an answer: name, resolved signature, version."""
    spec.name = requested.name
    spec.signature_name = signature_name(requested)
    spec.version.value = servable.version


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


def _signature(servable: Servable, name: str) -> Signature:
    if name not in servable.plain_signatures:
        raise RequestError(grpc.StatusCode.FAILED_PRECONDITION, f'Serving signature key "{name}" not found.')
    return servable.plain_signatures[name]


def _check_count(signature: Signature, sent: Mapping[str, Any]) -> None:
    expected = signature.inputs
    if len(sent) == len(expected) or (len(sent) < len(expected) and signature.defaults):
        return
    raise invalid_argument(
        f"input size does not match signature: {len(sent)}!={len(expected)} len({_set(sent)}) != len({_set(expected)})."
        f" Sent extra: {_set(sent.keys() - expected.keys())}."
        f" Missing but required: {_set(expected.keys() - sent.keys())}."
    )


def _parse_inputs(signature: Signature, sent: Mapping[str, Any]) -> dict[str, np.ndarray]:
    inputs = {}
    for alias in signature.inputs:
        if alias not in sent and alias not in signature.defaults:
            raise _missing(signature, alias, sent)
        inputs[alias] = parse_tensor(sent[alias] if alias in sent else signature.defaults[alias], alias)
    if any(alias not in inputs for alias in sent):
        used = _join(sent.keys() & inputs.keys())
        raise invalid_argument(
            f"Inputs contains invalid name. Used request inputs: {used}, request input: {_join(sent)}"
        )
    return inputs


def _missing(signature: Signature, alias: str, sent: Mapping[str, Any]) -> RequestError:
    return invalid_argument(
        f"Signature input alias: {alias}(feed name: {signature.inputs[alias].name}) not found in request and no "
        f"default value provided. Inputs expected to be in the request {_set(sent)}, or default input alias set: "
        f"{_join(signature.defaults)}"
    )


def _choose_outputs(signature: Signature, output_filter: Iterable[str]) -> Mapping[str, Endpoint]:
    chosen: dict[str, Endpoint] = {}
    for alias in output_filter:
        if alias not in signature.outputs:
            raise invalid_argument(
                f"output tensor alias not found in signature: {alias} Outputs expected to be in the set "
                f"{_set(signature.outputs)}."
            )
        if alias in chosen:
            raise invalid_argument(f"duplicate output tensor alias: {alias}")
        chosen[alias] = signature.outputs[alias]
    return chosen or signature.outputs


def _join(names: Iterable[str]) -> str:
    return ",".join(sorted(names))


def _set(names: Iterable[str]) -> str:
    return "{" + _join(names) + "}"
