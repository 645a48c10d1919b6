"""The forms of well-known data sets: Kaggle, GLUE, CLUE, fastText's reviews, Hugging Face; texts are invented."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from check_reading import Reading, check_everywhere, check_right_or_refused, check_rows_of, reading
from invented import messages

from ganclf.config import DataConfig
from ganclf.data import load_training_data, read_rows
from ganclf.errors import DataError

File = tuple[str, bytes, Reading]
CHINESE = {"退款": ("103", "news_finance"), "物流": ("109", "news_tech"), "账户": ("112", "news_travel")}


def table(rows: list[list[str]], quoting: int = csv.QUOTE_MINIMAL, separator: str = ",", newline: str = "\n") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=newline).writerows(rows)
    return file.getvalue()


def lines(rows: list[dict]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def tweets_without_a_header() -> File:
    """Six quoted columns: polarity, id, date, query, user, text."""
    pairs = [
        (f"@you {text} ½ http://a.example/{at}", "04"[at % 2]) for at, (text, _) in enumerate(messages("English", 80))
    ]
    rows = [[label, str(1467810369 + at * 301), f"Mon Apr 06 22:{at % 60:02}:45 PDT 2009", "NO_QUERY", f"user_{at}",
             text]
            for at, (text, label) in enumerate(pairs)]  # fmt: skip
    raw = table(rows, csv.QUOTE_ALL).encode("latin-1")
    return "training.1600000.processed.noemoticon.csv", raw, reading(pairs, encoding="latin-1")


def film_reviews() -> File:
    pairs = [
        (f'{text}.<br /><br />It\'s a "must", they said; I, for one, doubt it.', ("positive", "negative")[at % 2])
        for at, (text, _) in enumerate(messages("English", 50))
    ]
    return "IMDB Dataset.csv", table([["review", "sentiment"], *map(list, pairs)]).encode(), reading(pairs)


def news_with_header_and_index() -> File:
    pairs = [(text, str(at % 4 + 1)) for at, (text, _) in enumerate(messages("English", 60))]
    rows = [["Class Index", "Title", "Description"], *([label, text[:20], text] for text, label in pairs)]
    return "train.csv", table(rows, csv.QUOTE_ALL).encode(), reading(pairs)


def stars_without_a_header() -> File:
    """Two quoted columns; line ends are written as a backslash and n, which is how the texts are."""
    pairs = [
        (f'{text}.\\n\\n""fine"", so they said', str(at % 5 + 1))
        for at, (text, _) in enumerate(messages("English", 60))
    ]
    raw = table([[label, text] for text, label in pairs], csv.QUOTE_ALL).encode()
    return "test.csv", raw, reading(pairs)


def banking_questions() -> File:
    pairs = messages("English", 60)
    return "train.csv", table([["text", "category"], *map(list, pairs)], newline="\r\n").encode(), reading(pairs)


def short_messages_of_the_archive() -> File:
    """ham or spam, a tab, and the text as it is."""
    pairs = [(f'"{text}' if at % 9 == 4 else f"{text} &lt;#&gt;", ("ham", "ham", "spam")[at % 3])
             for at, (text, _) in enumerate(messages("English", 75))]  # fmt: skip
    return "SMSSpamCollection.txt", "".join(f"{label}\t{text}\n" for text, label in pairs).encode(), reading(pairs)


def sentences_of_glue() -> File:
    pairs = [(text, "01"[at % 2]) for at, (text, _) in enumerate(messages("English", 60))]
    return (
        "train.tsv",
        "".join(["sentence\tlabel\n", *(f"{text} \t{label}\n" for text, label in pairs)]).encode(),
        (reading([(f"{text} ", label) for text, label in pairs])),
    )


def news_of_clue() -> File:
    pairs = messages("Chinese", 90)
    rows = [{"label": CHINESE[label][0], "label_desc": CHINESE[label][1], "sentence": text, "keywords": ""}
            for text, label in pairs]  # fmt: skip
    return "train.json", lines(rows), reading([(text, CHINESE[label][1]) for text, label in pairs])


def apps_of_clue() -> File:
    pairs = messages("Chinese", 90)
    rows = [{"label": CHINESE[label][0], "label_des": label, "sentence": text} for text, label in pairs]
    return "train.json", lines(rows), reading(pairs)


def chinese_news_label_first() -> File:
    pairs = messages("Chinese", 120)
    return "cnews.train.txt", "".join(f"{label}\t{text}\n" for text, label in pairs).encode(), reading(pairs)


def chinese_reviews() -> File:
    pairs = [(text, "01"[at % 2]) for at, (text, _) in enumerate(messages("Chinese", 80))]
    raw = table([["label", "review"], *([label, text] for text, label in pairs)]).encode("utf-8-sig")
    return "waimai_10k.csv", raw, reading(pairs)


def spam_with_empty_columns() -> File:
    pairs = [(text, ("ham", "spam")[at % 2]) for at, (text, _) in enumerate(messages("German", 50))]
    rows = [["v1", "v2", "", "", ""], *([label, text, "", "", ""] for text, label in pairs)]
    return "spam.csv", table(rows).encode("latin-1"), reading(pairs, encoding="latin-1")


def datasets_to_csv() -> File:
    pairs = [(text, "012"[at % 3]) for at, (text, _) in enumerate(messages("French", 60))]
    return "train.csv", pd.DataFrame(pairs, columns=["text", "label"]).to_csv(index=False).encode(), reading(pairs)


def datasets_to_json() -> File:
    pairs = [(text, "012"[at % 3]) for at, (text, _) in enumerate(messages("Russian", 60))]
    rows = [{"text": text, "label": int(label), "idx": at} for at, (text, label) in enumerate(pairs)]
    return "train.json", "".join(json.dumps(row) + "\n" for row in rows).encode(), reading(pairs)


def pandas_with_index() -> File:
    pairs = messages("English", 60, every=3)
    return "rows.csv", pd.DataFrame(pairs, columns=["text", "label"]).to_csv().encode(), reading(pairs)


def pandas_read_back_with_index() -> File:
    pairs = messages("English", 60)
    frame = pd.DataFrame(pairs, columns=["text", "label"])
    frame.insert(0, "Unnamed: 0", range(60))
    return "rows.csv", frame.to_csv().encode(), reading(pairs)


def pandas_records() -> File:
    pairs = messages("Arabic", 60, every=2)
    return (
        "rows.json",
        pd.DataFrame(pairs, columns=["text", "label"]).to_json(orient="records").encode(),
        reading(pairs),
    )


FILES = (
    tweets_without_a_header, film_reviews, news_with_header_and_index, stars_without_a_header, banking_questions,
    short_messages_of_the_archive, sentences_of_glue, news_of_clue, apps_of_clue, chinese_news_label_first,
    chinese_reviews, spam_with_empty_columns, datasets_to_csv, datasets_to_json, pandas_with_index,
    pandas_read_back_with_index, pandas_records,
)  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.__name__)
def test_it_is_read_alike_everywhere(file: Callable[[], File], tmp_path: Path):
    check_everywhere(tmp_path, *file())


def test_parquet_of_datasets_keeps_its_classes():
    pairs = [(text, at % 3) for at, (text, _) in enumerate(messages("English", 60))]
    features = {"label": {"names": ["neg", "neu", "pos"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}
    schema = pa.schema([("text", pa.string()), ("label", pa.int64())], {
        "huggingface": json.dumps({"info": {"features": features}})})  # fmt: skip
    file = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array([pair[at] for pair in pairs]) for at in (0, 1)], schema=schema), file)
    rows = read_rows(file.getvalue(), name="train-00000-of-00001.parquet")
    assert rows.texts == [text for text, _ in pairs]
    names = [["neg", "neu", "pos"][label] for _, label in pairs]
    assert list(rows.labels) in (names, [str(label) for _, label in pairs])


@pytest.mark.parametrize("orient", ["columns", "split", "index", "table"])
def test_other_ways_of_pandas_are_right_or_refused(orient: str):
    pairs = messages("English", 24)
    raw = pd.DataFrame(pairs, columns=["text", "label"]).to_json(orient=orient).encode()
    check_right_or_refused("rows.json", raw, reading(pairs))


def test_a_separator_of_several_characters_is_refused_for_training(tmp_path: Path):
    made = "".join(f"65517{at}_!_10{at % 3}_!_news_culture_!_{text}_!_a,b\n"
                   for at, (text, _) in enumerate(messages("Chinese", 60)))  # fmt: skip
    (tmp_path / "toutiao.txt").write_text(made, encoding="utf-8")
    with pytest.raises(DataError):
        load_training_data(DataConfig(data=(tmp_path / "toutiao.txt",)), 0, lambda note: None)


def test_an_unusual_separator_can_be_named():
    pairs = [(text, ("neutral", "positive")[at % 2]) for at, (text, _) in enumerate(messages("English", 40))]
    made = "".join(f"{text}@{label}\n" for text, label in pairs).encode()
    check_rows_of(made, "Sentences_AllAgree.txt", reading(pairs, separator="@", header=False))


def test_two_columns_of_classes_are_not_guessed():
    rows = [["Problembereich", "Zuständigkeit", "Nachricht"]]
    for at, (text, label) in enumerate(messages("German", 60)):
        rows.append([label, "ABC"[at // 3 % 3], text])
    with pytest.raises(DataError, match=r"(?s)Problembereich.*Zuständigkeit"):
        read_rows(table(rows).encode(), labels="required")


def test_categories_and_labels_of_reviews_are_right_or_refused():
    pairs = [(text, "01"[at % 2]) for at, (text, _) in enumerate(messages("Chinese", 60))]
    rows = [["cat", "label", "review"], *([["书籍", "平板", "水果"][at // 2 % 3], label, text]
                                          for at, (text, label) in enumerate(pairs))]  # fmt: skip
    check_right_or_refused("online_shopping_10_cats.csv", table(rows).encode(), reading(pairs))
