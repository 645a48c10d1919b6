"""What is published is whole, is what TF Serving expects, and answers as the fitted classifier does."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_text  # noqa: F401  registers the ops of the graph
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import prediction_log_pb2
from weather import LABELS, TEXTS

from ganclf import contract
from ganclf.classification.fitted import FittedModel
from ganclf.errors import ExportError, ModelError
from ganclf.export import publish as export
from ganclf.export.published import PublishedModel
from ganclf.export.versions import versions

ASKED = ["good sun", "awful rain, 雨", "包裹", "", "good\x00day", "x" * 5000]


@pytest.fixture(scope="module")
def loaded(version):
    return tf.saved_model.load(str(version))


@pytest.fixture(scope="module")
def saved(version) -> saved_model_pb2.SavedModel:
    return saved_model_pb2.SavedModel.FromString((version / "saved_model.pb").read_bytes())


def predict(loaded, texts: list[str]) -> dict[str, np.ndarray]:
    answer = loaded.signatures[contract.PREDICT_SIGNATURE](text=tf.constant(texts, tf.string))
    return {name: value.numpy() for name, value in answer.items()}


def children(base: Path) -> list[str]:
    return sorted(os.listdir(base))


def test_the_published_model_answers_as_the_fitted_one(fitted, loaded):
    answer = predict(loaded, ASKED)
    np.testing.assert_allclose(answer["probabilities"], fitted.predict_proba(ASKED), atol=1e-5)
    assert [label.decode() for label in answer["label"]] == fitted.predict(ASKED).tolist()
    assert answer["classes"].tolist() == [[b"rain", b"sun"]] * len(ASKED)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_axis_0_of_every_output_is_the_batch(loaded, count):
    answer = predict(loaded, ASKED[:count])
    assert {name: value.shape for name, value in answer.items()} == {
        contract.LABEL: (count,),
        contract.PROBABILITIES: (count, 2),
        contract.CLASSES: (count, 2),
        contract.CONFIDENCE: (count,),
        contract.IN_SCOPE: (count,),
    }


def test_the_signatures_are_those_of_the_contract(saved):
    signatures = saved.meta_graphs[0].signature_def
    predict, classify = signatures[contract.PREDICT_SIGNATURE], signatures[contract.CLASSIFY_SIGNATURE]
    assert predict.method_name == "tensorflow/serving/predict"
    assert set(predict.inputs) == {contract.TEXT}
    assert [size.size for size in predict.inputs[contract.TEXT].tensor_shape.dim] == [-1]
    assert set(predict.outputs) == {
        contract.LABEL, contract.PROBABILITIES, contract.CLASSES, contract.CONFIDENCE, contract.IN_SCOPE
    }  # fmt: skip
    assert classify.method_name == "tensorflow/serving/classify"
    assert set(classify.inputs) == {"inputs"}
    assert set(classify.outputs) == {"classes", "scores"}


def test_examples_are_classified_as_texts_are(loaded):
    features = [tf.train.Feature(bytes_list=tf.train.BytesList(value=[text.encode()])) for text in ASKED]
    examples = [tf.train.Example(features=tf.train.Features(feature={contract.TEXT: each})) for each in features]
    serialized = tf.constant([example.SerializeToString() for example in examples])
    answer = loaded.signatures[contract.CLASSIFY_SIGNATURE](inputs=serialized)
    expected = predict(loaded, ASKED)
    np.testing.assert_allclose(answer["scores"], expected["probabilities"], atol=1e-6)
    np.testing.assert_array_equal(answer["classes"], expected["classes"])


def test_the_graph_needs_no_python(saved):
    graph = saved.meta_graphs[0].graph_def
    ops = {node.op for part in (graph, *graph.library.function) for node in getattr(part, "node", [])}
    ops |= {node.op for function in graph.library.function for node in function.node_def}
    assert "StringToHashBucketFast" in ops
    assert not [op for op in ops if "Py" in op]


def test_every_weight_is_written_once(fitted, version):
    written = dict(tf.train.list_variables(str(version / "variables" / "variables")))
    numbers = sum(int(np.prod(shape)) for name, shape in written.items() if name.endswith("VARIABLE_VALUE"))
    encoder = [fitted.encoder_.index, fitted.encoder_.projection]
    head = [*fitted.network_.weights, fitted.head_.score_quantiles]
    assert numbers == sum(int(np.prod(weight.shape)) for weight in [*encoder, *head])


def test_confidence_and_scope_are_those_of_the_fitted_classifier(loaded, fitted):
    answer = predict(loaded, ASKED)
    np.testing.assert_allclose(answer[contract.CONFIDENCE], fitted.predict_proba(ASKED).max(axis=1), atol=1e-5)
    np.testing.assert_allclose(answer[contract.IN_SCOPE], fitted.scope(fitted.encoder_.transform(ASKED)), atol=1e-3)


def test_the_warm_up_file_holds_requests_for_this_model(version):
    file = version / "assets.extra" / "tf_serving_warmup_requests"
    records = list(tf.data.TFRecordDataset(str(file)).as_numpy_iterator())
    requests = [prediction_log_pb2.PredictionLog.FromString(record).predict_log.request for record in records]
    assert [len(request.inputs["text"].string_val) for request in requests] == [1, 4]
    assert {request.model_spec.signature_name for request in requests} == {"serving_default"}
    sent = [text.decode() for request in requests for text in request.inputs["text"].string_val]
    assert not set(sent) & set(TEXTS)


def test_the_arguments_travel_with_the_model(fitted, version):
    file = version / "assets.extra" / "parameters.json"
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in fitted.get_params().items()}
    assert json.loads(file.read_text(encoding="utf-8")) == given


SCALARS = """
import sys
import tensorflow as tf
import tensorflow_text

