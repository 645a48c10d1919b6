#!/usr/bin/env bash
# Two convolutions, each with a bias and a leaky ReLU, of a batch without rows, as a served graph has it that sends each
# row to one of two networks.
# Expected: no rows, of the right shape.
# With oneDNN, which is on by default, the convolution that is joined with its bias and activation gives a result of no
# rows that has the channels of its input; the next one refuses it (INVALID_ARGUMENT "input depth must be evenly divisible
# by filter depth"). Without oneDNN the shape is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "tensorflow==2.20.0" "numpy==2.4.6"
cd "$folder"
cat > empty.py <<'PYTHON'
import numpy as np
import tensorflow as tf

first, second = (tf.Variable(np.ones((3, 3, channels, 8)), dtype=tf.float32) for channels in (4, 8))
bias = tf.Variable(np.ones(8), dtype=tf.float32)


@tf.function(autograph=False, input_signature=[tf.TensorSpec([None, 8, 8, 4])])
def network(pictures):
    maps = tf.nn.leaky_relu(tf.nn.bias_add(tf.nn.conv2d(pictures, first, 1, "SAME"), bias))
    return tf.nn.leaky_relu(tf.nn.bias_add(tf.nn.conv2d(maps, second, 2, "SAME"), bias))


try:
    print(network(tf.zeros([0, 8, 8, 4])).shape)
except tf.errors.InvalidArgumentError as error:
    print("input depth" in str(error) and "refused: input depth")
PYTHON
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1
venv/bin/python - <<'PYTHON'
import os
import subprocess
import sys
from importlib.metadata import version

results = {}
for switch in ("1", "0"):
    done = subprocess.run(
        [sys.executable, "empty.py"], capture_output=True, text=True, check=True,
        env=os.environ | {"TF_ENABLE_ONEDNN_OPTS": switch},
    )
    results[switch] = done.stdout.strip()
print(f"python {sys.version.split()[0]}, tensorflow {version('tensorflow')}")
print(f"with oneDNN: {results['1']}; without: {results['0']}")
as_recorded = results == {"1": "refused: input depth", "0": "(0, 4, 4, 8)"}
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PYTHON
