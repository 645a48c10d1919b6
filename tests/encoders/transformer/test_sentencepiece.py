"""Our SentencePiece against KerasHub's tokenizers, for the ids of each family."""

import pytest
import tensorflow as tf

pytest.importorskip("keras_hub", reason="needs the extra `pretrained`")

import keras_hub
from tiny_transformers import train_sentencepiece

from ganclf.encoders.transformer.tokenizers import (
    ALBERT,
    ALBERT_CASED,
    CAMEMBERT,
    DEBERTA_V3,
    XLM_ROBERTA,
    SentencePieceTokenizer,
)

TEXTS = ["where is my parcel", "我要退货", "the quick brown fox, QUICK!", "snow ☃ bank", "", "  two   spaces "]
BRACKETS = {"pad_id": 0, "unk_id": 1, "bos_id": 2, "eos_id": 3, "unk_piece": "<unk>", "bos_piece": "[CLS]",
            "eos_piece": "[SEP]", "user_defined_symbols": "[MASK]"}  # fmt: skip


def test_xlm_roberta_counts_as_keras_hub_does():
    proto = train_sentencepiece(unk_id=0, bos_id=1, eos_id=2)
    ours = SentencePieceTokenizer(proto, XLM_ROBERTA)
    theirs = keras_hub.models.XLMRobertaTokenizer(proto=proto)
    assert ours.tokenize(tf.constant(TEXTS)).to_list() == [list(map(int, theirs(text))) for text in TEXTS]
    assert (ours.start, ours.pad, ours.end) == (0, 1, 2)


def test_camembert_counts_after_four_tokens_of_its_own():
    import sentencepiece

    proto = train_sentencepiece(unk_id=0, bos_id=1, eos_id=2)
    ours, pieces = SentencePieceTokenizer(proto, CAMEMBERT), sentencepiece.SentencePieceProcessor(model_proto=proto)
    expected = [[number + 4 if number else 3 for number in pieces.encode(text)] for text in TEXTS]
    assert ours.tokenize(tf.constant(TEXTS)).to_list() == expected
    assert (ours.start, ours.pad, ours.end) == (pieces.bos_id() + 4, 1, pieces.eos_id() + 4)


def test_what_is_unknown_has_the_id_of_the_family():
    proto = train_sentencepiece(unk_id=0, bos_id=1, eos_id=2)
    assert 3 in SentencePieceTokenizer(proto, XLM_ROBERTA).tokenize(tf.constant(["☃"])).to_list()[0]


@pytest.mark.parametrize(
    ("spec", "theirs", "pad"),
    [(ALBERT_CASED, "AlbertTokenizer", "<pad>"), (DEBERTA_V3, "DebertaV3Tokenizer", "[PAD]")],
    ids=["albert", "deberta"],
)
def test_families_with_bracketed_pieces_use_the_numbers_of_their_file(spec, theirs, pad):
    proto = train_sentencepiece(**BRACKETS, pad_piece=pad)
    ours = SentencePieceTokenizer(proto, spec)
    reference = getattr(keras_hub.models, theirs)(proto=proto)
    assert ours.tokenize(tf.constant(TEXTS)).to_list() == [list(map(int, reference(text))) for text in TEXTS]
    assert (ours.pad, ours.start, ours.end) == (0, 2, 3)


def test_uncased_albert_reads_small_letters_without_accents():
    tokenizer = SentencePieceTokenizer(train_sentencepiece(**BRACKETS, pad_piece="<pad>"), ALBERT)
    one, other = tokenizer.tokenize(tf.constant(["the bank", "THÉ Bänk"])).to_list()
    assert one == other
