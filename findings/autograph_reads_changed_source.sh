#!/usr/bin/env bash
# A module is imported, its file is replaced (an upgrade, a git pull), then tf.function traces one of its functions for
# the first time. Which code is in the graph?
# Expected: the code that was imported, which Python itself still runs. AutoGraph reads the file again: the graph has the
# new code and Python the old. Where only lines moved, a long training can fail or compute something else at a late trace.
# With autograph=False the graph has the imported code.
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
from pathlib import Path

import tensorflow as tf

sys.path.insert(0, ".")
Path("early.py").write_text("def scale(x):\n    return x * 2\n")
Path("late.py").write_text("def double(x):\n    return x * 2\n")
import early
import late

traced = tf.function(early.scale)
traced(tf.constant(1))
Path("early.py").write_text("def scale(x):\n    return x * 50\n")
Path("late.py").write_text("def double(x):\n    return x * 50\n")
results = {
    "Python": late.double(1),
    "tf.function that was traced before, traced again for another dtype": int(traced(tf.constant(1.0))),
    "tf.function traced for the first time": int(tf.function(late.double)(tf.constant(1))),
    "tf.function(autograph=False) traced for the first time": int(tf.function(late.double, autograph=False)(tf.constant(1))),
}
print(f"python {sys.version.split()[0]}, tensorflow {tf.__version__}")
for name, value in results.items():
    print(f"{value:3}  {name}")
as_recorded = list(results.values()) == [2, 2, 50, 2]
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PYTHON
