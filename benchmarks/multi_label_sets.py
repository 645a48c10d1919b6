"""Sets of real texts with several labels each, built from the data sets in GANCLF_DATA. Nothing is written anywhere.

dialog_acts: replies of DailyDialog (Li et al. 2017), each labeled with its dialog act and, where it has one, its
emotion. Left out are replies with the emotions disgust and fear, of which there are too few, three of four replies
without an emotion, copies, and training replies that are in the development or test file.

news_pairs: two AG News texts one after the other, with the topics of both: one label where they agree. Every text is
used once, in the order of a fixed shuffle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.data_set import data_folder

LabelSet = tuple[str, ...]
NO_EMOTION = "no emotion"
RARE_EMOTIONS = ("disgust", "fear")
KEEP_EVERY = 4  # of the replies without an emotion
DEV_ROWS, TEST_ROWS = 2000, 3000  # at most
DEV_PAIRS = 1000  # of news, of the training file, which has no development part
TRAIN_ROWS = 10_000  # at most; labels are drawn from them and the others are unlabeled
SHUFFLE_SEED = 0


@dataclass(frozen=True)
class LabeledTexts:
    """Texts and their label sets."""

    texts: list[str]
    labels: list[LabelSet]


@dataclass(frozen=True)
class MultiLabelSet:
    """A data set; its test part is read only when `read_test` is called.

    Attributes:
        train: from which labels are drawn; the other rows are unlabeled.
        dev: for choosing defaults.
        read_test: for the last figures.
    """

    name: str
    train: LabeledTexts
    dev: LabeledTexts
    read_test: Callable[[], LabeledTexts]


def load_multi_label_set(name: str) -> MultiLabelSet:
    """Build a set by its name, a key of MULTI_LABEL_SETS."""
    return MULTI_LABEL_SETS[name]()


def _dialog_acts() -> MultiLabelSet:
    folder = data_folder() / "dailydialog"
    dev, test = (_replies(folder / f"{part}_pairs.csv.gz") for part in ("dev", "test"))
    train = _replies(folder / "train_pairs.csv.gz")
    train = train[~train.text.isin(set(dev.text) | set(test.text))]
    return MultiLabelSet(
        "dialog_acts", _sample(train, TRAIN_ROWS), _sample(dev, DEV_ROWS), lambda: _sample(test, TEST_ROWS)
    )


def _replies(file: Path) -> pd.DataFrame:
    pairs = pd.read_csv(file, dtype=str, keep_default_na=False)
    emotional = ~pairs.reply_emotion.isin((NO_EMOTION, *RARE_EMOTIONS))
    plain = pairs.index[pairs.reply_emotion == NO_EMOTION]
    kept = pairs.loc[pairs.index[emotional].union(plain[::KEEP_EVERY])]
    emotions = [() if each == NO_EMOTION else (each,) for each in kept.reply_emotion]
    labels = [tuple(sorted((act, *emotion))) for act, emotion in zip(kept.reply_act, emotions, strict=True)]
    return pd.DataFrame({"text": kept.reply.str.strip(), "labels": labels}).drop_duplicates("text")


def _news_pairs() -> MultiLabelSet:
    folder = data_folder() / "ag_news"
    train = _pairs(pd.concat([pd.read_csv(folder / f"{part}.csv.gz", dtype=str) for part in ("train", "extra_train")]))
    return MultiLabelSet(
        "news_pairs",
        _sample(train.iloc[DEV_PAIRS:], TRAIN_ROWS),
        _sample(train.iloc[:DEV_PAIRS], DEV_ROWS),
        lambda: _sample(_pairs(pd.read_csv(folder / "test.csv.gz", dtype=str)), TEST_ROWS),
    )


def _pairs(news: pd.DataFrame) -> pd.DataFrame:
    news = news.dropna(subset=["text", "label"]).drop_duplicates("text").sample(frac=1.0, random_state=SHUFFLE_SEED)
    first, second = news.iloc[: len(news) // 2], news.iloc[len(news) // 2 : 2 * (len(news) // 2)]
    texts = [f"{one} {other}" for one, other in zip(first.text, second.text, strict=True)]
    labels = [tuple(sorted({one, other})) for one, other in zip(first.label, second.label, strict=True)]
    return pd.DataFrame({"text": texts, "labels": labels})


def _sample(rows: pd.DataFrame, count: int) -> LabeledTexts:
    chosen = np.random.default_rng(SHUFFLE_SEED).permutation(len(rows))[:count]
    taken = rows.iloc[np.sort(chosen)]
    return LabeledTexts(taken.text.tolist(), taken.labels.tolist())


MULTI_LABEL_SETS: dict[str, Callable[[], MultiLabelSet]] = {"dialog_acts": _dialog_acts, "news_pairs": _news_pairs}
