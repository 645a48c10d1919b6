"""The same texts, harder to read: which disturbances are asked for, and what a reader calls them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ganclf.evaluation.robustness import DISTURBANCES, disturb
from ganclf.evaluation.traditional_chinese import to_traditional

TRADITIONAL, DISGUISES = "traditional", ("homoglyph", "leet")
KINDS = {
    "replaced": "letters replaced",
    "dropped": "letters dropped",
    "swapped": "letters swapped",
    "homoglyph": "look-alike characters",
    "leet": "leetspeak",
    TRADITIONAL: "in Traditional characters",
}


@dataclass(frozen=True)
class Disturbed:
    """What is asked for.

    Attributes:
        mistakes: share of letters that are mistyped, 0 for none.
        disguise: share of characters that are disguised by pairs that no training sees, 0 for none.
        script: traditional: also in Traditional characters.
    """

    mistakes: float = 0.0
    disguise: float = 0.0
    script: str = "as-is"

    def rate(self, kind: str) -> float:
        """Share of the characters that a kind of disturbance changes; 1 where that is up to the text."""
        return self.mistakes if kind in DISTURBANCES else self.disguise if kind in DISGUISES else 1.0

    def check(self) -> None:
        """Find out before the work whether all that is asked for is installed; raises ConfigError."""
        for _ in disturbed([""], self, 0):
            pass


UNDISTURBED = Disturbed()


def disturbed(texts: Sequence[str], how: Disturbed, seed: int) -> Iterator[tuple[str, list[str]]]:
    """Yield each asked kind of disturbance and the texts disturbed by it."""
    for kind in DISTURBANCES if how.mistakes else ():
        yield kind, disturb(texts, kind, how.mistakes, seed)
    for kind in DISGUISES if how.disguise else ():
        from ganclf.rendering.homoglyphs import homoglyph_attack  # TensorFlow is imported only now

        yield kind, homoglyph_attack(texts, how.disguise, kind, split="test", seed=seed)
    if how.script == TRADITIONAL:
        yield TRADITIONAL, to_traditional(texts)
