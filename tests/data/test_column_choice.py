"""Texts are what reads like language; labels are ranked by name and content, and two of one rank are not guessed."""

import csv
import io
import json

import pytest

from ganclf.config import DataConfig
from ganclf.data import LabelOptions, choose_columns, load_training_data, read_rows, read_table, text_columns
from ganclf.data.column_names import LabelRank, label_rank, text_weight
from ganclf.data.column_profiles import LANGUAGE, count_words, kind_of
from ganclf.errors import AmbiguousColumnError, DataError, DuplicateColumnError

SENTENCES = [f"{who} {what} on day {day}" for day, (who, what) in enumerate(
    (who, what) for who in ("my aunt", "our driver", "the lady next door", "a colleague", "his old teacher")
    for what in ("lost the key of the shed", "asked for a new bill", "could not open the door", "was very friendly",
                 "came two hours late", "sang in the kitchen")
)]  # fmt: skip
CHINESE = [f"{who}{what}第{day}天" for day, (who, what) in enumerate(
    (who, what) for who in ("我的朋友", "邻居", "老师", "司机", "同事", "顾客")
    for what in ("没有收到包裹", "想要退款", "忘记了密码", "非常满意服务", "询问发货时间")
)]  # fmt: skip
UUIDS = [f"{1234567 * n:08x}-0000-4000-8000-{n:012x}" for n in range(1, 31)]
TIMES = [f"2023-0{n % 9 + 1}-1{n % 10}T1{n % 10}:15:00+01:00" for n in range(30)]
ROOMS = [("hall", "attic", "cellar")[n % 3] for n in range(30)]


