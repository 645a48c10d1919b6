"""Names of classes as labeled rows: a sentence encoder knows what "Sports" means before any text is labeled.

Each name is written into a few templates in the language of the texts and encoded. Such sentences differ from texts in
style, so their mean is shifted to that of the texts. Then they join the labeled rows of the teacher.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganclf.data import read_rows
from ganclf.data.rows import View, is_labeled
from ganclf.errors import DataError

NEUTRAL = ("{}", "{}.")
ENGLISH = (*NEUTRAL, "This is about {}.", "This text is about {}.", "Topic: {}.", "Category: {}.", "It is {}.",
           "An example of {}.")  # fmt: skip
CHINESE = (*NEUTRAL, "这是关于{}的。", "这段文字是关于{}的。", "主题：{}。", "类别：{}。", "这是{}。", "{}的例子。")
HAN = re.compile(r"[㐀-䶿一-鿿]")
LETTERS = re.compile(r"[^\W\d_]{2,}|[㐀-䶿一-鿿]")
CODE = re.compile(r"(?i)(class|label|category|topic|cluster|type|group|c|l|cat)?[\s_\-#.]*\d+")
ENGLISH_WORDS = re.compile(r"(?i)\b(the|of|and|to|is|a|in|for|it|you|my|i|what|how)\b")
SAMPLED_TEXTS = 200  # by which the language is told
MOST = 0.3  # share of texts with Han characters, or with English words, from which the templates are in that language
JUDGES_PER_CLASS = 2  # labels, below which names are believed as they are without any label
STANDARD_ERRORS = 0.5  # above chance by which the nearest name has to answer the given labels


@dataclass(frozen=True, eq=False)
class NameRows:
    """Names of the classes in the space of a view.

    Attributes:
        features: float32, shape [classes · templates, size].
        labels: class of each row, int.
        accuracy: of the nearest name on the labeled rows, 0 to 1; None without any.
    """

    features: np.ndarray
    labels: np.ndarray
    accuracy: float | None


def as_words(name: str) -> str:
    """Write a label as words: card_arrival → card arrival, cardArrival → card Arrival."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[_:|>]+|(?<=\w)-(?=\w)", " ", words).split())


def are_names(classes: Sequence[str]) -> bool:
    """Whether the classes are called by words; numbers and codes such as `c12` or `LABEL_3` say nothing."""
    return all(LETTERS.search(name) and not CODE.fullmatch(name.strip()) for name in classes)


