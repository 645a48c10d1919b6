"""Exports of labeling tools are read by their meaning: what annotators chose is the label, and nothing else."""

import json
from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganclf.data import check_rows, read_rows
from ganclf.errors import DataError

TOPICS = ("garden", "kitchen", "bath")
TEXTS = [
    f"{start} {thing} number {number}"
    for number, (start, thing) in enumerate(
        (start, thing)
        for start in ("please send me the price of", "how do I clean", "we would like to return", "who repairs")
        for thing in ("the green lamp", "an old kettle", "this shelf", "our mirror")
    )
]
CHOSEN = [TOPICS[number % 3] if number < 9 else None for number in range(len(TEXTS))]  # 3 of each, 7 without


def json_lines(records, name="rows.jsonl", **options):
    return read_rows("\n".join(map(json.dumps, records)).encode(), name=name, labels="required", **options)


def csv(records, separator=",", **options):
    content = pd.DataFrame(records).to_csv(index=False, sep=separator).encode()
    return read_rows(content, name="rows.csv", labels="required", **options)


def label_studio(number, **more):
    return {
        "annotation_id": 500 + number, "annotator": number % 2 + 1, "created_at": "2023-11-05T08:00:00.123Z",
        "id": number, "lead_time": 2.5 + number % 3, **more, "updated_at": "2023-11-06T08:00:00.123Z",
    }  # fmt: skip


@pytest.mark.parametrize("question", ["choice", "room", "sentiment", "Q1"])
@pytest.mark.parametrize("separator", [",", "\t"])
def test_label_studio_as_csv(question, separator):
    rows = csv([label_studio(i, body=text, **{question: CHOSEN[i]}) for i, text in enumerate(TEXTS)], separator)
    assert (rows.text_column, rows.label_column) == ("body", question)
    assert (rows.texts, rows.labels) == (TEXTS, CHOSEN)
    assert any("an export of Label Studio" in note for note in rows.notes)


def test_label_studio_with_several_choices():
    several = [json.dumps({"choices": ["bath", "garden"]}) if i == 3 else label for i, label in enumerate(CHOSEN)]
    rows = csv([label_studio(i, text=text, topic=several[i]) for i, text in enumerate(TEXTS)])
    assert rows.multi_label
    assert rows.labels[2:5] == [("bath",), ("bath", "garden"), ("kitchen",)]
    assert rows.labels[9:] == [None] * 7


def test_label_studio_with_two_annotators_of_a_text_shows_where_they_differ():
    records = [label_studio(i, text=text, topic=CHOSEN[i]) for i, text in enumerate(TEXTS)]
    rows = csv([*records, label_studio(0, text=TEXTS[0], topic="bath")])
    assert any("1 row is a further annotation of a text" in note for note in rows.notes)
    summary = check_rows(rows)
    assert (summary.contradictions, summary.examples[0].second_label) == (1, "bath")


def task(number, *answers, cancelled=False):
    """A task of Label Studio with the choices of each annotator."""
    annotations = [
        {
            "id": 900 + number,
            "completed_by": place,
            "was_cancelled": cancelled,
            "result": [
                {"from_name": "room", "to_name": "text", "type": "choices", "value": {"choices": list(answer)}}
            ] if answer else [],
        }
        for place, answer in enumerate(answers)
    ]  # fmt: skip
    return {"id": number, "annotations": annotations, "data": {"text": TEXTS[number], "shop": "A"}, "predictions": []}


def test_label_studio_tasks():
    tasks = [task(i, [label]) if label else task(i) for i, label in enumerate(CHOSEN)]
    tasks[10] = task(10, ["bath"], cancelled=True)
    rows = json_lines(tasks)
    assert (rows.text_column, rows.label_column) == ("data.text", "room")
    assert (rows.texts, rows.labels) == (TEXTS, CHOSEN)
    assert any("1 cancelled annotation" in note for note in rows.notes)
    assert rows.file.sentence().endswith("without a label: 1 cancelled, 6 blank")


def test_label_studio_tasks_with_several_annotations_have_a_row_for_each():
    rows = json_lines([task(0, ["bath"], ["garden"]), task(1, ["bath", "garden"]), task(2, [])])
    assert rows.texts == [TEXTS[0], TEXTS[0], TEXTS[1], TEXTS[2]]
    assert rows.labels == [("bath",), ("garden",), ("bath", "garden"), None]
    assert [rows.row_number(index) for index in range(4)] == [1, 1, 2, 3]


def test_texts_of_label_studio_tasks_are_found_without_labels():
    content = "\n".join(json.dumps(task(i, ["bath"])) for i in range(9)).encode()
    rows = read_rows(content, name="rows.jsonl", labels="ignored")
    assert (rows.texts, rows.labels) == (TEXTS[:9], [None] * 9)


