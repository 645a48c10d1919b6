"""RoBERTa-like models without byte-level BPE: KerasHub reads them as XLM-R, whose network is the same."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

READ_AS = "xlm-roberta"
MODEL_TYPES = ("roberta", "camembert")
TOKENIZER_FILES = ("sentencepiece.bpe.model", "vocab.txt")  # whose numbering of such models is known
PAD = 1  # id of the padding: the first position is the one after it


@contextmanager
def readable(folder: Path, config: dict[str, Any]) -> Iterator[Path]:
    """Yield a folder that KerasHub reads: the same one, or one with links to its files and another model type.

    Args:
        folder: of Hugging Face's form.
        config: what its config.json holds.
    """
    if config.get("model_type") not in MODEL_TYPES:
        yield folder
        return
    with tempfile.TemporaryDirectory() as name:
        for file in folder.glob("*.safetensors*"):  # the index of a divided file, too
            (Path(name) / file.name).symlink_to(file.absolute())
        (Path(name) / "config.json").write_text(json.dumps(config | {"model_type": READ_AS}), encoding="utf-8")
        yield Path(name)


def refusal(folder: Path, config: dict[str, Any]) -> str | None:
    """Say why such a model can't be read, or None."""
    if not any((folder / file).is_file() for file in TOKENIZER_FILES):
        return f"{config['model_type']} reads byte-level BPE, which is not supported"
    if config.get("pad_token_id", PAD) != PAD:
        return f"its padding has the id {config['pad_token_id']}; RoBERTa's positions are supported with {PAD} only"
    return None
