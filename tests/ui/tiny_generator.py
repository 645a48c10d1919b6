"""SavedModels with the signatures of a text generator, of replies and of styles; small enough to make in every run."""

from pathlib import Path

import tensorflow as tf

from ganclf import contract

LABELS = ("calm", "**wild**")


class EchoGenerator(tf.Module):
    """Writes prefix, seed, temperature and candidates of the request."""

    @tf.function(input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.PREFIX),
        tf.TensorSpec([None], tf.string, name=contract.LABEL),
        tf.TensorSpec([None], tf.int64, name=contract.SEED),
        tf.TensorSpec([None], tf.float32, name=contract.TEMPERATURE),
        tf.TensorSpec([None], tf.int32, name=contract.CANDIDATES),
    ])  # fmt: skip
    def generate(
        self, prefix: tf.Tensor, label: tf.Tensor, seed: tf.Tensor, temperature: tf.Tensor, candidates: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Answer for rows of shape [batch]."""
        with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(prefix != "refused"), ["prefix is refused"])]):
            words = [prefix, tf.as_string(seed), tf.as_string(temperature, precision=2), tf.as_string(candidates)]
        return {
            contract.TEXT: tf.strings.join(words, " "),
            contract.LOG_PROBABILITY: -tf.cast(candidates, tf.float32),
            contract.REALNESS: tf.fill(tf.shape(temperature), 0.25),
            contract.LABEL: tf.where(label == "", tf.constant(LABELS[0]), label),
            contract.CLASSES: tf.tile(tf.constant([LABELS]), [tf.shape(prefix)[0], 1]),
        }


class EchoReplies(tf.Module):
    """Replies with the text, once as one of the training file, once with its temperature."""

    @tf.function(input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.TEXT),
        tf.TensorSpec([None], tf.int64, name=contract.SEED),
        tf.TensorSpec([None], tf.float32, name=contract.TEMPERATURE),
    ])  # fmt: skip
    def generate(self, text: tf.Tensor, seed: tf.Tensor, temperature: tf.Tensor) -> dict[str, tf.Tensor]:
        """Answer for rows of shape [batch]; outputs have the shape [batch, 2]."""
        with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(text != "refused"), ["text is refused"])]):
            second = tf.strings.join([text, tf.as_string(temperature, precision=2)], " ")
        rows = tf.shape(seed)[0]
        return {
            contract.REPLY: tf.stack([text, second], axis=1),
            contract.SCORE: tf.tile([[1.5, -0.25]], [rows, 1]),
            contract.RETRIEVED: tf.tile([[True, False]], [rows, 1]),
        }


class EchoStyle(tf.Module):
    """Writes the target, or the first style, in place of the last word."""

    @tf.function(input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.TEXT),
        tf.TensorSpec([None], tf.string, name=contract.TARGET),
        tf.TensorSpec([None], tf.float32, name=contract.STRENGTH),
    ])  # fmt: skip
    def generate(self, text: tf.Tensor, target: tf.Tensor, strength: tf.Tensor) -> dict[str, tf.Tensor]:
        """Answer for rows of shape [batch]; without strength the text stays."""
        with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(text != "refused"), ["text is refused"])]):
            rest = tf.strings.regex_replace(text, r"\S+$", "")
        changed = tf.strings.join([rest, tf.where(target == "", LABELS[0], target)])
        return {
            contract.TEXT: tf.where(strength > 0.0, changed, text),
            contract.STYLE_PROBABILITY: strength,
            contract.CLASSES: tf.tile(tf.constant([LABELS]), [tf.shape(text)[0], 1]),
        }


class EchoPictures(tf.Module):
    """Gives each picture twice as wide, and refuses what is none."""

    @tf.function(input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.PNG),
        tf.TensorSpec([None], tf.float32, name=contract.SHARPNESS),
    ])  # fmt: skip
    def generate(self, png: tf.Tensor, sharpness: tf.Tensor) -> dict[str, tf.Tensor]:
        """Answer for rows of shape [batch]."""

        def twice(picture: tf.Tensor) -> tf.Tensor:
            pixels = tf.io.decode_png(picture, channels=3)
            return tf.io.encode_png(tf.concat([pixels, pixels], axis=1))

        with tf.control_dependencies([tf.debugging.assert_non_negative(sharpness)]):
            return {contract.PNG: tf.map_fn(twice, png)}


class EchoIllustrations(tf.Module):
    """Draws a square as bright as the seed, and refuses a text."""

    @tf.function(input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.TEXT),
        tf.TensorSpec([None], tf.int64, name=contract.SEED),
        tf.TensorSpec([None], tf.int32, name=contract.CANDIDATES),
    ])  # fmt: skip
    def generate(self, text: tf.Tensor, seed: tf.Tensor, candidates: tf.Tensor) -> dict[str, tf.Tensor]:
        """Answer for rows of shape [batch]."""

        def square(value: tf.Tensor) -> tf.Tensor:
            return tf.io.encode_png(tf.fill([8, 8, 1], tf.cast(value, tf.uint8)))

        with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(text != "refused"), ["text is refused"])]):
            match = tf.cast(candidates, tf.float32) / 16.0
        return {contract.PNG: tf.map_fn(square, seed, fn_output_signature=tf.string), contract.MATCH: match}


class EchoDrawings(tf.Module):
    """Draws squares as dark as their seed, and refuses a label that it does not know."""

    @tf.function(input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.LABEL),
        tf.TensorSpec([None], tf.int64, name=contract.SEED),
        tf.TensorSpec([None], tf.float32, name=contract.TRUNCATION),
    ])  # fmt: skip
    def generate(self, label: tf.Tensor, seed: tf.Tensor, truncation: tf.Tensor) -> dict[str, tf.Tensor]:
        """Answer for rows of shape [batch]; without truncation all are black."""
        gray = tf.cast(tf.cast(seed % 256, tf.float32) * truncation, tf.uint8)
        squares = tf.tile(gray[:, tf.newaxis, tf.newaxis, tf.newaxis], [1, 8, 8, 1])
        return {
            contract.PNG: tf.map_fn(tf.io.encode_png, squares, fn_output_signature=tf.string),
            contract.LABEL: tf.where(label == "", LABELS[0], label),
            contract.CLASSES: tf.tile(tf.constant([LABELS]), [tf.shape(label)[0], 1]),
        }


class EchoTranslator(tf.Module):
    """Gives a picture back as it is for `day`, and with its colors turned into their opposites for `night`."""

    @tf.function(input_signature=[
        tf.TensorSpec([None], tf.string, name=contract.PNG), tf.TensorSpec([None], tf.string, name=contract.TARGET),
    ])  # fmt: skip
    def generate(self, png: tf.Tensor, target: tf.Tensor) -> dict[str, tf.Tensor]:
        """Answer for rows of shape [batch]."""

        def turned(row: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
            pixels = tf.io.decode_png(row[0], channels=3)
            return tf.io.encode_png(tf.where(row[1] == "night", 255 - pixels, pixels))

        kinds = tf.tile(tf.constant([["day", "night"]]), [tf.shape(png)[0], 1])
        return {contract.PNG: tf.map_fn(turned, (png, target), fn_output_signature=tf.string), contract.KINDS: kinds}


Model = EchoGenerator | EchoReplies | EchoStyle | EchoPictures | EchoIllustrations | EchoDrawings | EchoTranslator


def publish_generator(folder: Path, model: Model, version: int = 3) -> Path:
    """Save a model as a version in a folder that a server can serve; return the folder."""
    tf.saved_model.save(model, str(folder / str(version)), signatures={contract.PREDICT_SIGNATURE: model.generate})
    return folder