def table(columns):
    """A CSV with these columns."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return file.getvalue().encode()


def chosen(columns, **options):
    rows = read_rows(table(columns), **options)
    return rows.text_column, rows.label_column


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("6f0c1d2e-0000-4000-8000-0000000000ff", "UUIDs"),
        ("https://shop.example/a?b=1", "web addresses"),
        ("ann.lee@mail.example", "e-mail addresses"),
        ("10.0.0.7", "IP addresses"),
        ("2023-11-05T08:00:00.123Z", "times"),
        ("05.11.2023 08:15", "times"),
        ("5 Nov 2023", "times"),
        ("2023年11月5日", "times"),
        ("08:15", "times"),
        ("1,024", "numbers"),
        ("-3", "numbers"),
        ("0.75", "numbers with a fraction"),
        ("€ 20", "amounts"),
        ("+44 20 7946 0000", "phone numbers"),
        ("d41d8cd98f00b204e9800998ecf8427e", "hashes"),
        ("report_final.pdf", "file names"),
        ("/srv/mail/7.eml", "file names"),
        ("ORD-2023-7", "codes"),
        ("refund", LANGUAGE),
        ("退款", LANGUAGE),
        ("2023-11-05 08:15 the door was open", LANGUAGE),
        ("see https://shop.example for more", LANGUAGE),
        ("order 66 was late", LANGUAGE),
        ("...", ""),
    ],
)
def test_a_value_has_a_kind(value, kind):
    assert kind_of(value) == kind


@pytest.mark.parametrize(("value", "words"), [("two words", 2), ("四个汉字", 2), ("", 0), ("ok 好的", 2)])
def test_words_are_counted_in_every_script(value, words):
    assert count_words(value) == words


@pytest.mark.parametrize(
    ("names", "rank"),
    [
        (["label", "Labels", "标签", "ラベル", "gold_label"], LabelRank.SURE),
        (["category", "Topic", "sentiment", "stars", "类别", "choice", "Kategorie"], LabelRank.USUAL),
        (["Issue Type", "ticketCategory", "处理部门", "fine_label", "class_name"], LabelRank.PART),
        (["v1", "column 2", "foo"], LabelRank.PLAIN),
        (["language", "source", "Summary"], LabelRank.WEAK),
        (["id", "annotator", "annotation_id", "created_at", "updatedAt", "status", "lead_time", "_hash", "word_count",
          "提交时间", "编号", "label_confidence", "predicted_label", "split"], LabelRank.NEVER),
    ],
)  # fmt: skip
def test_names_are_ranked(names, rank):
    assert [label_rank(name) for name in names] == [rank] * len(names)


def test_names_speak_for_texts_or_against():
    assert text_weight("客户留言") == text_weight("customer message") > text_weight("foo") > text_weight("issue_type")


@pytest.mark.parametrize("texts", [SENTENCES, CHINESE])
@pytest.mark.parametrize("names", [("a", "b", "c", "d"), ("编号", "提交时间", "客户留言", "处理部门")])
def test_the_text_is_language_though_other_columns_are_longer(texts, names):
    columns = dict(zip(names, (UUIDS, TIMES, texts, ROOMS), strict=True))
    rows = read_rows(table(columns))
    assert (rows.text_column, rows.label_column) == (names[2], names[3])
    assert (rows.texts, rows.labels) == (texts, ROOMS)
    assert choose_columns(read_table(table(columns)), labels="ignored").text == (names[2],)


@pytest.mark.parametrize("values", [UUIDS, TIMES, [str(n * 977) for n in range(30)], ["https://a.example/x"] * 30])
def test_content_may_speak_against_a_usual_name(values):
    rows = read_rows(table({"message": values, "words": SENTENCES, "label": ROOMS}))
    assert rows.text_column == "words"
    assert rows.notes[0].startswith("column 'message' holds ")
    assert chosen({"words": SENTENCES, "text": SENTENCES, "label": UUIDS, "topic": ROOMS}) == ("text", "topic")


def test_texts_that_are_no_language_are_texts_where_nothing_else_is():
    assert chosen({"text": UUIDS, "label": ROOMS}) == ("text", "label")
    assert chosen({"url": [f"https://a.example/{n}" for n in range(30)], "label": ROOMS}) == ("url", "label")
    assert chosen({"body": ["a1", "a2", "b1"], "kind": ["x", "y", "x"]}) == ("body", "kind")
    assert chosen({"message": UUIDS, "customer": ["Smith", "Lee", "Okoro"] * 10, "label": ROOMS}) == (
        "message",
        "label",
    )
    assert chosen({"text": ["😀", "?!", "😢"] * 10, "team": ROOMS}) == ("text", "team")


def test_a_usual_name_with_a_few_words_gives_way_to_texts():
    columns = {"subject": ["math", "music", "sports"] * 10, "essay": SENTENCES}
    assert chosen(columns) == ("essay", "subject")


def test_a_column_that_is_mostly_blank_is_not_the_text():
    columns = {"comment": ["see above", *[""] * 29], "body": SENTENCES, "label": ROOMS}
    assert chosen(columns)[0] == "body"


@pytest.mark.parametrize(
    "name", ["annotator", "status", "lang", "created_at", "score", "n_words", "_view", "guess", "rater2"]
)
def test_columns_beside_the_label_are_no_labels(name):
    beside = ["0.5", "0.75"] * 15 if name == "score" else ["x", "y"] * 15
    assert chosen({"text": SENTENCES, name: beside, "room": ROOMS}) == ("text", "room")


@pytest.mark.parametrize("name", ["annotator", "status", "created_at", "record_id"])
def test_what_is_never_a_label_is_not_taken_even_alone(name):
    with pytest.raises(DataError, match="no column 'label'"):
        read_rows(table({"text": SENTENCES, name: ["x", "y"] * 15}), labels="required")
    assert chosen({"text": SENTENCES, name: ["x", "y"] * 15}, label_column=name) == ("text", name)


def test_languages_are_labels_where_nothing_else_is():
    assert chosen({"text": SENTENCES, "language": ["en", "de"] * 15}) == ("text", "language")


@pytest.mark.parametrize(
    "names", [("topic", "sentiment"), ("coarse_label", "fine_label"), ("room", "floor"), ("类别", "主题")]
)
def test_two_columns_within_reach_are_named_and_not_guessed(names):
    columns = {"text": SENTENCES, names[0]: ROOMS, names[1]: ["up", "down"] * 15}
    with pytest.raises(AmbiguousColumnError) as caught:
        read_rows(table(columns))
    assert f"each of the columns {names[0]!r}, {names[1]!r} may be the label" in str(caught.value)
    assert "Name one with --label-column" in str(caught.value)
    assert caught.value.names == names
    assert chosen(columns, label_column=names[1]) == ("text", names[1])
    assert chosen(columns, labels="ignored") == ("text", None)


def test_a_better_name_wins_with_a_note():
    rows = read_rows(table({"text": SENTENCES, "category": ROOMS, "label": ["up", "down"] * 15}))
    assert rows.label_column == "label"
    assert rows.notes == ("column 'label' is read as the label, not 'category'; name another with --label-column",)


@pytest.mark.parametrize("names", [("label", "label_desc"), ("class_id", "class_name"), ("category", "category_zh")])
def test_of_two_columns_that_say_the_same_the_readable_one_is_taken(names):
    numbers = {"hall": "101", "attic": "102", "cellar": "103"}
    columns = {"text": SENTENCES, names[0]: [numbers[room] for room in ROOMS], names[1]: ROOMS}
    rows = read_rows(table(columns))
    assert (rows.label_column, rows.labels) == (names[1], ROOMS)
    assert any("say the same" in note for note in rows.notes)


def test_a_test_file_may_have_only_the_other_column_of_two_that_say_the_same(tmp_path):
    numbers = [{"hall": "1", "attic": "2", "cellar": "3"}[room] for room in ROOMS]
    (tmp_path / "train.csv").write_bytes(table({"text": SENTENCES, "label": numbers, "label_text": ROOMS}))
    (tmp_path / "test.csv").write_bytes(table({"text": CHINESE, "label": numbers}))
    config = DataConfig(data=(tmp_path / "train.csv",), test=tmp_path / "test.csv")
    data = load_training_data(config, 0, lambda note: None)
    assert data.test_labels == ROOMS


def one_hot(rows, classes=("hall", "attic", "cellar")):
    return {name: ["1" if name in row else "0" for row in rows] for name in classes}


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("1.0", "0.0"), ("True", "False")])
def test_one_column_per_class(yes, no):
    columns = {
        name: [yes if value == "1" else no for value in values]
        for name, values in one_hot([[room] for room in ROOMS]).items()
    }
    rows = read_rows(table({"id": [*range(30)], "text": SENTENCES, **columns}))
    assert (rows.text_column, rows.label_column, rows.multi_label) == ("text", "label", False)
    assert rows.labels == ROOMS
    assert rows.file.label_columns == ("hall", "attic", "cellar")


def test_rows_of_zeros_have_no_label_and_several_ones_are_several_labels():
    sets = [["hall"], [], ["hall", "attic"], ["cellar"], ["attic"]] * 6
    rows = read_rows(table({"text": SENTENCES, **one_hot(sets)}))
    assert rows.multi_label
    assert rows.labels[:4] == [("hall",), None, ("attic", "hall"), ("cellar",)]
    assert any("rows without a 1" in note and note.endswith(": 6") for note in rows.notes)
    assert any("6 rows with several labels" in note for note in rows.notes)


def test_names_of_one_hot_columns_are_those_of_classes():
    columns = one_hot([[("price", "food", "service")[n % 3]] for n in range(30)], ("food", "price", "service"))
    assert read_rows(table({"text": SENTENCES, **columns})).labels[:2] == ["price", "food"]


def test_two_flags_are_not_taken_for_classes_unless_that_is_said():
    content = table({"text": SENTENCES, "urgent": ["1", "0"] * 15, "new": ["1", "1", "0"] * 10})
    with pytest.raises(AmbiguousColumnError, match="If each of them is a class: --labels multi"):
        read_rows(content)
    rows = read_rows(content, label_options=LabelOptions(kind="multi"))
    assert rows.labels[:3] == [("new", "urgent"), ("new",), ("urgent",)]


def test_one_hot_columns_of_the_training_file_are_those_of_the_test_file(tmp_path):
    sets = [[room] for room in ROOMS]
    (tmp_path / "train.csv").write_bytes(table({"text": SENTENCES, **one_hot(sets)}))
    (tmp_path / "test.csv").write_bytes(table({"text": CHINESE, **one_hot(sets)}))
    config = DataConfig(data=(tmp_path / "train.csv",), test=tmp_path / "test.csv")
    assert load_training_data(config, 0, lambda note: None).test_labels == ROOMS


def test_double_names_are_refused_only_where_they_are_asked_for():
    head = b"key,Issue Type,Summary,Comment,Comment\n"
    body = "".join(f"K-{n},{room},{text},a,b\n" for n, (room, text) in enumerate(zip(ROOMS, SENTENCES, strict=True)))
    rows = read_rows(head + body.encode())
    assert (rows.text_column, rows.label_column) == ("Summary", "Issue Type")
    for option in ("text_column", "label_column"):
        with pytest.raises(DuplicateColumnError, match="'Comment' is there more than once"):
            read_rows(head + body.encode(), **{option: "Comment"})


def test_several_text_columns_are_joined_without_blank_parts():
    content = table({"title": ["Door", "", "Key"], "body": ["It creaks.", "Too late.", " "], "label": ["a", "b", "a"]})
    rows = read_rows(content, text_column=["title", "body"])
    assert rows.texts == ["Door\nIt creaks.", "Too late.", "Key"]
    assert (rows.text_column, rows.label_column) == ("title + body", "label")
    assert text_columns(read_table(content), ("body", "title")) == ["It creaks.\nDoor", "Too late.", "Key"]


def test_joined_texts_of_another_file_are_read_from_the_column_that_has_them(tmp_path):
    (tmp_path / "train.csv").write_bytes(table({"title": SENTENCES, "body": CHINESE, "label": ROOMS}))
    (tmp_path / "more.csv").write_bytes(table({"title + body": ["one\ntwo"] * 3, "label": ["hall"] * 3}))
    (tmp_path / "test.csv").write_bytes(table({"body": CHINESE, "title": CHINESE, "label": ROOMS}))
    config = DataConfig(
        data=(tmp_path / "train.csv", tmp_path / "more.csv"), test=tmp_path / "test.csv", text_column=("title", "body")
    )
    data = load_training_data(config, 0, lambda note: None)
    assert data.texts[0] == f"{SENTENCES[0]}\n{CHINESE[0]}"
    assert data.texts[-1] == "one\ntwo"
    assert data.test_texts[0] == f"{CHINESE[0]}\n{CHINESE[0]}"
    assert data.text_columns == ("title", "body")


def test_a_text_column_that_is_not_there_is_refused_among_several():
    with pytest.raises(DataError, match="no column 'lead'"):
        read_rows(table({"title": SENTENCES, "label": ROOMS}), text_column=("title", "lead"))


def test_a_wide_file_with_a_text_and_a_label_gives_no_notes():
    columns = {f"feature_{n}": [str((row * n) % 7 / 8) for row in range(30)] for n in range(40)}
    assert read_rows(table({"text": SENTENCES, "label": ROOMS} | columns)).notes == ()


@pytest.mark.parametrize("labels", [ROOMS, [str(n % 3) for n in range(30)], [*ROOMS[:9], *[""] * 21]])
@pytest.mark.parametrize("header", [("text", "label"), ("label", "text"), ("sentence", "class"), ("内容", "标签")])
def test_an_ordinary_file_gives_no_note_and_its_labels_as_they_are(header, labels):
    texts = SENTENCES if header[0].isascii() else CHINESE
    columns = dict.fromkeys(header)
    text, label = sorted(header, key=lambda name: name in ("label", "class", "标签"))
    columns[text], columns[label] = texts, labels
    rows = read_rows(table(columns))
    assert (rows.texts, rows.labels) == (texts, [label or None for label in labels])
    assert rows.notes == ()


def test_objects_in_a_column_do_not_hinder_the_choice():
    lines = [{"meta": {"n": n}, "tags": [], "text": text, "label": ROOMS[n]} for n, text in enumerate(SENTENCES)]
    rows = read_rows("\n".join(map(json.dumps, lines)).encode(), name="rows.jsonl")
    assert (rows.text_column, rows.label_column, rows.labels) == ("text", "label", ROOMS)
