"""Which encoding bytes are probably in: what decodes is told from what decodes by chance by what it reads like."""

from __future__ import annotations

import codecs
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

_REFUSED = {"Cc", "Cn", "Co", "Cs"}  # Unicode categories: control, unassigned, private use, surrogate

# Chinese in GB18030, which gives nearly every pair of bytes a meaning
_SYMBOLS = range(0xA1, 0xA4)  # lead bytes: Chinese punctuation and full-width letters
_EARLY = range(0xB0, 0xC9)  # lead bytes: the common characters from 啊 to 瑟, ordered by pinyin
_LATE = range(0xC9, 0xD8)  # lead bytes: the common characters from 森 to 座
_COMMON_SHARE = 0.8  # of the characters beyond ASCII; random pairs of bytes reach 0.2
_FEWEST_COMMON = 6  # characters: fewer can be accented Latin letters, or noise, that decode by chance
_LATE_SHARE = 1 / 20  # of the common characters; Chinese text has 0.4, Korean (EUC-KR) read as Chinese none
_LATE_COUNTS_FROM = 50  # characters: a shorter text can have too few late ones by chance, but rarely none

_FEWEST = 4  # characters beyond ASCII from which another script is named
_WESTERN = "éèêëàâäáãåæçñóòôöõøúùûüíìîïßýœšžðþÉÈÊËÀÂÄÁÃÅÆÇÑÓÒÔÖÕØÚÙÛÜÍÌÎÏÝŒŠŽÐÞ"
_CENTRAL = "ąćęłńśźżáčďéěíňóřšťúůýžőűöüäôľĺŕăîâșțşţđĄĆĘŁŃŚŹŻÁČĎÉĚÍŇÓŘŠŤÚŮÝŽŐŰÖÜÄÔĽĹŔĂÎÂŞŢĐ"
_TURKISH = "çğıöşüâîûÇĞİÖŞÜ"
_MARKS = "‘’“”„–—…•€£¥©®™°§«»¡¿´·½¼¾²³±×\xa0‚‹›¢¶ªº"
_WORDS_OF_ONE = "àèéóòáíåäöÀÈÉÓÅÄÖ"
_MARKS_ALONE = 0.59  # the preference from which marks without a letter are enough
_RUSSIAN = "оеаинтсрвлкмдпуяьы"
_GREEK = "αοιετσνηυρίάκμλόπ"


@dataclass(frozen=True)
class Likely:
    """An encoding to try."""

    name: str  # as Python calls it
    title: str  # as people call it


_SEVEN_BIT = (
    Likely("iso2022_jp", "ISO-2022-JP"),
    Likely("iso2022_jp_ext", "ISO-2022-JP"),
    Likely("iso2022_kr", "ISO-2022-KR"),
)


def reads_like_chinese(counts: Mapping[str, int]) -> bool:
    """Whether text that was decoded as GB18030 is Chinese, not bytes that decode by chance.

    Args:
        counts: how often each character occurs.
    """
    if _has_refused(counts):
        return False
    beyond_ascii = sum(count for character, count in counts.items() if not character.isascii())
    late = sum(counts[character] for character in _characters(_LATE) & counts.keys())
    common = late + sum(
        counts[character] for rows in (_SYMBOLS, _EARLY) for character in _characters(rows) & counts.keys()
    )
    if not late or (common >= _LATE_COUNTS_FROM and late < _LATE_SHARE * common):
        return False
    return common >= max(_FEWEST_COMMON, _COMMON_SHARE * beyond_ascii)


def find_likely(raw: bytes, wide: bool = False) -> Likely | None:
    """Name the encoding that bytes are probably in.

    Args:
        raw: the beginning of a file that is not UTF-8.
        wide: whether there are NUL bytes, as in UTF-16.

    Returns:
        The most plausible encoding; None where none reads like text.
    """
    if wide:
        return next((likely for likely in _WIDE if _is_plain(_decode(raw, likely.name))), None)
    scores = {likely: score for likely, judge in _candidates(raw) if (score := _score(raw, likely, judge)) > 0}
    return max(scores, key=scores.__getitem__) if scores else None


def find_seven_bit(raw: bytes) -> Likely | None:
    """Name the encoding of bytes that are ASCII but mean other characters by sequences that switch between sets.

    Args:
        raw: the beginning of a file, up to a switch or beyond.

    Returns:
        One of ISO-2022, or HZ where the text reads like Chinese; None for ASCII, as with colors of a terminal.
    """
    for likely in _SEVEN_BIT if b"\x1b" in raw else ():
        text = _decode(raw, likely.name)
        if text and "\x1b" not in text and not text.isascii():
            return likely
    text = _decode(raw, "hz") if b"~{" in raw else None
    return Likely("hz", "HZ") if text and reads_like_chinese(Counter(text)) else None


