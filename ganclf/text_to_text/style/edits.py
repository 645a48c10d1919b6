"""Counted edits: a span of a text is dropped, and a phrase of another style put there. No network is needed.

Delete, retrieve (Li et al. 2018), but each edit is chosen by what it does to the style, to the fluency and to the
content of the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ganclf.encoders.tokens import BEGIN, END, FIRST_WORD, PAD, SPELL, SPELL_END, Tokenizer, padded
from ganclf.networks.kneser_ney import KneserNey, KneserNeyLookup
from ganclf.text_to_text.style.ngrams import ORDER, StyleNgrams
from ganclf.text_to_text.style.phrases import MAX_PHRASE, Phrases

IMPOSSIBLE = -1e9
_CONTINUES = re.compile(r"['’]|[0-9A-Za-zÀ-ʯͰ-ӿ_]")  # scripts with spaces between words
LEFT_CONTEXT, RIGHT_CONTEXT = ORDER - 1, 2  # ids beside a span that its change can touch
CONSIDERED = 4  # times as many edits as are returned are compared with each other: some give the same text
MARKER_BATCH = 512
MIN_FALL = 1.0  # nats of its own style that a text has to lose with a span, for the span to be a phrase of the style


@dataclass(frozen=True)
class Width:
    """How many edits are looked at.

    Attributes:
        spans: that may be dropped.
        phrases: between the same two ids, after the same one, before the same one, and anywhere.
        edits: that are returned.
    """

    spans: int
    phrases: tuple[int, int, int, int]
    edits: int


@dataclass(frozen=True)
class Prices:
    """What an edit is worth.

    Attributes:
        style: per nat of the probability of the target.
        fluency: per nat of the mean probability of a token.
        content: of what is dropped and what is put in.
    """

    style: float = 1.0
    fluency: float = 1.0
    content: float = 4.0


class Edits(NamedTuple):
    """Edits of texts, the best first.

    Attributes:
        tokens: int32, shape [batch, edits, tokens], PAD after END.
        scores: float32, shape [batch, edits].
        styles: log probability of the target by counts, the same shape.
    """

    tokens: tf.Tensor
    scores: tf.Tensor
    styles: tf.Tensor


class Editor(tf.Module):
    """Edits texts towards a style.

    Args:
        ngrams: the style of texts.
        glued: which ids can't be parted from the id before, bool, shape [vocabulary].
        fluency: the probability of texts; of order 3.
        phrases: of each style.
        prices: of edits.
    """

    def __init__(
        self, ngrams: StyleNgrams, glued: tf.Tensor, fluency: KneserNeyLookup, phrases: Phrases, prices: Prices
    ) -> None:  # fmt: skip
        super().__init__(name="editor")
        self.glued = glued
        self.ngrams, self.fluency, self.phrases, self.prices = ngrams, fluency, phrases, prices

    @classmethod
    def fit(
        cls, texts: Sequence[np.ndarray], styles: np.ndarray, count: int, tokenizer: Tokenizer, *, max_ngrams: int,
        seed: int, prices: Prices = Prices(),
    ) -> Editor:  # fmt: skip
        """Count.

        Args:
            texts: ids of each text, END last.
            styles: number of the style of each text, int, shape [texts].
            count: of styles.
            tokenizer: that made the ids.
            max_ngrams: of the model of fluency.
            seed: of the classifier.
            prices: of edits.
        """
        vocabulary = tokenizer.size
        ngrams, glued = StyleNgrams.fit(texts, styles, count, vocabulary, seed), glued_ids(tokenizer)
        model = KneserNey.fit(texts, vocabulary, ORDER, begin_id=BEGIN, end_id=END)
        fluency = KneserNeyLookup(model, max_ngrams)
        spans = _markers(ngrams, glued, texts, styles)
        return cls(ngrams, glued, fluency, Phrases.count_in(spans, vocabulary), prices)

    def edit(self, tokens: tf.Tensor, target: tf.Tensor, width: Width) -> Edits:
        """The best edits of each text.

        Args:
            tokens: int32, shape [batch, tokens], PAD after END.
            target: number of the style, int32, shape [batch].
            width: how many edits are looked at.
        """
        tokens = tf.pad(tokens, [[0, 0], [0, tf.maximum(width.spans // (MAX_PHRASE + 1) + 1 - tf.shape(tokens)[1], 0)]])
        text = _Text(self.ngrams, self.glued, self.fluency, tokens)
        batch, spans = tf.shape(tokens)[0], width.spans
        starts, lengths, possible = self._spans(text, target, spans)
        starts, lengths = (tf.where(possible, each, 0) for each in (starts, lengths))
        numbers = self._phrases(text, starts, lengths, target, width)
        options = tf.shape(numbers)[2]
        flat = lambda values: tf.reshape(values, [batch, spans * options])  # noqa: E731
        start, length, possible = (
            flat(tf.repeat(each[:, :, tf.newaxis], options, axis=2)) for each in (starts, lengths, possible)
        )
        number = flat(numbers)
        scores, styles = self._score(text, start, length, number, target)
        nothing = (length == 0) & (number == 0)
        scores = tf.where(nothing | ~possible, IMPOSSIBLE, scores)
        best, place = tf.math.top_k(scores, tf.minimum(CONSIDERED * width.edits, spans * options))
        start, length, number = (_at(each, place) for each in (start, length, number))
        edited = self._apply(text, start, length, number)
        same = tf.reduce_all(edited[:, :, tf.newaxis] == edited[:, tf.newaxis], axis=3)
        earlier = tf.linalg.band_part(tf.cast(same, tf.int32), -1, 0) - tf.cast(
            tf.eye(tf.shape(same)[1], dtype=tf.int32), tf.int32
        )
        best = tf.where(tf.reduce_max(earlier, axis=2) > 0, IMPOSSIBLE, best)
        best, again = tf.math.top_k(best, tf.minimum(width.edits, tf.shape(best)[1]))
        place = tf.gather(place, again, batch_dims=1)
        return Edits(tf.gather(edited, again, batch_dims=1), best, tf.gather(styles, place, batch_dims=1))

    def edit_twice(self, tokens: tf.Tensor, target: tf.Tensor, width: Width, again: int) -> Edits:
        """The best edits, and the best further edits of the best `again` ones; all in one list, not sorted."""
        first = self.edit(tokens, target, width)
        size = tf.shape(first.tokens)
        again_tokens = tf.reshape(first.tokens[:, :again], [-1, size[2]])
        second = self.edit(again_tokens, tf.repeat(target, again), width)
        wider = tf.shape(second.tokens)[2]
        shape = [size[0], again * tf.shape(second.tokens)[1]]
        scores = tf.reshape(second.scores, [size[0], again, -1])
        cost = first.scores[:, :again] - self.prices.style * first.styles[:, :again]  # what the first edit cost
        scores += tf.minimum(cost, 0.0)[:, :, tf.newaxis]
        return Edits(
            tf.concat([
                tf.pad(first.tokens, [[0, 0], [0, 0], [0, wider - size[2]]]),
                tf.reshape(second.tokens, [*shape, wider]),
            ], axis=1),
            tf.concat([first.scores, tf.reshape(scores, shape)], axis=1),
            tf.concat([first.styles, tf.reshape(second.styles, shape)], axis=1),
        )  # fmt: skip

    def mean_log_probs(self, tokens: tf.Tensor) -> tf.Tensor:
        """Per token, END included: int32 [batch, tokens] → float32 [batch]."""
        text = _Text(self.ngrams, self.glued, self.fluency, tokens)
        return text.log_probs / tf.maximum(tf.cast(text.sizes, tf.float32), 1.0)

    def _spans(self, text: _Text, target: tf.Tensor, count: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Starts and lengths of the spans most worth dropping, int32 [batch, count], and whether that is possible."""
        styles, valid, start, length = deletions(self.ngrams, text)
        own = tf.gather(tf.nn.log_softmax(styles), target, axis=2, batch_dims=1)
        content = text.content(start, length)
        score = self.prices.style * own - self.prices.content * content - 0.1 * tf.cast(length, tf.float32)
        _, place = tf.math.top_k(tf.where(valid, score, IMPOSSIBLE), count)
        return tuple(_at(each, place) for each in (start, length, valid))

    def _phrases(
        self, text: _Text, starts: tf.Tensor, lengths: tf.Tensor, target: tf.Tensor, width: Width
    ) -> tf.Tensor:
        """Numbers of phrases for each span, the empty one first, int32 [batch, spans, options]."""
        left = _at(text.framed, starts + LEFT_CONTEXT - 1)
        right = _at(text.framed, starts + lengths + LEFT_CONTEXT)
        style = tf.repeat(target, width.spans)
        found = self.phrases.around(style, tf.reshape(left, [-1]), tf.reshape(right, [-1]), width.phrases)
        found = tf.reshape(found, [tf.shape(starts)[0], width.spans, -1])
        return tf.concat([tf.zeros_like(found[:, :, :1]), found], axis=2)

    def _score(
        self, text: _Text, start: tf.Tensor, length: tf.Tensor, number: tf.Tensor, target: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Of edits [batch, n]: the score, and the log probability of the target."""
        size = tf.gather(self.phrases.lengths, number)
        windows = self._windows(text, start, length, number, size)
        weights, log_probs = _in_windows(self.ngrams, self.fluency, windows)
        old_weights, old_log_probs = text.touched(start, length)
        logits = text.logits[:, tf.newaxis] - old_weights + weights
        style = tf.gather(tf.nn.log_softmax(logits), target, axis=2, batch_dims=1)
        tokens = tf.maximum(tf.cast(text.sizes[:, tf.newaxis] - length + size, tf.float32), 1.0)
        before = text.log_probs / tf.maximum(tf.cast(text.sizes, tf.float32), 1.0)
        fluency = (text.log_probs[:, tf.newaxis] - old_log_probs + log_probs) / tokens - before[:, tf.newaxis]
        put_in = tf.reduce_sum(tf.gather(self.ngrams.content, tf.gather(self.phrases.ids, number)), axis=2)
        cost = text.content(start, length) + put_in
        prices = self.prices
        return prices.style * style + prices.fluency * fluency - prices.content * cost, style

    def _windows(
        self, text: _Text, start: tf.Tensor, length: tf.Tensor, number: tf.Tensor, size: tf.Tensor
    ) -> tf.Tensor:
        """What stands around each edit: two ids, the phrase, two ids, PAD; int32 [batch, n, 2 + MAX_PHRASE + 2]."""
        left = _at(text.framed, start[:, :, tf.newaxis] + tf.range(LEFT_CONTEXT))
        right = _at(text.framed, (start + length)[:, :, tf.newaxis] + LEFT_CONTEXT + tf.range(RIGHT_CONTEXT))
        phrase = tf.gather(self.phrases.ids, number)
        source = tf.concat([left, phrase, right, tf.zeros_like(left[:, :, :1])], axis=2)
        wide = LEFT_CONTEXT + MAX_PHRASE + RIGHT_CONTEXT
        place = tf.range(wide)
        behind = place >= LEFT_CONTEXT + size[:, :, tf.newaxis]
        place = tf.where(behind, place + MAX_PHRASE - size[:, :, tf.newaxis], place)
        return tf.gather(source, tf.minimum(place, wide), batch_dims=2)

    def _apply(self, text: _Text, start: tf.Tensor, length: tf.Tensor, number: tf.Tensor) -> tf.Tensor:
        """The edited texts, int32 [batch, n, tokens + MAX_PHRASE]."""
        size = tf.gather(self.phrases.lengths, number)[:, :, tf.newaxis]
        start, length = start[:, :, tf.newaxis], length[:, :, tf.newaxis]
        count = tf.shape(number)[1]
        width = tf.shape(text.framed)[1]
        body = tf.repeat(text.framed[:, tf.newaxis], count, axis=1)
        source = tf.concat([body, tf.gather(self.phrases.ids, number), tf.zeros_like(body[:, :, :1])], axis=2)
        place = tf.range(text.width + MAX_PHRASE)[tf.newaxis, tf.newaxis]
        inside = width + place - start
        behind = LEFT_CONTEXT + place - size + length
        index = tf.where(place < start, LEFT_CONTEXT + place, tf.where(place < start + size, inside, behind))
        index = tf.where((place >= start + size) & (behind >= width), width + MAX_PHRASE, index)
        return tf.gather(source, index, batch_dims=2)


class _Text:
    """Texts with the sums that make an edit cheap."""

    def __init__(
        self, ngrams: StyleNgrams, glued: tf.Tensor, fluency: KneserNeyLookup | None, tokens: tf.Tensor
    ) -> None:  # fmt: skip
        self.tokens, self.width = tokens, tf.shape(tokens)[1]
        self.framed = tf.pad(
            tf.pad(tokens, [[0, 0], [0, RIGHT_CONTEXT]]), [[0, 0], [LEFT_CONTEXT, 0]], constant_values=BEGIN
        )
        self.sizes = tf.reduce_sum(tf.cast(tokens != PAD, tf.int32), axis=1)
        windows = tf.stack([self.framed[:, place : place + self.width] for place in range(ORDER)], axis=2)
        flat = tf.reshape(windows, [-1, ORDER])
        real = (tokens != PAD)[:, :, tf.newaxis]
        weights = tf.reshape(ngrams.position_weights(flat), [-1, self.width, ngrams.styles])
        self._weights = _sums(tf.where(real, weights, 0.0))
        self.logits = self._weights[:, -1] + ngrams.bias
        if fluency is not None:
            log_probs = tf.reshape(fluency.log_probabilities(flat), [-1, self.width, 1])
            self._log_probs = _sums(tf.where(real, log_probs, 0.0))
            self.log_probs = self._log_probs[:, -1, 0]
        self._content = _sums(tf.gather(ngrams.content, tokens)[:, :, tf.newaxis])
        spelled = tf.cumsum(tf.cast(tokens == SPELL, tf.int32) - tf.cast(tokens == SPELL_END, tf.int32), axis=1)
        joined = tf.gather(glued, tokens[:, 1:])
        self.inside = tf.pad(spelled > 0, [[0, 0], [1, MAX_PHRASE + 1]])  # whether a border here would cut a word
        self.inside |= tf.pad(joined, [[0, 0], [1, MAX_PHRASE + 2]])

    def touched(self, start: tf.Tensor, length: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """What the n-grams that a span touches weigh, [batch, n, styles], and their log probability, [batch, n]."""
        end = tf.minimum(start + length + RIGHT_CONTEXT, self.width)
        of_styles = _at(self._weights, end) - _at(self._weights, start)
        if not hasattr(self, "_log_probs"):
            return of_styles, of_styles[:, :, 0]
        log_probs = _at(self._log_probs, end) - _at(self._log_probs, start)
        return of_styles, log_probs[:, :, 0]

    def content(self, start: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
        """The content of spans, float32 [batch, n]."""
        end = tf.minimum(start + length, self.width)
        found = _at(self._content, end) - _at(self._content, start)
        return found[:, :, 0]


def deletions(ngrams: StyleNgrams, text: _Text) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Every span of up to MAX_PHRASE tokens, those of none included.

    Returns:
        Logits of the styles without it, float32 [batch, spans, styles]; whether it can be dropped, bool [batch, spans];
        its start and its length, int32, the same shape.
    """
    batch, lengths = tf.shape(text.tokens)[0], MAX_PHRASE + 1
    start = tf.reshape(tf.repeat(tf.range(text.width)[:, tf.newaxis], lengths, axis=1), [-1])
    length = tf.tile(tf.range(lengths), [text.width])
    start, length = (tf.repeat(each[tf.newaxis], batch, axis=0) for each in (start, length))
    end = start + length
    ends = text.sizes[:, tf.newaxis]  # END is the last token
    valid = (end < ends) & ~_at(text.inside, start) & ~_at(text.inside, end)
    valid &= length < tf.maximum(ends - 1, 1)  # something has to stay
    safe = tf.minimum(end, text.width)
    left = _at(text.framed, start[:, :, tf.newaxis] + tf.range(LEFT_CONTEXT))
    right = _at(text.framed, safe[:, :, tf.newaxis] + LEFT_CONTEXT + tf.range(RIGHT_CONTEXT))
    windows = tf.ensure_shape(tf.concat([left, right], axis=2), [None, None, LEFT_CONTEXT + RIGHT_CONTEXT])
    weights, _ = _in_windows(ngrams, None, windows)
    old, _ = text.touched(start, length)
    return text.logits[:, tf.newaxis] - old + weights, valid, start, length


def _in_windows(
    ngrams: StyleNgrams, fluency: KneserNeyLookup | None, windows: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Weights and log probabilities of the n-grams that end behind the left context; windows [batch, n, width]."""
    width = windows.shape[2]
    triples = tf.stack([windows[:, :, place : place + ORDER] for place in range(width - LEFT_CONTEXT)], axis=2)
    shape, flat = tf.shape(triples)[:3], tf.reshape(triples, [-1, ORDER])
    real = triples[..., -1] != PAD
    weights = tf.reshape(ngrams.position_weights(flat), tf.concat([shape, [ngrams.styles]], axis=0))
    total = tf.reduce_sum(tf.where(real[..., tf.newaxis], weights, 0.0), axis=2)
    if fluency is None:
        return total, total[..., 0]
    log_probs = tf.reshape(fluency.log_probabilities(flat), shape)
    return total, tf.reduce_sum(tf.where(real, log_probs, 0.0), axis=2)


def _at(values: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """Values [batch, n, …] at the indices of each row [batch, …]; fewer operations than a gather with batch_dims."""
    shape = tf.shape(values)
    first = tf.reshape(tf.range(shape[0]) * shape[1], [-1] + [1] * (index.shape.rank - 1))
    return tf.gather(tf.reshape(values, tf.concat([[-1], shape[2:]], axis=0)), index + first)


def glued_ids(tokenizer: Tokenizer) -> tf.Tensor:
    """Which ids continue the word before them, as `'` and `t` do in `don't`: bool, shape [vocabulary]."""
    words = [_CONTINUES.match(word) is not None for word in tokenizer.words]
    return tf.constant([*[False] * FIRST_WORD, *words])


def _sums(values: tf.Tensor) -> tf.Tensor:
    """Of the values before each place, float32 [batch, tokens + 1, n]."""
    return tf.pad(tf.cumsum(values, axis=1), [[0, 0], [1, 0], [0, 0]])


def _markers(
    ngrams: StyleNgrams, glued: tf.Tensor, texts: Sequence[np.ndarray], styles: np.ndarray
) -> list[tuple[int, int, int, tuple[int, ...]]]:
    """The span of each text without which it has least of its style, where it has that style and loses enough of it."""

    @tf.function(
        autograph=False, input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)]
    )
    def best(tokens: tf.Tensor, style: tf.Tensor) -> tuple[tf.Tensor, ...]:
        text = _Text(ngrams, glued, None, tokens)
        logits, valid, start, length = deletions(ngrams, text)
        own = tf.gather(tf.nn.log_softmax(text.logits), style, axis=1, batch_dims=1)
        left = tf.gather(tf.nn.log_softmax(logits), style, axis=2, batch_dims=1)
        fall = own[:, tf.newaxis] - left
        score = fall - 2.0 * text.content(start, length) - 0.1 * tf.cast(length, tf.float32)
        place = tf.argmax(tf.where(valid & (length > 0), score, IMPOSSIBLE), axis=1)
        take = lambda values: tf.gather(values, place, axis=1, batch_dims=1)  # noqa: E731
        good = take(valid) & (take(fall) >= MIN_FALL) & (own > np.log(0.5)) & (take(length) > 0)
        return good, take(start), take(length)

    order = np.argsort([len(text) for text in texts], kind="stable")
    found: list[tuple[int, int, int, tuple[int, ...]]] = []
    for first in range(0, len(order), MARKER_BATCH):
        idx = order[first : first + MARKER_BATCH]
        part = [texts[index] for index in idx]
        good, starts, lengths = (values.numpy() for values in best(padded(part), styles[idx].astype(np.int32)))
        for row in np.flatnonzero(good):
            text, start, length = part[row], starts[row], lengths[row]
            left = int(text[start - 1]) if start else BEGIN
            found.append((
                int(styles[idx[row]]), left, int(text[start + length]),
                tuple(text[start : start + length].tolist()),
            ))  # fmt: skip
    return found
