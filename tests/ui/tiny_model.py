"""A SavedModel with the contract's signature that classifies by one word; small enough to make in every test run."""

from pathlib import Path

import tensorflow as tf

from ganclf.contract import CLASSES, IN_SCOPE, LABEL, PREDICT_SIGNATURE, PROBABILITIES, TEXT

WORD_OF_CLASS = {
    "billing": "charged|扣",
    "delivery": "parcel|包裹",
    "**stars**": r"\*\*",
    "<b>bold</b>": "<b>",
    "账户": "password|密码",
    **{f"class {number}": f"word{number}" for number in range(7)},
}


class WordClassifier(tf.Module):
    """Gives the class whose word occurs in the text, the first class where none does."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name=TEXT)])
    def serve(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Answer for texts of shape [batch]; probabilities and classes have the shape [batch, classes]."""
        found = [tf.strings.regex_full_match(text, f"(?s).*({word}).*") for word in WORD_OF_CLASS.values()]
        probabilities = tf.nn.softmax(4.0 * tf.cast(tf.stack(found, axis=1), tf.float32))
        names = tf.constant(list(WORD_OF_CLASS))
        return {
            LABEL: tf.gather(names, tf.argmax(probabilities, axis=1)),
            PROBABILITIES: probabilities,
            CLASSES: tf.tile(names[tf.newaxis], [tf.shape(text)[0], 1]),
            IN_SCOPE: tf.where(tf.strings.regex_full_match(text, "(?s).*alien.*"), 0.0, 0.5),
        }


def publish(folder: Path, version: int = 7) -> Path:
    """Save the model as a version in a folder that a server can serve; return the folder."""
    model = WordClassifier()
    tf.saved_model.save(model, str(folder / str(version)), signatures={PREDICT_SIGNATURE: model.serve})
    return folder
