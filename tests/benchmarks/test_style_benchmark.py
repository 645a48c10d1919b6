"""The command that measures style transfer, and its judges; a run of it takes many minutes."""

import pytest

from benchmarks.style import main
from benchmarks.style_judges import Judges, Rows

GOOD, BAD = "the soup was great today", "the soup was awful today"


@pytest.fixture(scope="module")
def judges() -> Judges:
    """Without a neural judge."""
    return Judges([GOOD, BAD] * 30, ["good", "bad"] * 30, None)


def test_help_names_the_data_and_the_judge(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert {"--data", "--preset", "--final", "--output"} <= set(capsys.readouterr().out.replace("\n", " ").split())


def test_data_that_is_not_there_is_a_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GANCLF_DATA", str(tmp_path))
    assert main(["--output", str(tmp_path / "rows")]) == 2
    assert "GANCLF_DATA" in capsys.readouterr().err


def test_a_copy_keeps_all_content_and_has_no_style(judges):
    figures = judges.figures([GOOD], [GOOD], ["bad"], [])
    assert figures["bleu_input"] == pytest.approx(100.0)
    assert figures["accuracy_linear"] == figures["gm_linear"] == 0.0


def test_bleu_is_with_the_closest_of_all_references(judges):
    figures = judges.figures([BAD], [GOOD], ["bad"], [["nothing of it at all", BAD]])
    assert figures["bleu"] == pytest.approx(100.0)
    assert figures["accuracy_linear"] == figures["gm_linear"] == pytest.approx(100.0)


def test_judges_know_real_texts_and_what_is_usual(judges):
    assert judges.accuracies(Rows([GOOD, BAD], ["good", "bad"], [])) == {"linear": 100.0}
    assert judges.perplexity([GOOD]) < judges.perplexity(["today was the soup great"])
