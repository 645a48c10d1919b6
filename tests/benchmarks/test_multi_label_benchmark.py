"""Sets with several labels a text are built as stated, and a page has every method and draw."""

import pandas as pd
import pytest

from benchmarks.multi_label import METHODS, write_page
from benchmarks.multi_label_sets import KEEP_EVERY, load_multi_label_set


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("GANCLF_DATA", str(tmp_path))
    return tmp_path


def test_replies_have_their_act_and_their_emotion(data):
    (data / "dailydialog").mkdir()
    plain = [(f"plain reply {number}", "inform", "no emotion") for number in range(8)]
    told = [("how nice", "inform", "happiness"), ("what", "question", "surprise"), ("yuck", "inform", "disgust")]
    for part, rows in {"train": plain + told, "dev": [("what", "question", "surprise")], "test": told[:1]}.items():
        frame = pd.DataFrame(rows, columns=["reply", "reply_act", "reply_emotion"])
        frame.to_csv(data / "dailydialog" / f"{part}_pairs.csv.gz", index=False)
    built = load_multi_label_set("dialog_acts")
    train = dict(zip(built.train.texts, built.train.labels, strict=True))
    assert train == {f"plain reply {number}": ("inform",) for number in (0, KEEP_EVERY)}  # others are in dev and test
    assert built.dev.labels == [("question", "surprise")]
    assert built.read_test().labels == [("happiness", "inform")]


def test_pairs_of_news_have_the_topics_of_both(data):
    (data / "ag_news").mkdir()
    topics = ["Sports", "World", "Business"]
    rows = [(f"news {number}.", topics[number % 3]) for number in range(4200)]
    for part, chosen in {"train": rows[:3000], "extra_train": rows[3000:4000], "test": rows[4000:]}.items():
        pd.DataFrame(chosen, columns=["text", "label"]).to_csv(data / "ag_news" / f"{part}.csv.gz", index=False)
    built = load_multi_label_set("news_pairs")
    topic_of = dict(rows)
    texts = built.train.texts + built.dev.texts
    used = [f"news {part}" for text in texts for part in text.removeprefix("news ").split(" news ")]
    assert len(used) == len(set(used)) == 4000  # every text once
    for text, labels in zip(built.dev.texts, built.dev.labels, strict=True):
        one, other = (f"news {part}" for part in text.removeprefix("news ").split(" news "))
        assert set(labels) == {topic_of[one], topic_of[other]}
    assert len(built.read_test().texts) == 100


def cell(method, seed, micro_f1):
    figures = {"micro_f1": micro_f1, "macro_f1": 0.5, "macro_average_precision": 0.6, "accuracy": 0.2, "seconds": 3.0}
    sizes = {"labeled": 20, "unlabeled": 100, "texts": 50, "labels": 10, "steps": 300, "part": "test"}
    origin = {"data": "dialog_acts", "commit": "abc", "when": "2030-01-01T00:00:00+00:00"}
    return {"method": method, "seed": seed} | figures | sizes | origin


def test_the_page_has_means_draws_and_paired_differences():
    cells = [cell(method, seed, 0.4 + 0.01 * seed + 0.02 * number) for seed in (0, 1, 2) for number, method in
             enumerate(METHODS)]  # fmt: skip
    page = write_page(cells, "python -m benchmarks.multi_label")
    assert "| published model | 49.0 ± 1.0 | 50.0 ± 0.0 |" in page
    assert "| game alone | 47.0 ± 1.0 | 50.0 ± 0.0 | 60.0 ± 0.0 | 20.0 ± 0.0 | +2.0 [+2.0, +2.0] | 3 |" in page
    assert "| logistic regression, tf-idf | 40.0 | 41.0 | 42.0 |" in page
    assert "abc, 2030-01-01" in page