folder = sys.argv[1]
loaded = tf.saved_model.load(folder)
for name, given in (("serving_default", "text"), ("classify", "inputs")):
    try:
        loaded.signatures[name](**{given: tf.constant("a scalar")})
    except (tf.errors.InvalidArgumentError, TypeError, ValueError) as error:
        print("called:", type(error).__name__)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        anything = tf.compat.v1.placeholder(tf.string)  # as a server feeds it, which looks at no shape
        fed = {f"{name}_{given}:0": anything}
        graph = tf.compat.v1.saved_model.load(session, ["serve"], folder, input_map=fed)
        output = next(iter(graph.signature_def[name].outputs.values())).name
        try:
            session.run(output, {anything: "a scalar"})
        except tf.errors.InvalidArgumentError as error:
            print("served:", type(error).__name__)
        assert len(session.run(output, {anything: []})) == 0
"""


def test_a_scalar_is_an_error_and_not_the_end_of_the_server(start, version):
    process = start("-c", SCALARS, version)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err[-3000:]
    called, served, *rest = out.split("\n")
    assert called.startswith("called: ")
    assert served == "served: InvalidArgumentError"
    assert rest == [called, served, ""]


def test_until_a_version_is_whole_there_is_no_folder_with_its_name(fitted, tmp_path):
    seen = []

    def extras(assets: Path) -> None:
        seen.extend(children(tmp_path))
        (assets / "notes.txt").write_text("kept")

    folder = fitted.save(tmp_path, extras)
    assert [name for name in seen if name.isdecimal()] == []
    assert seen
    assert folder == tmp_path / "1"
    assert (folder / "assets.extra" / "notes.txt").read_text() == "kept"
    assert children(tmp_path) == ["1"]


def test_the_next_version_is_above_a_gap_and_above_a_broken_folder(fitted, tmp_path):
    (tmp_path / "3").mkdir()
    (tmp_path / "8").mkdir()
    assert fitted.save(tmp_path).name == "9"
    assert fitted.save(tmp_path).name == "10"


def test_what_fails_leaves_nothing_behind(fitted, tmp_path):
    def extras(assets: Path) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fitted.save(tmp_path, extras)
    assert children(tmp_path) == []


class Forgetful(FittedModel):
    """Predicts the other way round once it was written."""

    def probabilities(self, texts):
        return super().probabilities(texts)[:, ::-1]


def test_a_model_that_predicts_otherwise_than_the_fitted_one_is_not_published(fitted, tmp_path):
    forgetful = Forgetful(fitted.encoder_, fitted.head_, fitted.classes_)
    with pytest.raises(ExportError, match=r"differ by 0\.\d+ .* Nothing was published"):
        forgetful.save(tmp_path, fitted.get_params(), lambda assets: None)
    assert children(tmp_path) == []


PUBLISH = f"""
import os, signal, sys, time
from pathlib import Path
from ganclf import GANClassifier

