#!/usr/bin/env bash
# A convolution with a bias, a leaky ReLU of it, and a sum that takes both, as residual networks have it: the shortcut
# begins before the activation. TensorFlow's graph optimizer joins convolution, bias and activation on processors.
# Expected: it joins what it can, or leaves the three as they are, in silence.
# The remapper fails on the whole graph ("fanout ... exist for missing node"), so nothing in it is joined, and says so on
# standard error of every process that runs the graph, a model server's too. TF_CPP_MIN_LOG_LEVEL=3 does not silence it.
# The numbers are right. With a shortcut that begins after the activation it does not happen.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "tensorflow==2.20.0" "keras==3.15.1" "numpy==2.4.6"
cd "$folder"
cat > block.py <<'PYTHON'
import sys

import numpy as np
import tensorflow as tf

random = np.random.default_rng(0)
pictures = tf.constant(random.random((1, 8, 8, 4)), tf.float32)
kernel = tf.Variable(random.normal(size=(3, 3, 4, 4)), dtype=tf.float32)
bias = tf.Variable(np.ones(4), dtype=tf.float32)


def block(shortcut_before):
    maps = tf.nn.bias_add(tf.nn.conv2d(pictures, kernel, 1, "SAME"), bias)
    active = tf.nn.leaky_relu(maps)
    return tf.reduce_sum(active + (maps if shortcut_before else 2.0 * active))


graph = tf.function(lambda: block(sys.argv[1] == "before"), autograph=False)
print(bool(np.isclose(graph(), block(sys.argv[1] == "before"), rtol=1e-4)))
PYTHON
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1
venv/bin/python - <<'PYTHON'
import subprocess
import sys
from importlib.metadata import version

results = {}
for place in ("before", "after"):
    done = subprocess.run([sys.executable, "block.py", place], capture_output=True, text=True, check=True)
    results[place] = [done.stdout.strip(), done.stderr.count("remapper failed")]
print(f"python {sys.version.split()[0]}, tensorflow {version('tensorflow')}")
for place, (right, lines) in results.items():
    print(f"shortcut begins {place} the activation: as without a graph {right}, lines with 'remapper failed' {lines}")
as_recorded = results == {"before": ["True", 1], "after": ["True", 0]}
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PYTHON
