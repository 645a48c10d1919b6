#!/usr/bin/env bash
# A layer sets one of its weights with `assign` in `build`: does the value stay?
# It depends on who calls the layer first. Called on its own or in a Sequential, yes. Called for the first time inside the `call` of a subclassed
# model without a `build` of its own, no: Keras builds such a model by a symbolic call in which values are discarded, and the
# weight keeps its initializer's value. No error, no warning. The way around it: give the value by the initializer.
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


class Scale(keras.layers.Layer):
    def build(self, input_shape):
        self.factor = self.add_weight(shape=(), initializer="ones", name="factor")
        self.factor.assign(3.0)

    def call(self, rows):
        return rows * self.factor


class Model(keras.Model):
    def __init__(self):
        super().__init__()
        self.scale = Scale()

    def call(self, rows):
        return self.scale(rows)


rows = tf.ones([1, 2])
alone, sequential, subclassed = Scale(), keras.Sequential([Scale()]), Model()
answers = {name: float(layer(rows)[0, 0]) for name, layer in
           {"alone": alone, "in Sequential": sequential, "in a subclassed model": subclassed}.items()}
print("1 times the weight that build set to 3:", answers)
as_recorded = answers == {"alone": 3.0, "in Sequential": 3.0, "in a subclassed model": 1.0}
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PYTHON
