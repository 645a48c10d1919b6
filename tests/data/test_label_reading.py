"""Spellings of one label are joined, and values that mean "no label" are found, the same way in every file of a run."""

import math

import pytest

from ganclf.data import LabelOptions, read_rows
from ganclf.data.label_cells import read_cell
from ganclf.data.label_spelling import fold, tidy, visible_repr
from ganclf.data.labels import read_labels
from ganclf.errors import DataError


def read(values, like=None, column="label", **options):
    """Read values of a label column."""
    return read_labels(
        [read_cell(value) for value in values], column=column, options=LabelOptions(**options), like=like
    )


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, None),
        (math.nan, None),
        ("  ", None),
        (" news ", "news"),
        (3.0, "3"),
        (2.5, "2.5"),
        (True, "true"),
        (["news"], ("news",)),
        (["a", None, "", "b", "a"], ("a", "b")),
        ([1, 2.0], ("1", "2")),
        ([], ()),
        ("[]", ()),
        ("['news']", ("news",)),
        ('["a", "b"]', ("a", "b")),
        ("('a', 'b')", ("a", "b")),
        ("{'a'}", ("a",)),
        ("['a' 'b']", ("a", "b")),
        ("['it\\'s']", ("it's",)),
        ({"choices": ["a", "b"]}, ("a", "b")),
        ('{"choices": ["a"]}', ("a",)),
        ('[{"rating": 3}]', ("3",)),
        ('[{"choices": ["a", "b"]}]', ("a", "b")),
        ('[{"start": 0, "labels": ["PER"]}]', '[{"start": 0, "labels": ["PER"]}]'),
        ("__label__news", "news"),
        ("__label__a __label__b", ("a", "b")),
        ("[urgent]", "[urgent]"),
        ("()", "()"),
        ("(b)", "(b)"),
        ("{}", "{}"),
        ("[[1, 2]]", "[[1, 2]]"),
        ("[" * 5_000 + "]" * 5_000, "[" * 5_000 + "]" * 5_000),
    ],
)
def test_a_cell_holds_a_label_several_or_none(value, cell):
    assert read_cell(value) == cell


@pytest.mark.parametrize("value", [{"x": 1}, [[1, 4, "PER"]], [{"a": 1}], object()])
def test_spans_and_objects_are_no_labels(value):
    with pytest.raises(TypeError):
        read_cell(value)


@pytest.mark.parametrize(
    "labels", [["a", "b", "a"], ["0", "1", "2"], ["退款", "物流"], ["007", "7", "1_0"], ["a b", "a-b"]]
)
def test_ordinary_labels_stay_without_a_note(labels):
    found = read(labels)
    assert found.labels == labels
    assert (found.notes, found.multi_label, found.unlabeled) == ((), False, {})


def test_spellings_are_joined_with_the_most_frequent_one_and_a_note_lists_them():
    found = read(
        [
            "Refund",
            "refund",
            "refund",
            "REFUND ",
            "re\u200bfund",
            "ｒｅｆｕｎｄ",
            "New  order",
            "New\u00a0order",
            "new order",
        ]
    )
    assert found.labels == ["refund"] * 6 + ["New order"] * 3
    (note,) = found.notes
    for spelling in ("'Refund'", "'REFUND'", "'re\\u200bfund'", "'ｒｅｆｕｎｄ'", "'New\\xa0order'", "'new order'"):
        assert spelling in note
    assert "as 'refund'" in note
    assert "--keep-label-spelling" in note


def test_of_spellings_that_are_equally_frequent_the_first_is_kept():
    assert read(["Yes", "yes", "no", "No"]).labels == ["Yes", "Yes", "no", "no"]


def test_composed_and_decomposed_characters_are_one():
    assert read(["Caf\u00e9", "Cafe\u0301"]).labels == ["Caf\u00e9"] * 2


@pytest.mark.parametrize(
    "pair", [("Maße", "Masse"), ("résumé", "resume"), ("ı", "i"), ("C", "C++"), ("m²", "m2"), ("①", "1")]
)
def test_what_differs_by_more_than_its_spelling_stays_apart(pair):
    assert read(pair).labels == list(pair)


def test_every_spelling_can_be_kept():
    labels = ["Refund", "refund", "1.0", "1"]
    found = read(labels, keep_spelling=True)
    assert (found.labels, found.notes) == (labels, ())


def test_numbers_are_compared_by_value():
    found = read(["1.0", "1", "2.0", "", "+3", "-0", "2.5"])
    assert found.labels == ["1", "1", "2", None, "3", "0", "2.5"]
    assert "'1.0' as '1'" in found.notes[0]


def test_spellings_of_a_number_are_joined_among_names_too():
    assert read(["1", "1", "1.0", "two", "2.0"]).labels == ["1", "1", "1", "two", "2.0"]


@pytest.mark.parametrize("labels", [["1.0", "beta"], ["1.0", "007"], ["1_0", "10"]])
def test_numbers_among_names_are_names(labels):
    assert read(labels).labels == labels


def test_fractions_are_not_joined():
    assert read(["1.1", "1.10", "0.5"]).labels == ["1.1", "1.10", "0.5"]


def test_later_files_are_read_like_the_first():
    first = read(["1.0", "2.0", "3.0", "-1.0"])
    later = read(["1", "2", "-1", "4.0"], like=first.reading)
    assert first.labels == ["1", "2", "3", None]
    assert later.labels == ["1", "2", None, "4"]
    spelled = read([True, False, False])
    assert read(["False", "TRUE", "True"], like=spelled.reading).labels == ["false", "true", "true"]


def test_a_first_file_without_labels_decides_nothing():
    assert read(["1.0", "2.0"], like=read(["", ""]).reading).labels == ["1", "2"]