base, meeting, other_base = sys.argv[1:]

def meet(assets):
    (Path(meeting) / str(os.getpid())).touch()
    while len(os.listdir(meeting)) < 2:
        time.sleep(0.01)

def kill(assets):
    os.kill(os.getpid(), signal.SIGKILL)

sizes = dict(size=2, width=2, depth=1, batch_size=2, labeled_batch_size=2, steps=1, game="off", calibration="none")
classifier = GANClassifier(**sizes).fit({TEXTS}, {LABELS})
print(classifier.save(base, meet).name, flush=True)
classifier.save(other_base, kill)
"""


@pytest.fixture(scope="module")
def published(start, fitted, tmp_path_factory) -> tuple[Path, set[str], Path]:
    """A folder to which this process and another published at once, both names, and where the other was killed."""
    base, meeting, other_base = (tmp_path_factory.mktemp(name) for name in ("base", "meeting", "other_base"))
    process = start("-c", PUBLISH, base, meeting, other_base)

    def meet(assets: Path) -> None:
        (meeting / str(os.getpid())).touch()
        while len(os.listdir(meeting)) < 2:
            assert process.poll() is None
            time.sleep(0.01)

    name = fitted.save(base, meet).name
    out, err = process.communicate(timeout=240)
    assert process.returncode == -signal.SIGKILL, err[-3000:]
    return base, {name, out.strip()}, other_base


def test_two_publishers_at_once_get_versions_of_their_own(published):
    base, names, _ = published
    assert names == {"1", "2"}
    assert list(versions(base)) == [1, 2]
    assert children(base) == ["1", "2"]


def test_a_publisher_that_is_killed_leaves_no_version_and_the_next_one_cleans_up(published, fitted):
    base = published[2]
    assert [name.startswith(".publishing-") for name in children(base)] == [True]
    assert versions(base) == {}
    assert fitted.save(base).name == "1"
    assert children(base) == ["1"]


def test_two_publishers_in_one_process_do_not_disturb_each_other(fitted, tmp_path):
    fitted.save(tmp_path, lambda assets: fitted.save(tmp_path))
    assert children(tmp_path) == ["1", "2"]


def test_a_number_that_another_run_takes_at_the_last_moment_is_left_to_it(fitted, tmp_path, monkeypatch):
    (tmp_path / "4").mkdir()
    (tmp_path / "4" / "saved_model.pb").touch()
    numbers = iter([4, 5])
    monkeypatch.setattr(export, "next_version", lambda base: next(numbers))
    assert fitted.save(tmp_path).name == "5"
    assert children(tmp_path / "4") == ["saved_model.pb"]


def test_a_draft_that_an_earlier_run_of_its_own_number_left_is_removed(fitted, tmp_path):
    (tmp_path / f".publishing-{os.getpid()}-0a0a").mkdir()
    fitted.save(tmp_path)
    assert children(tmp_path) == ["1"]


def test_a_draft_of_a_run_that_still_goes_on_is_left_alone(fitted, tmp_path):
    (tmp_path / f".publishing-{os.getppid()}").mkdir()
    fitted.save(tmp_path)
    assert children(tmp_path) == [f".publishing-{os.getppid()}", "1"]


def test_a_published_model_is_read_from_its_folder_or_its_version(version):
    for folder in (version, version.parent):
        model = PublishedModel(folder)
        assert model.folder == version
        assert model.classes == ["rain", "sun"]


def test_a_long_list_is_predicted_as_its_parts_are(version):
    model = PublishedModel(version)
    many = (TEXTS * 100)[:601]
    np.testing.assert_allclose(model.probabilities(many)[-1], model.probabilities(many[-1:])[0], atol=1e-6)
    assert model.probabilities(many).shape == (601, 2)
    assert model.probabilities([]).shape == (0, 2)


def test_a_foreign_model_is_refused(tmp_path):
    module = tf.Module()
    module.double = tf.function(lambda x: 2 * x, input_signature=[tf.TensorSpec([None])])
    tf.saved_model.save(module, str(tmp_path / "1"), signatures={"double": module.double})
    with pytest.raises(ModelError, match="no signature 'serving_default'; train it with ganclf"):
        PublishedModel(tmp_path)
