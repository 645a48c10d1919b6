"""Tiny transformers with random weights, in the layout of Hugging Face folders: no test needs a download."""

import json
from pathlib import Path

import numpy as np

WORDS = [
    *("the", "quick", "brown", "fox", "match", "goal", "team", "win", "league"),
    *("stock", "bank", "price", "market", "trade", "where", "is", "my", "parcel"),
]
PIECES = [*("##s", "##ed", "##ing", "un", "##believ", "##able", "cafe", "resume"), *"我要退货!?,."]
LETTERS = [f"{mark}{letter}" for mark in ("", "##") for letter in "abcdefghijklmnopqrstuvwxyz0123456789"]
VOCABULARY = list(dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *PIECES, *LETTERS]))
HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 16, 2, 2, 32, 64


def write_bert(folder: Path, *, vocabulary: list[str] | None = None, **tokenizer: object) -> Path:
    """Write a BERT with its tokenizer; further arguments go to tokenizer_config.json."""
    vocabulary = vocabulary or VOCABULARY
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, "bert", len(vocabulary))
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    settings = {"do_lower_case": True, "tokenizer_class": "BertTokenizer"} | tokenizer
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    write_weights(folder, len(vocabulary))
    return folder


def write_config(folder: Path, kind: str, words: int) -> None:
    """Write config.json of a model type."""
    config = {
        "model_type": kind, "vocab_size": words, "hidden_size": HIDDEN, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "intermediate_size": INNER, "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2, "hidden_act": "gelu",
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))


def write_weights(folder: Path, words: int, seed: int = 0) -> None:
    """Write model.safetensors as BERT and XLM-R name their weights."""
    from safetensors.numpy import save_file

    shapes = {
        "embeddings.word_embeddings.weight": (words, HIDDEN),
        "embeddings.position_embeddings.weight": (POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
        "pooler.dense.weight": (HIDDEN, HIDDEN),
        "pooler.dense.bias": (HIDDEN,),
    } | _norm("embeddings.LayerNorm")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        for name in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes |= {f"{layer}.{name}.weight": (HIDDEN, HIDDEN), f"{layer}.{name}.bias": (HIDDEN,)}
        shapes |= {f"{layer}.intermediate.dense.weight": (INNER, HIDDEN), f"{layer}.intermediate.dense.bias": (INNER,)}
        shapes |= {f"{layer}.output.dense.weight": (HIDDEN, INNER), f"{layer}.output.dense.bias": (HIDDEN,)}
        shapes |= _norm(f"{layer}.attention.output.LayerNorm") | _norm(f"{layer}.output.LayerNorm")
    save_file(_random_weights(shapes, seed), str(folder / "model.safetensors"))


def _random_weights(shapes: dict[str, tuple[int, ...]], seed: int, prefix: str = "") -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    return {
        # a scale near 1, as in trained models: else every text becomes nearly the same vector
        f"{prefix}{name}": generator.normal(float(name.endswith("LayerNorm.weight")), 0.3, shape).astype(np.float32)
        for name, shape in shapes.items()
    }


def _norm(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (HIDDEN,), f"{name}.bias": (HIDDEN,)}


MPNET_VOCABULARY = ["<s>", "<pad>", "</s>", "<unk>", *VOCABULARY, "<mask>"]


def write_mpnet(folder: Path, seed: int = 0, prefix: str = "") -> Path:
    """Write an MPNet with its tokenizer; names of weights begin with `prefix`."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, "mpnet", len(MPNET_VOCABULARY))
    config = json.loads((folder / "config.json").read_text())
    own = {"layer_norm_eps": 1e-5, "pad_token_id": 1, "relative_attention_num_buckets": 32}
    (folder / "config.json").write_text(json.dumps(config | own))
    (folder / "vocab.txt").write_text("\n".join(MPNET_VOCABULARY) + "\n", encoding="utf-8")
    settings = {"do_lower_case": True, "unk_token": "[UNK]", "cls_token": {"content": "<s>"}, "strip_accents": None}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    shapes = {
        "embeddings.word_embeddings.weight": (len(MPNET_VOCABULARY), HIDDEN),
        "embeddings.position_embeddings.weight": (POSITIONS, HIDDEN),
        "encoder.relative_attention_bias.weight": (32, HEADS),
    } | _norm("embeddings.LayerNorm")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        for name in "qkvo":
            part = f"{layer}.attention.attn.{name}"
            shapes |= {f"{part}.weight": (HIDDEN, HIDDEN), f"{part}.bias": (HIDDEN,)}
        shapes |= {f"{layer}.intermediate.dense.weight": (INNER, HIDDEN), f"{layer}.intermediate.dense.bias": (INNER,)}
        shapes |= {f"{layer}.output.dense.weight": (HIDDEN, INNER), f"{layer}.output.dense.bias": (HIDDEN,)}
        shapes |= _norm(f"{layer}.attention.LayerNorm") | _norm(f"{layer}.output.LayerNorm")
    save_file(_random_weights(shapes, seed, prefix), str(folder / "model.safetensors"))
    return folder


def write_xlm_roberta(folder: Path, kind: str = "xlm-roberta", tokenizer: str = "XLMRobertaTokenizer") -> Path:
    """Write an XLM-R, or another kind, with a SentencePiece model that is trained on a few sentences."""
    folder.mkdir(parents=True, exist_ok=True)
    proto = train_sentencepiece(unk_id=0, bos_id=1, eos_id=2)
    (folder / "sentencepiece.bpe.model").write_bytes(proto)
    write_config(folder, kind, WORDS_OF_SENTENCEPIECE + 5)  # CamemBERT's four of its own and the mask
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": tokenizer}))
    write_weights(folder, WORDS_OF_SENTENCEPIECE + 5)
    return folder


WORDS_OF_SENTENCEPIECE = 44


def train_sentencepiece(**settings: object) -> bytes:
    """Return a serialized SentencePiece model of a few English and Chinese sentences."""
    import io

    import sentencepiece

    sentences = [
        " ".join(WORDS),
        "the quick brown fox is quick",
        "where is my parcel",
        "我要退货",
        "the market and the bank",
    ]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences * 5), model_writer=model, vocab_size=WORDS_OF_SENTENCEPIECE,
        model_type="unigram", hard_vocab_limit=True, minloglevel=2, **settings,
    )  # fmt: skip
    return model.getvalue()
