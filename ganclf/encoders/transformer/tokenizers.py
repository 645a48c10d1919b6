"""Which tokenizer a preset has, by its files or by KerasHub's class; ours run in the served graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ganclf.encoders.transformer.sentencepiece import (
    ALBERT,
    ALBERT_CASED,
    CAMEMBERT,
    DEBERTA_V3,
    XLM_ROBERTA,
    Family,
    SentencePieceTokenizer,
)
from ganclf.encoders.transformer.wordpiece import WordPieceTokenizer

Tokenizer = WordPieceTokenizer | SentencePieceTokenizer


def hugging_face_tokenizer(folder: Path, settings: dict[str, Any]) -> Tokenizer:
    """Read the first file of TOKENIZERS that is there; `settings` is tokenizer_config.json, and `model_type`."""
    file = next(file for file in TOKENIZERS if (folder / file).is_file())
    return TOKENIZERS[file](folder / file, settings)


def keras_tokenizer(theirs: Any) -> Tokenizer:
    """Make our own from the vocabulary of KerasHub's."""
    if hasattr(theirs, "vocabulary"):
        accents = theirs.strip_accents or theirs.lowercase
        return WordPieceTokenizer(theirs.vocabulary, lowercase=theirs.lowercase, strip_accents=accents)
    families = {"XLMRobertaTokenizer": XLM_ROBERTA, "AlbertTokenizer": ALBERT, "DebertaV3Tokenizer": DEBERTA_V3}
    return SentencePieceTokenizer(theirs.proto, families[type(theirs).__name__])


def _sentencepiece(family: Family) -> Callable[[Path, dict[str, Any]], Tokenizer]:
    return lambda file, settings: SentencePieceTokenizer(file.read_bytes(), family)


def _fairseq(file: Path, settings: dict[str, Any]) -> Tokenizer:
    """The same kind of file with two ways of counting; the tokenizer's class tells them apart, or the model's type."""
    name = str(settings.get("tokenizer_class") or settings.get("model_type"))
    return SentencePieceTokenizer(file.read_bytes(), CAMEMBERT if "camembert" in name.lower() else XLM_ROBERTA)


def _albert(file: Path, settings: dict[str, Any]) -> Tokenizer:
    return SentencePieceTokenizer(file.read_bytes(), ALBERT if settings.get("do_lower_case", True) else ALBERT_CASED)


def _wordpiece(file: Path, settings: dict[str, Any]) -> Tokenizer:
    if settings.get("tokenize_chinese_chars") is False:
        raise ValueError("its tokenizer joins Chinese characters, which is not supported")
    lines = file.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return WordPieceTokenizer(
        [line.rstrip("\r") for line in lines],
        lowercase=bool(settings.get("do_lower_case", True)),
        strip_accents=settings.get("strip_accents"),
    )


TOKENIZERS: dict[str, Callable[[Path, dict[str, Any]], Tokenizer]] = {
    "sentencepiece.bpe.model": _fairseq,
    "spiece.model": _albert,
    "spm.model": _sentencepiece(DEBERTA_V3),
    "vocab.txt": _wordpiece,
}
