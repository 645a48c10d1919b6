"""How text becomes numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option
from ganclf.errors import ConfigError

TUNE_STEPS = {"contrastive": 60, "distil": 100, "layers": 300}
LABEL_ROUNDS, LABEL_STEPS = 8, (200, 4000)  # of tuning glyphs on labels: rounds through the texts, least and most steps
LABEL_BATCH = 128  # texts a step of it
ENCODER_NAMES = ("ngram", "pretrained", "glyph")


@dataclass(frozen=True, kw_only=True)
class EncoderConfig(Checked):
    """How text becomes numbers."""

    encoder: str = option(
        "ngram", "ngram: learned from the texts; pretrained: a transformer, see --preset; glyph: the texts are drawn, "
        "and networks learn to read the pictures; fused: several, see --fuse",
        choices=(*ENCODER_NAMES, "fused"),
    )  # fmt: skip
    preset: str | None = option(None, "pretrained: a Hugging Face folder, or a KerasHub name, which is then downloaded")
    max_tokens: int = option(128, "pretrained: tokens of a text that are read; the rest is cut", low=8, high=8192)
    views: str = option(
        "auto", "pretrained: auto: its own pooling, the layer below the last, and the first word as far as the labels "
        "say that it helps; own: its own pooling alone", choices=("auto", "own"),
    )  # fmt: skip
    tune: str = option(
        "none", "pretrained: none: as it is; contrastive: texts of one label are pulled together first; distil: it "
        "learns what games on it, on n-grams and on both answer; layers:N: the last N layers learn in a game first; "
        "glyph: labels: all networks learn thousands of labels first",
    )  # fmt: skip
    tune_steps: int | None = option(
        None, f"steps of the tuning; default: pretrained: {TUNE_STEPS['contrastive']} batches of 32 texts a round, "
        f"{TUNE_STEPS['distil']} to distil, or {TUNE_STEPS['layers']} rounds of the game in which layers learn; "
        f"glyph: {LABEL_ROUNDS} rounds through the labelled texts", low=1, high=100_000,
    )  # fmt: skip
    tune_rounds: int = option(
        1, "pretrained: rounds of the tuning; from the second on also with texts of which a short game is sure",
        low=1, high=10,
    )  # fmt: skip
    fuse: str = option("ngram,pretrained", "fused: the encoders that stand side by side, all with the same weight")
    disguise_training: float = option(
        0.0, "share of the characters of every second text that are replaced by look-alikes before anything is learned",
        low=0.0, high=1.0,
    )  # fmt: skip
    sequence: str = option("conv", "glyph: what reads the sequence of glyphs: convolutions over time, an LSTM in both "
                           "directions, or attention", choices=("conv", "lstm", "attention"))  # fmt: skip
    font: tuple[Path, ...] = option(
        (), "glyph: font files; a character is drawn from the first one that has it; default: Noto Sans CJK"
    )
    glyph_pixels: int = option(16, "glyph: height and width of a picture", low=8, high=64)
    max_glyphs: int = option(128, "glyph: characters of a text that are read; the rest is cut", low=4, high=4096)
    glyph_steps: int = option(1500, "glyph: steps of learning to read without labels", low=1, high=100_000)
    size: int = option(
        256, "ngram: numbers a text becomes; glyph: likewise, and half as many beside them", low=2, high=2048
    )
    max_characters: int = option(2000, "characters of a text that are read; the rest is cut", low=16, high=100_000)
    vocabulary_size: int = option(65_535, "hash buckets that are kept, the most frequent ones", low=16, high=65_535)

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
        """`tune_steps`, or as many as LABEL_ROUNDS through so many labelled texts take, within LABEL_STEPS."""
        least, most = LABEL_STEPS
        return self.tune_steps or min(max(LABEL_ROUNDS * texts // LABEL_BATCH, least), most)

    @property
    def chooses_views(self) -> bool:
        """Whether the encoder has to look at texts and labels before it encodes."""
        return "pretrained" in self.parts and self.views == "auto"

    @property
    def learns_from_labels(self) -> bool:
        """Whether other labels make other features."""
        return self.chooses_views or self.tune != "none"

    @property
    def parts(self) -> tuple[str, ...]:
        """The encoders that are used, one where they are not fused."""
        return tuple(name.strip() for name in self.fuse.split(",")) if self.encoder == "fused" else (self.encoder,)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not re.fullmatch(r"none|contrastive|distil|labels|layers:[1-9]\d{0,3}", self.tune):
            raise ConfigError(
                f"--tune {self.tune}: choose none, contrastive, distil, labels, or layers:N with N of 1 or more."
            )
        if self.encoder == "fused" and (len(set(self.parts)) < 2 or not set(self.parts) <= set(ENCODER_NAMES)):
            raise ConfigError(
                f"--fuse {self.fuse}: name two or more different encoders of {', '.join(ENCODER_NAMES)}, as in "
                "--fuse ngram,pretrained."
            )
        self._check_pretrained("pretrained" in self.parts)
        self._check_glyph("glyph" in self.parts)

    def _check_pretrained(self, used: bool) -> None:
        if used and self.preset is None:
            raise ConfigError(
                f"--encoder {self.encoder}: which transformer? Give --preset, the folder of one such as "
                "all-MiniLM-L6-v2, or a KerasHub name such as bert_small_en_uncased, which is then downloaded."
            )
        if not used and self.preset is not None:
            raise ConfigError(f"--preset {self.preset}: only a transformer takes one; add --encoder pretrained.")
        if not used and self.tuning in ("contrastive", "distil", "layers"):
            raise ConfigError(f"--tune {self.tune}: only a transformer can be tuned so; add --encoder pretrained.")

    def _check_glyph(self, used: bool) -> None:
        if not used and self.tuning == "labels":
            raise ConfigError(f"--tune {self.tune}: only glyph networks can be tuned so; add --encoder glyph.")
        if not used and self.font:
            raise ConfigError(f"--font {self.font[0]}: only glyphs are drawn; add --encoder glyph.")