def templates_for(texts: Sequence[str]) -> tuple[str, ...]:
    """Templates in the language of the texts where that is Chinese or English; else ones without words."""
    sample = texts[:: max(1, len(texts) // SAMPLED_TEXTS)]
    if not len(sample):
        return NEUTRAL
    for pattern, templates in ((HAN, CHINESE), (ENGLISH_WORDS, ENGLISH)):
        if sum(bool(pattern.search(text)) for text in sample) > MOST * len(sample):
            return templates
    return NEUTRAL


def sentences_of(
    classes: Sequence[str], templates: Sequence[str], descriptions: Mapping[str, Sequence[str]]
) -> tuple[list[str], np.ndarray]:
    """Write the names into templates, and add the descriptions that the user gave.

    Args:
        classes: names.
        templates: with `{}` for the name.
        descriptions: of some classes, by name: sentences, which stand for the name's templates.

    Returns:
        Sentences, and the class of each, int.
    """
    by_class = [
        list(descriptions.get(name, ())) or [template.format(as_words(name)) for template in templates]
        for name in classes
    ]
    labels = np.repeat(np.arange(len(classes)), [len(sentences) for sentences in by_class])
    return [sentence for sentences in by_class for sentence in sentences], labels


def encode_names(view: View, sentences: Sequence[str], name_labels: np.ndarray, labels: np.ndarray) -> NameRows | None:
    """Encode names in the space of a view.

    Args:
        view: of n texts.
        sentences: with the names.
        name_labels: class of each sentence, int.
        labels: of the n texts, int, UNLABELED where there is none.

    Returns:
        The rows; None where the view's encoder does not know what words mean.
    """
    if view.encode is None:
        return None
    encoded = view.encode(sentences)
    shifted = encoded - encoded.mean(axis=0) + view.features.mean(axis=0)
    features = (shifted / np.maximum(np.linalg.norm(shifted, axis=1, keepdims=True), 1e-6)).astype(np.float32)
    lengths = np.linalg.norm(view.features, axis=1)
    features *= np.median(lengths[lengths > 0]) if lengths.any() else 1.0  # a text without known words has length 0
    labeled = is_labeled(labels)
    if not labeled.any():
        return NameRows(features, name_labels, None)
    predicted = nearest_name(features, name_labels, view.features[labeled], view.features.mean(axis=0))
    return NameRows(features, name_labels, float((predicted == labels[labeled]).mean()))


def nearest_name(names: np.ndarray, name_labels: np.ndarray, features: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Class whose name rows are nearest to each row on average; int, shape [rows]."""
    classes = int(name_labels.max()) + 1
    center = np.stack([names[name_labels == label].mean(axis=0) for label in range(classes)]) - mean
    return np.asarray(((features - mean) @ (center - center.mean(axis=0)).T).argmax(axis=1))


def means_something(accuracy: float | None, classes: int, labeled: int) -> bool:
    """Whether the nearest name answers the given labels better than chance; so where too few labels can say it."""
    if accuracy is None or labeled < JUDGES_PER_CLASS * classes:
        return True
    chance = 1.0 / classes
    return accuracy > chance + STANDARD_ERRORS * float(np.sqrt(chance * (1.0 - chance) / labeled))


@dataclass(frozen=True, eq=False)
class ClassNames:
    """Sentences with the names of the classes.

    Attributes:
        sentences: in the order of the classes.
        labels: class of each sentence, int.
        forced: whether they are used although the labels do not show that they mean something.
    """

    sentences: list[str]
    labels: np.ndarray
    forced: bool = False

    def encode(self, view: View, labels: np.ndarray) -> NameRows | None:
        """As `encode_names`."""
        return encode_names(view, self.sentences, self.labels, labels)

    def used(self, rows: NameRows, labels: np.ndarray) -> bool:
        """Whether encoded names join the labeled rows."""
        classes, labeled = int(self.labels.max()) + 1, int(is_labeled(labels).sum())
        return self.forced or means_something(rows.accuracy, classes, labeled)


def class_names(
    classes: Sequence[str], templates: Sequence[str], choice: str, description_file: Path | None
) -> ClassNames | None:
    """Make sentences of the classes' names.

    Args:
        classes: the labels, in their order.
        templates: with `{}` for the name.
        choice: auto, yes or no.
        description_file: two columns, class and description, with names or without; None: the names alone.

    Returns:
        The sentences; None where names are not wanted or say nothing.

    Raises:
        DataError: the file can't be read, or names a class that is no label.
    """
    described = read_descriptions(description_file, classes) if description_file else {}
    if choice == "no" or not (choice == "yes" or described or are_names(classes)):
        return None
    return ClassNames(*sentences_of(classes, templates, described), forced=choice == "yes")


def read_descriptions(path: Path, classes: Sequence[str]) -> dict[str, list[str]]:
    """Read sentences that describe classes.

    Args:
        path: a table with two columns, class and description; a class may have several rows.
        classes: the labels.

    Returns:
        Descriptions by class.

    Raises:
        DataError: a row names no class, or no column can be read.
    """
    rows = read_rows(path, labels="required")
    described: dict[str, list[str]] = {}
    for text, label in zip(rows.texts, rows.labels, strict=True):
        if label is None or str(label) not in classes:
            raise DataError(
                f"{path}: {label!r} is no class of the training rows ({', '.join(map(str, classes[:10]))}). Each row "
                "needs a class and a description."
            )
        described.setdefault(str(label), []).append(text)
    return described
