"""What is not for the stock server is refused before it is published."""

from __future__ import annotations

import os
import sys
from importlib.resources import files

import pytest
import tensorflow as tf
from warmup_answers import warmup_answers

from ganclf import contract
from ganclf.classification import served
from ganclf.errors import ExportError
from ganclf.export.servable_check import check_ops
from ganclf.export.stock_ops import FILE, stock_ops
from ganclf.export.stock_ops.__main__ import main


class Model(tf.Module):
    """Answers with the contract's outputs; `spoil` is applied to the texts."""

    def __init__(self, spoil):
        super().__init__()
        self.spoil = spoil

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def predict(self, text):
        return {contract.PROBABILITIES: tf.ones([tf.size(self.spoil(text)), 2])}


def save(spoil, folder):
    model = Model(spoil)
    tf.saved_model.save(model, str(folder), signatures={contract.PREDICT_SIGNATURE: model.predict})
    return folder


def by_python(text):
    return tf.numpy_function(lambda texts: texts, [text], tf.string)


def from_a_file(text):
    return tf.strings.join([text, tf.io.read_file("words.txt")])


def within_a_function(text):
    return tf.map_fn(lambda name: tf.cond(tf.equal(name, ""), lambda: tf.io.read_file(name), lambda: name), text)


@pytest.mark.parametrize(
    ("spoil", "op"), [(by_python, "PyFunc"), (from_a_file, "ReadFile"), (within_a_function, "ReadFile")]
)
def test_an_operation_that_the_stock_server_does_not_run_is_named_with_its_place(tmp_path, spoil, op):
    with pytest.raises(ExportError, match=rf"does not run: (\w+ .*)?{op} \(in \w+.*\)\. Nothing was published"):
        check_ops(save(spoil, tmp_path))


@pytest.mark.parametrize("spoil", [by_python, from_a_file])
def test_nothing_is_published_then(fitted, tmp_path, monkeypatch, spoil):
    encode = fitted.encoder_.encode
    monkeypatch.setattr(fitted.encoder_, "encode", lambda text: encode(tf.ensure_shape(spoil(text), [None])))
    with pytest.raises(ExportError, match="does not run"):
        fitted.save(tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("output", [contract.CONFIDENCE, contract.CLASSES])
def test_an_output_without_the_batch_on_axis_0_is_not_published(fitted, tmp_path, monkeypatch, output):
    class Reduced(served.ServedClassifier):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name=contract.TEXT)])
        def predict(self, text):
            answer = super().predict(text)
            return answer | {output: answer[output][0]}

    monkeypatch.setattr(served, "ServedClassifier", Reduced)
    with pytest.raises(
        ExportError, match=rf"'{output}' of shape .*first axis must be the texts.* Nothing was published"
    ):
        fitted.save(tmp_path)
    assert os.listdir(tmp_path) == []


def test_what_we_publish_passes(version):
    texts, probabilities = warmup_answers(version)
    assert probabilities.shape == (len(texts), 2)


def test_the_list_holds_what_texts_need_and_nothing_that_reaches_out():
    needed = {"StringToHashBucketFast", "RestoreV2", "ShardedFilename", "StatefulPartitionedCall", "LookupTableFindV2"}
    needed |= {
        "TFText>WhitespaceTokenizeWithOffsetsV2",
        "FastWordpieceTokenizeWithOffsets",
        "InitializeTableFromTextFileV2",
    }
    assert needed <= stock_ops()
    assert not {"PyFunc", "EagerPyFunc", "ReadFile", "WriteFile", "Save", "MatchingFiles", "Abort"} & stock_ops()


@pytest.mark.skipif(sys.platform != "linux", reason="the list is of Linux")
def test_the_list_is_what_its_program_makes(capsys):
    assert main([]) == 0
    made = capsys.readouterr().out
    assert made == files("ganclf.export.stock_ops").joinpath(FILE).read_text(encoding="utf-8")
