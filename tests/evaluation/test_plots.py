"""Plots can be looked at, whatever the classes are called."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from ganclf.evaluation import plots
from ganclf.evaluation.plots import plot_confusion_matrix, plot_learning_curves

pytestmark = pytest.mark.filterwarnings("ignore:Glyph .* missing from font")  # a machine may have no Chinese font

SIXTY = [f"class number {number}" for number in range(60)]


def pixels(file) -> np.ndarray:
    assert file.read_bytes().startswith(b"\x89PNG")
    return mpl.image.imread(file)[..., :3]


@pytest.fixture
def figures(monkeypatch) -> list[Figure]:
    """The figures that are drawn."""
    drawn: list[Figure] = []

    class Watched(Figure):
        def __init__(self, *arguments, **keywords):
            super().__init__(*arguments, **keywords)
            drawn.append(self)

    monkeypatch.setattr(plots, "Figure", Watched)
    return drawn


@pytest.mark.parametrize(
    "classes",
    [["a", "b"], ["物流查询", "退款", "发票"], [r"$\nonsense$", "$5", "100 %_^{"], ["x" * 500, "<b>", ""], SIXTY],
    ids=["two", "chinese", "formulas", "long", "sixty"],
)
def test_a_confusion_matrix_is_a_picture_of_sensible_size(classes, tmp_path):
    matrix = np.arange(len(classes) ** 2).reshape(len(classes), -1)
    plot_confusion_matrix(matrix.tolist(), classes, "title", tmp_path / "plot.png")
    drawn = pixels(tmp_path / "plot.png")
    assert all(300 < side < 3000 for side in drawn.shape[:2])
    assert 0.05 < drawn.std() < 0.5  # neither blank nor black


def test_names_and_counts_stand_where_they_belong(figures, tmp_path):
    plot_confusion_matrix([[3, 1], [0, 7]], ["$a$", "y" * 30], "a title", tmp_path / "plot.png")
    axes = figures[0].axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [r"\$a\$", "y" * 23 + "…"]
    assert [text.get_text() for text in axes.texts] == ["3", "1", "0", "7"]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("predicted", "true", "a title")


def test_cells_of_very_many_classes_have_no_numbers(figures, tmp_path):
    plot_confusion_matrix(np.eye(60, dtype=int).tolist(), SIXTY, "", tmp_path / "plot.png")
    assert not figures[0].axes[0].texts


def test_learning_curves_have_a_panel_per_network_and_true_steps(figures, tmp_path):
    history = {"classifier_loss": [2.0, 1.0, 0.5], "generator_loss": [0.3, 0.2, 0.1]}
    plot_learning_curves(history, 25, 60, tmp_path / "plot.png")
    assert all(300 < side < 3000 for side in pixels(tmp_path / "plot.png").shape[:2])
    assert [axes.get_title() for axes in figures[0].axes] == ["classifier loss", "generator loss"]
    line = figures[0].axes[0].lines[0]
    assert line.get_xdata().tolist() == [25, 50, 60]
    assert line.get_ydata().tolist() == history["classifier_loss"]


def test_a_single_point_or_a_negative_loss_can_be_drawn(figures, tmp_path):
    plot_learning_curves({"classifier_loss": [-1.0]}, 3, 3, tmp_path / "plot.png")
    assert figures[0].axes[0].get_ylim()[0] <= -1


def test_settings_of_the_program_that_plots_are_left_alone(tmp_path):
    before = dict(mpl.rcParams)
    plot_confusion_matrix([[1]], ["a"], "", tmp_path / "plot.png")
    assert dict(mpl.rcParams) == before
