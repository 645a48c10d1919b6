"""The exports of labeling tools, and the files of fastText and of one column a class."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from typing import Any

import invented
import pandas as pd
from delimited_writers import ending_of, join_csv
from hypothesis import strategies as st
from written import Content, Label, Written, contents

DATE = "2024-03-01T10:00:00.000000Z"
Row = dict[str, Any]


@st.composite
def several(draw: st.DrawFn, fewest: int = 9, parts: tuple[str, ...] = invented.AWKWARD) -> tuple[Content, list[Label]]:
    """Messages with the labels each has: none, one, or several in some files."""
    content = draw(contents(fewest=fewest, parts=parts))
    if not draw(st.booleans()):
        return content, list(content.labels)
    classes = sorted({label for label in content.labels if label})
    labels: list[Label] = []
    for label in content.labels:
        more = {name for name in classes if content.random.random() < 0.4}
        labels.append(tuple(sorted({label, *more})) if label else None)
    if not any(len(label or ()) > 1 for label in labels):
        labels[0] = tuple(classes)
    return content, labels


def names_of(label: Label) -> list[str]:
    return [label] if isinstance(label, str) else list(label or ())


def table_of(rows: list[Row], separator: str) -> bytes:
    header = list(dict.fromkeys(key for row in rows for key in row))
    lines = [header, *([row.get(key, "") for key in header] for row in rows)]
    return join_csv(lines, separator, csv.QUOTE_MINIMAL, "\r\n").encode()


def lines_of(rows: list[Row]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@st.composite
def label_studio(draw: st.DrawFn) -> Written:
    """CSV, TSV, JSON-MIN, and the whole JSON; tasks that nobody has labeled are in some of them."""
    content, labels = draw(several())
    kind = draw(st.sampled_from(["CSV", "TSV", "JSON-MIN", "JSON"]))
    key = draw(st.sampled_from(["choice", "sentiment", "topic", "label"]))
    rows: list[Row] = []
    for number, (text, label) in enumerate(zip(content.texts, labels, strict=True), start=1):
        names = names_of(label)
        if kind == "JSON":
            result = [{"value": {"choices": names}, "from_name": key, "to_name": "text", "type": "choices"}]
            annotation = {"id": 900 + number, "completed_by": 1, "result": result if names else [],
                          "was_cancelled": False, "lead_time": 3.2, "created_at": DATE}  # fmt: skip
            rows.append({"id": number, "annotations": [annotation] if names else [], "predictions": [],
                         "data": {"text": text}, "meta": {}, "created_at": DATE, "project": 2})  # fmt: skip
            continue
        value: Any = names[0] if len(names) == 1 else {"choices": names} if names else ""
        if kind != "JSON-MIN":
            value = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
        row = {"text": text, "id": number, key: value, "annotator": number % 2 + 1, "annotation_id": 900 + number,
               "created_at": DATE, "updated_at": DATE, "lead_time": round(1 + number * 0.7, 3)}  # fmt: skip
        if kind == "JSON-MIN" and not names:
            del row[key]
        rows.append(row)
    if kind in ("CSV", "TSV"):
        raw = table_of(rows, "," if kind == "CSV" else "\t")
    else:
        raw = json.dumps(rows, indent=1, ensure_ascii=False).encode()
    excuse = "the whole JSON, not the MIN" if kind == "JSON" else ""
    return Written(raw, f"project-1.{kind[:4].lower()}", content.texts, labels, {}, excuse)


@st.composite
def doccano(draw: st.DrawFn) -> Written:
    """JSONL with lists of labels, and CSV, whose labels are joined by `#`."""
    content, labels = draw(several())
    key = draw(st.sampled_from(["label", "labels"]))
    rows = [
        {"id": 100 + number, ("text" if key == "label" else "data"): text, key: names_of(label), "Comments": []}
        for number, (text, label) in enumerate(zip(content.texts, labels, strict=True))
    ]
    return Written(lines_of(rows), "all.jsonl", content.texts, labels)


@st.composite
def argilla(draw: st.DrawFn) -> Written:
    """CSV and JSON of a dataset: responses are labels, suggestions are not."""
    content = draw(contents(fewest=9))
    classes = sorted({label for label in content.labels if label})
    question = draw(st.sampled_from(["label", "topic", "sentiment"]))
    rows: list[Row] = []
    wanted: list[Label] = []
    for number, (text, label) in enumerate(zip(content.texts, content.labels, strict=True)):
        discarded = label is not None and content.random.random() < 0.1 and number >= len(classes)
        wanted.append(None if discarded else label)
        users = ["u1"] if label else []
        status = ["discarded" if discarded else "submitted"] if label else []
        rows.append({
            "id": f"r{number:03}", "status": "completed" if label else "pending", "_server_id": f"s{number:03}",
            "text": text, f"{question}.responses": [label] if label else None,
            f"{question}.responses.users": users or None, f"{question}.responses.status": status or None,
            f"{question}.suggestion": content.random.choice(classes),
            f"{question}.suggestion.score": round(content.random.random(), 2), f"{question}.suggestion.agent": "m",
        })  # fmt: skip
    if draw(st.booleans()):
        raw, name = pd.DataFrame(rows).to_csv(index=False).encode(), "records.csv"
    elif draw(st.booleans()):
        raw, name = lines_of(rows), "records.jsonl"
    else:
        raw, name = json.dumps(rows, ensure_ascii=False).encode(), "records.json"
    return Written(raw, name, content.texts, wanted)


@st.composite
def prodigy(draw: st.DrawFn) -> Written:
    """JSONL of textcat.manual (accept) and of textcat.teach (one label, accepted or rejected)."""
    manual = draw(st.booleans())
    content, labels = draw(several()) if manual else (draw(contents(fewest=9)), [])
    labels = labels or list(content.labels)
    classes = sorted({name for label in labels for name in names_of(label)})
    rows: list[Row] = []
    for number, (text, label) in enumerate(zip(content.texts, labels, strict=True)):
        row: Row = {"text": text, "_input_hash": number * 77, "_task_hash": -number * 91, "_view_id": "choice"}
        if manual:
            options = [{"id": name, "text": name} for name in classes]
            answer = "accept" if label else content.random.choice(["ignore", "reject"])
            picked = names_of(label) or ([content.random.choice(classes)] if answer == "reject" else [])
            row |= {"options": options, "accept": picked, "answer": answer, "config": {"choice_style": "single"}}
        else:
            answer = "accept" if label else content.random.choice(["ignore", "reject", "reject"])
            row |= {"label": label or content.random.choice(classes), "score": 0.4, "answer": answer,
                    "meta": {"score": 0.4}, "_view_id": "classification"}  # fmt: skip
        rows.append(row)
    return Written(lines_of(rows), "ann.jsonl", content.texts, labels)


@st.composite
def fasttext(draw: st.DrawFn) -> Written:
    """Lines that begin with __label__x, one or several."""
    parts = ('"', "'", ",", ";", "!", "😀", "100")
    content, labels = draw(several(parts=parts))
    content = replace(content, texts=[" ".join(text.split()).lstrip(", ") for text in content.texts])
    labels = [names_of(label)[:1] if not isinstance(label, tuple) else list(label) for label in labels]
    written = [names or [next(name for found in labels for name in found)] for names in labels]
    comma = draw(st.booleans()) and all(len(names) == 1 for names in written)
    made = "".join(
        " ".join(f"__label__{name.replace(' ', '-')}" for name in names) + (" , " if comma else " ") + text + "\n"
        for names, text in zip(written, content.texts, strict=True)
    )
    several_labels = any(len(names) > 1 for names in written)
    wanted = [tuple(names) if several_labels else names[0] for names in written]
    name = draw(st.sampled_from(["train.txt", "train.csv", "train.ft", "train.tsv", None]))
    return Written(made.encode(), name, content.texts, wanted)


@st.composite
def one_hot(draw: st.DrawFn) -> Written:
    """A column of 0 and 1 for each class."""
    content, labels = draw(several())
    classes = sorted({name for label in labels for name in names_of(label)})
    truth = draw(st.sampled_from([("0", "1"), ("0", "1"), ("0.0", "1.0"), ("False", "True")]))
    text = draw(st.sampled_from(["text", "comment_text", "sentence", "Tweet"]))
    other = draw(st.sampled_from([(), ("id",)]))
    rows = [
        [*(f"a{number:04}" for _ in other), value, *(truth[name in names_of(label)] for name in classes)]
        for number, (value, label) in enumerate(zip(content.texts, labels, strict=True))
    ]
    made = join_csv([[*other, text, *classes], *rows], draw(st.sampled_from(",;\t")), csv.QUOTE_MINIMAL, "\n")
    excuse = "two columns may be two labels" if len(classes) == 2 else ""
    return Written(made.encode(), draw(ending_of()), content.texts, labels, {}, excuse)


@st.composite
def clue(draw: st.DrawFn) -> Written:
    """JSON lines in .json, with a number and a name for each class; the name is the label."""
    content = draw(contents(fewest=9, unlabeled=False))
    classes = list(dict.fromkeys(content.labels))
    rows = [
        {"label": str(100 + classes.index(label)), "label_desc": f"news_{label}", "sentence": text, "keywords": "x,y"}
        for text, label in zip(content.texts, content.labels, strict=True)
    ]
    return Written(lines_of(rows), "train.json", content.texts, [f"news_{label}" for label in content.labels])


FAMILIES = {
    "Label Studio": label_studio(),
    "doccano": doccano(),
    "Argilla": argilla(),
    "Prodigy": prodigy(),
    "fastText": fasttext(),
    "one column a class": one_hot(),
    "CLUE": clue(),
}
