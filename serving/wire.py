"""Between plain values and the messages on the wire; without connections. Of pictures: see wire_pictures."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ganclf import contract
from ganclf.contract import GeneratedText, GenerationRequest, Reply, Restyled
from ganclf.errors import ServerError, UserError
from serving import messages
from serving.answers import Metadata, Prediction, SignatureMetadata, TensorSpec, VersionStatus

MAX_REQUEST_BYTES = 3 * 2**20  # of text in one request; gRPC servers refuse messages over 4 MiB unless set otherwise
SIGNATURES = "signature_def"
_FIELDS = {
    messages.DT_STRING: "string_val",
    messages.DT_INT64: "int64_val",
    messages.DT_INT32: "int_val",
    messages.DT_FLOAT: "float_val",
}  # of a tensor, by its type


def split_texts(texts: Sequence[str]) -> Iterator[list[bytes]]:
    """Cut a list into parts that fit one request each. No texts are one empty part: the model still answers.

    Raises:
        UserError: before the first part, a text is not a string, or too long.
    """
    part: list[bytes] = []
    size = 0
    for text in [encode(text) for text in _checked(texts)]:
        if part and (len(part) == contract.MAX_REQUEST_TEXTS or size + len(text) > MAX_REQUEST_BYTES):
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text)
    yield part


def predict_request(model: str, version: int | None, texts: Sequence[bytes], label: str = "") -> Any:
    """Ask the model's signature for texts."""
    request = predict_with(model, version, label)
    add_input(request, contract.TEXT, messages.DT_STRING, texts)
    return request


def generate_request(model: str, version: int | None, rows: Sequence[GenerationRequest], label: str = "") -> Any:
    """Ask a text generator for texts; `label` is that of a version, those of texts are in the rows."""
    request = predict_with(model, version, label)
    columns: dict[str, tuple[int, list[Any]]] = {
        contract.PREFIX: (messages.DT_STRING, [encode(row.prefix) for row in rows]),
        contract.LABEL: (messages.DT_STRING, [encode(row.label) for row in rows]),
        contract.SEED: (messages.DT_INT64, [row.seed for row in rows]),
        contract.TEMPERATURE: (messages.DT_FLOAT, [row.temperature for row in rows]),
        contract.CANDIDATES: (messages.DT_INT32, [row.candidates for row in rows]),
    }
    for name, (dtype, values) in columns.items():
        add_input(request, name, dtype, values)
    return request


