"""tokenizer.json of Hugging Face → a tokenizer in TensorFlow ops, where one gives the same tokens."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from ganclf.encoders.transformer.tokenizers import (
    UNKNOWN,
    SentencePieceSpec,
    SentencePieceTokenizer,
    Tokenizer,
    WordPieceTokenizer,
)

NORMAL, UNKNOWN_TYPE, CONTROL_TYPE, UNUSED_TYPE = 1, 2, 3, 5  # of a piece, in sentencepiece_model.proto
SPACE = "▁"
SPACES = r"[\s\p{Z}]+"
NO_SPECIALS = SentencePieceSpec(start=0, end=0, pad=0)


class UnigramTokenizer(tf.Module):
    """A Unigram model of tokenizer.json, run by SentencePiece; several spaces count as one.

    Args:
        proto: the serialized SentencePiece model.
        strip_end: whether spaces at the end of a text are dropped.
    """

    def __init__(self, proto: bytes, strip_end: bool) -> None:
        super().__init__(name="unigram")
        self._pieces = SentencePieceTokenizer(proto, NO_SPECIALS)
        self._edges = r"^ | $" if strip_end else r"^ "

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """UTF-8 strings, shape [batch] → ids, int32, shape [batch, (tokens)]."""
        texts = tf.strings.regex_replace(texts, SPACES, " ")
        return self._pieces.tokenize(tf.strings.regex_replace(texts, self._edges, ""))


def read_tokenizer(settings: dict[str, Any]) -> tuple[Tokenizer | UnigramTokenizer, int | None]:
    """Make the tokenizer of a tokenizer.json.

    A special token that is written out in a text, such as "[UNK]", is tokenized as plain characters.

    Args:
        settings: the content of the file.

    Returns:
        The tokenizer and the id of its unknown token, None where it has none.

    Raises:
        ValueError: the tokens can't be equal to those of the file's own tokenizer; the message says why.
    """
    extra = [token["content"] for token in settings.get("added_tokens") or [] if not token.get("special")]
    if extra:
        raise ValueError(f"its tokenizer has added tokens such as {extra[0]!r}, which are not supported")
    model = settings["model"]
    kind = model.get("type") or ("Unigram" if isinstance(model["vocab"], list) else "unknown")
    if kind not in ("WordPiece", "Unigram"):
        raise ValueError(f"its tokenizer is a {kind} model; WordPiece and Unigram are supported")
    return _wordpiece(settings) if kind == "WordPiece" else _unigram(settings)


def _wordpiece(settings: dict[str, Any]) -> tuple[Tokenizer, int]:
    model, normalizer = settings["model"], settings.get("normalizer") or {}
    cut = (settings.get("pre_tokenizer") or {}).get("type")
    if normalizer.get("type") != "BertNormalizer" or cut != "BertPreTokenizer":
        raise ValueError(f"its WordPiece reads texts by {normalizer.get('type')} and {cut}, not as BERT does")
    if not (normalizer.get("clean_text") and normalizer.get("handle_chinese_chars")):
        raise ValueError("its tokenizer joins Chinese characters or keeps control characters, which is not supported")
    if model.get("continuing_subword_prefix") != "##" or model.get("unk_token") != UNKNOWN:
        raise ValueError("its WordPiece has other marks than '##' and '[UNK]', which are not supported")
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    if [model["vocab"][token] for token in tokens] != list(range(len(tokens))):
        raise ValueError("the ids of its tokens have gaps")
    tokenizer = WordPieceTokenizer(
        tokens,
        lowercase=bool(normalizer.get("lowercase")),
        strip_accents=normalizer.get("strip_accents"),
        specials=(UNKNOWN,),
    )
    return tokenizer, model["vocab"][UNKNOWN]


def _unigram(settings: dict[str, Any]) -> tuple[UnigramTokenizer, int | None]:
    model = settings["model"]
    if model.get("byte_fallback"):
        raise ValueError("its Unigram model falls back to bytes, which is not supported")
    steps = _steps(settings.get("normalizer"), "normalizers")
    cuts = _steps(settings.get("pre_tokenizer"), "pretokenizers")
    unsupported = [step["type"] for step in steps if step["type"] not in ("Precompiled", "Strip") and not _joins(step)]
    unsupported += [step["type"] for step in cuts if step["type"] not in ("WhitespaceSplit", "Metaspace")]
    if unsupported:
        raise ValueError(f"its Unigram model reads texts by {', '.join(unsupported)}, which is not supported")
    words = any(step["type"] == "WhitespaceSplit" for step in cuts)
    if not words and not any(map(_joins, steps)):
        raise ValueError("its Unigram model keeps several spaces in a row, which is not supported")
    if not any(map(_marks_the_first_word, cuts)):
        raise ValueError("its Unigram model does not mark the first word, which is not supported")
    charsmap = next((step["precompiled_charsmap"] for step in steps if step["type"] == "Precompiled"), "")
    special = {token["content"] for token in settings.get("added_tokens") or []}
    proto = _sentencepiece_proto(model["vocab"], model.get("unk_id"), special, base64.b64decode(charsmap or ""))
    strip_end = words or any(step["type"] == "Strip" and step.get("strip_right") for step in steps)
    return UnigramTokenizer(proto, strip_end), model.get("unk_id")


def _steps(settings: dict[str, Any] | None, name: str) -> list[dict[str, Any]]:
    """A normalizer or pre-tokenizer as a flat list."""
    if not settings:
        return []
    if settings["type"] != "Sequence":
        return [settings]
    return [step for each in settings[name] for step in _steps(each, name)]


def _joins(step: dict[str, Any]) -> bool:
    """Whether it makes several spaces one."""
    wanted = step.get("pattern") in ({"Regex": " {2,}"}, {"Regex": " +"}, {"Regex": r"\s+"})
    return bool(step["type"] == "Replace" and wanted and step.get("content") in (" ", SPACE))


def _marks_the_first_word(step: dict[str, Any]) -> bool:
    if step["type"] != "Metaspace" or step.get("replacement") != SPACE:
        return False
    return step.get("prepend_scheme", "always" if step.get("add_prefix_space") else "never") in ("always", "first")


def _sentencepiece_proto(
    vocabulary: list[tuple[str, float]], unknown: int | None, special: set[str], charsmap: bytes
) -> bytes:
    """Serialize a sentencepiece.ModelProto of the Unigram kind."""
    if unknown is None:
        raise ValueError("its Unigram model has no unknown token, which is not supported")
    pieces = b"".join(
        _field(1, b"".join(_piece(piece, score, number == unknown, piece in special)))
        for number, (piece, score) in enumerate(vocabulary)
    )
    trainer = _number(3, 1) + _number(40, unknown)  # model_type: unigram; unk_id
    trainer += b"".join(_number(field, -1) for field in (41, 42, 43))  # no ids of start, end and padding
    normalizer = _field(1, b"tokenizer.json") + (_field(2, charsmap) if charsmap else b"")
    normalizer += _number(3, 1) + _number(4, 0) + _number(5, 1)  # dummy prefix; keep spaces; escape them
    return pieces + _field(2, trainer) + _field(3, normalizer)


def _piece(piece: str, score: float, is_unknown: bool, is_special: bool) -> Iterator[bytes]:
    kind = UNKNOWN_TYPE if is_unknown else CONTROL_TYPE if is_special else NORMAL if piece else UNUSED_TYPE
    yield _field(1, piece.encode())
    yield _varint(2 << 3 | 5) + struct.pack("<f", score)
    yield _number(3, kind)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value % 2**64)


def _varint(value: int) -> bytes:
    content = bytearray()
    while value > 127:
        content.append(value & 127 | 128)
        value >>= 7
    return bytes([*content, value])
