#!/usr/bin/env bash
# An opaque PNG of less than 8 bits per sample: which alpha does TensorFlow's decode_png(channels=4) give it?
# Expected: the largest sample of its depth, 1, 3 or 15, not 255. Composited on a background the picture nearly vanishes.
# The colors themselves are right. With channels=0 there is no alpha: that is the way around it.
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

import numpy
import PIL
import tensorflow as tf
from PIL import Image

print(f"python {sys.version.split()[0]}, tensorflow {tf.__version__}, pillow {PIL.__version__}, numpy {numpy.__version__}")
noise = Image.fromarray(numpy.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype("uint8"))
images = {
    "RGB": noise,
    "gray": noise.convert("L"),
    "1 bit": noise.convert("1"),
    **{f"palette of {colors}": noise.quantize(colors) for colors in (2, 4, 16, 256)},
}
alpha, colors_right = {}, True
for name, image in images.items():
    file = io.BytesIO()
    image.save(file, "PNG")
    data = file.getvalue()
    decoded = tf.io.decode_png(data, channels=4).numpy()
    alpha[name] = numpy.unique(decoded[..., 3]).tolist()
    colors_right &= numpy.array_equal(decoded[..., :3], numpy.asarray(image.convert("RGB")))
    pillow = numpy.unique(numpy.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))[..., 3]).tolist()
    print(f"{name:14} bits per sample {data[24]}  alpha of tensorflow {alpha[name]}  of pillow {pillow}")
as_recorded = colors_right and alpha == {
    "RGB": [255],
    "gray": [255],
    "1 bit": [1],
    "palette of 2": [1],
    "palette of 4": [3],
    "palette of 16": [15],
    "palette of 256": [255],
}
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PYTHON
