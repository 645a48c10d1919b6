"""Tokenizers in TensorFlow ops: raw strings → token ids, in training and in the served graph.

WordPiece (Song et al. 2021) and SentencePiece (Kudo & Richardson 2018), with the ids of the model families that are
supported. The files of a preset, or KerasHub's class, decide which one is used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf
import tensorflow_text

from ganclf.encoders.ngrams.hashing import read_beginning

UNKNOWN, START, END, PAD = "[UNK]", "[CLS]", "[SEP]", "[PAD]"
MPNET_START, MPNET_END, MPNET_PAD = "<s>", "</s>", "<pad>"
CONTROL = r"[^\P{C}\t\n\r]|\x{FFFD}"  # removed without a gap: zero-width joiners, soft hyphens, the mark of a bad byte


class WordPieceTokenizer(tf.Module):
    """The tokenizer of BERT, DistilBERT, MiniLM and MPNet.

    A special token that is written out in a text, such as "[SEP]", is tokenized as plain characters.

    Args:
        vocabulary: token of each id.
        lowercase: whether to lower-case.
        strip_accents: whether to strip accents; None: as `lowercase`.
        specials: tokens that it must have; None: unknown, start and end.
        start, end, pad, unknown: the special tokens.

    Raises:
        ValueError: a special token is missing.
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        *,
        lowercase: bool = True,
        strip_accents: bool | None = None,
        specials: Sequence[str] | None = None,
        start: str = START,
        end: str = END,
        pad: str = PAD,
        unknown: str = UNKNOWN,
    ) -> None:
        super().__init__(name="wordpiece")
        specials = (unknown, start, end) if specials is None else specials
        missing = [token for token in specials if token not in vocabulary]
        if missing:
            raise ValueError(f"the vocabulary has no {', '.join(missing)}")
        vocabulary = list(vocabulary)
        ids = {token: number for number, token in enumerate(vocabulary)}
        self.start, self.end, self.pad = ids.get(start, 0), ids.get(end, 0), ids.get(pad, 0)
        self.lowercase = lowercase
        self.strip_accents = lowercase if strip_accents is None else strip_accents
        self._pieces = tensorflow_text.FastBertTokenizer(
            vocab=_unique(vocabulary),
            token_out_type=tf.int32,
            unknown_token=unknown,
        )

    def renew(self) -> int:
        """Always 1: this tokenizer is a constant of the graph, which TensorFlow keeps."""
        return 1

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """UTF-8 strings, shape [batch] → ids without special tokens, int32, shape [batch, (tokens)]."""
        # not by the op's own lower-casing, which also makes "…" three points and "½" three characters
        texts = tf.strings.regex_replace(texts, CONTROL, "")
        if self.strip_accents:
            texts = tf.strings.regex_replace(tensorflow_text.normalize_utf8(texts, "NFD"), r"\p{Mn}", "")
        if self.lowercase:
            texts = tf.strings.regex_replace(texts, "Σ", "σ")  # lower() makes it "ς" at the end of a word
            texts = tf.strings.lower(texts, encoding="utf-8")
        return self._pieces.tokenize(texts)


def _unique(vocabulary: list[str]) -> list[str]:
    """Keep all ids: an empty token, or one that is repeated later, gets a name that no text can hold."""
    last = {token: number for number, token in enumerate(vocabulary)}
    return [
        token if token.strip() and last[token] == number else f"[no token {number}]"
        for number, token in enumerate(vocabulary)
    ]


@dataclass(frozen=True)
class SentencePieceSpec:
    """Token ids and normalization of a model family.

    Attributes:
        start, end, pad: special pieces, or their ids where the file's own numbers are not used.
        unknown: id of a piece that is not in the file; None: the file's own.
        offset: is added to the file's numbers.
        uncased: whether to lower-case and to strip accents.
    """

    start: str | int
    end: str | int
    pad: str | int
    unknown: int | None = None
    offset: int = 0
    uncased: bool = False


XLM_ROBERTA = SentencePieceSpec(start=0, end=2, pad=1, unknown=3, offset=1)
CAMEMBERT = SentencePieceSpec(start=5, end=6, pad=1, unknown=3, offset=4)
ALBERT = SentencePieceSpec(start="[CLS]", end="[SEP]", pad="<pad>", uncased=True)
ALBERT_CASED = SentencePieceSpec(start="[CLS]", end="[SEP]", pad="<pad>")
DEBERTA_V3 = SentencePieceSpec(start="[CLS]", end="[SEP]", pad="[PAD]")


