"""The REST protocol without its transport: a method, a path and a body become an answer and an HTTP status."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import grpc
from google.protobuf.json_format import MessageToDict
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    predict_pb2,
    regression_pb2,
)

from ganclf import contract
from serving.local.failures import RequestError, cut, from_request, invalid_argument
from serving.local.inference import run_request, signature_name
from serving.local.model_service import SIGNATURES, get_model_status
from serving.local.prediction_service import PredictionService
from serving.local.registry import ModelRegistry
from serving.local.rest.json_examples import fill_input, write_classification, write_regression
from serving.local.rest.json_predict import ROWS, fill_inputs, write_outputs
from serving.local.rest.json_tensors import ESCAPE, write

CHOICE = r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
PREDICTION = re.compile(rf"/v1/models/(?P<name>[^/:]+){CHOICE}:(?P<verb>classify|regress|predict)", re.I)
STATUS = re.compile(rf"/v1/models(?:/(?P<name>[^/:]+))?{CHOICE}(?P<metadata>/metadata)?", re.I)
HTTP = {  # the rest is 500
    "OK": 200, "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "OUT_OF_RANGE": 400, "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403, "NOT_FOUND": 404, "ALREADY_EXISTS": 409, "ABORTED": 409, "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499, "UNIMPLEMENTED": 501, "UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504,
}  # fmt: skip
JSON = "application/json"
# a backslash with what it escapes; group 1: half of a surrogate pair, which is no character
ESCAPED = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.S
)


@dataclass(frozen=True)
class Reply:
    """An HTTP status, and the body."""

    status: int
    body: bytes
    content_type: str = JSON


class Routes:
    """The REST protocol without its transport.

    Args:
        models: for status, and for the dtypes of a signature.
        service: that answers.
        seconds: that a request may take.
    """

    def __init__(self, models: ModelRegistry, service: PredictionService, seconds: float) -> None:
        self._models = models
        self._service = service
        self._seconds = seconds
        self._verbs: dict[str, Callable[[Any, dict[str, Any]], dict[str, Any]]] = {
            "predict": self._predict,
            "classify": self._classify,
            "regress": self._regress,
        }

    def answer(self, method: str, path: str, body: bytes) -> Reply:
        """Answer a request; whatever it meets becomes `{"error": …}`."""
        try:
            return _reply(grpc.StatusCode.OK, self._find(method, path, body))
        except RecursionError:
            return refuse(invalid_argument("JSON Parse error: nested too deeply"))
        except UnicodeEncodeError:  # bytes that are not UTF-8 may be values, but no names
            return refuse(invalid_argument("JSON Parse error: a name is not valid UTF-8"))
        except Exception as error:  # noqa: BLE001  the one place where foreign exceptions are mapped
            return refuse(from_request(error))

    def _find(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        match = PREDICTION.fullmatch(path) if method == "POST" else None
        if match:
            return self._verbs[match["verb"].lower()](match, _parse(body))
        match = STATUS.fullmatch(path) if method == "GET" else None
        if not match:
            raise invalid_argument(f"Malformed request: {method} {path}")
        if not match["name"]:
            raise invalid_argument("Missing model name in request.")
        return self._metadata(match) if match["metadata"] else self._status(match)

    def _predict(self, match: Any, body: dict[str, Any]) -> dict[str, Any]:
        request = predict_pb2.PredictRequest()
        _fill_spec(request.model_spec, match, body)
        fill_inputs(body, self._inputs_of(request.model_spec), request)
        return write_outputs(
            run_request(self._service.predict(request, self._seconds), to_the_second=True).outputs, in_rows=ROWS in body
        )

    def _classify(self, match: Any, body: dict[str, Any]) -> dict[str, Any]:
        request = classification_pb2.ClassificationRequest()
        _fill_spec(request.model_spec, match, body)
        fill_input(body, request.input)
        return write_classification(
            run_request(self._service.classify(request, self._seconds), to_the_second=True).result
        )

    def _regress(self, match: Any, body: dict[str, Any]) -> dict[str, Any]:
        request = regression_pb2.RegressionRequest()
        _fill_spec(request.model_spec, match, body)
        fill_input(body, request.input)
        return write_regression(run_request(self._service.regress(request, self._seconds), to_the_second=True).result)

    def _status(self, match: Any) -> dict[str, Any]:
        request = get_model_status_pb2.GetModelStatusRequest()
        _fill_spec(request.model_spec, match, {})
        return _describe(get_model_status(self._models, request))

    def _metadata(self, match: Any) -> dict[str, Any]:
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=[SIGNATURES])
        _fill_spec(request.model_spec, match, {})
        response = self._service.metadata(request)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        response.metadata[SIGNATURES].Unpack(signatures)
        spec = {
            "name": response.model_spec.name,
            "signature_name": "",
            "version": str(response.model_spec.version.value),
        }
        return {"model_spec": spec, "metadata": {SIGNATURES: _describe(signatures)}}

    def _inputs_of(self, spec: Any) -> Any:
        with self._models.lease(spec) as servable:
            name = signature_name(spec)
            if name not in servable.signatures:
                raise invalid_argument(f'Serving signature name: "{name}" not found in signature def')
            inputs = servable.signatures[name].inputs
        if not inputs:
            raise invalid_argument(f"Failed to get input map for signature: {spec.signature_name or 'DEFAULT'}")
        return inputs


def refuse(error: RequestError) -> Reply:
    """An error as the client sees it."""
    return _reply(error.code, {"error": cut(error.message)})


def _reply(code: grpc.StatusCode, body: dict[str, Any]) -> Reply:
    return Reply(HTTP.get(code.name, 500), (write(body) + "\n").encode("utf-8", ESCAPE))


def _parse(body: bytes) -> dict[str, Any]:
    if not body:
        raise invalid_argument("JSON Parse error: The document is empty")
    try:
        text = body.decode("utf-8", ESCAPE)
        parsed = json.loads(text)
    except ValueError as error:
        raise invalid_argument(f"JSON Parse error: {_reason(error)}") from None
    _check_surrogates(text)
    if not isinstance(parsed, dict):
        raise invalid_argument(f"JSON Value: {write(parsed)} Is not object")
    return parsed


def _check_surrogates(text: str) -> None:
    """Refuse halves of surrogate pairs as the stock server does; its offset counts bytes."""
    if "\\u" not in text:
        return
    half = next((found for found in ESCAPED.finditer(text) if found[1]), None)
    if half:
        offset = len(text[: half.start()].encode("utf-8", ESCAPE))
        raise invalid_argument(f"JSON Parse error: The surrogate pair in string is invalid. at offset: {offset}")


def _reason(error: ValueError) -> str:
    return f"{error.msg} at offset: {error.pos}" if isinstance(error, json.JSONDecodeError) else "Number too big"


def _fill_spec(spec: Any, match: Any, body: dict[str, Any]) -> None:
    spec.name = unquote(match["name"])
    if match["version"]:
        if int(match["version"][:20]) > contract.MAX_VERSION:
            raise invalid_argument(f"Failed to convert version: {match['version']} to numeric.")
        spec.version.value = int(match["version"])
    if match["label"]:
        spec.version_label = unquote(match["label"])
    signature = body.get("signature_name", "")
    if not isinstance(signature, str):
        raise invalid_argument(
            f"JSON Value: {write(body)} not formatted correctly. 'signature_name' key must be a string value."
        )
    spec.signature_name = signature


def _describe(message: Any) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
