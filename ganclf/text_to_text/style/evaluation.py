"""Which way to rewrite texts is best: measured on held-out texts to choose, and on test texts for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import tensorflow as tf

from ganclf.cli.progress import progress
from ganclf.encoders.tokens import Tokenizer
from ganclf.text_to_text.style.config import StyleConfig
from ganclf.text_to_text.style.judge import Figures, Judge, words
from ganclf.text_to_text.style.networks import StyleDiscriminator, StyleGenerator
from ganclf.text_to_text.style.ranking import Features, Weights
from ganclf.text_to_text.style.served import EDITS, NETWORK, RANKED, Candidates, Choice, ServedStyle, choose
from ganclf.text_to_text.style.training import Players

TEXTS_AT_ONCE = 32
BLEU_ORDER = 4
STYLE_WEIGHTS = ((1.0, 0.0), (0.5, 0.5), (0.0, 1.0))  # of the discriminator and of counts
REALNESS_WEIGHTS, FLUENCY_WEIGHTS = (0.0, 0.3), (0.0, 0.5, 1.5)
CONTENT_WEIGHTS, LIKELIHOOD_WEIGHTS = (1.0, 2.0, 4.0, 8.0, 16.0), (0.0, 0.2, 0.6)
STRENGTH = 0.5  # in the evaluation

ONLY_EDITS = "counted edits alone"
ONLY_NETWORK, ONLY_PLAYED = "network alone, before the rounds", "network alone, after cycle and game"
RANKED_EDITS = "counted edits, ranked by the discriminator"
WITHOUT_DISCRIMINATOR = "all candidates, ranked without the discriminator"
WITHOUT_GAME = "all candidates, before the rounds"
EVERYTHING = "all candidates, after cycle and game"
KINDS = {ONLY_EDITS: EDITS, ONLY_NETWORK: NETWORK, ONLY_PLAYED: NETWORK}  # all others are RANKED


@dataclass(frozen=True, eq=False)
class Variant:
    """A way to rewrite texts.

    Attributes:
        name: as it is shown.
        choice: of the candidates.
        generator: None where there are counted edits alone.
        discriminator: that ranks.
        held_out: figures on held-out texts.
    """

    name: str
    choice: Choice
    generator: StyleGenerator | None
    discriminator: StyleDiscriminator
    held_out: Figures


@dataclass(frozen=True, eq=False)
class Gathered:
    """Candidates of texts, with what is needed to compare ways to choose among them.

    Attributes:
        inputs: the texts.
        targets: number of the style of each, int32 [texts].
        outputs: strings, shape [texts, candidates].
        found: features and scores, as arrays.
        style: whether a candidate has the style, by the judge, bool [texts, candidates].
        fluent: whether it is fluent, likewise.
        overlap: n-grams that a candidate shares with the input, and that it has, int [2, texts, candidates, orders].
        lengths: words of candidates, int [texts, candidates]; those of the input last.
    """

    inputs: list[str]
    targets: np.ndarray
    outputs: np.ndarray
    found: Candidates
    style: np.ndarray
    fluent: np.ndarray
    overlap: np.ndarray
    lengths: np.ndarray

    def figures(self, chosen: np.ndarray) -> Figures:
        """Of the candidate that is chosen for each text, int [texts]."""
        rows = np.arange(len(chosen))
        matches, totals = self.overlap[:, rows, chosen].sum(axis=1)
        ratio = self.lengths[:, -1].sum() / max(self.lengths[rows, chosen].sum(), 1)
        content = float(np.exp(min(0.0, 1.0 - ratio) + np.log(matches / totals).mean())) if matches.all() else 0.0
        style, fluent = self.style[rows, chosen], self.fluent[rows, chosen]
        good = float((style & fluent).mean())
        return Figures(float(style.mean()), float(fluent.mean()), content, float(np.sqrt(good * content)))


class Evaluation:
    """Compares variants.

    Args:
        players: trained.
        tokenizer: of the run.
        labels: names of the styles.
        judge: of another kind.
        max_tokens: of a text.
        config: of the run.
    """

    def __init__(
        self, players: Players, tokenizer: Tokenizer, labels: Sequence[str], judge: Judge, max_tokens: int,
        config: StyleConfig,
    ) -> None:  # fmt: skip
        self.players, self.tokenizer, self.labels, self.judge = players, tokenizer, labels, judge
        self.max_tokens, self.config = max_tokens, config
        self._steps: dict[int, Callable[..., Candidates]] = {}  # traced once for each discriminator

    def variants(self, texts: Sequence[str], targets: np.ndarray) -> list[Variant]:
        """Every way to rewrite texts, with the weights that are best on held-out texts."""
        players, found = self.players, []
        first = players.without_game
        generator, discriminator = first if first else (None, players.discriminator)
        gathered = self.gather(generator, discriminator, texts, targets, "held-out texts")
        names = [ONLY_EDITS, RANKED_EDITS] + ([ONLY_NETWORK, WITHOUT_DISCRIMINATOR, WITHOUT_GAME] if first else [])
        found += [self._variant(name, generator, discriminator, gathered) for name in names]
        if first and self.config.rounds:
            both = players.generator, players.discriminator
            gathered = self.gather(*both, texts, targets, "held-out texts after the rounds")
            found += [self._variant(name, *both, gathered) for name in (ONLY_PLAYED, EVERYTHING)]
        return found

    def gather(
        self, generator: StyleGenerator | None, discriminator: StyleDiscriminator, texts: Sequence[str],
        targets: np.ndarray, name: str,
    ) -> Gathered:  # fmt: skip
        """Make the candidates of texts."""
        served = self.served(RANKED, generator, discriminator, Weights())
        step = self._steps.setdefault(id(discriminator), tf.function(served.candidates, input_signature=[
            tf.TensorSpec([None], tf.string), tf.TensorSpec([None], tf.int32)
        ], autograph=False))  # fmt: skip
        outputs, scores, of_all = [], [], []
        with progress(name, len(texts)) as advance:
            for start in range(0, len(texts), TEXTS_AT_ONCE):
                part = list(texts[start : start + TEXTS_AT_ONCE])
                found = step(tf.constant(part), targets[start : start + len(part)])
                shape = tf.shape(found.tokens)
                rest = tf.repeat(found.rest, shape[1])
                written = served.decode(tf.reshape(found.tokens, [-1, shape[2]]), rest)
                outputs.append(tf.reshape(written, shape[:2]).numpy())
                scores.append(found.edit_scores.numpy())
                of_all.append([each.numpy() for each in found.features])
                advance(len(part))
        every = np.vectorize(lambda text: text.decode(), otypes=[object])(np.concatenate(outputs))
        joined = Features(*(np.concatenate(parts) for parts in zip(*of_all, strict=True)))
        nothing = tf.zeros([0, 0], tf.int32)
        candidates = Candidates(nothing, np.concatenate(scores), joined, nothing, tf.zeros([0], tf.string))
        flat = every.reshape(-1).tolist()
        repeated = np.repeat(targets, every.shape[1])
        style = self.judge.has_style(flat, repeated).reshape(every.shape)
        fluent = self.judge.is_fluent(flat).reshape(every.shape)
        overlap, lengths = _overlaps(list(texts), every)
        return Gathered(list(texts), targets, every, candidates, style, fluent, overlap, lengths)

    def served(
        self, kind: str, generator: StyleGenerator | None, discriminator: StyleDiscriminator, weights: Weights
    ) -> ServedStyle:  # fmt: skip
        """A module that chooses in this way."""
        config = self.config
        choice = Choice(kind, config.samples, config.beams, config.edits, weights)
        return self.served_by(choice, generator, discriminator)

    def served_by(
        self, choice: Choice, generator: StyleGenerator | None, discriminator: StyleDiscriminator
    ) -> ServedStyle:  # fmt: skip
        """Likewise, by a choice."""
        return ServedStyle(
            self.tokenizer, self.labels, self.players.editor, discriminator, generator, self.max_tokens, choice
        )

    def choose(self, variant: Variant, gathered: Gathered) -> np.ndarray:
        """The number of the candidate of each text that a variant takes, int [texts]."""
        found, strength = gathered.found, tf.fill([len(gathered.inputs)], STRENGTH)
        prices = self.players.editor.prices
        if variant.name != RANKED_EDITS:
            return np.asarray(choose(variant.choice, prices, found, strength).numpy())
        last, edits = found.features.counts.shape[1] - 1, found.edit_scores.shape[1]
        columns = [*range(edits), last]  # those of the generator are not there
        part = found._replace(features=Features(*(each[:, columns] for each in found.features)))
        return np.array(columns)[choose(variant.choice, prices, part, strength).numpy()]

    def _variant(
        self, name: str, generator: StyleGenerator | None, discriminator: StyleDiscriminator, gathered: Gathered
    ) -> Variant:  # fmt: skip
        config, kind = self.config, KINDS.get(name, RANKED)
        used = None if name in (ONLY_EDITS, RANKED_EDITS) else generator
        best: Variant | None = None
        for weights in _grid(name) if kind == RANKED else [Weights()]:
            choice = Choice(kind, config.samples, config.beams, config.edits, weights)
            variant = Variant(name, choice, used, discriminator, Figures(0.0, 0.0, 0.0, 0.0))
            figures = gathered.figures(self.choose(variant, gathered))
            if best is None or figures.score > best.held_out.score:
                best = replace(variant, held_out=figures)
        assert best is not None
        return best


def best_variant(variants: Sequence[Variant], wanted: str) -> Variant:
    """What is published: the best on held-out texts, the first of equals; or the best of the kind that is wanted."""
    kinds = {EDITS: EDITS, NETWORK: NETWORK, RANKED: RANKED}
    possible = [each for each in variants if wanted == "best" or each.choice.kind == kinds[wanted]] or list(variants)
    return max(possible, key=lambda each: each.held_out.score)


def _grid(name: str) -> Iterator[Weights]:
    """Weights among which is chosen."""
    without = name == WITHOUT_DISCRIMINATOR
    for style, realness, fluency, content, likelihood in product(
        STYLE_WEIGHTS, REALNESS_WEIGHTS, FLUENCY_WEIGHTS, CONTENT_WEIGHTS, LIKELIHOOD_WEIGHTS
    ):
        if (without and (style[0] or realness)) or (name == RANKED_EDITS and likelihood):
            continue
        yield Weights(*style, realness, fluency, content, likelihood)


def _overlaps(inputs: Sequence[str], outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    overlap = np.zeros((2, *outputs.shape, BLEU_ORDER), int)
    lengths = np.zeros((len(inputs), outputs.shape[1] + 1), int)
    for row, text in enumerate(inputs):
        right = [_counts(words(text), size) for size in range(1, BLEU_ORDER + 1)]
        lengths[row, -1] = right[0].total()
        for column, output in enumerate(outputs[row]):
            tokens = words(output)
            lengths[row, column] = len(tokens)
            for size in range(BLEU_ORDER):
                counts = _counts(tokens, size + 1)
                overlap[:, row, column, size] = (counts & right[size]).total(), counts.total()
    return overlap, lengths


def _counts(tokens: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(tokens[place:] for place in range(size)), strict=False))
