#!/usr/bin/env bash
# A SentencepieceTokenizer of tensorflow-text exists, then somebody sets TensorFlow's global seed: does it still work?
# Expected: it does not. Setting the seed clears the cache of kernels, and the op's kernel owns the loaded model: eager calls
# and functions that were traced before raise NotFoundError. keras.backend.clear_session() sets a seed, too. A tokenizer that
# is made anew works; functions have to be traced again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "tensorflow==2.20.0" "tensorflow-text==2.20.1" "keras==3.15.1" "numpy==2.4.6" "sentencepiece==0.2.1"
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1
venv/bin/python - <<'PYTHON'
import io
import sys

import keras
import sentencepiece
import tensorflow as tf
import tensorflow_text as tf_text

print(f"python {sys.version.split()[0]}, tensorflow {tf.__version__}, tensorflow-text {tf_text.__version__}")
sentences = [f"the parcel number {number} is late, please send it again" for number in range(200)]
model = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(sentences), model_writer=model, vocab_size=40, minloglevel=2
)
texts = tf.constant(["the parcel is late"])


def answer(call) -> str:
    try:
        call(texts)
    except tf.errors.NotFoundError:
        return "NotFoundError"
    return "ids"


seen = {}
for name, event in {
    "nothing": lambda: None,
    "tf.random.set_seed(1)": lambda: tf.random.set_seed(1),
    "keras.utils.set_random_seed(1)": lambda: keras.utils.set_random_seed(1),
    "keras.backend.clear_session()": keras.backend.clear_session,
}.items():
    tokenizer = tf_text.SentencepieceTokenizer(model=model.getvalue())
    traced = tf.function(tokenizer.tokenize, input_signature=[tf.TensorSpec([None], tf.string)])
    before = answer(traced)
    event()
    again = tf_text.SentencepieceTokenizer(model=model.getvalue())
    seen[name] = (before, answer(tokenizer.tokenize), answer(traced), answer(again.tokenize))
    print(f"after {name}: traced before {seen[name][0]}; eager {seen[name][1]}, traced {seen[name][2]}, a new one {seen[name][3]}")
dead = ("ids", "NotFoundError", "NotFoundError", "ids")
as_recorded = seen["nothing"] == ("ids",) * 4 and all(seen[name] == dead for name in list(seen)[1:])
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PYTHON
