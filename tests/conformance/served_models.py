"""The SavedModels that the suite asks, and the config files: python tests/conformance/served_models.py DIR."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import tensorflow as tf
import tensorflow_text as tf_text

CLASSIFY, REGRESS, PREDICT = (f"tensorflow/serving/{method}" for method in ("classify", "regress", "predict"))
MAX_MESSAGE_BYTES = 4 * 2**20
REST_TIMEOUT_MS = {"plain": 2000, "batching": 700}  # of the two servers
METRICS_PATH = "/monitoring/prometheus/metrics"
BASELINE = {"text": "3", "half": "00000123", "kinds": "5"}  # version folder by model: what is served all the time


class Text(tf.Module):
    """Counts the words of texts, as one of our exports reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.tokenizer = tf_text.WhitespaceTokenizer()
        self.unit = tf.Variable(1.0)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def count(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._answer(tf.ensure_shape(text, [None]))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def unguarded(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Without ensure_shape, a scalar that reaches the tokenizer ends the process: only for extensions."""
        return self._answer(text)

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32, name="seconds")])
    def spin(self, seconds: tf.Tensor) -> dict[str, tf.Tensor]:
        """Be busy for some seconds."""
        return {"rounds": _spin(seconds)}

    def _answer(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        words = tf.cast(self.tokenizer.tokenize(text).row_lengths(), tf.float32)
        return {"words": words * self.unit, "same": text}


class Kinds(tf.Module):
    """Numbers, strings and bytes as they came, and a scalar output."""

    @tf.function(
        input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x"), tf.TensorSpec([None], tf.int64, name="n")]
    )
    def both(self, x: tf.Tensor, n: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"sum": tf.reduce_sum(x, 1) + tf.cast(n, tf.float32), "n": n, "odd": n % 2 == 1}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="s")])
    def echo(self, s: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"s": s, "s_bytes": s}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def halve(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": x / 2}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def total(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": tf.reduce_sum(x)}


class Rows(tf.Module):
    """For batching: the rows of the batch that ran; `slow` is busy for as many seconds as its largest row's value."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def twice(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": 2 * x, "rows": tf.fill(tf.shape(x), tf.shape(x)[0])}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def slow(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        with tf.control_dependencies([_spin(tf.reduce_max(x))]):
            return {"y": tf.identity(x)}

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32, name="x")])
    def scalar(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": x}


def _spin(seconds: tf.Tensor) -> tf.Tensor:
    end = tf.timestamp() + tf.cast(seconds, tf.float64)
    return tf.while_loop(lambda _: tf.timestamp() < end, lambda n: n + 1, [tf.constant(0)])[0]


def save_half_plus_two(path: Path) -> None:
    """TF1-style: y = x / 2 + 2 with variables, its classes from an initialized table; some signatures are wrong."""
    v1 = tf.compat.v1
    with v1.Graph().as_default(), v1.Session() as session:
        serialized = v1.placeholder(tf.string, [None], name="tf_example")
        features = {"x": tf.io.FixedLenFeature([1], tf.float32), "b": tf.io.FixedLenFeature([1], tf.float32, [2.0])}
        parsed = tf.io.parse_example(serialized, features)
        y = parsed["x"] * v1.get_variable("a", initializer=0.5) + parsed["b"]
        table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([0, 1], ["low", "high"], tf.int32), "?")
        classes, scores = table.lookup(tf.cast(tf.concat([y < 3, y >= 3], 1), tf.int32)), tf.concat([y, -y], 1)
        outputs = {"classes": classes, "scores": scores}
        session.run([v1.global_variables_initializer(), v1.tables_initializer()])
        signatures = {
            "serving_default": _signature(serialized, outputs, CLASSIFY),
            "scores": _signature(serialized, {"scores": scores}, CLASSIFY),
            "regress": _signature(serialized, {"outputs": y}, REGRESS),
            "flat": _signature(serialized, {"outputs": tf.reshape(y, [-1])}, REGRESS),
            "predict": _signature(serialized, {"y": y}, PREDICT),
            "no_inputs": _signature(serialized, outputs, CLASSIFY, "text"),
        }
        builder = v1.saved_model.Builder(str(path))
        builder.add_meta_graph_and_variables(session, ["serve"], signatures, main_op=v1.tables_initializer())
        builder.save()


def _signature(fed: tf.Tensor, outputs: dict[str, tf.Tensor], method: str, alias: str = "inputs") -> object:
    info = tf.compat.v1.saved_model.build_tensor_info
    infos = {name: info(tensor) for name, tensor in outputs.items()}
    return tf.compat.v1.saved_model.build_signature_def({alias: info(fed)}, infos, method)


def _save(module: tf.Module, path: Path, default: str, *others: str) -> None:
    signatures = {"serving_default": getattr(module, default), **{name: getattr(module, name) for name in others}}
    tf.saved_model.save(module, str(path), signatures=signatures)


def make_models(folder: Path) -> None:
    """Write each model once to folder/source, which no server looks at."""
    source = folder / "source"
    if source.is_dir():
        return
    draft = folder / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    _save(Text(), draft / "text", "count", "unguarded", "spin")
    _save(Kinds(), draft / "kinds", "both", "echo", "halve", "total")
    _save(Rows(), draft / "rows", "twice", "slow", "scalar")
    save_half_plus_two(draft / "half")
    draft.rename(source)


def publish(folder: Path, model: str, name: str, version: str) -> Path:
    """Copy a model to folder/models/name/version at once, as training publishes."""
    base = folder / "models" / name
    base.mkdir(parents=True, exist_ok=True)
    if (base / version).is_dir():
        return base / version
    copy = base / f".copying-{version}"
    shutil.copytree(folder / "source" / model, copy)
    return copy.rename(base / version)


def model_entry(seen: Path | str, name: str, more: str = "") -> str:
    """A ModelConfig as a text proto.

    Args:
        seen: the folder as the server sees it.
        more: further fields, such as a policy or labels.
    """
    return f'config {{ name: "{name}" base_path: "{seen}/models/{name}" model_platform: "tensorflow" {more} }}'


def model_list(*entries: str) -> str:
    """A ModelServerConfig of these models."""
    return "model_config_list { " + " ".join(entries) + " }"


def baseline_entries(seen: Path | str) -> list[str]:
    """The models that are served all the time."""
    return [model_entry(seen, name) for name in BASELINE]


def write_all(folder: Path, seen: Path | str) -> None:
    """Models and config files for both servers."""
    folder.mkdir(parents=True, exist_ok=True)
    make_models(folder)
    for name, version in {**BASELINE, "rows": "1"}.items():
        publish(folder, name, name, version)
    (folder / "models.config").write_text(model_list(*baseline_entries(seen)) + "\n")
    (folder / "batching_models.config").write_text(model_list(model_entry(seen, "rows")) + "\n")
    (folder / "monitoring.config").write_text(f'prometheus_config {{ enable: true path: "{METRICS_PATH}" }}\n')
    (folder / "batching.config").write_text(
        "max_batch_size { value: 4 } batch_timeout_micros { value: 100000 } max_enqueued_batches { value: 2 } "
        "num_batch_threads { value: 1 }\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seen", help="the folder as the server sees it, if it is elsewhere there")
    given = parser.parse_args()
    write_all(given.folder, given.seen or given.folder.absolute())
