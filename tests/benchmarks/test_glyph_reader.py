"""A reader of characters joins what it sees in neighboring places, and counts what it is sure of."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from benchmarks.glyph_reader import MODEL, GlyphReader
from ganclf.errors import ConfigError

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> GlyphReader:
    """Reads nothing where a column is white, and 墨 where it is dark, in a wheel as it is downloaded."""
    from onnx import TensorProto, helper

    steps = ["N", 3, 48, "W"]
    weights = helper.make_tensor("weights", TensorProto.FLOAT, [1, 4], [20.0, -20.0, 0.0, 0.0])
    axes = [helper.make_tensor(f"axes_{name}", TensorProto.INT64, [len(value)], value)
            for name, value in (("mean", [1, 2]), ("last", [2]))]  # fmt: skip
    nodes = [
        helper.make_node("ReduceMean", ["x", "axes_mean"], ["columns"], keepdims=0),
        helper.make_node("Unsqueeze", ["columns", "axes_last"], ["column"]),
        helper.make_node("MatMul", ["column", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["y"], axis=2),
    ]
    graph = helper.make_graph(
        nodes, "reader", [helper.make_tensor_value_info("x", TensorProto.FLOAT, steps)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", "W", 4])], [weights, *axes],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    helper.set_model_props(model, {"character": "墨\n白"})
    wheel = tmp_path_factory.mktemp("reader") / "reader.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(MODEL, model.SerializeToString())
    return GlyphReader(wheel)


def test_neighboring_places_are_one_character(reader):
    found = reader.read(np.stack([np.zeros((16, 16)), np.ones((16, 16))]))
    assert found.characters == ["墨", ""]
    assert found.accuracy("墨墨") == 0.5
    assert found.readable() == 0.5


def test_a_file_without_a_reader_is_refused(tmp_path):
    (tmp_path / "a.whl").write_bytes(b"no zip")
    with pytest.raises(ConfigError, match="pip download"):
        GlyphReader(tmp_path / "a.whl")
