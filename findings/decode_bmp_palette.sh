#!/usr/bin/env bash
# A BMP of 8 bits has a palette: each pixel is the number of a color, as many programs save drawings and icons.
# Expected: decode_bmp and decode_image give the colors, as decode_png does for a PNG with the same palette, or refuse.
# They give the numbers, as if they were levels of grey, without a word; with channels=3 each number three times.
# Way around: read the palette yourself, or save as PNG.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "tensorflow==2.20.0" "keras==3.15.1" "numpy==2.4.6" "pillow==13.0.0"
cd "$folder"
export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1
venv/bin/python - <<'PYTHON'
import io
import sys

import PIL
import numpy as np
import tensorflow as tf
from PIL import Image

picture = Image.new("P", (4, 1))
picture.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255, 250, 250, 250])
picture.putdata([0, 1, 2, 3])


def saved(kind):
    stream = io.BytesIO()
    picture.save(stream, kind)
    return stream.getvalue()


def shown(pixels):
    return [list(pixels.shape), pixels.numpy().reshape(-1).tolist()]


colors = np.asarray(picture.convert("RGB")).reshape(-1).tolist()
results = {
    "Pillow": [[1, 4, 3], colors],
    "decode_png": shown(tf.io.decode_png(saved("PNG"))),
    "decode_bmp": shown(tf.io.decode_bmp(saved("BMP"))),
    "decode_image": shown(tf.io.decode_image(saved("BMP"))),
    "decode_bmp, channels=3": shown(tf.io.decode_bmp(saved("BMP"), channels=3)),
}
print(f"python {sys.version.split()[0]}, tensorflow {tf.__version__}, pillow {PIL.__version__}")
for name, value in results.items():
    print(f"{name}: {value}")
numbers = [[1, 4, 1], [0, 1, 2, 3]]
three_times = [[1, 4, 3], [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]]
expected = [[[1, 4, 3], colors], [[1, 4, 3], colors], numbers, numbers, three_times]
as_recorded = list(results.values()) == expected
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PYTHON
