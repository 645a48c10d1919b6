"""Classify, Regress and MultiInference of the local server, on a TF1-style SavedModel and on one of TF2."""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest
import tensorflow as tf
from tensorflow_serving.apis import classification_pb2, inference_pb2, input_pb2, prediction_log_pb2, regression_pb2

from ganclf import contract
from serving.local import LocalServer
from serving.local.servable import Servable
from serving.local.versions import Version
from serving.local.warmup import replay_warmup

CLASSIFY, REGRESS = "tensorflow/serving/classify", "tensorflow/serving/regress"


def save_half_plus_two(path: Path) -> None:
    """TF1-style: y = x / 2 + 2 with variables, its classes from an initialized table; several signatures are wrong."""
    v1 = tf.compat.v1
    with v1.Graph().as_default(), v1.Session() as session:
        serialized = v1.placeholder(tf.string, [None], name="tf_example")
        other = v1.placeholder(tf.string, [None], name="other")
        features = {"x": tf.io.FixedLenFeature([1], tf.float32), "b": tf.io.FixedLenFeature([1], tf.float32, [2.0])}
        parsed = tf.io.parse_example(serialized, features)
        y = parsed["x"] * v1.get_variable("a", initializer=0.5) + parsed["b"]
        table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([0, 1], ["low", "high"], tf.int32), "?")
        classes, scores = table.lookup(tf.cast(tf.concat([y < 3, y >= 3], 1), tf.int32)), tf.concat([y, -y], 1)
        flat, halved = tf.reshape(y, [-1]), tf.reshape(tf.concat([y, y], 1), [-1])
        outputs = {"classes": classes, "scores": scores}
        session.run([v1.global_variables_initializer(), v1.tables_initializer()])
        signatures = {
            "serving_default": _signature(serialized, outputs, CLASSIFY),
            "scores": _signature(serialized, {"scores": scores}, CLASSIFY),
            "regress": _signature(serialized, {"outputs": y}, REGRESS),
            "predict": _signature(serialized, {"y": y}, "tensorflow/serving/predict"),
            "other": _signature(other, {"outputs": tf.zeros(tf.shape(other))}, REGRESS),
            "flat_classes": _signature(serialized, {"scores": flat}, CLASSIFY),
            "numbers": _signature(serialized, {"classes": scores}, CLASSIFY),
            "words": _signature(serialized, {"outputs": classes[:, 0]}, REGRESS),
            "twice": _signature(serialized, {"outputs": halved}, REGRESS),
            "wide": _signature(serialized, {"outputs": scores}, REGRESS),
            "no_inputs": _signature(serialized, outputs, CLASSIFY, "text"),
        }
        builder = v1.saved_model.Builder(str(path))
        builder.add_meta_graph_and_variables(session, ["serve"], signatures, main_op=v1.tables_initializer())
        builder.save()


def _signature(fed: tf.Tensor, outputs: dict[str, tf.Tensor], method: str, alias: str = "inputs") -> object:
    info = tf.compat.v1.saved_model.build_tensor_info
    infos = {name: info(tensor) for name, tensor in outputs.items()}
    return tf.compat.v1.saved_model.build_signature_def({alias: info(fed)}, infos, method)


@pytest.fixture(scope="module")
def half_plus_two(tmp_path_factory) -> Path:
    base_path = tmp_path_factory.mktemp("half_plus_two")
    save_half_plus_two(base_path / "123")
    return base_path


@pytest.fixture(scope="module")
def server(half_plus_two):
    with LocalServer(port=0, model_name="half", base_path=half_plus_two) as running:
        yield running


@pytest.fixture
def peer(server, connect):
    return connect(server.address)


def example(**features: float) -> tf.train.Example:
    made = tf.train.Example()
    for name, value in features.items():
        made.features.feature[name].float_list.value.append(value)
    return made


def examples(*values: float) -> input_pb2.Input:
    return input_pb2.Input(example_list=input_pb2.ExampleList(examples=[example(x=value) for value in values]))


def classify(peer, signature="", sent=None, name="half"):
    request = classification_pb2.ClassificationRequest(input=examples(0, 2) if sent is None else sent)
    request.model_spec.name, request.model_spec.signature_name = name, signature
    return peer.prediction.Classify(request, timeout=20)


def regress(peer, signature="regress", name="half"):
    request = regression_pb2.RegressionRequest(input=examples(0, 2))
    request.model_spec.name, request.model_spec.signature_name = name, signature
    return peer.prediction.Regress(request, timeout=20)


def infer(peer, *tasks: tuple[str, str]):
    request = inference_pb2.MultiInferenceRequest(input=examples(0, 2))
    for signature, method in tasks:
        added = request.tasks.add(method_name=method)
        added.model_spec.name, _, added.model_spec.signature_name = signature.rpartition(":")
        added.model_spec.name = added.model_spec.name or "half"
    return peer.prediction.MultiInference(request, timeout=20)


