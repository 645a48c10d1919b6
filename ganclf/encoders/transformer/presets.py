"""Presets: a Hugging Face or KerasHub folder on disk, or the name of a KerasHub preset."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganclf.encoders.transformer import mpnet
from ganclf.encoders.transformer.sentence_files import first_line, read_json, read_pooling
from ganclf.encoders.transformer.tokenizers import TOKENIZERS, Tokenizer, hugging_face_tokenizer, keras_tokenizer
from ganclf.errors import ConfigError

SUPPORTED = (
    "BERT, DistilBERT, MiniLM, XLM-R, CamemBERT, RoBERTa with SentencePiece or WordPiece, ALBERT, MPNet with "
    "WordPiece, sentence encoders made from them, and DeBERTaV3 from KerasHub"
)
ROBERTA_TYPES = ("roberta", "camembert")  # KerasHub reads them as XLM-R, which has the same network
ROBERTA_TOKENIZERS = ("sentencepiece.bpe.model", "vocab.txt")  # the ids of such models are known for these files
ROBERTA_PAD = 1  # id of the padding: positions start after it
MPNET = "mpnet"  # KerasHub has no such network
MODEL_TYPES = ("bert", "distilbert", "xlm-roberta", "albert", MPNET, *ROBERTA_TYPES)  # of Hugging Face folders
BACKBONES = ("BertBackbone", "DistilBertBackbone", "XLMRobertaBackbone", "AlbertBackbone", "DebertaV3Backbone")
CONTENT = ("*.json", "*.txt", "*.model", "*.safetensors", "*.h5", "1_Pooling/config.json", "assets/**/*")


@dataclass(frozen=True)
class Preset:
    """A network with its tokenizer.

    Attributes:
        network: keras.Model, token ids and mask → states, shape [batch, tokens, size].
        tokenizer: raw strings → ids.
        pooling: a name in backbone.POOLINGS.
        layers: of the network, each states → states, the lowest first; none where they need further inputs.
    """

    network: Any
    tokenizer: Tokenizer
    pooling: str
    layers: tuple[Any, ...] = ()


def load_preset(name: str, max_tokens: int) -> Preset:
    """Load a folder, or download a KerasHub preset.

    Args:
        name: of a folder or of a KerasHub preset.
        max_tokens: that are read per text.

    Raises:
        ConfigError: it is missing, broken, or of a kind that is not supported.
    """
    hub = keras_hub()
    from safetensors import SafetensorError

    check_preset(name)
    folder = Path(name)
    try:
        network, layers, longest = _network(hub, name)
        tokenizer = _tokenizer(hub, name)
    except (ValueError, KeyError, TypeError, OSError, RuntimeError, SafetensorError) as error:
        raise ConfigError(f"--preset {name}: can't be read ({first_line(error)}). Fetch it anew.") from error
    if longest and max_tokens > longest:
        raise ConfigError(f"--max-tokens {max_tokens}: {name} reads at most {longest}; give {longest} or less.")
    return Preset(network, tokenizer, read_pooling(folder), layers)


def _network(hub: Any, name: str) -> tuple[Any, tuple[Any, ...], int | None]:
    """The network, its layers where each is a function of states alone, and the most tokens that it reads."""
    folder = Path(name)
    if _is_hugging_face(folder) and (config := read_json(folder / "config.json"))["model_type"] == MPNET:
        network, own, longest = mpnet.load_mpnet(folder, config)
        return network, tuple(own), longest
    backbone = _backbone(hub, name)
    plain = [layer for layer in backbone.transformer_layers if isinstance(layer, hub.layers.TransformerEncoder)]
    return _states_only(backbone), tuple(plain), backbone.max_sequence_length


def _backbone(hub: Any, name: str) -> Any:
    folder = Path(name)
    if not _is_hugging_face(folder):
        return hub.models.Backbone.from_preset(str(folder.absolute()) if folder.is_dir() else name)
    with _as_xlm_roberta(folder, read_json(folder / "config.json")) as readable:
        return hub.models.Backbone.from_preset(str(readable.absolute()))


@contextmanager
def _as_xlm_roberta(folder: Path, config: dict[str, Any]) -> Iterator[Path]:
    """Yield a folder that KerasHub reads: of a RoBERTa links to its files and XLM-R as the model type."""
    if config.get("model_type") not in ROBERTA_TYPES:
        yield folder
        return
    with tempfile.TemporaryDirectory() as name:
        for file in folder.glob("*.safetensors*"):  # the index of a divided file, too
            (Path(name) / file.name).symlink_to(file.absolute())
        (Path(name) / "config.json").write_text(json.dumps(config | {"model_type": "xlm-roberta"}), encoding="utf-8")
        yield Path(name)


def keras_hub() -> Any:
    """Import KerasHub; ConfigError with the remedy where it is missing."""
    try:
        import keras_hub as hub
        import safetensors  # noqa: F401  keras-hub reads Hugging Face folders with it
    except ImportError as error:
        raise ConfigError(
            f"--encoder pretrained: {error.name or 'keras_hub'} is not installed. "
            "Install it with: pip install 'ganclf[pretrained]'"
        ) from error
    return hub


def check_preset(name: str) -> None:
    """Raise a ConfigError for what is not supported, before anything is loaded or downloaded."""
    folder = Path(name)
    if not folder.is_dir():
        return _check_name(name)
    if not (folder / "config.json").is_file():
        raise ConfigError(f"--preset {name}: no config.json in this folder. Give the folder of a model: {SUPPORTED}.")
    if not _is_hugging_face(folder):
        return None
    config = read_json(folder / "config.json")
    refusal = _refusal(folder, config)
    if refusal:
        raise ConfigError(f"--preset {name}: {refusal}. Supported are {SUPPORTED}.")
    if not list(folder.glob("*.safetensors")):
        raise ConfigError(f"--preset {name}: no weights as .safetensors there; fetch the model in that form.")
    if not any((folder / file).is_file() for file in TOKENIZERS):
        raise ConfigError(f"--preset {name}: no tokenizer there; looked for {', '.join(TOKENIZERS)}.")
    read_pooling(folder)
    return None


def _refusal(folder: Path, config: dict[str, Any]) -> str | None:
    kind = config["model_type"]
    if _is_byte_level(folder):
        return f"{kind} reads byte-level BPE, which is not supported"
    if kind not in MODEL_TYPES:
        return f"a model of type {kind!r} is not supported"
    if kind == MPNET:
        if not (folder / "vocab.txt").is_file():
            return "an MPNet is read with WordPiece as vocab.txt only, and there is none"
        return mpnet.refusal(config)
    return _roberta_refusal(folder, config) if kind in ROBERTA_TYPES else None


def _roberta_refusal(folder: Path, config: dict[str, Any]) -> str | None:
    if not any((folder / file).is_file() for file in ROBERTA_TOKENIZERS):
        return f"{config['model_type']} reads byte-level BPE, which is not supported"
    if config.get("pad_token_id", ROBERTA_PAD) != ROBERTA_PAD:
        return f"its padding has the id {config['pad_token_id']}; RoBERTa is supported with {ROBERTA_PAD} only"
    return None


def fingerprint(name: str) -> str:
    """Return a hash of a folder's content, or a name and KerasHub's version."""
    folder = Path(name)
    if not folder.is_dir():
        return f"{name} {keras_hub().__version__}"
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted({file for pattern in CONTENT for file in folder.glob(pattern) if file.is_file()}):
        digest.update(str(file.relative_to(folder)).encode())
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "blake2b").digest())
    return digest.hexdigest()


def _check_name(name: str) -> None:
    models = keras_hub().models
    known = {preset for backbone in BACKBONES for preset in getattr(models, backbone).presets}
    if name in known:
        return
    if name in models.Backbone.presets:
        raise ConfigError(f"--preset {name}: this KerasHub preset is not supported. Supported are {SUPPORTED}.")
    raise ConfigError(
        f"--preset {name}: no such folder, and no KerasHub preset of that name. Supported are {SUPPORTED}. "
        f"Presets: {', '.join(sorted(known)[:8])} and {len(known) - 8} more."
    )


def _is_hugging_face(folder: Path) -> bool:
    return (folder / "config.json").is_file() and "model_type" in read_json(folder / "config.json")


def _is_byte_level(folder: Path) -> bool:
    return (folder / "merges.txt").is_file() and not any((folder / file).is_file() for file in TOKENIZERS)


def _states_only(backbone: Any) -> Any:
    """Drop the pooler, which is not used: its weights would be published."""
    import keras

    output = backbone.output
    return keras.Model(backbone.input, output["sequence_output"] if isinstance(output, dict) else output)


def _tokenizer(hub: Any, name: str) -> Tokenizer:
    folder = Path(name)
    if not _is_hugging_face(folder):
        return keras_tokenizer(hub.models.Tokenizer.from_preset(name))
    settings, kind = folder / "tokenizer_config.json", read_json(folder / "config.json")["model_type"]
    return hugging_face_tokenizer(folder, {"model_type": kind} | (read_json(settings) if settings.is_file() else {}))
