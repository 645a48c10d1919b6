"""The bundled sample is found, and it can be learned from."""

import pytest

from ganclf.data import check_rows, read_rows, sample_path, sample_test_path


def test_the_sample_stands_in_the_package():
    assert sample_path().parts[-4:] == ("ganclf", "data", "sample", "messages.csv")
    assert sample_test_path().name == "messages_test.csv"


@pytest.mark.skipif(not sample_path().exists() or not sample_test_path().exists(), reason="the sample is not there yet")
def test_the_sample_is_clean():
    summary = check_rows(read_rows(sample_path()), None, read_rows(sample_test_path(), labels="required"))
    assert summary.warnings == ()
    assert summary.unlabeled > 0
