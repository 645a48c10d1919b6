#!/usr/bin/env bash
# The ideographic space U+3000 and the no-break space U+00A0: how does tensorflow-text's WhitespaceTokenizer split there?
# Expected: it cuts before the last byte of the space. The word ahead ends in a broken UTF-8 sequence.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "tensorflow==2.20.0" "tensorflow-text==2.20.1" "keras==3.15.1" "numpy==2.4.6"
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1
venv/bin/python - <<'PYTHON'
import sys

import tensorflow as tf
import tensorflow_text as tf_text

print(f"python {sys.version.split()[0]}, tensorflow {tf.__version__}, tensorflow-text {tf_text.__version__}")


def is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


tokenizer = tf_text.WhitespaceTokenizer()
broken = {}
for name, space in {"U+0020": " ", "U+3000": "\u3000", "U+00A0": "\u00a0"}.items():
    words = tokenizer.tokenize([f"快递{space}没到"])[0].numpy().tolist()
    broken[name] = not all(map(is_utf8, words))
    print(name, words, "broken UTF-8" if broken[name] else "whole words")
replaced = tf.strings.regex_replace("快递\u3000没到", r"[\s\p{Z}]+", " ")  # the way around it
print("after regex_replace:", tf.strings.split(replaced).numpy().tolist())
as_recorded = broken == {"U+0020": False, "U+3000": True, "U+00A0": True}
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PYTHON
