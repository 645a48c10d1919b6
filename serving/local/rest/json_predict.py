"""Predict in JSON: rows in `instances`, or columns in `inputs`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import predict_pb2

from serving.local.failures import RequestError, invalid_argument
from serving.local.rest.json_tensors import is_base64, read_tensor, write, write_tensor

ROWS, COLUMNS = "instances", "inputs"
Infos = Mapping[str, Any]  # TensorInfo by alias


def fill_inputs(body: Mapping[str, Any], infos: Infos, request: predict_pb2.PredictRequest) -> None:
    """Put the tensors of a body into a request.

    Args:
        body: with `instances`, a list of rows, or `inputs`, a tensor for each name.
        infos: the inputs of the signature.
        request: is filled.

    Raises:
        RequestError: INVALID_ARGUMENT, both or neither of them, or they don't fit the signature.
    """
    if ROWS in body and COLUMNS in body:
        raise invalid_argument(
            f"JSON Value: {write(body)} Not formatted correctly expecting only one of '{COLUMNS}' or '{ROWS}' keys "
            "to exist "
        )
    if ROWS in body:
        columns = _columns_of_rows(body[ROWS], infos, body)
    elif COLUMNS in body:
        columns = _columns(body[COLUMNS], infos)
    else:
        raise invalid_argument("Missing 'inputs' or 'instances' key")
    for name, value in columns.items():
        request.inputs[name].CopyFrom(read_tensor(value, infos[name].dtype))


def write_outputs(outputs: Mapping[str, tensor_pb2.TensorProto], in_rows: bool) -> dict[str, Any]:
    """An answer in the form of its request; a single output has no name.

    Raises:
        RequestError: INVALID_ARGUMENT, rows are requested, and the outputs do not all have the same number of them.
    """
    if in_rows:
        _check_batch(outputs)
    values = {name: write_tensor(name, outputs[name]) for name in sorted(outputs)}
    single = next(iter(values.values())) if len(values) == 1 else None
    if not in_rows:
        return {"outputs": values if len(values) > 1 else single}
    if len(values) == 1:
        return {"predictions": single}
    return {"predictions": [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]}


def _columns(value: Any, infos: Infos) -> dict[str, Any]:
    if isinstance(value, dict) and not is_base64(value):
        for name in infos:
            if name not in value:
                raise invalid_argument(f"Missing named input: {name} in 'inputs' object.")
        return {name: value[name] for name in infos}
    if len(infos) > 1:
        raise invalid_argument(
            "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
            "tensorinfo_map"
        )
    return dict.fromkeys(infos, value)


def _columns_of_rows(rows: Any, infos: Infos, body: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(rows, list):
        raise invalid_argument(f"JSON Value: {write(body)} Excepting '{ROWS}' to be an list/array")
    if not rows:
        raise invalid_argument(f"JSON Value: {write(body)} No values in '{ROWS}' array")
    if not isinstance(rows[0], dict) and len(infos) > 1:
        raise invalid_argument(
            "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
            "tensorinfo_map"
        )
    named = _is_named(rows[0])
    for index, row in enumerate(rows):
        _check_row(index, row, named, infos)
    return {name: [row[name] if named else row for row in rows] for name in infos}


def _check_row(index: int, row: Any, named: bool, infos: Infos) -> None:
    """Each row has all names or none, as the first has, and no other."""
    if named and not _is_named(row):
        raise invalid_argument(f"Expecting object but got list at item {index} of input list")
    if not named and _is_named(row):
        raise invalid_argument(f"Expecting value/list but got object at item {index} of input list")
    if not named:
        return
    failed = f"Failed to process element: {index}"
    for name in row:
        if name not in infos:
            raise invalid_argument(
                f"{failed} key: {name} of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not have "
                f"named input: {name}"
            )
    if row.keys() != set(infos):
        raise invalid_argument(
            f"{failed} of 'instances' list. JSON object: {write(row)} keys must be equal to: {','.join(sorted(infos))}"
        )


def _is_named(row: Any) -> bool:
    return isinstance(row, dict) and not is_base64(row)


def _check_batch(outputs: Mapping[str, tensor_pb2.TensorProto]) -> None:
    size = -1
    for name in sorted(outputs):
        dims = outputs[name].tensor_shape.dim
        if not dims:
            raise invalid_argument(f"Tensor name: {name} has no shape information ")
        if size not in (-1, dims[0].size):
            raise _inconsistent(name, dims[0].size, size)
        size = dims[0].size


def _inconsistent(name: str, got: int, expected: int) -> RequestError:
    return invalid_argument(f"Tensor name: {name} has inconsistent batch size: {got} expecting: {expected}")
