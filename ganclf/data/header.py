"""What stands above the rows of a table: titles, blank rows and the names of the columns, or nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ganclf.data.value_kinds import ColumnKind, describe, find_form

MOST_TITLES = 20  # rows above the names
_FEW_TITLES = 3  # so many may stand above fewer rows
MOST_SECOND_HEADERS = 2  # rows below them
_LONGEST_NAME = 30  # characters of a usual one
_FEW_VALUES = 6  # fewer say little of what a column holds
_FEWEST_ROWS = 8  # below, for a row to be told from them

_MADE_UP = re.compile(r"column \d+")
_WORDS = re.compile(r"[^\W_]+")
_NAMES = frozenset(
    _WORDS.findall(
        """
        text texts sentence content contents message messages msg review reviews comment comments body
        document tweet utterance question answer query description abstract summary title headline subject
        label labels class category categories topic target intent sentiment emotion tag tags id ids idx
        index nr no key uuid guid date datum time timestamp created updated url link author user username
        name status state type score rating stars source split lang language annotator guess confidence
        prediction probability keywords priority team department email gender age country city product brand
        price count number rank note notes remark spam v1 v2 texte texto testo tekst nachricht kommentar
        frage antwort beschreibung titel klasse kategorie thema etikett bewertung datei quelle étiquette
        etiqueta clase categoría categoria etichetta classe catégorie fecha data mensaje comentario 文本
        内容 內容 正文 句子 评论 評論 消息 短信 问题 問題 描述 摘要 标题 標題 标签 標籤 类别 類別 分类 分類
        类型 類型 主题 主題 意图 情感 编号 編號 序号 序號 日期 时间 時間 姓名 用户 状态 来源 部门 部門
        テキスト 本文 ラベル カテゴリ 件名 日付 텍스트 내용 라벨 분류 날짜 текст метка класс категория дата
        """
    )
)
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.\-]*( [\w.\-]+){0,2}")


@dataclass(frozen=True)
class Layout:
    """The top of a table.

    Attributes:
        kinds: of each record above the rows: "title", "blank", "header" or "second header".
        names: the fields of the header; None without one.
        width: number of columns.
        score: how much speaks for a header, or above the first row for what was named.
        body: the rows below, as far as they were looked at.
    """

    kinds: tuple[str, ...]
    names: tuple[str, ...] | None
    width: int
    score: float
    body: tuple[list[str], ...]

    @property
    def columns(self) -> list[ColumnKind]:
        """What the values of each column are."""
        rows = [row for row in self.body if len(row) == self.width] or [row for row in self.body if any(row)]
        return [describe([row[place] for row in rows if place < len(row)]) for place in range(self.width)]


def find_layout(rows: Sequence[list[str]], header: bool | None) -> Layout:
    """Find titles and header among the first rows of a table.

    Args:
        rows: the fields of the first records, blank ones included.
        header: whether there is a header; None finds it.
    """
    filled = [place for place, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        return Layout(("blank",) * len(rows), None, 1, 0.0, ())
    top = _skip_titles(rows, filled) if header is not False else filled[0]
    usual = Counter(len(rows[place]) for place in filled).most_common(1)[0][0]
    first, body = rows[top], tuple(rows[top + 1 :])
    score = score_header(first, body)
    kinds = ["title" if any(cell.strip() for cell in row) else "blank" for row in rows[:top]]
    made_up = any(_MADE_UP.fullmatch(cell.strip()) for cell in first)  # by us, in a file that goes on from another
    if (header is False and not made_up) or (header is None and score < 0 and not made_up):
        return Layout(tuple(kinds), None, usual, score, tuple(rows[top:]))
    width = len(first)
    while width > usual and not first[width - 1].strip():  # a separator at the end of the header alone
        width -= 1
    second = _count_second_headers(body, width)
    return Layout((*kinds, "header", *["second header"] * second), tuple(first[:width]), width, score, body[second:])


def _count_second_headers(body: Sequence[list[str]], width: int) -> int:
    """Rows below the header that hold no values but words on the columns, as some survey programs write them."""
    count = 0
    while count < MOST_SECOND_HEADERS and len(body) - count > _FEWEST_ROWS and len(body[count]) == width:
        cells = [cell.strip() for cell in body[count]]
        rest = [row for row in body[count + 1 + MOST_SECOND_HEADERS :] if len(row) == width]
        kinds = [describe([row[place] for row in rest]) for place in range(width)]
        known = [(cell, kind) for cell, kind in zip(cells, kinds, strict=True) if kind.known]
        formed = any(kind.form for _, kind in known)
        strange = [cell for cell, kind in known if cell and not kind.fits(cell)]
        fitting = [cell for cell, kind in known if cell and kind.fits(cell)]
        numbers = any(find_form(cell) == "number" for cell in cells)
        if len(known) < 2 or not formed or not strange or fitting or numbers:
            break
        count += 1
    return count


def _skip_titles(rows: Sequence[list[str]], filled: Sequence[int]) -> int:
    """The first row that is not a title: titles fill few cells, and a header with more of them follows."""
    counts = {place: sum(bool(cell.strip()) for cell in rows[place]) for place in filled}
    usual = Counter(counts[place] for place in filled[1:]).most_common(1)[0][0] if len(filled) > 1 else 1
    for place in filled[: MOST_TITLES + 1]:
        wide = counts[place] >= 2 and counts[place] >= usual and counts[place] > len(rows[place]) // 2
        if not wide:
            continue
        if place == filled[0]:
            return place
        above = [other for other in filled if other < place]
        titles = all(counts[other] < counts[place] and counts[other] <= max(2, counts[place] // 2) for other in above)
        apart = place - 1 not in counts or all(counts[other] == 1 for other in above)
        few = len(above) <= max(_FEW_TITLES, len(filled) - len(above) - 1)
        if titles and apart and few and score_header(rows[place], rows[place + 1 :]) > 1:
            return place
        break
    return filled[0]


def score_header(cells: Sequence[str], body: Sequence[list[str]]) -> float:
    """How much speaks for a row of names: above 0 it is one, below it is a row like the others."""
    cells = [cell.strip() for cell in cells]
    if len(cells) > 1 and cells == [str(place) for place in range(len(cells))]:
        return 3.0  # as pandas names columns without names
    rows = [row for row in body if any(row)]
    if any(map(_is_usual_name, cells)):  # such a header may be repeated
        rows = [row for row in rows if [cell.strip() for cell in row] != cells]
    return sum(_score_cell(cell, place, rows) for place, cell in enumerate(cells)) - _doubles(cells)


def _score_cell(cell: str, place: int, rows: Sequence[list[str]]) -> float:
    """What one cell says."""
    if not cell:
        return 0.0
    score = 2.0 if _is_usual_name(cell) else 0.0
    values = [row[place] for row in rows if place < len(row) and row[place].strip()]
    if not values:
        return score + (0.3 if _IDENTIFIER.fullmatch(cell) else 0.0)
    kind = describe(values, fewest=2)
    if cell in kind.classes and not kind.form:
        return -2.0 if score == 0 or len(kind.classes) > 1 else score
    if kind.form:
        return score + (1.5 if find_form(cell) != kind.form else -1.5)
    if kind.classes and len(kind.classes) < len(values):
        return score + (1.5 if len(values) >= _FEW_VALUES and find_form(cell) == "" else 0.3)
    return score + _score_length(cell, kind)


def _is_usual_name(cell: str) -> bool:
    """Whether a cell is a name that columns often have."""
    if len(cell) > _LONGEST_NAME:
        return False
    words = [word.casefold() for word in _WORDS.findall(cell)]
    return 1 <= len(words) <= 3 and any(word in _NAMES for word in words)


def _score_length(cell: str, kind: ColumnKind) -> float:
    """Names are short beside texts."""
    lengths = kind.lengths
    low, middle = lengths[len(lengths) // 20], lengths[len(lengths) // 2]
    if len(cell) < 0.5 * low or (len(cell) < 0.5 * middle and _IDENTIFIER.fullmatch(cell)):
        return 1.0
    sentence = sum(character >= "\u2e80" for character in cell) >= 6  # Chinese has fewer characters and no blanks
    sentence = sentence or (len(cell) >= 8 and (" " in cell or len(lengths) >= _FEW_VALUES))
    if len(cell) >= 0.6 * middle and sentence:
        return -0.7
    return 0.0


def _doubles(cells: Sequence[str]) -> float:
    """Names are there once."""
    named = [cell for cell in cells if cell]
    return 0.5 if len(set(named)) < len(named) else 0.0
