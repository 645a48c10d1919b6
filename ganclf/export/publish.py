"""A fitted model becomes saved_models/<name>/<version>/, published at once or not at all."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from ganclf import contract
from ganclf.cli.options import plain_value
from ganclf.errors import ExportError
from ganclf.export.published import PARAMETERS_FILE
from ganclf.export.servable_check import check_servable
from ganclf.export.versions import next_version
from ganclf.export.warmup import Answers, Request, write_warmup

Expected = Callable[[Request], Answers]
Extras = Callable[[Path], None]

TOLERANCE = 1e-4  # between the numbers of the fitted and of the published model
PICTURE_TOLERANCE = 1.5  # between the values, 0 to 255, of their pictures: a half may be rounded either way

_own_drafts: set[str] = set()  # that this process is writing; a number of a process comes again, as after a restart


class Servable(Protocol):
    """What can be published: a tf.Module with named signatures."""

    def signatures(self) -> Mapping[str, Callable[..., Any]]:
        """tf.functions with an input signature, by name."""

    def method_names(self) -> Mapping[str, str]:
        """Method names of signatures that are not for Predict."""

    def warmup_requests(self) -> Sequence[Request]:
        """To the Predict signature, that a server replays before it serves; without any text of a user."""


@dataclass(frozen=True)
class Publication:
    """What is published, and by what it is checked.

    Attributes:
        module: a tf.Module.
        parameters: kept beside it as JSON, so that `load` can make the same object.
        expected: warm-up request → those outputs, numbers or pictures by name, that the written model has to give.
    """

    module: Servable
    parameters: Mapping[str, Any]
    expected: Expected


def publish(publication: Publication, base: Path, extras: Extras = lambda folder: None) -> Path:
    """Write the next version under `base`; until it is whole, no folder with a version's name is there.

    Args:
        publication: what is written.
        base: saved_models/<name>.
        extras: writes further files into the version's assets.extra.

    Returns:
        The version's folder.

    Raises:
        ExportError: the stock server could not run the written model, or it answers otherwise than expected.
    """
    return _publish(lambda draft: _write(publication, draft), publication.expected, base, extras)


def publish_copy(version: Path, expected: Expected, base: Path, extras: Extras = lambda folder: None) -> Path:
    """As `publish`, with the files of a version that was published before."""
    return _publish(lambda draft: shutil.copytree(version, draft), expected, base, extras)


def _publish(write: Callable[[Path], Any], expected: Expected, base: Path, extras: Extras) -> Path:
    base.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(base)
    draft = base / f".publishing-{os.getpid()}-{secrets.token_hex(4)}"
    _own_drafts.add(draft.name)
    try:
        write(draft)
        extras(draft / contract.ASSETS_EXTRA)
        _check(expected, draft)
        return _rename_to_next_version(draft, base)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        _own_drafts.discard(draft.name)


def _write(publication: Publication, draft: Path) -> None:
    module = publication.module
    functions: Mapping[str, Any] = module.signatures()
    signatures = {name: function.get_concrete_function() for name, function in functions.items()}
    tf.saved_model.save(_without_functions(module), str(draft), signatures=signatures)
    updater = tf.compat.v1.saved_model.signature_def_utils.MethodNameUpdater(str(draft))
    for signature, method in module.method_names().items():
        updater.replace_method_name(signature, method)
    updater.save()
    extra = draft / contract.ASSETS_EXTRA
    extra.mkdir(exist_ok=True)
    write_warmup(extra / contract.WARMUP_FILE, module.warmup_requests())
    parameters = json.dumps(dict(publication.parameters), indent=1, default=plain_value)
    (extra / PARAMETERS_FILE).write_text(parameters + "\n", encoding="utf-8")


def _without_functions(module: Servable) -> tf.Module:
    """What a module keeps: the functions that it has would be traced anew, which takes as long as all else."""
    kept, empty = tf.Module(), vars(tf.Module())
    for name, value in vars(module).items():
        if name not in empty:
            setattr(kept, name, value)
    return kept


def _check(expected: Expected, draft: Path) -> None:
    """Check that a server can load the draft, and compare its answers to the warm-up with the expected ones."""
    for request, answers in check_servable(draft):
        for output, values in expected(request).items():
            difference, allowed = _difference(answers[output], values)
            if not difference < allowed:
                raise ExportError(
                    f"The written model's {output} differ by {difference:g} from the fitted one's (at most "
                    f"{allowed:g}). Nothing was published. Please report this as a bug."
                )


def _difference(found: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """The largest difference of numbers, or of the values of pictures as PNG, and what is allowed."""
    if found.dtype != object:
        return float(np.abs(found - expected).max()), TOLERANCE * max(1.0, float(np.abs(expected).max()))
    pairs = zip(found.tolist(), expected.tolist(), strict=True)
    pixels = [[tf.io.decode_png(picture).numpy().astype(int) for picture in pair] for pair in pairs]
    return max(float(np.abs(one - other).max()) for one, other in pixels), PICTURE_TOLERANCE


def _rename_to_next_version(draft: Path, base: Path) -> Path:
    for _ in range(100):  # another run may take the number at the same moment
        target = base / str(next_version(base))
        try:
            draft.rename(target)
        except OSError:
            if not target.exists():
                raise
        else:
            return target
    raise ExportError(f"{base}: no version number was free in 100 attempts; is another program writing there?")


def _remove_leftovers(base: Path) -> None:
    """Remove drafts of runs that were killed."""
    for draft in base.glob(".publishing-*"):
        owner = draft.name.split("-")[1]
        used = draft.name in _own_drafts if owner == str(os.getpid()) else owner.isdigit() and _runs(int(owner))
        if not used:
            shutil.rmtree(draft, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)  # signal 0: only checks
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
