"""What a run trained: generators, each with a discriminator or without, of which the best is published."""

from __future__ import annotations

from dataclasses import dataclass, field

from ganclf.adversarial.training import History
from ganclf.text_generation.energy import EnergyModel
from ganclf.text_generation.judge import Judge
from ganclf.text_generation.networks import Generator


@dataclass(frozen=True, eq=False)
class Candidate:
    """A generator, with a discriminator or without.

    Attributes:
        name: of it, for the report.
        generator: trained.
        ngram_weight: of the n-grams beside it.
        judge: trained against it, or None.
        energy: how what it sees is used.
        score_energy: the same with its score alone.
        held_out: perplexity of the held-out texts by generator and n-grams.
        generator_alone: the same without n-grams.
        with_discriminator: the same with both; as `held_out` where the strength is 0.
    """

    name: str
    generator: Generator
    ngram_weight: float
    judge: Judge | None
    energy: EnergyModel
    score_energy: EnergyModel
    held_out: float
    generator_alone: float
    with_discriminator: float


@dataclass(eq=False)
class Players:
    """Everything that a run trained.

    Attributes:
        candidates: in the order of training; the first is maximum likelihood.
        histories: of each training, by name.
        notes: sentences on what was undone.
    """

    candidates: list[Candidate] = field(default_factory=list)
    histories: dict[str, History] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def best(self) -> Candidate:
        """The one with the lowest perplexity of held-out texts."""
        return min(self.candidates, key=lambda candidate: candidate.with_discriminator)
