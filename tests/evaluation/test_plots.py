"""Plots can be looked at, whatever the classes are called."""

import shutil
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure

from ganclf.evaluation import plot_fonts, plots
from ganclf.evaluation.axis_names import axis_names
from ganclf.evaluation.plot_fonts import font_families, missing_glyphs_note
from ganclf.evaluation.plots import plot_classes, plot_confusion_matrix, plot_learning_curves, plot_quality_variety

pytestmark = pytest.mark.filterwarnings("error")  # of a missing glyph, too

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


def test_very_many_classes_are_those_with_most_errors_and_the_sum_of_the_others(figures, tmp_path):
    matrix = np.eye(200, dtype=int) * 50
    matrix[:150, 7] += 1
    classes = [f"class {number}" for number in range(200)]
    plot_confusion_matrix(matrix.tolist(), classes, "a title", tmp_path / "plot.png")
    axes = figures[0].axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [*(f"class {number}" for number in range(99)), "101 others"]
    drawn = axes.images[0].get_array()
    assert drawn.shape == (100, 100)
    assert drawn.sum() == matrix.sum()
    assert drawn[-1].tolist() == [0] * 7 + [51] + [0] * 91 + [101 * 50]
    assert axes.images[0].norm.vmax == 51
    assert axes.get_title() == "a title\n99 of 200 classes, those with the most errors"
    rows = axes.get_window_extent().height / 100
    assert axes.get_yticklabels()[0].get_window_extent().height < rows  # no name covers the next


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (["short", ""], ["short", ""]),
        (["y" * 24, "y" * 25], ["y" * 24, "y" * 23 + "…"]),
        (["物" * 12, "流" * 13], ["物" * 12, "流" * 11 + "…"]),
        (["a line\nbreak"], ["a line break"]),
        (["the same beginning of two names", "the same beginning of two others"],
         ["the same beg…f two names", "the same beg… two others"]),
        (["a" * 30 + "b" + "a" * 30, "a" * 30 + "c" + "a" * 30], ["a" * 21 + "… 1", "a" * 21 + "… 2"]),
    ],
)  # fmt: skip
def test_long_names_are_cut_and_stay_different(classes, expected):
    assert axis_names(classes) == expected


SCRIPTS = ["物流查询", "日本語の分類カナ", "한국어 분류", "plain", "Ünïcode"]


@pytest.fixture
def fonts(monkeypatch):
    """Choose fonts anew, from an empty list that a test may fill, and with no font of the system or the extra."""
    default = [entry for entry in font_manager.fontManager.ttflist if entry.name == plot_fonts.DEFAULT]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", default)
    monkeypatch.setattr(plot_fonts, "_files_of_glyph_extra", list)
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    plot_fonts._choose.cache_clear()
    yield monkeypatch
    plot_fonts._choose.cache_clear()


def font_of_the_extra() -> Path:
    return Path(pytest.importorskip("noto_cjk_sans_otc").__file__).with_name("NotoSansCJK-Regular.ttc")


def test_the_font_of_the_extra_draws_chinese_japanese_and_korean(fonts, tmp_path):
    fonts.setattr(plot_fonts, "_files_of_glyph_extra", lambda: [font_of_the_extra()])
    assert missing_glyphs_note(SCRIPTS) is None
    assert font_families(SCRIPTS)[0] == "DejaVu Sans"
    assert font_families(SCRIPTS)[1].startswith("Noto Sans CJK")
    plot_confusion_matrix(np.eye(5, dtype=int).tolist(), SCRIPTS, "物", tmp_path / "plot.png")  # warnings are errors
    assert font_families(["plain"]) == ["DejaVu Sans"]


def test_a_font_that_was_installed_after_the_list_was_made_is_found(fonts, tmp_path):
    shutil.copy(font_of_the_extra(), tmp_path / "new.ttc")
    assert missing_glyphs_note(SCRIPTS) is not None
    plot_fonts._choose.cache_clear()
    fonts.setattr(font_manager, "findSystemFonts", lambda: [str(tmp_path / "new.ttc")])
    assert missing_glyphs_note(SCRIPTS) is None
    plot_confusion_matrix(np.eye(5, dtype=int).tolist(), SCRIPTS, "", tmp_path / "plot.png")


def test_without_a_font_a_note_names_the_extra(fonts, tmp_path):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    fonts.setattr(font_manager, "findSystemFonts", lambda: [str(broken), str(tmp_path / "gone.ttf")])
    note = missing_glyphs_note(["物流", "plain"])
    assert note.startswith("no installed font has 2 character(s) of the class names (流物)")
    assert "pip install 'ganclf[glyph]'" in note
    assert missing_glyphs_note(["plain"]) is None
    plot_confusion_matrix([[1, 0], [0, 1]], ["物流", "plain"], "", tmp_path / "plot.png")
    assert pixels(tmp_path / "plot.png").std() > 0.05


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


def test_bars_of_classes_are_a_picture_and_of_very_many_classes_part_of_them(tmp_path):
    def figures(number):
        return {"precision": 0.5, "recall": number / 300, "f1": 0.4, "support": number}

    for count in (3, 300):
        file = tmp_path / f"{count}.png"
        plot_classes({f"$class$ {number}": figures(number) for number in range(count)}, "micro F1", file)
        height, width, _ = pixels(file).shape
        assert width > 500
        assert 200 < height < 3000


def test_quality_against_variety_has_a_curve_of_temperatures_and_points(tmp_path, figures):
    curve = {1.0: (0.4, 0.3), 0.7: (0.7, 0.65), 0.85: (0.55, 0.5)}
    points = {"real texts": (0.42, 0.29), "Kneser-Ney, 4-grams 中文": (0.35, 0.25)}
    plot_quality_variety(curve, points, "captions", tmp_path / "samples.png")
    (axes,) = figures[0].axes
    np.testing.assert_allclose(axes.lines[0].get_xydata(), [[0.65, 0.7], [0.5, 0.55], [0.3, 0.4]])
    assert [text.get_text() for text in axes.texts] == ["0.7", "0.85", "1"]
    assert [tuple(each.get_offsets()[0]) for each in axes.collections] == [(0.29, 0.42), (0.25, 0.35)]
    assert pixels(tmp_path / "samples.png").std() > 0


def test_quality_against_variety_without_temperatures_has_points_alone(tmp_path, figures):
    plot_quality_variety({}, {"real texts": (0.42, 0.29)}, "", tmp_path / "samples.png")
    assert not figures[0].axes[0].lines
