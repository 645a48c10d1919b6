"""Columns are found as named, by usual names, or by content."""

import pytest

from ganclf.data import read_rows
from ganclf.errors import DataError


def rows_of(tmp_path, *lines, **options):
    """Read a CSV of these lines."""
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_rows(path, **options)


def columns_of(rows):
    return rows.text_column, rows.label_column


def guessable(label_values):
    """A table without usual names: a number, a long text, and the values given."""
    return ["nr,words,kind", *(f"{1000 + i},text {i} of some length,{value}" for i, value in enumerate(label_values))]


@pytest.mark.parametrize(
    "text", ["text", "Sentence", "CONTENT", "message", "review", "title", "headline", "文本", "内容", "标题", "评论"]
)
@pytest.mark.parametrize("label", ["label", "Class", "category", "TOPIC", "target", "intent", "标签", "类别", "分类"])
def test_usual_names_are_found_without_a_note(tmp_path, text, label):
    rows = rows_of(tmp_path, f"a longer name,{label},{text}", "much longer than the text,x,short")
    assert columns_of(rows) == (text, label)
    assert rows.notes == ()


def test_named_columns_win(tmp_path):
    rows = rows_of(tmp_path, "text,label,a,b", "1,2,3,4", text_column="a", label_column="b")
    assert (rows.texts, rows.labels, rows.notes) == (["3"], ["4"], ())


def test_several_usual_names_give_a_note(tmp_path):
    rows = rows_of(tmp_path, "title,content,topic,label", "a,b,c,d")
    assert columns_of(rows) == ("content", "label")
    assert rows.notes == (
        "column 'content' is read as the text, not 'title'; name another with --text-column",
        "column 'label' is read as the label, not 'topic'; name another with --label-column",
    )


def test_the_longest_text_and_few_values_are_found_with_notes(tmp_path):
    rows = rows_of(tmp_path, *guessable("abcabcabc"))
    assert columns_of(rows) == ("words", "kind")
    assert "column 'words' is read as the text" in rows.notes[0]
    assert "column 'kind' is read as the label, with 3 different values" in rows.notes[1]


def test_few_labels_among_many_rows_are_found(tmp_path):
    rows = rows_of(tmp_path, *guessable([*"ababab", *[""] * 100]))
    assert rows.label_column == "kind"
    assert rows.labels.count(None) == 100


def test_long_numbers_are_no_text(tmp_path):
    rows = rows_of(tmp_path, "id,words", "123456789012345,short", "223456789012345,words")
    assert rows.text_column == "words"


def test_a_column_of_different_values_is_no_label(tmp_path):
    assert rows_of(tmp_path, *guessable("abcdefghi")).label_column is None


def test_a_column_of_one_value_is_no_label(tmp_path):
    assert rows_of(tmp_path, *guessable("aaaaaaaaa")).label_column is None


def test_a_column_of_lists_is_no_label(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a", "tags": ["x"]}\n')
    assert read_rows(path).label_column is None


def test_a_single_column_is_texts_only(tmp_path):
    rows = rows_of(tmp_path, "whatever", "one", "two")
    assert (rows.texts, rows.labels, rows.text_column) == (["one", "two"], [None, None], "whatever")
    assert len(rows.notes) == 1


def test_a_single_column_of_numbers_is_texts_too(tmp_path):
    assert rows_of(tmp_path, "whatever", "1", "2").texts == ["1", "2"]


def test_the_named_label_is_never_the_text(tmp_path):
    rows = rows_of(tmp_path, "text,other", "a much longer label,b", label_column="text")
    assert columns_of(rows) == ("other", "text")


def test_a_text_beside_a_label_is_found_however_short(tmp_path):
    assert columns_of(rows_of(tmp_path, "label,x", "a long label,b")) == ("x", "label")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"label_column": "label"}, "no column 'label'; found ['text', 'number']. Name it with --label-column."),
        ({"labels": "required"}, "no column 'label'; found ['text', 'number']. Name it with --label-column."),
        ({"text_column": "Text"}, "no column 'Text'; found ['text', 'number']. Name it with --text-column."),
        ({"text_column": "text", "label_column": "text"}, "column 'text' can't be both text and label."),
    ],
)
def test_a_column_that_is_not_there_is_refused(tmp_path, options, sentence):
    with pytest.raises(DataError) as caught:
        rows_of(tmp_path, "text,number", "one,1", "two,2", "three,3", **options)
    assert str(caught.value).startswith(f"{tmp_path / 'rows.csv'}: {sentence}")


def test_labels_can_not_be_the_only_column(tmp_path):
    with pytest.raises(DataError, match=r"no column 'text'; found \['label'\]"):
        rows_of(tmp_path, "label", "a", label_column="label")


def test_a_single_column_has_no_required_labels(tmp_path):
    with pytest.raises(DataError, match=r"no column 'label'; found \['text'\]"):
        rows_of(tmp_path, "text", "one", labels="required")


def test_the_wrong_separator_is_explained(tmp_path):
    with pytest.raises(
        DataError, match=r"found \['text;label'\]\. .* If ';' separates the columns, add --separator ';'"
    ):
        rows_of(tmp_path, "text;label", "one;a", labels="required", separator=",")


def test_a_file_without_a_header_shows_its_first_row_cut(tmp_path):
    with pytest.raises(DataError, match=r"found \['x{60}', 'sport'\]"):
        rows_of(tmp_path, "x" * 500 + ",sport", "two,politics", labels="required", header=True)
