"""What can't be learned from is refused; what spoils a report gives a warning."""

import json
from dataclasses import replace

import pytest

from ganclf.data import Contradiction, Rows, check_rows
from ganclf.errors import DataError


def rows_of(*pairs, source="train.csv", label_column="label"):
    """Rows of (text, label) pairs."""
    texts, labels = zip(*pairs, strict=True)
    return Rows(texts=list(texts), labels=list(labels), source=source, label_column=label_column)


CLEAN = rows_of(("one", "a"), ("two", "b"), ("three", "a"), ("four", "b"), ("five", None))


def test_clean_rows_give_counts_and_no_warning():
    test = rows_of(("six", "a"), ("seventy", "b"))
    summary = check_rows(CLEAN, rows_of(("eight", None), ("nine", None)), test)
    assert summary.warnings == ()
    assert (summary.rows, summary.labeled, summary.unlabeled) == (5, {"a": 2, "b": 2}, 3)
    assert (summary.test_rows, summary.test_labeled, summary.longest_text) == (2, 2, 7)


def test_unlabeled_and_test_files_may_be_left_out():
    summary = check_rows(CLEAN, None, None)
    assert (summary.unlabeled, summary.test_rows, summary.warnings) == (1, 0, ())


def test_labels_of_the_unlabeled_file_do_not_count():
    assert check_rows(CLEAN, rows_of(("six", "c"))).labeled == {"a": 2, "b": 2}


def test_empty_texts_are_counted_and_warned_of_where_labeled():
    train = rows_of((" ", "a"), ("", None), ("one", "a"), ("two", "b"), ("three", "b"))
    summary = check_rows(train, rows_of(("\n", None)))
    assert (summary.empty_texts, summary.empty_labeled_texts, summary.duplicate_texts) == (3, 1, 0)
    assert "labeled rows with an empty text: 1." in summary.warnings[0]


def test_duplicates_are_counted_over_both_files_after_stripping():
    train = rows_of(("one", "a"), (" one ", None), ("two", "b"))
    assert check_rows(train, rows_of(("two\n", None), ("three", None))).duplicate_texts == 2


def test_contradictions_are_counted_once_a_text_and_shown_with_rows():
    pairs = [(f"text {number}", label) for label in "abc" for number in range(5)]
    summary = check_rows(rows_of(*pairs, ("", "a"), ("", "b")))
    assert summary.contradictions == 5
    assert summary.examples == tuple(Contradiction(2 + place, "a", 7 + place, "b") for place in range(3))
    assert "more than one label: 5 (row 2 'a' and row 7 'b'; row 3" in summary.warnings[1]


def test_the_same_text_with_the_same_label_is_no_contradiction():
    assert check_rows(rows_of(("one", "a"), ("one", "a"), ("one", None), ("two", "b"))).contradictions == 0


def test_rows_are_named_by_their_numbers_in_the_file():
    train = replace(rows_of(("one", "a"), ("one", "b")), row_numbers=[10, 20])
    assert check_rows(train).examples == (Contradiction(10, "a", 20, "b"),)


def test_test_texts_in_training_are_counted_apart():
    further = rows_of(("six", None), ("one", None))
    test = rows_of((" one", "a"), ("two", "b"), ("five", "a"), ("six", "b"), ("seven", "a"), ("", "b"))
    summary = check_rows(CLEAN, further, test)
    assert (summary.test_texts_among_labeled, summary.test_texts_among_unlabeled) == (2, 2)
    assert "test texts that have a label in training: 2 of 6" in summary.warnings[0]
    assert "without a label: 2 of 6" in summary.warnings[1]


def test_unknown_and_missing_test_labels_are_warned_of():
    summary = check_rows(CLEAN, None, rows_of(("x", "A"), ("y", "A"), ("z", "b"), ("w", None)))
    assert summary.unknown_test_labels == {"A": 2}
    assert "test labels that training does not have: 'A' (2 rows)." in summary.warnings[0]
    assert "test rows without a label: 1." in summary.warnings[1]


