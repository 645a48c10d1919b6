"""The bundled sample is found, and a classifier can learn from it."""

from ganclf.data import check_rows, read_rows, sample_path, sample_test_path


def test_the_sample_is_in_the_package():
    assert sample_path().parts[-4:] == ("ganclf", "data", "sample", "messages.csv")
    assert sample_test_path().name == "messages_test.csv"


def test_the_sample_is_clean():
    summary = check_rows(read_rows(sample_path()), None, read_rows(sample_test_path(), labels="required"))
    assert summary.warnings == ()
    assert summary.unlabeled > 0
