"""What a written model has to pass before it is published: the stock server must be able to load and to batch it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_text  # noqa: F401  registers the ops of the graph
from tensorflow.core.protobuf import saved_model_pb2

from ganclf import contract
from ganclf.cli.notices import without_known_notices
from ganclf.errors import ExportError
from ganclf.export.stock_ops import stock_ops
from ganclf.export.warmup import Answers, Request, read_warmup, replay_warmup

BATCH_SIZES = (1, 2, 3)
NOT_PUBLISHED = "Nothing was published."


def check_servable(model: Path) -> list[tuple[Request, Answers]]:
    """Check a SavedModel as it lies on the disk.

    Args:
        model: folder with saved_model.pb.

    Returns:
        The warm-up requests, and the outputs of each.

    Raises:
        ExportError: an op that the stock server does not run, or an output whose axis 0 is not the batch.
    """
    check_ops(model)
    requests = read_warmup(model)
    with without_known_notices(), tf.Graph().as_default(), tf.compat.v1.Session() as session:
        graph = tf.compat.v1.saved_model.load(session, [tf.saved_model.SERVING], str(model))
        check_batches(session, graph.signature_def, requests)
        answers = replay_warmup(session, graph.signature_def[contract.PREDICT_SIGNATURE], requests)
    return list(zip(requests, answers, strict=True))


def check_ops(model: Path) -> None:
    """Refuse ops that the stock server 2.20 does not run: of other releases or packages, of Python, on files.

    Raises:
        ExportError: it names them, and the functions that hold them.
    """
    saved = saved_model_pb2.SavedModel.FromString((model / "saved_model.pb").read_bytes())
    unknown: dict[str, str] = {}
    for meta_graph in saved.meta_graphs:
        known = stock_ops() | {function.signature.name for function in meta_graph.graph_def.library.function}
        for op, place in _ops(meta_graph.graph_def):
            if op not in known:
                unknown.setdefault(op, place)
    if unknown:
        named = ", ".join(f"{op} (in {place})" for op, place in sorted(unknown.items()))
        raise ExportError(
            f"The graph has operations that the stock server 2.20 does not run: {named}. {NOT_PUBLISHED} Write that "
            "part with the operations of TensorFlow and TF-Text 2.20, without Python and without reading files."
        )


def check_batches(session: Any, signatures: Any, requests: Sequence[Request]) -> None:
    """Ask each signature of the contract for batches of several sizes.

    Args:
        session: that holds the graph.
        signatures: SignatureDef by name.
        requests: to the Predict signature; their rows make the batches.

    Raises:
        ExportError: axis 0 of an output is not the batch, on which a server that batches would split it.
    """
    for name, batch in _batches(requests):
        if name in signatures:
            _check_batch(session, signatures[name], name, batch)


def _ops(graph: Any) -> Iterator[tuple[str, str]]:
    """Each operation, with the name of the function that holds it."""
    for node in graph.node:
        yield node.op, "the graph"
    for function in graph.library.function:
        for node in function.node_def:
            yield node.op, function.signature.name


def _batches(requests: Sequence[Request]) -> Iterator[tuple[str, Request]]:
    """Signature and inputs."""
    rows = {name: np.concatenate([request[name] for request in requests]) for name in requests[0]}
    for size in BATCH_SIZES:
        yield contract.PREDICT_SIGNATURE, {name: np.resize(values, size) for name, values in rows.items()}
        texts = [f"row {row} 第{row}行".encode() for row in range(size)]
        yield contract.CLASSIFY_SIGNATURE, {"inputs": np.array([_example(text) for text in texts], object)}


def _example(text: bytes) -> bytes:
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text]))
    features = tf.train.Features(feature={contract.TEXT: feature})
    return bytes(tf.train.Example(features=features).SerializeToString())


def _check_batch(session: Any, signature: Any, name: str, batch: Request) -> None:
    fetches = {output: info.name for output, info in signature.outputs.items()}
    answers = session.run(fetches, {signature.inputs[given].name: values for given, values in batch.items()})
    rows = len(next(iter(batch.values())))
    for output, answer in answers.items():
        if answer.shape[:1] != (rows,):
            raise ExportError(
                f"Signature {name!r} answers {rows} texts with {output!r} of shape {list(answer.shape)}; its "
                f"first axis must be the texts, on which a server splits a batch. {NOT_PUBLISHED}"
            )
