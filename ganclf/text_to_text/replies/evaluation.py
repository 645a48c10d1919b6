"""How good replies are: beside those of simple methods, and how well pairs are ranked beside shared words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from sklearn.feature_extraction.text import TfidfVectorizer

from ganclf.cli.progress import progress
from ganclf.evaluation.text_metrics import bleu, chrf, distinct, most_frequent_share, token_f1
from ganclf.text_to_text.batches import Columns
from ganclf.text_to_text.generator import Generator
from ganclf.text_to_text.replies.lexicon import MIN_GAIN, Lexicon
from ganclf.text_to_text.replies.neighbors import Neighbors
from ganclf.text_to_text.replies.pairs import PairData, Pairs, most_frequent
from ganclf.text_to_text.replies.ranking import Ranker, Recall, dense_rows, recall, recall_of
from ganclf.text_to_text.replies.report import SHARED_WORDS
from ganclf.text_to_text.replies.served import ServedReplies, information
from ganclf.text_to_text.replies.training import Players

WEIGHTS = (0.0, 0.1, 0.3, 1.0, 3.0)  # of the likelihood beside the discriminator, among which one is chosen
VECTOR_WEIGHTS = (0.0, 4.0, 8.0)  # of the mean vector of the neighbors' replies, among which one is chosen
NGRAM_WEIGHTS = (0.0, 1.0, 2.0, 4.0, 6.0)  # of their n-grams
WEIGHT_TEXTS, WEIGHT_CANDIDATES = 150, 20  # held-out texts, and replies of each, that choose
TEXTS_AT_ONCE = 16
WITH_NEIGHBORS = "discriminator and neighbors"
LEXICON_PAIRS = 500  # held-out ones by which pairs are found to be translations
TEMPERATURE = 0.8  # of samples in the evaluation
_TOKEN = re.compile(r"\w+|[^\w\s]")


def tokens_of(text: str) -> list[str]:
    """Lower-case words and marks; single characters in Chinese and Japanese."""
    return [
        part
        for token in _TOKEN.findall(text.lower())
        for part in (token if re.match(r"[\u3040-\u30ff\u3400-\u9fff]", token) else [token])
    ]


def figures_of(replies: Sequence[str], truth: Sequence[str]) -> dict[str, float]:
    """Of one method, one reply per text."""
    given, right = [tokens_of(text) for text in replies], [tokens_of(text) for text in truth]
    by_text = [bleu([one], [other]) if one and other else {2: 0.0, 4: 0.0} for one, other in zip(given, right,
            strict=True)]  # fmt: skip
    return {
        "BLEU-2": float(np.mean([each[2] for each in by_text])),
        "BLEU-4": float(np.mean([each[4] for each in by_text])),
        "F1": token_f1(given, right),
        "chrF": chrf(replies, truth) / 100.0,
        "exact": float(np.mean([one.strip() == other.strip() for one, other in zip(replies, truth, strict=True)])),
        "distinct-1": distinct(given, 1),
        "distinct-2": distinct(given, 2),
        "ten most frequent": most_frequent_share(given, 10),
    }


class NearestTexts:
    """The honest baseline: tf-idf of words and pairs of words.

    Args:
        train: training pairs.
    """

    def __init__(self, train: Pairs) -> None:
        self.train = train
        self._tfidf = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32, tokenizer=tokens_of, token_pattern=None,
            min_df=min(2, len(train)), max_features=200_000,
        )  # fmt: skip
        self._texts = self._tfidf.fit_transform(train.texts)

    def replies(self, texts: Sequence[str]) -> list[str]:
        """The reply of the most similar training text of each text."""
        found: list[str] = []
        for start in range(0, len(texts), 100):
            similar = self._tfidf.transform(texts[start : start + 100]) @ self._texts.T
            found += [self.train.replies[int(row.toarray().argmax())] for row in similar]
        return found

    def recall(self, pairs: Pairs, numbers: np.ndarray) -> Recall:
        """Of ranking replies by their similarity to the text."""
        texts, replies = (self._tfidf.transform(each) for each in (pairs.texts, pairs.replies))
        return recall(lambda group: (texts[group] @ replies[group].T).toarray(), numbers)


def word_by_word(data: PairData, texts: Sequence[str]) -> list[str] | None:
    """Translate by a lexicon of the training pairs; None where words of texts tell little of their replies."""
    train, held_out = (
        ([tokens_of(text) for text in part.texts], [tokens_of(reply) for reply in part.replies])
        for part in (data.train, data.held_out.take(range(min(len(data.held_out), LEXICON_PAIRS))))
    )
    lexicon = Lexicon(*train)
    if lexicon.gain(*held_out) < MIN_GAIN:
        return None
    return [lexicon.translate(tokens_of(text)) for text in texts]


def choose_ranker(players: Players, neighbors: Neighbors | None, held_out: Columns) -> Ranker:
    """The ranker with the weights of neighbors that give the best recall of held-out pairs; 0 where none helps."""
    alone = Ranker(players.discriminator)
    if neighbors is None:
        return alone

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32)] * 2)
    def parts(text: tf.Tensor, reply: tf.Tensor) -> tf.Tensor:
        """Scores of the discriminator, by vectors and by n-grams, float32, shape [3, texts, replies]."""
        of_replies = alone.discriminator.features(reply, 1)
        size = alone.discriminator.size
        vectors, sketches = neighbors.mean_features(neighbors.nearest(text))
        return tf.stack([
            tf.matmul(alone.text_features(text), of_replies, transpose_b=True),
            tf.matmul(vectors, of_replies[:, :size], transpose_b=True),
            tf.matmul(sketches, of_replies[:, size:], transpose_b=True),
        ])  # fmt: skip

    found: dict[bytes, np.ndarray] = {}

    def score(group: np.ndarray, weights: tuple[float, float]) -> np.ndarray:
        key = group.tobytes()
        if key not in found:
            texts, replies = (dense_rows(held_out.ids[name], group) for name in ("text_ngrams", "reply_ngrams"))
            found[key] = parts(texts, replies).numpy()
        return np.asarray(np.tensordot((1.0, *weights), found[key], 1))

    numbers = held_out.numbers["reply_number"]
    every = [(one, other) for one in VECTOR_WEIGHTS for other in NGRAM_WEIGHTS]
    best = max(every, key=lambda weights: recall(lambda group: score(group, weights), numbers).mean)
    return Ranker(players.discriminator, neighbors, best)


def choose_weight(generator: Generator | None, ranker: Ranker, held_out: Columns) -> tuple[float, dict[float, float]]:
    """The weight of the likelihood with which the true reply of most held-out texts is the best of 20."""
    if generator is None:
        return 0.0, {}
    random = np.random.default_rng(3)
    chosen = random.permutation(len(held_out))[:WEIGHT_TEXTS]
    groups = np.stack([
        np.concatenate([[index], random.choice(len(held_out), WEIGHT_CANDIDATES - 1)]) for index in chosen
    ])  # fmt: skip

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32)] * 4)
    def both(text: tf.Tensor, reply: tf.Tensor, source: tf.Tensor, tokens: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        memory = generator.read(source).repeated(tf.shape(tokens)[0])
        return ranker.scores(text, reply)[0], information(generator, memory, tokens)

    scores = []
    with progress("weights", len(groups)) as advance:
        for group in groups:
            one, some = held_out.take(group[:1]), held_out.take(group)
            parts = both(one.dense("text_ngrams"), some.dense("reply_ngrams"), one.dense("source"), some.dense("reply"))
            scores.append([part.numpy() for part in parts])
            advance(1)
    numbers = held_out.numbers["reply_number"][groups]
    other = numbers != numbers[:, :1]
    values = np.array(scores)  # [texts, 2, candidates]
    shares = {}
    for weight in WEIGHTS:
        total = values[:, 0] + weight * values[:, 1]
        shares[weight] = float((~((total >= total[:, :1]) & other).any(axis=1)).mean())
    best = max(WEIGHTS, key=lambda weight: (shares[weight], -weight))
    return best, shares


def compare(
    served: ServedReplies, data: PairData, nearest: NearestTexts, most: int, seed: int
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Replies of all methods to test texts that are new, with their figures; and a few examples."""
    idx = np.flatnonzero(~data.seen)
    idx = np.random.default_rng(seed).permutation(idx)[:most] if len(idx) else np.arange(len(data.test))[:most]
    part = data.test.take(np.sort(idx))
    replies = {"real replies": part.replies, **_served(served, part.texts, seed)}
    replies["reply of the nearest training text"] = nearest.replies(part.texts)
    if (translated := word_by_word(data, part.texts)) is not None:
        replies["word by word (IBM model 1)"] = translated
    replies["most frequent reply"] = [most_frequent(data.train.replies)] * len(part)
    replies["copy of the text"] = part.texts
    rows = [{"method": name, "texts": len(part), **figures_of(given, part.replies)} for name, given in replies.items()]
    shown = np.linspace(0, len(part) - 1, min(8, len(part))).astype(int)
    names = [name for name in replies if name != "copy of the text"]
    examples = [{"text": part.texts[row], **{name: replies[name][row] for name in names}} for row in shown]
    return rows, examples


