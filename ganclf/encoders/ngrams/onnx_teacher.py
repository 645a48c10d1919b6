"""A sentence encoder as an ONNX file, read by ONNX Runtime: it only teaches, for no graph of TensorFlow can hold it."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ganclf.cli.progress import Advance
from ganclf.config import EncoderConfig
from ganclf.encoders.feature_cache import FeatureStore
from ganclf.encoders.transformer.batches import TOKENS_PER_BATCH, CachedEncoder, token_batches
from ganclf.encoders.transformer.presets import check_preset
from ganclf.encoders.transformer.sentence_files import (
    check_prompt_pooling,
    first_line,
    read_json,
    read_pooling,
    read_prompt,
)
from ganclf.errors import ConfigError

MODEL_FILES = ("model.onnx", "onnx/model.onnx")
TOKENIZER = "tokenizer.json"
POOLED = "sentence_embedding"  # an output that is a vector per text already
STATES = ("last_hidden_state", "token_embeddings")  # outputs with a vector per token
INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
OFFSET_TYPES = ("roberta", "xlm-roberta", "camembert", "mpnet")  # their first two positions are not used
REMEDY = "Install it with: pip install 'ganclf[onnx]'"


def is_onnx_teacher(name: str) -> bool:
    """Whether a folder is read by ONNX Runtime: it has an ONNX file, and no weights that KerasHub reads."""
    folder = Path(name)
    if _model_file(folder) is None:
        return False
    if importlib.util.find_spec("keras_hub") is None:
        return True
    try:
        check_preset(name)
    except ConfigError:
        return True
    return False


class OnnxTeacher(CachedEncoder):
    """Texts → vectors of a sentence encoder in the layout of Sentence Transformers.

    Args:
        name: of the folder, with one of MODEL_FILES and tokenizer.json.
        config: the tokens and characters that are read, and the prefix.

    Raises:
        ConfigError: a file is missing, broken or not supported, or ONNX Runtime is not installed.
    """

    def __init__(self, name: str, config: EncoderConfig) -> None:
        folder = Path(name)
        self._name, self._max_characters = name, config.max_characters
        self._prefix = read_prompt(folder) if config.prefix is None else config.prefix
        check_prompt_pooling(folder, self._prefix)
        self._pooling, self._pad = read_pooling(folder), _padding(folder, config.max_tokens)
        self._session, self._tokenizer = _load(folder)
        self._tokenizer.enable_truncation(config.max_tokens)
        self._tokenizer.no_padding()
        self._inputs = {
            each.name: np.int32 if "int32" in each.type else np.int64 for each in self._session.get_inputs()
        }
        if foreign := sorted(set(self._inputs) - INPUTS):
            raise ConfigError(f"--preset {name}: its input {foreign[0]!r} is not supported, only {sorted(INPUTS)}.")
        self._output, size = _output(name, self._session.get_outputs())
        key = f"onnx 1 {_fingerprint(folder)} {self._pooling} {config.max_tokens} {config.max_characters}"
        super().__init__(FeatureStore(f"{key} {self._prefix!r}", size))

    def transform(self, texts: Sequence[str], advance: Advance = lambda done: None) -> np.ndarray:
        """Encode many texts, or read them from the cache; float32, shape [n, size]."""
        return self(texts, advance)

    def _encode(
        self, texts: Sequence[str], digests: list[bytes], indices: list[int], rows: np.ndarray, advance: Advance
    ) -> None:
        read = [self._prefix + texts[index][: self._max_characters] for index in indices]
        encodings = self._tokenizer.encode_batch([text.encode("utf-8", "replace").decode() for text in read])
        lengths = np.array([len(each.ids) for each in encodings])
        for chosen in token_batches(lengths, TOKENS_PER_BATCH):
            batch = [indices[row] for row in chosen]
            rows[batch] = self._embed([encodings[row] for row in chosen])
            self._keep(digests, batch, rows, advance)

    def _embed(self, encodings: Sequence[Any]) -> np.ndarray:
        """Run the network on a batch; float32, shape [batch, size]."""
        longest = max(1, *(len(each.ids) for each in encodings))
        feed = {name: np.zeros((len(encodings), longest), np.int64) for name in INPUTS}
        feed["input_ids"][:] = self._pad
        for row, each in enumerate(encodings):
            feed["input_ids"][row, : len(each.ids)] = each.ids
            feed["attention_mask"][row, : len(each.ids)] = 1
            feed["token_type_ids"][row, : len(each.ids)] = each.type_ids
        given = {name: feed[name].astype(dtype) for name, dtype in self._inputs.items()}
        states = np.asarray(self._session.run([self._output], given)[0], np.float32)
        if not np.isfinite(states).all():
            raise ConfigError(f"--preset {self._name}: its vectors hold values that are no finite numbers.")
        if states.ndim == 2:
            return states
        if self._pooling == "cls":
            return states[:, 0]
        mask = feed["attention_mask"][:, :, np.newaxis].astype(np.float32)
        return (states * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1.0)


def _model_file(folder: Path) -> Path | None:
    return next((folder / file for file in MODEL_FILES if (folder / file).is_file()), None)


def _load(folder: Path) -> tuple[Any, Any]:
    """The session of ONNX Runtime, and the tokenizer of the package `tokenizers`."""
    try:
        import onnxruntime
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ConfigError(f"--preset {folder}: {error.name} is not installed. {REMEDY}") from error
    if not (folder / TOKENIZER).is_file():
        raise ConfigError(f"--preset {folder}: no {TOKENIZER} there, which an ONNX model needs. Fetch it anew.")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        session = onnxruntime.InferenceSession(str(_model_file(folder)), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # both packages raise classes that have no common base
        raise ConfigError(f"--preset {folder}: can't be read ({first_line(error)}). Fetch it anew.") from error
    return session, tokenizer


def _padding(folder: Path, max_tokens: int) -> int:
    """The id of the padding; ConfigError where the model reads fewer tokens than `--max-tokens`."""
    config = read_json(folder / "config.json") if (folder / "config.json").is_file() else {}
    unused = 2 if config.get("model_type") in OFFSET_TYPES else 0
    longest = config.get("max_position_embeddings", max_tokens + unused) - unused
    if max_tokens > longest:
        raise ConfigError(f"--max-tokens {max_tokens}: {folder} reads at most {longest}; give {longest} or less.")
    return int(config.get("pad_token_id") or 0)


def _output(name: str, outputs: Sequence[Any]) -> tuple[str, int]:
    """The output to read, and the numbers of a vector."""
    ranks = {each.name: each for each in outputs}
    found = next((output for output in (POOLED, *STATES) if output in ranks), None)
    if found is None and len(outputs) == 1:
        found = outputs[0].name
    if found is None or len(ranks[found].shape) not in (2, 3) or not isinstance(ranks[found].shape[-1], int):
        raise ConfigError(
            f"--preset {name}: its outputs {sorted(ranks)} are not supported; {POOLED} or {STATES[0]} of a fixed size "
            "is."
        )
    return found, ranks[found].shape[-1]


def _fingerprint(folder: Path) -> str:
    """Hash of the files that the vectors depend on, with weights that lie beside the model."""
    model = _model_file(folder)
    assert model is not None
    digest = hashlib.blake2b(digest_size=16)
    for file in (*sorted(model.parent.glob(f"{model.stem}.onnx*")), folder / TOKENIZER):
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "blake2b").digest())
    return digest.hexdigest()
