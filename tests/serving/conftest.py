"""Tiny SavedModels and real servers on free ports."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import tensorflow as tf
import tensorflow_text as tf_text
from tensorflow_serving.apis import (
    model_service_pb2_grpc,
    predict_pb2,
    prediction_log_pb2,
    prediction_service_pb2_grpc,
)

from ganclf import contract
from serving.local import LocalServer

CLASSES = ["bad", "good"]


class TextModel(tf.Module):
    """The project's contract: good if a text has more words `good` than `bad`. Two signatures are for tests only."""

    def __init__(self) -> None:
        super().__init__()
        self.tokenizer = tf_text.WhitespaceTokenizer()
        self.scale = tf.Variable(1.0)

    def answer(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        words = self.tokenizer.tokenize(text)
        counts = [tf.reduce_sum(tf.cast(words == name, tf.float32), axis=-1) for name in CLASSES]
        probabilities = tf.nn.softmax(self.scale * tf.stack(counts, axis=-1))
        classes = tf.constant(CLASSES)
        return {
            contract.LABEL: tf.gather(classes, tf.argmax(probabilities, axis=-1)),
            contract.PROBABILITIES: probabilities,
            contract.CLASSES: tf.repeat(classes[tf.newaxis], tf.shape(text)[0], axis=0),
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def predict(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        return self.answer(tf.ensure_shape(text, [None]))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def unguarded(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Without ensure_shape, a scalar that reaches the op kills the process."""
        return self.answer(text)

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32, name="seconds")])
    def spin(self, seconds: tf.Tensor) -> dict[str, tf.Tensor]:
        """Be busy for some seconds."""
        end = tf.timestamp() + tf.cast(seconds, tf.float64)
        return {"rounds": tf.while_loop(lambda _: tf.timestamp() < end, lambda n: n + 1, [tf.constant(0)])[0]}

    @tf.function(input_signature=[tf.TensorSpec([], tf.string, name="file")])
    def wait(self, file: tf.Tensor) -> dict[str, tf.Tensor]:
        """Be busy until a file is there: a test that makes it knows what happened before."""
        return {
            "looks": tf.while_loop(
                lambda _: tf.equal(tf.size(tf.io.matching_files(file)), 0), lambda n: n + 1, [tf.constant(0)]
            )[0]
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="seconds")])
    def spin_rows(self, seconds: tf.Tensor) -> dict[str, tf.Tensor]:
        """The same as a batch can run it: busy for the seconds of its longest row."""
        return {"rounds": tf.fill(tf.shape(seconds), self.spin(tf.reduce_max(seconds))["rounds"])}


class FloatModel(tf.Module):
    """Half of x, plus y; numbers of every kind come back from `kinds`, and `parse` fails on what is no number."""

    @tf.function(
        input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x"), tf.TensorSpec([], tf.float32, name="y")]
    )
    def half(self, x: tf.Tensor, y: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"z": x / 2 + y}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="n")])
    def kinds(self, n: tf.Tensor) -> dict[str, tf.Tensor]:
        names = ["float16", "bfloat16", "float32", "float64", "int8", "uint16", "int32", "int64", "uint64", "complex64"]
        return {name: tf.cast(n, name) for name in names} | {"bool": n > 0, "string": tf.strings.as_string(n)}

    @tf.function(input_signature=[tf.TensorSpec(None, tf.string, name="s")])
    def parse(self, s: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"number": tf.strings.to_number(s)}


@pytest.fixture(scope="session")
def text_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one version of a model with the project's contract."""
    path = tmp_path_factory.mktemp("models") / "text"
    model = TextModel()
    signatures = {contract.PREDICT_SIGNATURE: model.predict, "unguarded": model.unguarded, "spin": model.spin}
    signatures |= {"spin_rows": model.spin_rows, "wait": model.wait}
    tf.saved_model.save(model, str(path), signatures=signatures)
    return path


@pytest.fixture(scope="session")
def float_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one version of a model that knows nothing of texts."""
    path = tmp_path_factory.mktemp("models") / "float"
    model = FloatModel()
    signatures = {contract.PREDICT_SIGNATURE: model.half, "kinds": model.kinds, "parse": model.parse}
    tf.saved_model.save(model, str(path), signatures=signatures)
    return path


@pytest.fixture(scope="session")
def publish() -> Callable[[Path, Path, int], Path]:
    """Copy a model to base_path/number as training does: whole, or not at all."""

    def publish(model: Path, base_path: Path, number: int) -> Path:
        copy = base_path / f"incoming-{number}"
        shutil.copytree(model, copy)
        return copy.rename(base_path / str(number))

    return publish


@pytest.fixture
def base_path(tmp_path: Path, text_model: Path, publish: Callable[..., Path]) -> Path:
    """A folder with version 1 of the text model."""
    folder = tmp_path / "classifier"
    folder.mkdir()
    publish(text_model, folder, 1)
    return folder


class Peer:
    """Raw stubs on a server, without our client."""

    def __init__(self, address: str) -> None:
        self.channel = grpc.insecure_channel(address)
        self.prediction = prediction_service_pb2_grpc.PredictionServiceStub(self.channel)
        self.model = model_service_pb2_grpc.ModelServiceStub(self.channel)

    def predict(self, request: predict_pb2.PredictRequest, **choices: Any) -> predict_pb2.PredictResponse:
        return self.prediction.Predict(request, **{"timeout": 20, **choices})

    def refusal(self, request: predict_pb2.PredictRequest, **choices: Any) -> tuple[str, str]:
        """The status and the message with which a Predict is refused."""
        with pytest.raises(grpc.RpcError) as caught:
            self.predict(request, **choices)
        return caught.value.code().name, caught.value.details()

    def status(self, request: predict_pb2.PredictRequest, **choices: Any) -> str:
        """The status of a Predict, answered or refused."""
        return self.prediction.Predict.future(request, **{"timeout": 20, **choices}).code().name


@pytest.fixture(scope="module")
def connect() -> Iterator[Callable[[str], Peer]]:
    """Connect to an address; closed after the module."""
    peers: list[Peer] = []

    def connect(address: str) -> Peer:
        peers.append(Peer(address))
        return peers[-1]

    yield connect
    for peer in peers:
        peer.channel.close()


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory, text_model: Path, float_model: Path, publish: Callable[..., Path]
) -> Iterator[dict[str, LocalServer]]:
    """Version 3 of the text model and version 7 of the float model, for tests that change nothing."""
    running = {}
    for name, model, number in (("classifier", text_model, 3), ("float", float_model, 7)):
        folder = tmp_path_factory.mktemp(name)
        publish(model, folder, number)
        running[name] = LocalServer(model_name=name, base_path=folder, port=0).start()
    yield running
    for server in running.values():
        server.stop()


@pytest.fixture
def text_peer(servers: dict[str, LocalServer], connect: Callable[[str], Peer]) -> Peer:
    return connect(servers["classifier"].address)


@pytest.fixture
def float_peer(servers: dict[str, LocalServer], connect: Callable[[str], Peer]) -> Peer:
    return connect(servers["float"].address)


@pytest.fixture(scope="session")
def ask() -> Callable[..., predict_pb2.PredictRequest]:
    """Make a PredictRequest: ask("name", signature="s", version=1, text=[b"a"])."""

    def ask(
        name: str = "classifier", *, signature: str = "", version: int | None = None, **inputs: Any
    ) -> predict_pb2.PredictRequest:
        request = predict_pb2.PredictRequest()
        request.model_spec.name = name
        request.model_spec.signature_name = signature
        if version is not None:
            request.model_spec.version.value = version
        for alias, value in inputs.items():
            request.inputs[alias].CopyFrom(tf.make_tensor_proto(value))
        return request

    return ask


@pytest.fixture(scope="session")
def warm_up(ask: Callable[..., predict_pb2.PredictRequest]) -> Callable[..., None]:
    """Put a warm-up record into a version's folder."""

    def warm_up(version: Path, **inputs: Any) -> None:
        log = prediction_log_pb2.PredictionLog()
        log.predict_log.request.CopyFrom(ask(**inputs))
        extra = version / contract.ASSETS_EXTRA
        extra.mkdir()
        with tf.io.TFRecordWriter(str(extra / contract.WARMUP_FILE)) as writer:
            writer.write(log.SerializeToString())

    return warm_up


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], Any]], None]:
    """Wait until something holds; fail after a time that no machine needs."""

    def eventually(holds: Callable[[], Any], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "it did not come true"
            time.sleep(0.02)

    return eventually
