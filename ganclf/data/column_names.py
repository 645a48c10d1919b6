"""What the name of a column says about it: text, label, or neither."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from enum import IntEnum

# Usual names; where several are there, the first of this list wins.
TEXT_NAMES = (
    "text", "texts", "sentence", "content", "message", "review", "comment", "body", "document", "tweet", "utterance",
    "question", "query", "description", "abstract", "summary", "title", "headline", "subject",
    "文本", "内容", "內容", "正文", "句子", "评论", "評論", "消息", "短信", "留言",
    "问题", "問題", "描述", "摘要", "标题", "標題", "本文", "テキスト", "텍스트", "내용",
    "nachricht", "texte", "texto", "testo", "tekst", "mensaje", "mensagem", "текст",
)  # fmt: skip
LABEL_NAMES = (
    "label", "labels", "标签", "標籤", "ラベル", "라벨", "레이블",
    "class", "category", "topic", "target", "intent", "sentiment", "emotion", "tag",
    "类别", "類別", "分类", "分類", "类型", "類型", "主题", "主題", "意图", "意圖", "情感",
    "choice", "stars", "rating", "annotation", "kategorie", "klasse", "thema", "etikett", "catégorie", "classe",
    "étiquette", "categoría", "categoria", "clase", "etiqueta", "tema", "etichetta", "rótulo", "категория", "класс",
    "метка", "カテゴリ", "カテゴリー", "카테고리", "분류",
)  # fmt: skip
_SURE_LABELS = frozenset(
    ("label", "labels", "标签", "標籤", "ラベル", "라벨", "레이블", "gold", "gold label", "true label", "class label",
     "label name", "label text", "label desc", "label names")
)  # fmt: skip

_CLASS_WORDS = frozenset(("label", "class", "category", "topic", "intent", "target"))  # "class_id": by its number

# Words within names, for columns without a usual name.
_TEXT_WORDS = frozenset(
    (*TEXT_NAMES, "comments", "feedback", "complaint", "request", "mail", "email", "post", "note", "notes", "remark",
     "remarks", "answer", "response", "story", "news", "article", "transcript", "narrative", "beschreibung",
     "anfrage", "kommentar", "anliegen", "message", "commentaire", "avis", "comentario", "описание", "сообщение",
     "отзыв")
)  # fmt: skip
_TEXT_PARTS = (
    "文本", "内容", "內容", "正文", "留言", "评论", "評論", "描述", "反馈", "意见", "本文", "口コミ",
    "メッセージ", "내용", "문의",
)  # fmt: skip
_LABEL_WORDS = frozenset(
    (*LABEL_NAMES, "classes", "categories", "topics", "targets", "intents", "emotions", "tags", "choices", "type",
     "types", "kind", "genre", "department", "dept", "team", "queue", "section", "act", "star", "ratings", "polarity",
     "stance", "mood", "group", "abteilung", "typ", "art", "gruppe", "bewertung", "thème", "departamento", "tipo",
     "afdeling", "onderwerp", "тип", "тема", "отдел")
)  # fmt: skip
_LABEL_PARTS = (
    "标签", "標籤", "类别", "類別", "分类", "分類", "类型", "類型", "主题", "主題", "意图", "意圖", "情感",
    "部门", "部門", "种类", "種類", "类目", "栏目", "标注", "ラベル", "カテゴリ", "部署", "라벨", "레이블",
    "분류", "유형", "주제", "감정", "부서",
)  # fmt: skip
_NEVER_WORDS = frozenset(
    ("id", "ids", "uuid", "guid", "hash", "nr", "no", "num", "number", "row", "annotator", "annotators",
     "annotated", "completed", "status", "created", "updated", "modified", "submitted", "timestamp",
     "datetime", "date", "time", "datum", "zeit", "uhrzeit", "fecha", "hora", "дата", "count", "counts",
     "likes", "votes", "views", "shares", "retweets", "replies", "length", "len", "numerator", "denominator",
     "confidence", "probability", "prob", "probabilities", "guess", "predicted", "prediction", "predictions",
     "suggestion", "suggestions", "suggested", "split", "fold", "partition", "subset", "url", "link",
     "file", "filename", "email", "mail", "phone", "ip", "price", "amount", "age", "lat", "lon", "latitude",
     "longitude", "unnamed")
)  # fmt: skip
_NEVER_ALONE = frozenset(("key", "lead", "size", "path", "agent", "data"))  # unless a word beside it speaks for labels
_NEVER_PARTS = (
    "编号", "編號", "序号", "时间", "時間", "日期", "数量", "次数", "状态", "狀態", "日付", "時刻", "番号",
    "날짜", "시간", "번호", "상태",
)  # fmt: skip
_PERSONS = ("annotator", "rater", "coder", "reviewer", "labeler", "labeller")  # "annotator1"
_WEAK_WORDS = frozenset(
    ("lang", "language", "locale", "sprache", "langue", "idioma", "country", "land", "region", "state", "city",
     "gender", "sex", "source", "platform", "channel", "device", "user", "username", "author", "name", "owner",
     "assignee", "reporter", "customer", "version", "year", "month", "day", "index", "seed", "model")
)  # fmt: skip
_WEAK_PARTS = (
    "语言", "語言", "来源", "來源", "平台", "渠道", "国家", "地区", "城市", "性别", "姓名", "作者", "用户",
    "言語", "언어",
)  # fmt: skip

_OUTER = re.compile(r"^(?:data|fields|inputs|responses)\.|\.responses$")  # around the name that a user gave in a tool


class LabelRank(IntEnum):
    """How much a name speaks for labels; smaller is more."""

    SURE = 1  # "label"
    USUAL = 2  # "category", "topic"
    PART = 3  # "issue_type", "处理部门"
    PLAIN = 4  # a name that says nothing
    NUMBERS = 5  # the same, with numbers
    WEAK = 6  # "language", "summary": of the text, or a text, rather than its class
    NEVER = 9  # "id", "status", "created_at", "annotator", "_hash"


def label_rank(name: str) -> LabelRank:
    """Rank a name."""
    words = name_words(name)
    whole = " ".join(words)
    if whole in _SURE_LABELS:
        return LabelRank.SURE
    if whole in LABEL_NAMES:
        return LabelRank.USUAL
    if any(word.startswith(_PERSONS) for word in words):
        return LabelRank.NEVER
    measured = len(words) > 1 and (words[-1] == "at" or words[0] == "n")  # "created_at", "n_words"
    if name.strip().startswith("_") or measured or _has(name, words, _NEVER_WORDS, _NEVER_PARTS):
        return LabelRank.NUMBERS if words[-1:] == ["id"] and words[0] in _CLASS_WORDS else LabelRank.NEVER
    if _has(name, words, _LABEL_WORDS, _LABEL_PARTS):
        return LabelRank.PART
    if _has(name, words, _NEVER_ALONE, ()):
        return LabelRank.NEVER
    weak = _has(name, words, _WEAK_WORDS, _WEAK_PARTS) or _has(name, words, _TEXT_WORDS, _TEXT_PARTS)
    return LabelRank.WEAK if weak else LabelRank.PLAIN


def text_weight(name: str) -> float:
    """How much a name speaks for texts: above 1 for, below 1 against."""
    words = name_words(name)
    if _has(name, words, _TEXT_WORDS, _TEXT_PARTS):
        return 3.0
    rank = label_rank(name)
    return 1.0 if rank in (LabelRank.PLAIN, LabelRank.NUMBERS) else 0.3


def usual_names(names: Sequence[str], usual: Sequence[str]) -> list[str]:
    """The columns that have a usual name, the most usual first."""
    ranks = {name: usual.index(whole) for name in names if (whole := " ".join(name_words(name))) in usual}
    return sorted(ranks, key=ranks.__getitem__)


def name_words(name: str) -> list[str]:
    """Words of a name in lower case: `ClassIndex`, `class_index` and `Class Index` alike; `text` of `data.text`."""
    own = _OUTER.sub("", unicodedata.normalize("NFKC", name))
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", own)
    return re.sub(r"[\W_]+", " ", split).lower().split()


def _has(name: str, words: Iterable[str], known: Container[str], parts: Iterable[str]) -> bool:
    """Whether a word is known, or a part of the name in a script without blanks between words."""
    return any(word in known for word in words) or any(part in name for part in parts)
