"""How probable texts are, by every model of a run: n-grams, maximum likelihood, each round, with discriminator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ganclf.encoders.tokens import BEGIN, END, is_counted
from ganclf.evaluation.text_metrics import log_perplexity_difference
from ganclf.networks.kneser_ney import KneserNey
from ganclf.text_generation.batches import Corpus
from ganclf.text_generation.candidates import Candidate
from ganclf.text_generation.judge import word_log_probs
from ganclf.text_generation.language_model import LogProbs, mix, perplexity, score_generator

ORDERS = (3, 4, 5)  # of n-grams
MAX_COUNTED = 20_000_000  # ids whose n-grams are counted: about 3 GB
DIFFERENT = 1.25  # test perplexity beside that of held-out texts, from which the test file is called different


@dataclass(frozen=True)
class Row:
    """Perplexities by one model.

    Attributes:
        model: its name.
        held_out: of the texts that choose among models.
        test: of the texts that no choice saw.
        bits_per_character: of the test texts, spelled words in full; None where words are not spelled.
        interval: 95 % of the ratio of the test perplexity to that of the same model without the discriminator, by
            the bootstrap over texts; None where there is none.
    """

    model: str
    held_out: float
    test: float
    bits_per_character: float | None = None
    interval: tuple[float, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts whose perplexity is asked.

    Attributes:
        corpus: as ids.
        characters: of all of them, each end being one.
    """

    corpus: Corpus
    characters: int


def fit_ngrams(corpus: Corpus, vocabulary: int, order: int) -> KneserNey:
    """Count the n-grams of texts; of very many texts a random part is counted, for the counts stay in memory."""
    corpus = countable(corpus)
    return KneserNey.fit(corpus.tokens, vocabulary, order, begin_id=BEGIN, end_id=END)


def countable(corpus: Corpus) -> Corpus:
    """Texts of at most MAX_COUNTED ids, at random."""
    if corpus.lengths.sum() <= MAX_COUNTED:
        return corpus
    order = np.random.default_rng(0).permutation(len(corpus))
    last = int(np.searchsorted(np.cumsum(corpus.lengths[order]), MAX_COUNTED, side="right"))
    return corpus.take(np.sort(order[:last]))


def choose_ngrams(
    train: Corpus, held_out: Corpus, vocabulary: int, orders: Sequence[int], max_ngrams: int
) -> tuple[KneserNey, int]:  # fmt: skip
    """The n-grams of the length with the lowest perplexity of held-out texts, and how many there were uncut.

    Args:
        train: texts whose n-grams are counted.
        held_out: texts that choose.
        vocabulary: number of ids.
        orders: lengths among which one is chosen.
        max_ngrams: that may stay; the rarest are dropped before a length is chosen.
    """
    best: tuple[float, KneserNey, int] | None = None
    for order in orders:  # one after another: their counts need not be in memory together
        whole = fit_ngrams(train, vocabulary, order)
        model, uncut = whole.pruned(max_ngrams), whole.ngrams
        found = perplexity(model.log_probabilities(held_out.tokens), held_out)
        if best is None or found < best[0]:
            best = found, model, uncut
    assert best is not None
    return best[1], best[2]


def ngram_rows(train: Corpus, held_out: Texts, test: Texts, vocabulary: int) -> list[Row]:
    """Of n-grams that know no spelling: an unknown word is one token, as in every table of such models."""
    learned, chosen, tested = (_without_spelling(corpus) for corpus in (train, held_out.corpus, test.corpus))
    rows = []
    for order in ORDERS:
        model = fit_ngrams(learned, vocabulary, order)
        first, second = (perplexity(model.log_probabilities(corpus.tokens), corpus) for corpus in (chosen, tested))
        rows.append(Row(f"Kneser-Ney, {order}-grams", first, second))
    return rows


def candidate_rows(candidate: Candidate, ngrams: KneserNey, held_out: Texts, test: Texts, seed: int) -> list[Row]:
    """Of a generator alone, with n-grams, and with its discriminator."""
    score, parts = score_generator(candidate.generator), (held_out, test)
    alone = [score(texts.corpus) for texts in parts]
    counted = [ngrams.log_probabilities(texts.corpus.tokens) for texts in parts]
    mixed = [mix(one, other, candidate.ngram_weight) for one, other in zip(alone, counted, strict=True)]
    rows = [
        _row(f"{candidate.name}, generator alone", alone, parts),
        _row(f"{candidate.name}, with n-grams ({100 * candidate.ngram_weight:.0f} %)", mixed, parts),
    ]
    if candidate.judge is None:
        return rows
    seen = [
        candidate.judge.of_corpus(texts.corpus, word_log_probs(values, texts.corpus))
        for values, texts in zip(mixed, parts, strict=True)
    ]
    judge = candidate.judge
    seen_as = {
        "read backwards": judge.reader,
        "in pairs": judge.pairs,
        "by form": judge.forms,
        "with labels": judge.matcher,
    }
    beside = [name for name, network in seen_as.items() if network]
    named = {"discriminator": candidate.score_energy}
    if beside:
        named[f"discriminator, also {' and '.join(beside)}"] = candidate.energy
    for name, energy in named.items():
        if energy.is_used:
            gains = [energy.gains(found, texts.corpus.classes) for found, texts in zip(seen, parts, strict=True)]
            interval = _ratio_interval(gains[1], test.corpus, seed)
            rows.append(_row(f"{candidate.name}, with n-grams and {name}", mixed, parts, gains, interval))
    return rows


def difference_of_test_file(rows: Sequence[Row]) -> str:
    """A sentence where the test file is about other things than the training file; else nothing."""
    row = rows[0]
    if row.test < DIFFERENT * row.held_out:
        return ""
    return (
        f"The test file differs from the training file: 3-grams have a perplexity of {row.test:.1f} there, and of "
        f"{row.held_out:.1f} on held-out texts of the training file. Compare samples with the row of real training "
        "texts, not with the test file alone."
    )


def _row(
    name: str, log_probs: Sequence[LogProbs], parts: Sequence[Texts], gains: Sequence[np.ndarray] | None = None,
    interval: tuple[float, float] | None = None,
) -> Row:  # fmt: skip
    totals = [0.0, 0.0] if gains is None else [float(gain.sum()) for gain in gains]
    first, second = (
        perplexity(each, texts.corpus, total) for each, texts, total in zip(log_probs, parts, totals, strict=True)
    )
    nats = sum(float(each.sum()) for each in log_probs[1]) + totals[1]
    return Row(name, first, second, -nats / np.log(2.0) / max(parts[1].characters, 1), interval)


def _ratio_interval(gains: np.ndarray, corpus: Corpus, seed: int) -> tuple[float, float]:
    """95 % interval of the ratio of two perplexities whose log probabilities of a text differ by `gains`."""
    words = np.array([is_counted(text).sum() for text in corpus.tokens], float)
    difference = log_perplexity_difference(gains, np.zeros(len(gains)), words, seed)
    return float(np.exp(difference.low)), float(np.exp(difference.high))


def _without_spelling(corpus: Corpus) -> Corpus:
    tokens = [text[is_counted(text)] for text in corpus.tokens]
    return Corpus(tokens, corpus.classes, corpus.weights)
