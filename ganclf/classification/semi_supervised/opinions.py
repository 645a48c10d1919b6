"""What each view of the texts thinks of them, and the teaching that is made of it: what a report says of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sklearn.linear_model import LogisticRegression

from ganclf.classification.semi_supervised.label_names import NameRows
from ganclf.classification.semi_supervised.reliability import ReliabilityEstimate


@dataclass(frozen=True, eq=False)
class Opinion:
    """What one view thinks of the texts.

    Attributes:
        name: of the view.
        reliability: by halves of the labels; without a teacher.
        share: of the joined opinions, 0 to 1.
        names: of the classes as further labeled rows; None where they are not used.
        names_accuracy: of the nearest name on the labeled rows; None where it was not measured.
    """

    name: str
    reliability: ReliabilityEstimate
    share: float
    names: NameRows | None
    names_accuracy: float | None

    def to_json(self) -> dict[str, Any]:
        """What the report keeps."""
        return {
            "name": self.name,
            "share": self.share,
            "expected_accuracy": self.reliability.expected,
            "label_names": self.names is not None,
            "nearest_name_accuracy": self.names_accuracy,
        }

    def sentence(self) -> str:
        """State what the view is worth."""
        return f"{self.name} {100 * self.share:.0f} % (expected accuracy {100 * self.reliability.expected:.0f} %)"


@dataclass(frozen=True, eq=False)
class Teaching:
    """The teacher of all rows, and how it came about.

    Attributes:
        opinions: of the views.
        reliability: of all together, with the teacher.
        pupil: linear model of the served features that learned the teacher's surest answers; None with very many
            classes.
    """

    opinions: tuple[Opinion, ...]
    reliability: ReliabilityEstimate
    pupil: LogisticRegression | None

    def sentence(self) -> str:
        """State what each view is worth and whether names were used; empty with one view without names."""
        parts = []
        if len(self.opinions) > 1:
            parts.append(f"The teacher joins {', '.join(opinion.sentence() for opinion in self.opinions)}.")
        if any(opinion.names is not None and opinion.names.accuracy is None for opinion in self.opinions):
            parts.append("No text had a label: the names of the classes were the only labeled rows.")
        tried = [opinion for opinion in self.opinions if opinion.names_accuracy is not None]
        if tried:
            best = max(tried, key=lambda opinion: opinion.names_accuracy or 0.0)
            right = f"alone answer {100 * (best.names_accuracy or 0.0):.0f} % of the labeled texts"
            used = any(opinion.names for opinion in tried)
            parts.append(
                f"The names of the classes {right}, so they were used as further labeled rows."
                if used
                else f"The names of the classes {right}, which may be chance, so they were not used."
            )
        return " ".join(parts)
