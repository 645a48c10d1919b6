"""Word-by-word translation: the baseline of pairs that are translations (IBM model 1, Brown et al. 1993)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

ITERATIONS = 6  # of expectation and maximization
MAX_CELLS = 4_000_000  # words of texts times words of replies, all pairs: of more, the first ones are learned from
MAX_WORDS = 40  # of a text or reply that are read
MIN_GAIN = 0.5  # nats per word of held-out replies: translations have more (1.4), conversations less than 0
MIN_PROBABILITY, BESIDE_BEST = 0.15, 0.5  # of a word, and beside the most probable one, to be written for a word
FREQUENCY_SHARE = 0.1  # of the frequency of words in the mixture that scores replies
_NO_SPACE = re.compile(
    r"(?<=[\u3040-\u30ff\u3400-\u9fff]) (?=[\u3040-\u30ff\u3400-\u9fff])| (?=[-,.:;!?，。：；！？])|(?<=-) "
)


class Lexicon:
    """The probability of each word of a reply, given a word of the text.

    Args:
        texts: words of the training texts.
        replies: words of their translations.
    """

    def __init__(self, texts: Sequence[Sequence[str]], replies: Sequence[Sequence[str]]) -> None:
        self._of_text, self._of_reply = {"": 0}, dict[str, int]()  # the empty word explains what no word does
        cells = count = 0
        pairs = []
        for text, reply in zip(texts, replies, strict=True):
            one = [0, *(self._of_text.setdefault(word, len(self._of_text)) for word in text[:MAX_WORDS])]
            other = [self._of_reply.setdefault(word, len(self._of_reply)) for word in reply[:MAX_WORDS]]
            pairs.append((one, other))
            cells += len(one) * len(other)
            if cells >= MAX_CELLS:
                break
        self._words = list(self._of_reply)
        source = np.concatenate([np.repeat(one, len(other)) for one, other in pairs]).astype(np.int64)
        target = np.concatenate([np.tile(other, len(one)) for one, other in pairs]).astype(np.int64)
        places = []
        for one, other in pairs:
            places.append(np.tile(np.arange(count, count + len(other)), len(one)))
            count += len(other)
        place = np.concatenate(places)
        keys, entry = np.unique(source * len(self._words) + target, return_inverse=True)
        self._sources, self._targets = np.divmod(keys, max(len(self._words), 1))
        self._probs = np.ones(len(keys))
        for _ in range(ITERATIONS):
            joint = self._probs[entry]
            counts = np.bincount(entry, joint / np.bincount(place, joint)[place])
            self._probs = counts / np.bincount(self._sources, counts)[self._sources]
        self._starts = np.searchsorted(self._sources, np.arange(len(self._of_text) + 1))
        words = np.concatenate([other for _, other in pairs]).astype(np.int64)
        self._frequency = (np.bincount(words) + 0.5) / (len(words) + 0.5 * len(self._words) + 1)
        where = np.concatenate([np.arange(len(other)) / max(len(other), 1) for _, other in pairs])
        self._position = np.bincount(words, where) / np.bincount(words)

    def gain(self, texts: Sequence[Sequence[str]], replies: Sequence[Sequence[str]]) -> float:
        """Mean log ratio of the probability of a reply's known word after its text, and at all; nats."""
        gains = []
        for text, reply in zip(texts, replies, strict=True):
            sources = [0, *(self._of_text[word] for word in text[:MAX_WORDS] if word in self._of_text)]
            spans = [self._span(each) for each in sources]
            ids, probs = (np.concatenate([values[span] for span in spans]) for values in (self._targets, self._probs))
            for word in reply[:MAX_WORDS]:
                if (number := self._of_reply.get(word)) is not None:
                    given = probs[ids == number].sum() / len(sources) / self._frequency[number]
                    gains.append(np.log((1.0 - FREQUENCY_SHARE) * given + FREQUENCY_SHARE))
        return float(np.mean(gains)) if gains else 0.0

    def translate(self, text: Sequence[str]) -> str:
        """Write the most probable words for each word, in the order of the text; unknown words as they are."""
        written: list[str] = []
        for word in text:
            if word not in self._of_text:
                written.append(word)
                continue
            span = self._span(self._of_text[word])
            ids, probs = self._targets[span], self._probs[span]
            chosen = ids[probs >= max(MIN_PROBABILITY, BESIDE_BEST * probs.max(initial=0.0))]
            words = [self._words[each] for each in sorted(chosen, key=lambda each: self._position[each])]
            written += [each for each in words if each not in written[-2:]]
        return _NO_SPACE.sub("", " ".join(written))

    def _span(self, source: int) -> slice:
        """Where the entries of a word of a text are."""
        return slice(self._starts[source], self._starts[source + 1])