def read_generated(response: Any) -> list[GeneratedText]:
    """The texts of an answer.

    Raises:
        ServerError: the outputs are not those of a text generator of ours.
    """
    outputs = {entry.key: entry.value for entry in response.outputs}
    try:
        texts, labels = (
            [word.decode() for word in outputs[name].string_val] for name in (contract.TEXT, contract.LABEL)
        )
        numbers = (floats(outputs[name]) for name in (contract.LOG_PROBABILITY, contract.REALNESS))
        names = [name.decode() for name in outputs[contract.CLASSES].string_val]
        classes = tuple(names[: len(names) // max(1, len(texts))])  # the same for each text
        rows = zip(texts, *numbers, labels, strict=True)
        return [GeneratedText(text, density, realness, label, classes) for text, density, realness, label in rows]
    except (KeyError, ValueError):
        raise not_ours(response, outputs, "is no text generator of ours") from None


def reply_request(
    model: str, version: int | None, texts: Sequence[bytes], seeds: Sequence[int], temperature: float, label: str = ""
) -> Any:
    """Ask a model of replies for texts; `label` is that of a version."""
    request = predict_with(model, version, label)
    add_input(request, contract.TEXT, messages.DT_STRING, texts)
    add_input(request, contract.SEED, messages.DT_INT64, seeds)
    add_input(request, contract.TEMPERATURE, messages.DT_FLOAT, [temperature] * len(texts))
    return request


def read_replies(response: Any, count: int) -> list[list[Reply]]:
    """The replies to `count` texts.

    Raises:
        ServerError: the outputs are not those of a model of replies of ours.
    """
    outputs = {entry.key: entry.value for entry in response.outputs}
    try:
        texts = [text.decode() for text in outputs[contract.REPLY].string_val]
        scores, known = floats(outputs[contract.SCORE]), _booleans(outputs[contract.RETRIEVED])
        rows = [Reply(*row) for row in zip(texts, scores, known, strict=True)]
    except (KeyError, ValueError):
        raise not_ours(response, outputs, "gives no replies") from None
    size = len(rows) // max(1, count)
    return [rows[start : start + size] for start in range(0, size * count, max(1, size))]


def style_request(
    model: str, version: int | None, texts: Sequence[bytes], target: str, strength: float, label: str = ""
) -> Any:
    """Ask a model of styles to rewrite texts; `label` is that of a version."""
    request = predict_with(model, version, label)
    add_input(request, contract.TEXT, messages.DT_STRING, texts)
    add_input(request, contract.TARGET, messages.DT_STRING, [target.encode()] * len(texts))
    add_input(request, contract.STRENGTH, messages.DT_FLOAT, [strength] * len(texts))
    return request


def read_restyled(response: Any) -> list[Restyled]:
    """The rewritten texts.

    Raises:
        ServerError: the outputs are not those of a model of styles of ours.
    """
    outputs = {entry.key: entry.value for entry in response.outputs}
    try:
        texts = [text.decode() for text in outputs[contract.TEXT].string_val]
        numbers = floats(outputs[contract.STYLE_PROBABILITY])
        names = [name.decode() for name in outputs[contract.CLASSES].string_val]
        classes = tuple(names[: len(names) // max(1, len(texts))])  # the same for each text
        return [Restyled(text, number, classes) for text, number in zip(texts, numbers, strict=True)]
    except (KeyError, ValueError):
        raise not_ours(response, outputs, "rewrites no texts") from None


def read_predictions(response: Any, count: int) -> list[Prediction]:
    """The predictions for `count` texts.

    Raises:
        ServerError: the outputs are not those of a model of ours.
    """
    outputs = {entry.key: entry.value for entry in response.outputs}
    try:
        labels = [label.decode() for label in outputs[contract.LABEL].string_val]
        classes = [name.decode() for name in outputs[contract.CLASSES].string_val]
        values = floats(outputs[contract.PROBABILITIES])
        width = len(values) // count if count else 0
        rows = [slice(row * width, (row + 1) * width) for row in range(count)]
        scopes = floats(outputs[contract.IN_SCOPE]) if contract.IN_SCOPE in outputs else [None] * count
        chosen = _booleans(outputs[contract.LABELS]) if contract.LABELS in outputs else None
        if chosen is not None and len(chosen) != len(values):
            raise ValueError(contract.LABELS)
        return [
            _prediction(label, scope, classes[row], values[row], None if chosen is None else chosen[row])
            for label, scope, row in zip(labels, scopes, rows, strict=True)
        ]
    except (KeyError, ValueError):
        raise not_ours(response, outputs, "is no classifier of ours") from None


def status_request(model: str) -> Any:
    """Ask for the state of every version."""
    request = messages.GetModelStatusRequest()
    _set_spec(request, model, None)
    return request


def read_status(response: Any) -> list[VersionStatus]:
    """The state of every version, the highest first."""
    return [
        VersionStatus(each.version, messages.STATES.get(each.state, "UNKNOWN"), each.status.error_message)
        for each in sorted(response.model_version_status, key=lambda each: -each.version)
    ]


def metadata_request(model: str, version: int | None, label: str = "") -> Any:
    """Ask for the signatures."""
    request = messages.GetModelMetadataRequest(metadata_field=[SIGNATURES])
    _set_spec(request, model, version, label)
    return request


def read_metadata(response: Any) -> Metadata:
    """The signatures that can be called; those without an input and an output are the runtime's own."""
    packed = {entry.key: entry.value.value for entry in response.metadata}
    definitions = messages.SignatureDefMap.FromString(packed.get(SIGNATURES, b"")).signature_def
    signatures = {
        each.key: SignatureMetadata(_specs(each.value.inputs), _specs(each.value.outputs))
        for each in sorted(definitions, key=lambda each: each.key)
        if each.value.method_name
    }
    return Metadata(response.model_spec.name, response.model_spec.version.value, signatures)


def reload_request(config: bytes) -> Any:
    """Ask for another list of models: ReloadConfigRequest has one field, the list, in place of these bytes."""
    return messages.BytesValue(value=config)


def check_reloaded(response: Any) -> None:
    """Find the refusal in the answer.

    Raises:
        ServerError: there is one.
    """
    code, message = response.status.error_code, response.status.error_message
    if code:
        raise ServerError(f"The list of models was refused: {message}", messages.CODES.get(code, "UNKNOWN"))


def not_ours(response: Any, outputs: Mapping[str, Any], what: str) -> ServerError:
    """The error where an answer has another form than `what` needs, as "draws no pictures"."""
    return ServerError(
        f"The model {response.model_spec.name!r} answers with {sorted(outputs)} in a form that is not ours: it {what}. "
        "Give the name of a model that was trained here.",
        "FAILED_PRECONDITION",
    )


def predict_with(model: str, version: int | None, label: str) -> Any:
    """An empty request to the Predict signature of a version, or of the one with a label."""
    request = messages.PredictRequest()  # no filter of outputs: older models have fewer, and a server refuses then
    _set_spec(request, model, version, label)
    request.model_spec.signature_name = contract.PREDICT_SIGNATURE
    return request


def add_input(request: Any, name: str, dtype: int, values: Sequence[Any]) -> None:
    """Add a tensor of one axis."""
    tensor = request.inputs.add(key=name).value
    tensor.dtype = dtype
    tensor.tensor_shape.dim.add(size=len(values))
    getattr(tensor, _FIELDS[dtype]).extend(values)


def _checked(texts: Sequence[str]) -> Sequence[str]:
    if isinstance(texts, (str, bytes)):
        raise UserError("predict takes a list of texts; received a single one. Put it into a list: [text].")
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise UserError(f"text {position} is {type(text).__name__}, not a string. Convert it with str().")
        if len(text) > contract.MAX_TEXT_CHARACTERS:
            raise UserError(
                f"text {position} has {len(text)} characters; at most {contract.MAX_TEXT_CHARACTERS} are sent. Cut it."
            )
    return texts


def encode(text: str) -> bytes:
    """UTF-8, whatever the text holds."""
    return text.encode(errors="replace")  # half of a surrogate pair, as a cut in UTF-16 leaves it, has no UTF-8


def _set_spec(request: Any, model: str, version: int | None, label: str = "") -> None:
    request.model_spec.name = model
    if version is not None:
        request.model_spec.version.value = version
    elif label:
        request.model_spec.version_label = label


def floats(tensor: Any) -> Sequence[float]:
    """A server may be set to answer with raw little-endian bytes instead of the typed field."""
    return array("f", tensor.tensor_content) if tensor.tensor_content else tensor.float_val


def _booleans(tensor: Any) -> Sequence[bool]:
    return [byte != 0 for byte in tensor.tensor_content] if tensor.tensor_content else tensor.bool_val


def _prediction(
    label: str,
    in_scope: float | None,
    classes: Sequence[str],
    probabilities: Sequence[float],
    chosen: Sequence[bool] | None,
) -> Prediction:
    """The prediction for a row; `chosen` marks the classes that a text of several labels has."""
    if label not in classes:
        raise ValueError(label)
    ranked = dict(sorted(zip(classes, probabilities, strict=True), key=lambda pair: -pair[1]))
    if chosen is None:
        return Prediction(label, ranked, in_scope)
    has = dict(zip(classes, chosen, strict=True))
    return Prediction(label, ranked, in_scope, tuple(name for name in ranked if has[name]))


def _specs(entries: Iterable[Any]) -> dict[str, TensorSpec]:
    return {entry.key: _spec(entry.value) for entry in sorted(entries, key=lambda entry: entry.key)}


def _spec(info: Any) -> TensorSpec:
    sizes = tuple(None if dim.size < 0 else dim.size for dim in info.tensor_shape.dim)
    return TensorSpec(messages.DTYPES.get(info.dtype, "other"), None if info.tensor_shape.unknown_rank else sizes)
