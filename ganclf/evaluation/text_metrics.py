"""Figures of generated texts: their overlap with real ones, their variety, copies, and distances of features.

Texts are lists of tokens, words or ids, unless strings are asked for. Published tables of text GANs can't be repeated
with them where self-BLEU counted a text as its own reference, or kept the references of an earlier epoch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ganclf.evaluation.intervals import CONFIDENCE, Interval

BLEU_ORDERS = (2, 3, 4, 5)
EPSILON = 0.1  # of NLTK's method1: matches that are counted where there are none
CHRF_ORDER, CHRF_BETA = 6, 2.0  # of chrF2
RESAMPLES = 2000  # of the bootstrap

Tokens = Sequence[Hashable]
Ngram = tuple[Hashable, ...]


def bleu(hypotheses: Sequence[Tokens], references: Sequence[Tokens]) -> dict[int, float]:
    """Mean BLEU-2 to BLEU-5 of texts, each compared with all references (Papineni et al. 2002).

    Weights are uniform and precisions of zero are smoothed by method 1 of Chen & Cherry (2014), as tables of text GANs
    have it; equal to NLTK's `sentence_bleu`. A text of fewer tokens than the order can't reach 1.

    Args:
        hypotheses: tokens of each text; 1 or more.
        references: tokens of each real text; 1 or more.

    Returns:
        0 to 1, by order.
    """
    _require(hypotheses, "hypotheses")
    _require(references, "references")
    most = _MostCounts(references)
    lengths = np.unique([len(text) for text in references])
    scores = [_sentence_bleu(text, most, None, _closest(lengths, len(text))) for text in hypotheses]
    return dict(zip(BLEU_ORDERS, np.mean(scores, axis=0).tolist(), strict=True))


def corpus_bleu(hypotheses: Sequence[Tokens], references: Sequence[Sequence[Tokens]], order: int = 4) -> float:
    """BLEU of a whole set of texts, each with references of its own (Papineni et al. 2002), without smoothing.

    Args:
        hypotheses: tokens of each text; 1 or more.
        references: tokens of each reference of each text; the closest in length counts for the brevity penalty.
        order: of the longest n-grams.

    Returns:
        0 to 1; 0 where no n-gram of some length is right.
    """
    _require(hypotheses, "hypotheses")
    matches, totals = np.zeros(order), np.zeros(order)
    length = reference_length = 0
    for text, right in zip(hypotheses, references, strict=True):
        length += len(text)
        reference_length += min((len(each) for each in right), key=lambda size: (abs(size - len(text)), size))
        for size in range(1, order + 1):
            counts, most = Counter(_ngrams(text, size)), Counter[Ngram]()
            for each in right:
                most |= Counter(_ngrams(each, size))
            matches[size - 1] += (counts & most).total()
            totals[size - 1] += counts.total()
    if not matches.all():
        return 0.0
    penalty = min(0.0, 1.0 - reference_length / length)
    return float(np.exp(penalty + np.log(matches / totals).mean()))


def self_bleu(texts: Sequence[Tokens]) -> dict[int, float]:
    """Mean BLEU-2 to BLEU-5 of each text against all the others (Zhu et al. 2018): high where texts are alike.

    A text is never its own reference; a second copy of it is one.

    Args:
        texts: tokens of each text; 2 or more.

    Returns:
        0 to 1, by order.
    """
    if len(texts) < 2:
        raise ValueError(f"self-BLEU compares texts with each other; received {len(texts)}. Give 2 or more.")
    most = _MostCounts(texts)
    counts = Counter(len(text) for text in texts)
    lengths = np.array(sorted(counts))
    scores = []
    for index, text in enumerate(texts):
        others = lengths if counts[len(text)] > 1 else lengths[lengths != len(text)]
        scores.append(_sentence_bleu(text, most, index, _closest(others, len(text))))
    return dict(zip(BLEU_ORDERS, np.mean(scores, axis=0).tolist(), strict=True))


def distinct(texts: Sequence[Tokens], order: int) -> float:
    """Different n-grams of one length, as a share of all of them (Li et al. 2016); 0 without any.

    It falls with the number of texts: compare it between equally many.
    """
    counts = Counter(ngram for text in texts for ngram in _ngrams(text, order))
    return len(counts) / counts.total() if counts else 0.0


def copied_share(texts: Sequence[Tokens], training_texts: Sequence[Tokens]) -> float:
    """Share of the texts that are, token by token, a training text; 0 without texts."""
    known = {tuple(text) for text in training_texts}
    return _mean([tuple(text) in known for text in texts])


def new_ngram_share(texts: Sequence[Tokens], training_texts: Sequence[Tokens], order: int) -> float:
    """Share of the different n-grams of the texts that no training text has; 0 without any."""
    found = {ngram for text in texts for ngram in _ngrams(text, order)}
    known = {ngram for text in training_texts for ngram in _ngrams(text, order) if ngram in found}
    return 1.0 - len(known) / len(found) if found else 0.0


def most_frequent_share(texts: Sequence[Tokens], count: int = 1) -> float:
    """Share of the texts that is one of the `count` most frequent of them; 1 / texts where all differ."""
    frequencies = Counter(tuple(text) for text in texts)
    return sum(number for _, number in frequencies.most_common(count)) / len(texts) if texts else 0.0


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """chrF2 of a corpus (Popović 2015): F2 of character n-grams up to 6, without blanks; equal to sacrebleu 2.6.

    Args:
        hypotheses: strings.
        references: the string that each should be.

    Returns:
        0 to 100.
    """
    totals = np.zeros((CHRF_ORDER, 3))  # n-grams of hypotheses, of references, of both
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        shown, right = ("".join(text.split()) for text in (hypothesis, reference))
        for order in range(1, CHRF_ORDER + 1):
            found, wanted = Counter(_ngrams(shown, order)), Counter(_ngrams(right, order))
            # as in sacrebleu: where the reference is too short for an n-gram, those of the hypothesis do not count
            totals[order - 1] += (found.total() if wanted else 0, wanted.total(), (found & wanted).total())
    used = totals[(totals[:, 0] > 0) & (totals[:, 1] > 0)]
    if not used[:, 2].any():
        return 0.0
    precision, recall = (used[:, 2] / used[:, 0]).mean(), (used[:, 2] / used[:, 1]).mean()
    return float(100 * (1 + CHRF_BETA**2) * precision * recall / (CHRF_BETA**2 * precision + recall))


def token_f1(hypotheses: Sequence[Tokens], references: Sequence[Tokens]) -> float:
    """Mean over texts of the F1 of their tokens (Rajpurkar et al. 2016); two texts without tokens are equal."""
    scores = []
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        common = (Counter(hypothesis) & Counter(reference)).total()
        size = len(hypothesis) + len(reference)
        scores.append(2.0 * common / size if size else 1.0)
    return _mean(scores)


def log_perplexity_difference(
    ours: np.ndarray, theirs: np.ndarray, tokens: np.ndarray, seed: int, confidence: float = CONFIDENCE
) -> Interval:
    """Difference of two models' log perplexities with its bootstrap interval, texts drawn in pairs (Koehn 2004).

    Args:
        ours: log probability of each text, natural logarithm, shape [texts].
        theirs: of the same texts by another model.
        tokens: number of tokens of each text, 1 or more.
        seed: of the bootstrap.
        confidence: of the two-sided interval, between 0 and 1.

    Returns:
        log perplexity of ours less that of theirs, in nats per token: below 0 where ours is better.
    """
    gains, sizes = np.asarray(theirs, float) - np.asarray(ours, float), np.asarray(tokens, float)
    if not len(gains) == len(sizes) > 0:
        raise ValueError(f"{len(gains)} texts have {len(sizes)} numbers of tokens. Give one per text, of 1 or more.")
    random = np.random.default_rng(seed)
    drawn = np.empty(RESAMPLES)
    for index in range(RESAMPLES):
        idx = random.integers(0, len(gains), len(gains))
        drawn[index] = gains[idx].sum() / sizes[idx].sum()
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(gains.sum() / sizes.sum()), float(low), float(high), len(gains))


@dataclass(slots=True)
class _Most:
    """The largest count of an n-gram in one text, which text has it, and the largest in another."""

    first: int = 0
    text: int = -1
    second: int = 0


class _MostCounts:
    """The largest count of each n-gram in a text of a corpus, with or without one of the texts."""

    def __init__(self, texts: Sequence[Tokens]) -> None:
        self._most: dict[Ngram, _Most] = {}
        for index, text in enumerate(texts):
            for order in range(1, BLEU_ORDERS[-1] + 1):
                for ngram, count in Counter(_ngrams(text, order)).items():
                    self._add(ngram, count, index)

    def _add(self, ngram: Ngram, count: int, text: int) -> None:
        most = self._most.setdefault(ngram, _Most())
        if count > most.first:
            most.first, most.text, most.second = count, text, most.first
        else:
            most.second = max(most.second, count)

    def __call__(self, ngram: Ngram, without: int | None) -> int:
        most = self._most.get(ngram)
        if most is None:
            return 0
        return most.second if most.text == without else most.first


def _sentence_bleu(text: Tokens, most: _MostCounts, without: int | None, reference_length: int) -> list[float]:
    """By order; `without` is the number of the reference that does not count."""
    logs: list[float] = []
    for order in range(1, BLEU_ORDERS[-1] + 1):
        counts = Counter(_ngrams(text, order))
        matches = sum(min(count, most(ngram, without)) for ngram, count in counts.items())
        if order == 1 and not matches:
            return [0.0] * len(BLEU_ORDERS)
        logs.append(float(np.log((matches or EPSILON) / max(counts.total(), 1))))
    brevity = min(0.0, 1.0 - reference_length / len(text))
    return [float(np.exp(brevity + np.mean(logs[:order]))) for order in BLEU_ORDERS]


def _closest(lengths: np.ndarray, length: int) -> int:
    """The length of a reference that is closest; of two, the shorter one."""
    return int(lengths[np.argmin(np.abs(lengths - length))])


def _ngrams(text: Tokens, order: int) -> Iterator[Ngram]:
    return zip(*(text[start:] for start in range(order)), strict=False)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _require(texts: Sequence[Tokens], name: str) -> None:
    if not len(texts):
        raise ValueError(f"BLEU has no {name}. Give 1 or more.")
