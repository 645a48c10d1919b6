"""Exports of labeling tools, one column a class, fastText: the siblings of the given files; texts are invented."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from check_reading import Label, Reading, check_everywhere, check_right_or_refused, check_rows_of, reading
from invented import messages

from ganclf.config import DataConfig
from ganclf.data import load_training_data, read_rows
from ganclf.data.label_reading import LabelOptions
from ganclf.errors import DataError

File = tuple[str, bytes, Reading]
DATE = "2024-03-01T10:00:00Z"


def table(rows: list[dict[str, Any]], separator: str = ",") -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def label_studio_row(at: int, text: str, key: str, value: str) -> dict[str, Any]:
    return {"annotation_id": at + 900, "annotator": at % 2 + 1, "created_at": DATE, "id": at + 1, "lead_time": 3.1 + at,
            key: value, "text": text, "updated_at": DATE}  # fmt: skip


def label_studio_tsv() -> File:
    pairs = messages("German", 72, every=3)
    rows = [label_studio_row(at, text, "sentiment", label or "") for at, (text, label) in enumerate(pairs)]
    return "project-7.tsv", table(rows, "\t"), reading(pairs)


def label_studio_several_choices() -> File:
    pairs: list[tuple[str, Label]] = []
    rows = []
    for at, (text, label) in enumerate(messages("English", 60)):
        names = sorted({label, "billing"}) if at % 3 == 1 else [label]
        pairs.append((text, tuple(names)))
        value = json.dumps({"choices": names}) if len(names) > 1 else names[0]
        rows.append(label_studio_row(at, text, "choice", value))
    return "project-8.csv", table(rows), reading(pairs)


def label_studio_min_with_other_keys() -> File:
    pairs = messages("French", 60, every=2)
    rows = []
    for at, (text, label) in enumerate(pairs):
        row = {"review": text, "id": at, "annotator": 1, "annotation_id": at, "created_at": DATE, "updated_at": DATE,
               "lead_time": 1.5}  # fmt: skip
        rows.append(row | ({"intent": label} if label else {}))
    return "export.json", json.dumps(rows).encode(), reading(pairs)


def doccano_labels() -> File:
    pairs: list[tuple[str, Label]] = [
        (text, tuple(sorted({label, "account"})) if at % 4 == 0 else (label,))
        for at, (text, label) in enumerate(messages("English", 60))
    ]
    rows = [{"id": at, "text": text, "label": list(label or ())} for at, (text, label) in enumerate(pairs)]
    return "admin.jsonl", lines(rows), reading(pairs)


def doccano_csv() -> File:
    pairs = messages("Japanese", 40, every=2)
    rows = [{"id": at, "data": text, "label": label or ""} for at, (text, label) in enumerate(pairs)]
    return "all.csv", table(rows), reading(pairs)


def argilla_records(pairs: list[tuple[str, Label]]) -> list[dict[str, Any]]:
    return [
        {"id": f"r{at}", "status": "completed" if label else "pending", "_server_id": f"s{at}", "text": text,
         "topic.responses": [label] if label else None, "topic.responses.users": ["u1"] if label else None,
         "topic.responses.status": ["submitted"] if label else None,
         "topic.suggestion": "delivery", "topic.suggestion.score": 0.5, "topic.suggestion.agent": "m"}
        for at, (text, label) in enumerate(pairs)
    ]  # fmt: skip


def argilla_json() -> File:
    pairs = messages("English", 60, every=3)
    return "records.json", json.dumps(argilla_records(pairs)).encode(), reading(pairs)


def argilla_two_annotators() -> File:
    pairs = messages("English", 60, every=3)
    rows = argilla_records(pairs)
    for row, (_, label) in zip(rows, pairs, strict=True):
        if label:  # the first answer was discarded, the second was submitted
            row |= {"topic.responses": ["billing", label], "topic.responses.users": ["u1", "u2"],
                    "topic.responses.status": ["discarded", "submitted"]}  # fmt: skip
    return "records.csv", pd.DataFrame(rows).to_csv(index=False).encode(), reading(pairs)


def prodigy_ignore() -> File:
    pairs = messages("Portuguese", 60, every=2)
    answers = ["ignore", "reject"]
    rows = [
        {"text": text, "_input_hash": at, "_task_hash": -at, "options": [{"id": "entrega", "text": "Entrega"}],
         "_view_id": "choice", "accept": [label] if label else ["entrega"] if at % 2 else [],
         "config": {"choice_style": "single"}, "answer": "accept" if label else answers[at % 2],
         "_timestamp": 1709280000 + at}
        for at, (text, label) in enumerate(pairs)
    ]  # fmt: skip
    return "annotations.jsonl", lines(rows), reading(pairs)


def prodigy_several() -> File:
    pairs: list[tuple[str, Label]] = [
        (text, tuple(sorted({label, "delivery"})) if at % 2 else (label,))
        for at, (text, label) in enumerate(messages("English", 48))
    ]
    rows = [{"text": text, "_input_hash": at, "accept": list(label or ()), "answer": "accept", "_view_id": "choice"}
            for at, (text, label) in enumerate(pairs)]  # fmt: skip
    return "multi.jsonl", lines(rows), reading(pairs)


def prodigy_one_label() -> File:
    """Only one label was asked for, so accepted rows have one class: this is nothing to train on, but it is read."""
    pairs = [(text, "billing" if label == "billing" else None) for text, label in messages("English", 48)]
    rows = [{"text": text, "label": "billing", "answer": "accept" if label else "reject", "_task_hash": at}
            for at, (text, label) in enumerate(pairs)]  # fmt: skip
    return "binary.jsonl", lines(rows), reading(pairs)


def toxic_comments() -> File:
    classes = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
    pairs: list[tuple[str, Label]] = []
    rows = []
    for at, (text, _) in enumerate(messages("English", 90)):
        ones = {classes[at % 5], classes[(at // 3) % 6]} if at % 3 == 0 else set()
        pairs.append((text, tuple(sorted(ones)) or None))
        rows.append({"id": f"{at * 7919:016x}", "comment_text": text} | {name: int(name in ones) for name in classes})
    return "train.csv", table(rows), reading(pairs)


def one_hot_with_truth_values() -> File:
    pairs = messages("German", 60, every=2)
    rows = [{"Nachricht": text} | {name: str(name == label) for name in ("Rechnung", "Lieferung", "Rückgabe")}
            for text, label in pairs]  # fmt: skip
    return "rows.csv", table(rows), reading(pairs)


def one_hot_of_pandas_dummies() -> File:
    pairs = messages("English", 45)
    frame = pd.DataFrame(pairs, columns=["text", "label"])
    frame = pd.concat([frame[["text"]], pd.get_dummies(frame["label"], dtype=float)], axis=1)
    return "dummies.csv", frame.to_csv().encode(), reading(pairs)


def fasttext_reviews() -> File:
    pairs = [(f"{text}: it was ok, {at}", f"{at % 2 + 1}") for at, (text, _) in enumerate(messages("English", 60))]
    made = "".join(f"__label__{label} {text}\n" for text, label in pairs)
    return "train.ft.txt", made.encode(), reading(pairs)


def fasttext_several() -> File:
    pairs: list[tuple[str, Label]] = [
        (text.replace("\t", " "), tuple(sorted({"sauce", "cheese"} if at % 2 else {"food-safety"})))
        for at, (text, _) in enumerate(messages("English", 40))
    ]
    made = "".join(" ".join(f"__label__{name}" for name in label or ()) + f" {text}\n" for text, label in pairs)
    return "cooking.stackexchange.txt", made.encode(), reading(pairs)


def fasttext_at_the_end_with_tabs() -> File:
    pairs = messages("Chinese", 60)
    return "train.txt", "".join(f"__label__{label}\t{text}\n" for text, label in pairs).encode(), reading(pairs)


FILES = (
    label_studio_tsv, label_studio_several_choices, label_studio_min_with_other_keys, doccano_labels, doccano_csv,
    argilla_json, argilla_two_annotators, prodigy_ignore, prodigy_several, toxic_comments, one_hot_with_truth_values,
    one_hot_of_pandas_dummies, fasttext_reviews, fasttext_several, fasttext_at_the_end_with_tabs,
)  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.__name__)
def test_it_is_read_alike_everywhere(file: Callable[[], File], tmp_path: Path):
    check_everywhere(tmp_path, *file())


def test_one_asked_label_is_read_but_nothing_can_be_learned(tmp_path: Path):
    name, raw, expected = prodigy_one_label()
    check_rows_of(raw, name, expected)
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(DataError, match="two classes"):
        load_training_data(DataConfig(data=(tmp_path / name,)), 0, lambda note: None)


def test_several_labels_are_said():
    name, raw, _ = doccano_labels()
    assert any("multi" in note.lower() or "several" in note.lower() for note in read_rows(raw, name=name).notes)


def test_spans_are_no_labels_of_texts():
    rows = [{"id": at, "text": text, "label": [[0, 4, "PER"], [5, 9, "LOC"]]}
            for at, (text, _) in enumerate(messages("English", 20))]  # fmt: skip
    with pytest.raises(DataError):
        read_rows(lines(rows), name="spans.jsonl", labels="required")


def test_the_whole_json_of_label_studio_is_right_or_refused():
    pairs = messages("English", 30, every=2)
    rows = [
        {"id": at, "data": {"text": text}, "predictions": [], "created_at": DATE,
         "annotations": [{"id": at, "completed_by": 1, "was_cancelled": False, "result": [
             {"value": {"choices": [label]}, "from_name": "topic", "to_name": "text", "type": "choices"}]}]
         if label else []}
        for at, (text, label) in enumerate(pairs)
    ]  # fmt: skip
    check_right_or_refused("project-1.json", json.dumps(rows).encode(), reading(pairs))


def test_categories_of_spacy_are_right_or_refused():
    pairs = messages("English", 30)
    rows = [{"text": text, "cats": {name: float(name == label) for name in ("billing", "delivery", "account")}}
            for text, label in pairs]  # fmt: skip
    check_right_or_refused("spacy.jsonl", lines(rows), reading(pairs))


def test_joined_labels_are_split_where_several_are_wanted():
    wanted = [(text, tuple(sorted({label, "account"}))) for text, label in messages("English", 30)]
    for joiner in ("|", ";", ", ", ","):
        frame = pd.DataFrame([(text, joiner.join(names)) for text, names in wanted], columns=["text", "tags"])
        rows = read_rows(frame.to_csv(index=False).encode(), label_options=LabelOptions(kind="multi"))
        assert rows.multi_label
        assert list(zip(rows.texts, rows.labels, strict=True)) == wanted