@pytest.mark.parametrize(
    ("labels", "value"),
    [
        (["0", "1", "2", "-1", "-1"], "-1"),
        ([0, 1, 2, -1], "-1"),
        (["0.0", "1.0", "2.0", "-1.0"], "-1.0"),
        (["news", "sport", "-1"], "-1"),
        (["0", "1", "-1", "-1", "-1"], "-1"),
        (["0", "1", "2", "-100"], "-100"),
        (["a", "b", "UNK_UNK"], "UNK_UNK"),
        (["a", "b", "unk"], "unk"),
        (["a", "b", "nan"], "nan"),
        (["a", "b", "\\N"], "\\N"),
        (["a", "b", "unlabeled"], "unlabeled"),
        (["物流", "退款", "未标注"], "未标注"),
        ([["a"], ["b"], []], "[]"),
        (["['a']", "['b']", "[]"], "[]"),
        (["1", "2", "NA", "NA", "NA"], "NA"),
    ],
)
def test_values_that_mean_no_label_are_named_with_the_option_that_undoes_it(labels, value):
    found = read(labels)
    count = found.labels.count(None)
    assert found.unlabeled == {value: count}
    assert f"read as no label: {value!r} ({count} row" in found.notes[0]
    assert "--no-label-values" in found.notes[0]
    assert None not in read(labels, no_label_values=("",)).labels


@pytest.mark.parametrize("value", ["NA", "None", "null", "N/A", "none", "unknown"])
def test_what_may_be_a_class_stays_one(value):
    labels = ["a", "b", value, value, value]
    assert read(labels).labels == labels


@pytest.mark.parametrize(
    ("labels", "column"),
    [(["-1", "1", "1"], "label"), (["-1", "0", "1", "1"], "label"), (["-1", "-1", "-1", "0", "1"], "sentiment"),
     (["-2", "-1", "0", "1", "2"], "label")],
)  # fmt: skip
def test_minus_one_is_a_class_among_opinions(labels, column):
    assert read(labels, column=column).labels == labels


def test_where_minus_one_may_be_either_a_note_says_how_it_was_read():
    (note,) = read(["-1", "0", "1", "1"]).notes
    assert "--no-label-values -1" in note
    assert read(["-1", "0", "1", "1"], no_label_values=("-1",)).labels == [None, "0", "1", "1"]


def test_named_values_are_the_only_ones_without_a_label():
    found = read(["todo", "a", "b", "Todo", "UNK", ""], no_label_values=("TODO",))
    assert found.labels == [None, "a", "b", None, "UNK", None]


def test_rows_with_several_labels_are_found_and_said():
    found = read([["b", "a"], ["a"], [], ["A", "a"]])
    assert found.labels == [("a", "b"), ("a",), None, ("a",)]
    assert found.multi_label
    assert any("1 row with several labels" in note or "2 rows with several labels" in note for note in found.notes)


@pytest.mark.parametrize(
    ("cells", "mark"), [(["a|b", "b"], "|"), (["a; b", "b"], ";"), (["a, b", "b"], ","), (["a#b", "b"], "#")]
)
def test_labels_in_one_cell_are_separated_where_that_is_asked_for(cells, mark):
    found = read(cells, kind="multi")
    assert found.labels == [("a", "b"), ("b",)]
    assert f"separated by {mark!r}" in found.notes[0]
    assert read(cells).labels == cells
    assert read([cells[0], "c"], like=found.reading, kind="multi").labels == [("a", "b"), ("c",)]


def test_cells_that_look_like_several_labels_are_named():
    (note,) = read(["bad", "good", "bad|good"]).notes
    assert "label 'bad|good' is read as a class of its own; if it stands for several labels: --labels multi" in note
    assert read(["bad", "good", "bad|new", "R&D; IT"]).notes == ()


@pytest.mark.parametrize("kind", ["auto", "multi"])
def test_labels_in_one_cell_of_a_later_file_are_those_of_the_first(kind):
    first = read([["a", "b"], ["c, d"], ["e|f"]], kind=kind)
    later = read(["b|A", "a;b", "c, d", "e|f", "e|f", "x"], like=first.reading, kind=kind)
    assert later.labels[2:] == [("c, d",), ("e|f",), ("e|f",), ("x",)]
    assert later.labels[0] == ("a", "b")
    if kind == "auto":
        assert later.labels[1] == ("a", "b")
        assert read(["a|unheard"], like=first.reading).labels == ["a|unheard"]


def test_several_labels_are_refused_where_one_is_asked_for():
    with pytest.raises(DataError, match=r"several labels: 'a', 'b'\. Train with --labels multi"):
        read([["a"], ["a", "b"]], kind="single")
    with pytest.raises(DataError, match=r"^rows\.jsonl: a row has several labels"):
        read_rows(
            b'{"text": "one", "label": ["a", "b"]}\n', name="rows.jsonl", label_options=LabelOptions(kind="single")
        )


def test_labels_of_one_can_be_read_as_sets():
    found = read(["a", "b", ""], kind="multi")
    assert (found.labels, found.multi_label) == ([("a",), ("b",), None], True)


@pytest.mark.parametrize(
    ("label", "folded"),
    [("Ａｂｃ", "abc"), ("ｶﾞ", "ガ"), ("İade", "iade"), ("نمی\u200cخواهم", "نمیخواهم"), ("ΛΟΓΟΣ", "λογος")],
)
def test_folding_joins_case_and_width(label, folded):
    assert fold(tidy(label)) == folded


def test_what_can_not_be_seen_is_written_by_its_code():
    assert visible_repr("a\u200bb\u3000c d") == "'a\\u200bb\\u3000c d'"