def test_classes_with_one_label_are_warned_of():
    train = rows_of(*((f"text {name}", name) for name in "abcdefg"))
    assert "'a', 'b', 'c', 'd', 'e' and 2 more" in check_rows(train).warnings[0]


def test_rows_with_several_labels_count_for_each_class():
    pairs = [("one", ("a", "b")), ("two", ("b",)), ("three", None), ("one", ("a",)), ("two", ("b",))]
    train = replace(rows_of(*pairs), multi_label=True)
    summary = check_rows(train, None, replace(rows_of(("six", ("b", "c"))), multi_label=True))
    assert (summary.labeled, summary.labeled_rows, summary.unlabeled) == ({"a": 2, "b": 3}, 4, 1)
    assert summary.multi_label
    assert summary.examples == (Contradiction(2, "a, b", 5, "a"),)
    assert summary.unknown_test_labels == {"c": 1}
    assert ("labeled", "4") in summary.table()
    assert "texts whose rows have different labels: 1 (row 2 'a, b'" in summary.warnings[0]


def test_json_holds_counts_and_no_text_or_example():
    train = rows_of(("secret one", "a"), ("secret one", "b"))
    summary = check_rows(train, None, rows_of(("secret one", "a")))
    written = json.dumps(summary.to_json())
    assert "secret" not in written
    assert "examples" not in written
    assert json.loads(written)["contradictions"] == 1


def test_the_table_shows_every_class():
    table = check_rows(CLEAN).table()
    assert ("training rows", "5") in table
    assert ("  a", "2") in table
    assert all(isinstance(what, str) and isinstance(value, str) for what, value in table)


@pytest.mark.parametrize(
    ("train", "sentence"),
    [
        (rows_of(("one", None)), r"train\.csv: column 'label' has no label in any of 1 rows\. Label a few rows"),
        (rows_of(("one", None), label_column=None), r"train\.csv: no column with labels was found\. Name it with"),
        (rows_of(("one", "a"), ("two", None)), r"train\.csv: every label is 'a'; .* Label rows of another class\."),
        (
            rows_of(*((f"t{i}", f"l{i}") for i in range(10_001))),
            r"10,001 different labels in column 'label'.*wrong column.*--label-column, or allow .* --max-classes",
        ),
    ],
)
def test_what_can_not_be_learned_from_is_refused(train, sentence):
    with pytest.raises(DataError, match=sentence):
        check_rows(train)


@pytest.mark.parametrize(("classes", "warned"), [(1_000, False), (1_001, True), (10_000, True)])
def test_many_classes_are_allowed_with_a_word_of_caution(classes, warned):
    summary = check_rows(rows_of(*((f"t{i}", f"l{i // 2}") for i in range(2 * classes))))
    assert len(summary.labeled) == classes
    assert any(warning.startswith(f"{classes:,} classes: ") for warning in summary.warnings) is warned
    assert len(summary.table()) < 60


def test_the_bound_on_classes_can_be_set():
    with pytest.raises(DataError, match="3 different labels in column 'label', more than 2"):
        check_rows(rows_of(("one", "a"), ("two", "b"), ("three", "c")), max_classes=2)


@pytest.mark.parametrize("name", ["NA", "None", "null", "unknown", "未知"])
def test_one_class_that_may_mean_no_label_is_warned_of_where_most_rows_have_it(name):
    few = [("one", "a"), ("two", "b"), ("three", "a"), ("four", "b")]
    many = [(f"text {number}", name) for number in range(5)]
    (warning,) = check_rows(rows_of(*few, *many)).warnings
    assert f"most labels are {name!r}: 5 of 9" in warning
    assert f"--no-label-values {name}" in warning
    assert check_rows(rows_of(*few, *many[:3])).warnings == ()


@pytest.mark.parametrize("label_column", ["label", None])
def test_a_test_file_without_labels_is_refused(label_column):
    with pytest.raises(DataError, match=r"test\.csv: .*leave out --test\."):
        check_rows(CLEAN, None, rows_of(("six", None), source="test.csv", label_column=label_column))