def test_spans_of_label_studio_are_refused():
    span = {"from_name": "part", "type": "labels", "value": {"start": 0, "end": 6, "labels": ["VERB"]}}
    with pytest.raises(DataError, match=r"an export of Label Studio without any choice .* spans"):
        json_lines([{"id": 1, "data": {"text": TEXTS[0]}, "annotations": [{"result": [span]}]}])


@pytest.mark.parametrize("key", ["label", "labels"])
def test_doccano(key):
    records = [
        {"id": 40 + i, "text": text, key: [CHOSEN[i]] if CHOSEN[i] else [], "Comments": []}
        for i, text in enumerate(TEXTS)
    ]
    rows = json_lines(records)
    assert (rows.label_column, rows.labels, rows.multi_label) == (key, CHOSEN, False)
    assert rows.file.unlabeled == {"[]": 7}
    records[0][key] = ["bath", "garden"]
    several = json_lines(records)
    assert several.labels[:2] == [("bath", "garden"), ("kitchen",)]
    assert any("1 row with several labels" in note for note in several.notes)


def test_doccano_of_the_first_versions():
    records = [
        {"id": i, "text": text, "annotations": [{"label": i % 3, "user": 1}] if CHOSEN[i] else [], "meta": {}}
        for i, text in enumerate(TEXTS)
    ]
    rows = json_lines(records)
    assert rows.labels == [str(i % 3) if label else None for i, label in enumerate(CHOSEN)]


def argilla(number, responses, statuses, question="topic", text=None):
    return {
        "id": f"rec-{number}", "status": "completed" if responses else "pending", "_server_id": f"srv-{number}",
        "message": text or TEXTS[number], f"{question}.responses": responses,
        f"{question}.responses.users": [f"user-{place}" for place in range(len(responses or ()))] or None,
        f"{question}.responses.status": statuses, f"{question}.suggestion": TOPICS[(number + 1) % 3],
        f"{question}.suggestion.score": 0.5, f"{question}.suggestion.agent": "model",
    }  # fmt: skip


def argilla_records():
    return [argilla(i, [label], ["submitted"]) if label else argilla(i, None, None) for i, label in enumerate(CHOSEN)]


def test_argilla_as_csv():
    rows = csv(argilla_records())
    assert (rows.text_column, rows.label_column, rows.labels) == ("message", "topic.responses", CHOSEN)


def test_argilla_as_json_lines():
    assert json_lines(argilla_records()).labels == CHOSEN


@pytest.mark.parametrize("question", ["label", "room_of_the_house", "is_it_about"])
def test_the_first_submitted_response_counts(question):
    records = argilla_records()
    records = [{key.replace("topic.", f"{question}."): value for key, value in record.items()} for record in records]
    for number, responses, statuses in [
        (0, ["bath", "garden"], ["draft", "submitted"]),
        (1, ["bath"], ["discarded"]),
        (2, ["kitchen", "bath"], ["submitted", "submitted"]),
    ]:
        records[number] = argilla(number, responses, statuses, question)
    for rows in (csv(records), json_lines(records)):
        assert rows.label_column == f"{question}.responses"
        assert rows.labels[:4] == ["garden", None, "kitchen", CHOSEN[3]]
        assert any("rows without a label: 1 discarded" in note for note in rows.notes)
        assert rows.file.not_counted == {"discarded": 1}


def test_argilla_with_several_labels():
    records = argilla_records()
    records[0] = argilla(0, [["bath", "garden"]], ["submitted"])
    for rows in (csv(records), json_lines(records)):
        assert rows.labels[:2] == [("bath", "garden"), ("kitchen",)]


def test_argilla_with_nested_records():
    records = [
        {
            "id": str(i), "fields": {"message": text}, "status": "completed", "metadata": {"shop": "A"},
            "suggestions": {"topic": {"value": "bath", "score": 0.1, "agent": "model"}},
            "responses": {"topic": [{"value": CHOSEN[i], "user_id": "u"}]} if CHOSEN[i] else {},
        }
        for i, text in enumerate(TEXTS)
    ]  # fmt: skip
    rows = json_lines(records)
    assert (rows.text_column, rows.texts, rows.labels) == ("fields.message", TEXTS, CHOSEN)


def test_argilla_of_the_first_versions():
    records = [
        {
            "id": str(i), "text": text, "prediction": [["bath", 0.5]], "annotation": CHOSEN[i] or "bath",
            "annotation_agent": "me", "status": "Validated" if CHOSEN[i] else "Discarded",
        }
        for i, text in enumerate(TEXTS)
    ]  # fmt: skip
    rows = json_lines(records)
    assert (rows.label_column, rows.labels) == ("annotation", CHOSEN)
    assert rows.file.sentence().endswith("without a label: 7 discarded")