class SentencePieceTokenizer(tf.Module):
    """The tokenizer of XLM-R, CamemBERT, ALBERT, DeBERTaV3 and the multilingual sentence encoders.

    Args:
        proto: the serialized SentencePiece model.
        spec: of the model family.
    """

    def __init__(self, proto: bytes, spec: SentencePieceSpec) -> None:
        super().__init__(name="sentencepiece")
        self._proto, self._spec = proto, spec
        self.loads = 1  # how often the model was loaded
        self._pieces = tensorflow_text.SentencepieceTokenizer(model=proto)
        self._unknown = int(self._pieces.string_to_id(tf.constant("\u0000 no piece")))
        self.start, self.end, self.pad = (self._id(piece) for piece in (spec.start, spec.end, spec.pad))

    def renew(self) -> int:
        """Load the model again if TensorFlow dropped it, as it does when the global seed is set.

        Returns:
            How often it was loaded: functions that were traced before the last time have to be traced again.
        """
        with tf.init_scope():
            try:
                self._pieces.string_to_id(tf.constant("a"))
            except tf.errors.NotFoundError:
                self._pieces = tensorflow_text.SentencepieceTokenizer(model=self._proto)
                self.loads += 1
        return self.loads

    def _id(self, piece: str | int) -> int:
        return piece if isinstance(piece, int) else int(self._pieces.string_to_id(tf.constant(piece)))

    def tokenize(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """UTF-8 strings, shape [batch] → ids without special tokens, int32, shape [batch, (tokens)]."""
        if self._spec.uncased:
            texts = tf.strings.regex_replace(tensorflow_text.normalize_utf8(texts, "NFKD"), r"\p{Mn}", "")
            texts = tf.strings.lower(texts, encoding="utf-8")
        self.renew()
        ids = self._pieces.tokenize(texts)
        if self._spec.unknown is None:
            return ids
        return ids.with_values(
            tf.where(ids.values == self._unknown, self._spec.unknown, ids.values + self._spec.offset)
        )


Tokenizer = WordPieceTokenizer | SentencePieceTokenizer


def token_ids(
    tokenizer: Tokenizer, texts: tf.Tensor, max_characters: int, max_tokens: int | None = None, prefix: str = ""
) -> tf.RaggedTensor:
    """Read the beginning of each text, whatever bytes it holds.

    Args:
        tokenizer: of the model.
        texts: strings, shape [batch].
        max_characters: that are read per text.
        max_tokens: that are kept per text, with the start, the prefix and the end; None: all.
        prefix: in front of each text.

    Returns:
        Ids from the start to the end token, int32, shape [batch, (tokens)].
    """
    texts = read_beginning(texts, max_characters)
    if prefix:
        texts = tf.strings.join([prefix, texts])
    tokens = tokenizer.tokenize(texts)
    if max_tokens is not None:
        tokens = tokens[:, : max_tokens - 2]
    column = tf.ones([tf.cast(tokens.nrows(), tf.int32), 1], tf.int32)
    return tf.concat([tokenizer.start * column, tokens, tokenizer.end * column], axis=1)


def hugging_face_tokenizer(folder: Path, settings: dict[str, Any]) -> Tokenizer:
    """Load the first file of TOKENIZERS that exists.

    Args:
        folder: of the preset.
        settings: the content of tokenizer_config.json, and `model_type`.
    """
    file = next(file for file in TOKENIZERS if (folder / file).is_file())
    return TOKENIZERS[file](folder / file, settings)


def keras_tokenizer(theirs: Any) -> Tokenizer:
    """Convert a tokenizer of KerasHub."""
    if hasattr(theirs, "vocabulary"):
        accents = theirs.strip_accents or theirs.lowercase
        return WordPieceTokenizer(theirs.vocabulary, lowercase=theirs.lowercase, strip_accents=accents)
    specs = {"XLMRobertaTokenizer": XLM_ROBERTA, "AlbertTokenizer": ALBERT, "DebertaV3Tokenizer": DEBERTA_V3}
    return SentencePieceTokenizer(theirs.proto, specs[type(theirs).__name__])


def _sentencepiece(spec: SentencePieceSpec) -> Callable[[Path, dict[str, Any]], Tokenizer]:
    return lambda file, settings: SentencePieceTokenizer(file.read_bytes(), spec)


def _fairseq(file: Path, settings: dict[str, Any]) -> Tokenizer:
    """Load a file name that two families share; the tokenizer's class or the model's type distinguishes them."""
    name = str(settings.get("tokenizer_class") or settings.get("model_type"))
    return SentencePieceTokenizer(file.read_bytes(), CAMEMBERT if "camembert" in name.lower() else XLM_ROBERTA)


def _albert(file: Path, settings: dict[str, Any]) -> Tokenizer:
    return SentencePieceTokenizer(file.read_bytes(), ALBERT if settings.get("do_lower_case", True) else ALBERT_CASED)


def _wordpiece(file: Path, settings: dict[str, Any]) -> Tokenizer:
    if settings.get("tokenize_chinese_chars") is False:
        raise ValueError("its tokenizer joins Chinese characters, which is not supported")
    lines = file.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    specials = _mpnet_specials(settings) if settings.get("model_type") == "mpnet" else {}
    return WordPieceTokenizer(
        [line.rstrip("\r") for line in lines],
        lowercase=bool(settings.get("do_lower_case", True)),
        strip_accents=settings.get("strip_accents"),
        **specials,
    )


def _mpnet_specials(settings: dict[str, Any]) -> dict[str, str]:
    """The special tokens of an MPNet: those that tokenizer_config.json names, as text or with settings of their own."""

    def token(name: str, default: str) -> str:
        value = settings.get(name) or default
        return str(value["content"] if isinstance(value, dict) else value)

    return {
        "start": token("cls_token", MPNET_START),
        "end": token("sep_token", MPNET_END),
        "pad": token("pad_token", MPNET_PAD),
        "unknown": token("unk_token", UNKNOWN),
    }


TOKENIZERS: dict[str, Callable[[Path, dict[str, Any]], Tokenizer]] = {
    "sentencepiece.bpe.model": _fairseq,
    "spiece.model": _albert,
    "spm.model": _sentencepiece(DEBERTA_V3),
    "vocab.txt": _wordpiece,
}