def recalls(
    ranker: Ranker, data: PairData, test: Columns, nearest: NearestTexts
) -> list[dict[str, Any]]:  # fmt: skip
    """Recall on new test pairs and on all, of the ranker, of the discriminator alone and of shared words."""
    scorers = {"discriminator": recall_of(Ranker(ranker.discriminator))}
    if any(ranker.weights):
        scorers = {WITH_NEIGHBORS: recall_of(ranker), **scorers}
    rows = []
    for part, idx in (("new test pairs", np.flatnonzero(~data.seen)), ("all test pairs", np.arange(len(data.test)))):
        if len(idx) < 2:
            continue
        columns, pairs = test.take(idx), data.test.take(idx)
        by_words = nearest.recall(pairs, columns.numbers["reply_number"])
        found_by = {name: scorer(columns) for name, scorer in scorers.items()} | {SHARED_WORDS: by_words}
        for method, found in found_by.items():
            rows.append({"pairs": part, "method": method, "recall_at_1": found.at_1, "recall_at_10": found.at_10,
                         "ranked": found.rows, "candidates": found.candidates})  # fmt: skip
    return rows


def _served(served: ServedReplies, texts: Sequence[str], seed: int) -> dict[str, list[str]]:
    """Replies of the published model, and of its parts."""
    step = tf.function(served.candidates, input_signature=[
        tf.TensorSpec([None], tf.string), tf.TensorSpec([None], tf.int64), tf.TensorSpec([None], tf.float32)
    ], autograph=False)  # fmt: skip
    replies, ranks = [], []
    with progress("evaluate", len(texts)) as advance:
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            part = list(texts[start : start + TEXTS_AT_ONCE])
            seeds = tf.range(start + seed, start + seed + len(part), dtype=tf.int64)
            found = step(tf.constant(part), seeds, tf.fill([len(part)], TEMPERATURE))
            replies.append(found.replies.numpy())
            ranks.append(found.ranks.numpy())
            advance(len(part))
    every, rank = np.concatenate(replies), np.concatenate(ranks)
    written, samples = served.written_count, served.choice.samples
    methods = {"published model": _best(every, rank, slice(None))}
    if served.written_count and served.retrieved_count:
        methods["generated replies alone"] = _best(every, rank, slice(0, written))
        methods["retrieved replies alone"] = _best(every, rank, slice(written, None))
    if served.written_count:
        methods["beam search (maximum likelihood)"] = [reply.decode() for reply in every[:, samples]]
        methods["one sample, without the discriminator"] = [reply.decode() for reply in every[:, 0]]
    return methods


def _best(replies: np.ndarray, ranks: np.ndarray, part: slice) -> list[str]:
    columns = ranks[:, part].argmax(axis=1)
    return [row[column].decode() for row, column in zip(replies[:, part], columns, strict=True)]