def refusal(method, *arguments, **choices):
    with pytest.raises(grpc.RpcError) as caught:
        method(*arguments, **choices)
    return caught.value.code().name, caught.value.details()


@pytest.mark.parametrize("method", [classify, regress])
@pytest.mark.parametrize(
    ("name", "signature", "expected"),
    [
        ("", "", ("INVALID_ARGUMENT", "ModelSpec has no name specified.")),
        ("other", "", ("NOT_FOUND", "Servable not found for request: Latest(other)")),
        ("half", "X", ("INVALID_ARGUMENT", "No signature was found with the name: X")),
    ],
)
def test_what_can_not_be_found(peer, method, name, signature, expected):
    assert refusal(method, peer, signature, name=name) == expected


@pytest.mark.parametrize(
    ("method", "signature", "message"),
    [
        (classify, "no_inputs", "No classification inputs found in SignatureDef: inputs {"),
        (regress, "no_inputs", "No regression inputs found in SignatureDef: inputs {"),
        (classify, "regress", 'Expected classification signature outputs to contain at least one of "classes" or '),
        (regress, "serving_default", "Expected one output Tensor."),
        (regress, "scores", "No regression outputs found in SignatureDef: inputs {"),
        (classify, "flat_classes", "Expected Tensor shape: [batch_size num_classes] but got [2]"),
        (classify, "numbers", "Expected classes Tensor of DT_STRING. Got: DT_FLOAT"),
        (regress, "words", "Expected output Tensor of DT_FLOAT.  Got: DT_STRING"),
        (regress, "twice", "Input batch size did not match output batch size: 2 vs. 4"),
        (regress, "wide", "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [2,2]"),
    ],
)
def test_a_signature_that_does_not_fit(peer, method, signature, message):
    code, said = refusal(method, peer, signature)
    assert code == "INVALID_ARGUMENT"
    assert said.startswith(message)


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ([], ("INVALID_ARGUMENT", "ModelSpec has no name specified.")),
        ([(":", CLASSIFY), ("other:", CLASSIFY)], ("INVALID_ARGUMENT", "All ModelSpecs in a MultiInferenceRequest must "
                                                   "access the same model name.")),
        ([("regress", REGRESS)] * 2, ("INVALID_ARGUMENT", "Duplicate evaluation of signature: regress")),
        ([("X", REGRESS)], ("INVALID_ARGUMENT", "Requested signature not found in model graph: X")),
        ([("predict", "tensorflow/serving/predict")],
         ("UNIMPLEMENTED", "Unsupported signature method_name: tensorflow/serving/predict")),
        ([("regress", REGRESS), ("other", REGRESS)],
         ("INVALID_ARGUMENT", "Input tensor must be the same for all Signatures.")),
    ],
)  # fmt: skip
def test_multi_inference_is_refused(peer, tasks, expected):
    assert refusal(infer, peer, *tasks) == expected


def test_the_name_of_the_method_matters_only_when_it_is_checked(half_plus_two, connect, peer):
    message = refusal(regress, peer, "predict")[1]
    assert message.startswith("No regression outputs found")
    with LocalServer(
        port=0, model_name="half", base_path=half_plus_two, enable_signature_method_name_check=True
    ) as strict:
        said = refusal(regress, connect(strict.address), "predict")
    expected = f"Expected regression signature method_name to be {REGRESS}. Was: tensorflow/serving/predict"
    assert said == ("INVALID_ARGUMENT", expected)


def test_a_model_of_tf2_is_classified_too(tmp_path, connect):
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="inputs")])
    def answer(inputs):
        parsed = tf.io.parse_example(inputs, {"x": tf.io.FixedLenFeature([2], tf.float32)})
        return {"scores": parsed["x"]}

    module.answer = answer
    tf.saved_model.save(module, str(tmp_path / "1"), signatures={contract.CLASSIFY_SIGNATURE: answer})
    sent = input_pb2.Input()
    sent.example_list.examples.add().features.feature["x"].float_list.value.extend([1, 2])
    with LocalServer(port=0, model_name="two", base_path=tmp_path) as running:
        response = classify(connect(running.address), contract.CLASSIFY_SIGNATURE, sent, "two")
    assert [each.score for each in response.result.classifications[0].classes] == [1.0, 2.0]


def test_a_warm_up_record_of_any_method_is_replayed(half_plus_two, tmp_path):
    log = prediction_log_pb2.PredictionLog()
    log.regress_log.request.input.CopyFrom(examples())
    log.regress_log.request.model_spec.signature_name = "regress"
    folder = tmp_path / contract.ASSETS_EXTRA
    folder.mkdir()
    with tf.io.TFRecordWriter(str(folder / contract.WARMUP_FILE)) as writer:
        writer.write(log.SerializeToString())
    servable = Servable(Version(123, half_plus_two / "123"))
    with pytest.raises(Exception, match="Input is empty"):
        replay_warmup(servable, tmp_path)
    servable.close()
