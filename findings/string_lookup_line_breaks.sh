#!/usr/bin/env bash
# Labels with a line separator in them: does a Keras StringLookup keep its vocabulary through a .keras file?
# Expected: a learned one does not. It is written with one word per line, and read with any Unicode line break as an end.
# Such a label becomes two words and is unknown itself, and the labels behind it get another index. No error, no warning.
# A vocabulary that was given as an argument is kept in the configuration, and stays whole: that is the way around it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "tensorflow==2.20.0" "keras==3.15.1" "numpy==2.4.6"
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1
venv/bin/python - <<'PYTHON'
import sys

import keras
import tensorflow as tf

print(f"python {sys.version.split()[0]}, keras {keras.__version__}, tensorflow {tf.__version__}")
labels = ["parcel\u2028late", "invoice\x0cwrong", "refund", "abroad"]
lookup = keras.layers.StringLookup()
lookup.adapt(tf.constant(labels))  # learned, not given as an argument: the .keras file keeps it as an asset
inputs = keras.Input((), dtype="string")
model = keras.Model(inputs, lookup(inputs))
model.save("model.keras")
loaded = keras.models.load_model("model.keras")
before = model(tf.constant(labels)).numpy().tolist()
after = loaded(tf.constant(labels)).numpy().tolist()
vocabulary = [str(word) for word in loaded.layers[-1].get_vocabulary()]
print("vocabulary before:", [str(word) for word in lookup.get_vocabulary()])
print("vocabulary after: ", vocabulary)
print("indices before:", before, "after:", after)
as_recorded = before == [2, 3, 1, 4] and after == [0, 0, 1, 6] and len(vocabulary) == 7
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PYTHON
