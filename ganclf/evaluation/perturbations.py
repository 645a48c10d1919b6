"""The same texts, harder to read: which perturbations there are, and their names for a reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ganclf.errors import ConfigError
from ganclf.evaluation.typos import TYPOS, add_typos

RULES = "s2t"  # OpenCC's name: Simplified to Traditional Chinese, phrase by phrase
TRADITIONAL, HOMOGLYPHS = "traditional", ("homoglyph", "leet")
KINDS = {
    "replaced": "letters replaced",
    "dropped": "letters dropped",
    "swapped": "letters swapped",
    "homoglyph": "look-alike characters",
    "leet": "leetspeak",
    TRADITIONAL: "in Traditional characters",
}


@dataclass(frozen=True)
class Perturbations:
    """Which perturbations are tried, and how strong.

    Attributes:
        typos: share of letters that are mistyped, 0 for none.
        homoglyphs: share of characters that are replaced by look-alikes of pairs that no training uses, 0 for none.
        script: traditional: also in Traditional characters.
    """

    typos: float = 0.0
    homoglyphs: float = 0.0
    script: str = "as-is"

    def rate(self, kind: str) -> float:
        """Share of the characters that a kind of perturbation changes; 1 where that depends on the text."""
        return self.typos if kind in TYPOS else self.homoglyphs if kind in HOMOGLYPHS else 1.0

    def check(self) -> None:
        """Check before the work that all that is needed is installed; raises ConfigError."""
        for _ in perturbed([""], self, 0):
            pass


NO_PERTURBATIONS = Perturbations()


def perturbed(texts: Sequence[str], how: Perturbations, seed: int) -> Iterator[tuple[str, list[str]]]:
    """Yield each kind of perturbation and the texts perturbed by it."""
    for kind in TYPOS if how.typos else ():
        yield kind, add_typos(texts, kind, how.typos, seed)
    for kind in HOMOGLYPHS if how.homoglyphs else ():
        from ganclf.rendering.homoglyphs import homoglyph_attack  # TensorFlow is imported only now

        yield kind, homoglyph_attack(texts, how.homoglyphs, kind, split="test", seed=seed)
    if how.script == TRADITIONAL:
        yield TRADITIONAL, to_traditional(texts)


def to_traditional(texts: Sequence[str]) -> list[str]:
    """Rewrite Simplified Chinese in Traditional characters, which a model may not have in its training data.

    Other text stays as it is.

    Raises:
        ConfigError: OpenCC is not installed.
    """
    try:
        from opencc import OpenCC
    except ImportError as error:
        raise ConfigError(
            "--script traditional: OpenCC is not installed. Install it with: pip install 'ganclf[traditional]'."
        ) from error
    convert = OpenCC(RULES).convert
    return [convert(text) for text in texts]
