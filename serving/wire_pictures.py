"""Requests of models that take or give pictures, and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ganclf import contract
from ganclf.contract import DrawnPicture, Illustration, IllustrationRequest, PictureRequest
from serving import messages, wire


def picture_request(
    model: str, version: int | None, pictures: Sequence[bytes], sharpness: float | None, target: str | None = None,
    label: str = "",
) -> Any:  # fmt: skip
    """Ask a model of pictures; `sharpness` is of enlargers, `target` of translators, `label` of a version."""
    request = wire.predict_with(model, version, label)
    wire.add_input(request, contract.PNG, messages.DT_STRING, pictures)
    if sharpness is not None:
        wire.add_input(request, contract.SHARPNESS, messages.DT_FLOAT, [sharpness] * len(pictures))
    if target is not None:
        wire.add_input(request, contract.TARGET, messages.DT_STRING, [target.encode()] * len(pictures))
    return request


def draw_request(model: str, version: int | None, rows: Sequence[PictureRequest], label: str = "") -> Any:
    """Ask a model that draws for a picture per row; `label` is that of a version."""
    request = wire.predict_with(model, version, label)
    wire.add_input(request, contract.LABEL, messages.DT_STRING, [row.label.encode() for row in rows])
    wire.add_input(request, contract.SEED, messages.DT_INT64, [row.seed for row in rows])
    wire.add_input(request, contract.TRUNCATION, messages.DT_FLOAT, [row.truncation for row in rows])
    return request


def read_drawn(response: Any) -> list[DrawnPicture]:
    """The pictures that were drawn.

    Raises:
        ServerError: the outputs are not those of a model of ours that draws.
    """
    outputs = {entry.key: entry.value for entry in response.outputs}
    try:
        files = list(outputs[contract.PNG].string_val)
        labels = [name.decode() for name in outputs[contract.LABEL].string_val]
        names = [name.decode() for name in outputs[contract.CLASSES].string_val]
        classes = tuple(names[: len(names) // max(1, len(files))])  # the same for each picture
        return [DrawnPicture(file, label, classes) for file, label in zip(files, labels, strict=True)]
    except (KeyError, ValueError):
        raise wire.not_ours(response, outputs, "draws no pictures") from None


def read_pictures(response: Any) -> list[bytes]:
    """The pictures, as PNG.

    Raises:
        ServerError: the outputs are not those of a model of pictures of ours.
    """
    outputs = {entry.key: entry.value for entry in response.outputs}
    if contract.PNG not in outputs:
        raise wire.not_ours(response, outputs, "gives no pictures")
    return list(outputs[contract.PNG].string_val)


def illustration_request(model: str, version: int | None, rows: Sequence[IllustrationRequest], label: str = "") -> Any:
    """Ask a model that draws for pictures; `label` is that of a version."""
    request = wire.predict_with(model, version, label)
    wire.add_input(request, contract.TEXT, messages.DT_STRING, [wire.encode(row.text) for row in rows])
    wire.add_input(request, contract.SEED, messages.DT_INT64, [row.seed for row in rows])
    wire.add_input(request, contract.CANDIDATES, messages.DT_INT32, [row.candidates for row in rows])
    return request


def read_illustrations(response: Any) -> list[Illustration]:
    """The pictures, with how well they match.

    Raises:
        ServerError: the outputs are not those of a model of ours that draws.
    """
    outputs = {entry.key: entry.value for entry in response.outputs}
    try:
        pairs = zip(outputs[contract.PNG].string_val, wire.floats(outputs[contract.MATCH]), strict=True)
        return [Illustration(png, match) for png, match in pairs]
    except (KeyError, ValueError):
        raise wire.not_ours(response, outputs, "draws no texts") from None


def read_kinds(response: Any) -> tuple[str, ...]:
    """The kinds of pictures between which a translator translates.

    Raises:
        ServerError: the outputs are not those of a translator of ours.
    """
    outputs = {entry.key: entry.value for entry in response.outputs}
    if contract.KINDS not in outputs:
        raise wire.not_ours(response, outputs, "translates no pictures")
    return tuple(name.decode() for name in outputs[contract.KINDS].string_val[:2])