def prodigy(number, answer, **more):
    return {"text": TEXTS[number], "_input_hash": 71 * number, "_task_hash": -number, "answer": answer, **more}


def test_prodigy_with_options():
    options = [{"id": name, "text": name} for name in TOPICS]
    records = [
        prodigy(i, "accept" if label else ["ignore", "reject"][i % 2], options=options, accept=[label or "bath"])
        for i, label in enumerate(CHOSEN)
    ]
    rows = json_lines(records)
    assert (rows.label_column, rows.labels) == ("accept", CHOSEN)
    assert any("4 with answer 'reject', 3 with answer 'ignore'" in note for note in rows.notes)
    assert (rows.file.unlabeled, rows.file.not_counted) == ({}, {"with answer 'reject'": 4, "with answer 'ignore'": 3})
    assert rows.file.sentence().endswith("without a label: 4 with answer 'reject', 3 with answer 'ignore'")


def test_blank_answers_and_those_that_do_not_count_are_told_apart():
    answers = ["accept", "ignore", None, "accept"]
    labels = ["bath", "bath", "garden", None]
    records = [prodigy(i, answer, label=label) for i, (answer, label) in enumerate(zip(answers, labels, strict=True))]
    rows = json_lines([*records, *(prodigy(i, "accept", label=TOPICS[i % 2]) for i in range(4, 9))])
    assert rows.labels[:4] == ["bath", None, None, None]
    assert rows.file.sentence().endswith("without a label: 1 with answer 'ignore', 2 blank")


def test_prodigy_with_several_options_and_with_none():
    options = [{"id": name, "text": name} for name in TOPICS]
    accepted = [["bath", "garden"], ["bath"], [], ["garden"]]
    rows = json_lines([prodigy(i, "accept", options=options, accept=names) for i, names in enumerate(accepted)])
    assert rows.labels == [("bath", "garden"), ("bath",), None, ("garden",)]


def test_prodigy_with_asked_labels():
    records = [prodigy(i, "accept" if i % 2 else "reject", label=TOPICS[i % 3], score=0.3) for i in range(len(TEXTS))]
    rows = json_lines(records)
    assert (rows.text_column, rows.label_column) == ("text", "label")
    assert rows.labels == [TOPICS[i % 3] if i % 2 else None for i in range(len(TEXTS))]


def test_answers_to_questions_are_no_answers_of_annotators():
    records = [
        {"question": text, "answer": f"it is in hall {i}", "label": TOPICS[i % 3]} for i, text in enumerate(TEXTS)
    ]
    rows = json_lines(records)
    assert Counter(rows.labels) == Counter(TOPICS[i % 3] for i in range(len(TEXTS)))
    assert not any("Prodigy" in note for note in rows.notes)


def test_a_column_can_be_named_in_spite_of_the_tool():
    rows = csv(argilla_records(), label_column="topic.suggestion")
    assert set(rows.labels) == set(TOPICS)
    assert rows.notes == ("an export of Argilla: 'topic.suggestion' is read as the label",)
    assert not rows.file.not_counted


def test_objects_become_columns():
    records = [{"doc": {"body": text, "n": i}, "cats": {"a": i % 2, "b": 1 - i % 2}} for i, text in enumerate(TEXTS)]
    rows = json_lines(records)
    assert (rows.text_column, rows.texts) == ("doc.body", TEXTS)
    assert rows.labels == ["a" if i % 2 else "b" for i in range(len(TEXTS))]


def read_or_refuse(content):
    """The sentence with which a file is refused, or its rows."""
    try:
        return "", read_rows(content, name="rows.jsonl")
    except DataError as error:
        return str(error), None


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(["a", "accept", "reject", "submitted", "[1]", "{"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["result", "value", "choices", "label", "user", "status", "from_name"]), inner
        )
    ),
    max_leaves=12,
)
KEYS = ("text", "label", "answer", "accept", "annotations", "data", "annotation", "prediction", "status",
        "label.responses", "label.responses.status", "responses", "fields", "annotator", "lead_time", "id")  # fmt: skip


@settings(derandomize=True, deadline=None, max_examples=300)
@given(records=st.lists(st.dictionaries(st.sampled_from(KEYS), values, min_size=1), min_size=1, max_size=4))
def test_whatever_such_columns_hold_it_is_read_or_refused(records):
    message, rows = read_or_refuse("\n".join(map(json.dumps, records)).encode())
    if rows is None:
        assert message.startswith("rows.jsonl: ")
    else:
        assert len(rows.texts) == len(rows.labels) == len(rows.row_numbers) > 0
