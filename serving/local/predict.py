"""PredictionService.Predict: tensors in, tensors out. The checks and their order are the stock server's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import grpc
import numpy as np
from tensorflow_serving.apis import predict_pb2

from ganclf import contract
from serving.local.failures import RequestError, invalid_argument
from serving.local.inference import write_spec
from serving.local.inputs import check_inputs
from serving.local.servable import Servable
from serving.local.signatures import Endpoint, Signature
from serving.local.steps import GraphCall, Steps
from serving.local.tensors import fill_proto, parse_tensor


def run_predict(servable: Servable, request: predict_pb2.PredictRequest, seconds_left: float | None) -> Steps:
    """Answer a request with one version of a model; the steps return a PredictResponse.

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
