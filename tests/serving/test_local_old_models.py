"""SavedModels as TensorFlow 1 wrote them: placeholders, variables, tables with assets, signatures on a bare graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from serving.local import LocalServer

v1 = tf.compat.v1


@pytest.fixture(scope="module")
def base_path(tmp_path_factory) -> Path:
    """y = weight of the word's row in a vocabulary file, plus the placeholder `more`, which has a default."""
    folder = tmp_path_factory.mktemp("old")
    vocabulary = folder / "words.txt"
    vocabulary.write_text("good\nbad\n")
    with tf.Graph().as_default(), v1.Session() as session:
        words = v1.placeholder(tf.string, [None], name="words")
        more = v1.placeholder_with_default(np.float32(0), [], name="more")
        table = v1.lookup.StaticVocabularyTable(
            v1.lookup.TextFileInitializer(
                str(vocabulary), tf.string, v1.lookup.TextFileIndex.WHOLE_LINE,
                tf.int64, v1.lookup.TextFileIndex.LINE_NUMBER,
            ),
            num_oov_buckets=1,
        )  # fmt: skip
        weights = v1.get_variable("weights", initializer=[1.0, -1.0, 0.5], use_resource=False)
        y = tf.identity(tf.gather(weights, table.lookup(words)) + more, name="y")
        session.run([v1.global_variables_initializer(), v1.tables_initializer()])
        info = v1.saved_model.build_tensor_info
        signatures = {
            name: v1.saved_model.build_signature_def(
                {alias: info(tensor) for alias, tensor in inputs.items()},
                {"y": info(y)},
                "tensorflow/serving/predict",
            )
            for name, inputs in {"serving_default": {"words": words}, "more": {"words": words, "more": more}}.items()
        }
        builder = v1.saved_model.Builder(str(folder / "model" / "00000123"))
        assets = v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS)
        builder.add_meta_graph_and_variables(
            session, ["serve"], signatures, assets_collection=assets, main_op=v1.tables_initializer()
        )
        builder.save()
    vocabulary.unlink()  # what serves must come from the model's own assets
    return folder / "model"


@pytest.fixture(scope="module", params=[False, True], ids=["alone", "batched"])
def server(base_path, request):
    with LocalServer(model_name="old", base_path=base_path, port=0, enable_batching=request.param) as running:
        yield running


def test_it_answers_from_its_variables_and_tables(server, connect, ask):
    response = connect(server.address).predict(ask("old", words=[b"bad", b"other", b"good"]))
    assert list(response.outputs["y"].float_val) == [-1.0, 0.5, 1.0]
    assert response.model_spec.version.value == 123


def test_a_placeholder_with_a_default_may_be_fed(base_path, connect, ask):
    with LocalServer(model_name="old", base_path=base_path, port=0) as server:
        response = connect(server.address).predict(ask("old", signature="more", words=[b"good"], more=np.float32(2)))
    assert list(response.outputs["y"].float_val) == [3.0]