def _score(raw: bytes, likely: Likely, judge: Callable[[str, bytes], float]) -> float:
    """How well bytes read in an encoding; 0 where they don't."""
    text = _decode(raw, likely.name)
    if text is None or _has_refused(set(text)):
        return 0.0
    return judge(text, raw)


def _decode(raw: bytes, encoding: str) -> str | None:
    """The text; None where the bytes are not in this encoding. A character may be cut at the end."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(raw)
    except (UnicodeDecodeError, LookupError):
        return None


def _is_plain(text: str | None) -> bool:
    """Whether this is text of one line or more, mostly letters, digits and blanks."""
    if not text or _has_refused(set(text)) or not {"\n", "\r"} & set(text):
        return False
    return sum(character.isalnum() or character in " \t\r\n" for character in text) > 0.6 * len(text)


def _candidates(raw: bytes) -> Iterable[tuple[Likely, Callable[[str, bytes], float]]]:
    """The known ones, and what charset-normalizer finds beyond them."""
    from charset_normalizer import from_bytes

    yield from _KNOWN
    names = {codecs.lookup(likely.name).name for likely, _ in _KNOWN}
    for match in list(from_bytes(raw[:16_384]))[:3]:
        if codecs.lookup(match.encoding).name not in names and not match.encoding.startswith(("utf", "gb", "ascii")):
            yield Likely(match.encoding, match.encoding), _other_script


def _beyond(text: str) -> list[str]:
    return [character for character in text if not character.isascii()]


def _traditional(text: str, raw: bytes) -> float:
    """Big5: its first level holds what is common; trail bytes are from both halves, unlike those of EUC."""
    beyond = _beyond(text)
    if len(beyond) < _FEWEST:
        return 0.0
    pairs = [character.encode("big5hkscs", "ignore") for character in beyond]
    common = [pair for pair in pairs if len(pair) == 2 and 0xA1 <= pair[0] <= 0xC6]
    low = sum(pair[1] < 0x80 for pair in common)
    if len(common) < 0.85 * len(beyond) or (len(common) >= 12 and low < 0.1 * len(common)):
        return 0.0
    return len(common) / len(beyond)


def _japanese(text: str, raw: bytes) -> float:
    """Kana among Chinese characters; half-width kana, which any byte gives, are few."""
    beyond = _beyond(text)
    kana = sum("\u3041" <= character <= "\u30ff" for character in beyond)
    half = sum("\uff61" <= character <= "\uff9f" for character in beyond)
    known = kana + sum("\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u3020" or c >= "\uff01" for c in beyond)
    if len(beyond) < _FEWEST or kana < 0.15 * len(beyond) or half > 0.2 * len(beyond) or known < 0.9 * len(beyond):
        return 0.0
    return 0.5 + 0.5 * kana / len(beyond)


def _korean(text: str, raw: bytes) -> float:
    beyond = _beyond(text)
    common = 0
    for character in beyond:
        pair = character.encode("euc_kr", "ignore")
        common += "\uac00" <= character <= "\ud7a3" and len(pair) == 2
    return common / len(beyond) if len(beyond) >= _FEWEST and common >= 0.8 * len(beyond) else 0.0


def _by_letters(first: str, last: str, frequent: str) -> Callable[[str, bytes], float]:
    """A judge of a script of letters: nearly all are from it, in words of their own, the frequent ones are many."""

    def judge(text: str, raw: bytes) -> float:
        beyond = [character for character in _beyond(text) if character not in _MARKS]
        known = [character for character in beyond if first <= character <= last]
        if len(known) < max(_FEWEST, 0.9 * len(beyond)) or _in_mixed_words(text) > 0.1 * len(known):
            return 0.0
        share = sum(character in frequent for character in known) / len(known) if frequent else 0.75
        return share if share > 0.4 else 0.0

    return judge


def _in_mixed_words(text: str) -> int:
    """Letters beyond ASCII beside an ASCII letter, or alone in their word."""
    padded = f" {text} "
    return sum(
        not character.isascii()
        and character not in _MARKS
        and (
            (before.isascii() and after.isascii())
            or (before.isascii() and before.isalpha())
            or (after.isascii() and after.isalpha())
        )
        for before, character, after in zip(padded, padded[1:], padded[2:], strict=False)
    )


def _latin(letters: str, preference: float) -> Callable[[str, bytes], float]:
    """A judge of Latin letters with accents: few among plain ones, letters near letters, marks elsewhere."""

    def judge(text: str, raw: bytes) -> float:
        good = total = letters_found = 0.0
        padded = f" {text} "
        plain = sum(character.isascii() and character.isalpha() for character in text)
        for before, character, after in zip(padded, padded[1:], padded[2:], strict=False):
            if character.isascii():
                continue
            total += 1
            if character in letters:
                letters_found += 1
                alone = (before + after).isspace() and character in _WORDS_OF_ONE
                near = before.isalpha() or after.isalpha() or alone
                odd = after.isdigit() or (character.isupper() and before.islower())
                good += (0.8 if character in "þðýÞÐÝ" else 1) * (near and not odd)
            elif character in _MARKS:
                good += not (before.isalpha() and after.isalpha()) or character in "’´·"
        if not total or good < 0.9 * total or total > 1.5 * plain:
            return 0.0
        if not letters_found and preference < _MARKS_ALONE:
            return 0.0
        return preference * good / total

    return judge


def _other_script(text: str, raw: bytes) -> float:
    """What only charset-normalizer knows: letters of one script in words of their own."""
    beyond = _beyond(text)
    scripts = Counter(unicodedata.name(c, "?").split(" ")[0] for c in beyond if c.isalpha())
    script, most = scripts.most_common(1)[0] if scripts else ("", 0)
    if (
        script in ("", "LATIN", "CJK")
        or most < max(3 * _FEWEST, 0.9 * len(beyond))
        or _in_mixed_words(text) > 0.1 * most
    ):
        return 0.0
    return 0.3


def _has_refused(characters: Iterable[str]) -> bool:
    """Whether there is a character that no text has."""
    return any(unicodedata.category(character) in _REFUSED and character not in "\t\r\n" for character in characters)


@cache
def _characters(leads: range) -> frozenset[str]:
    """The GB2312 characters whose first byte is one of `leads`."""
    return frozenset(bytes((lead, trail)).decode("gb18030") for lead in leads for trail in range(0xA1, 0xFF))


_WIDE = (Likely("utf-16-le", "UTF-16 without its mark"), Likely("utf-16-be", "UTF-16 without its mark"))
_KNOWN: tuple[tuple[Likely, Callable[[str, bytes], float]], ...] = (
    (Likely("big5", "Big5"), _traditional),
    (Likely("cp950", "Big5 (cp950)"), lambda text, raw: 0.99 * _traditional(text, raw)),
    (Likely("big5hkscs", "Big5 of Hong Kong"), lambda text, raw: 0.98 * _traditional(text, raw)),
    (Likely("cp932", "Japanese Shift-JIS (cp932)"), _japanese),
    (Likely("euc_jp", "Japanese EUC-JP"), _japanese),
    (Likely("euc_kr", "Korean EUC-KR"), _korean),
    (Likely("cp949", "Korean (cp949)"), lambda text, raw: 0.99 * _korean(text, raw)),
    (Likely("cp1251", "Cyrillic (cp1251)"), _by_letters("Ѐ", "ӿ", _RUSSIAN)),
    (Likely("koi8-r", "Cyrillic (koi8-r)"), _by_letters("Ѐ", "ӿ", _RUSSIAN)),
    (Likely("iso8859-5", "Cyrillic (iso8859-5)"), _by_letters("Ѐ", "ӿ", _RUSSIAN)),
    (Likely("cp866", "Cyrillic (cp866)"), _by_letters("Ѐ", "ӿ", _RUSSIAN)),
    (Likely("cp1253", "Greek (cp1253)"), _by_letters("Ͱ", "Ͽ", _GREEK)),
    (Likely("cp1255", "Hebrew (cp1255)"), _by_letters("֐", "׿", "")),
    (Likely("cp1256", "Arabic (cp1256)"), _by_letters("؀", "ۿ", "")),
    (Likely("cp874", "Thai (cp874)"), _by_letters("฀", "๿", "")),
    (Likely("latin-1", "Western (latin-1, cp1252)"), _latin(_WESTERN, 0.6)),
    (Likely("cp1252", "Western (cp1252, latin-1)"), _latin(_WESTERN, 0.59)),
    (Likely("cp1254", "Turkish (cp1254)"), _latin(_TURKISH, 0.58)),
    (Likely("cp1250", "Central European (cp1250)"), _latin(_CENTRAL, 0.57)),
    (Likely("iso8859-2", "Central European (iso8859-2)"), _latin(_CENTRAL, 0.56)),
    (Likely("cp850", "Western of DOS (cp850)"), _latin(_WESTERN, 0.5)),
    (Likely("mac-roman", "Western of the Macintosh (mac-roman)"), _latin(_WESTERN, 0.49)),
)
