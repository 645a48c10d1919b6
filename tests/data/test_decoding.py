"""Text is recognized by its bytes, and noise is never taken for text."""

import random

import pytest

from ganclf.data import read_rows
from ganclf.data.decoding import GB18030_NOTE, UTF16_NOTE, decode
from ganclf.errors import DataError, EncodingError

CHINESE = "文本,标签\n今天天气很好，适合去公园散步。,天气\n我喜欢看足球比赛,体育\n"
KOREAN = "안녕하세요 저는 학교에 갑니다 오늘 날씨가 좋습니다\n" * 20
JAPANESE = "今日は天気がいいですね。学校に行きます\n" * 20
RUSSIAN = "привет как дела у меня все хорошо\n" * 20


@pytest.mark.parametrize(
    ("encoding", "notes"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("gb18030", (GB18030_NOTE,)),
        ("gbk", (GB18030_NOTE,)),
        ("gb2312", (GB18030_NOTE,)),
        ("utf-16", (UTF16_NOTE,)),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_chinese_files_are_read_in_every_encoding(tmp_path, kind, encoding, notes):
    content = CHINESE if kind == "csv" else '{"文本": "今天天气很好，适合", "标签": "天气"}\n'
    path = tmp_path / f"rows.{kind}"
    path.write_bytes(content.encode(encoding))
    rows = read_rows(path)
    assert rows.labels[0] == "天气"
    assert rows.texts[0].startswith("今天天气很好，适合")
    assert (rows.text_column, rows.label_column, rows.notes) == ("文本", "标签", notes)


def test_utf_16_is_read_in_both_byte_orders():
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert decode("f", mark + CHINESE.encode(encoding)) == (CHINESE, (UTF16_NOTE,))


def test_gb18030_may_hold_emoji_and_rare_characters():
    text = CHINESE * 5 + "囧😀鑫"
    assert decode("f", text.encode("gb18030"))[0] == text


@pytest.mark.parametrize("length", [16, 64, 256, 4096])
@pytest.mark.parametrize("seed", range(50))
def test_random_bytes_are_refused(seed, length):
    with pytest.raises(DataError):
        decode("f", random.Random(seed).randbytes(length))


@pytest.mark.parametrize("length", [32, 64, 256])
@pytest.mark.parametrize("seed", range(50))
def test_random_pairs_that_decode_are_refused(seed, length):
    noise = random.Random(seed)
    pairs = bytes(byte for _ in range(length) for byte in (noise.randint(0x81, 0xFE), noise.randint(0xA1, 0xFE)))
    with pytest.raises(DataError):
        decode("f", b"text,label\n" + pairs + b",a\n")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (KOREAN, "euc_kr"),
        (KOREAN.replace(" ", ""), "euc_kr"),
        ("환불해 주세요 고장났어요\nplain words\n", "cp949"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "shift_jis"),
        ("今天天氣很好適合去公園散步\n" * 20, "big5"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp1251"),
        ("café élève où êtes-vous àéè\n" * 20, "latin-1"),
        ("für “böse” ÄÖÜ\n", "cp1252"),
        ("ÄÖ is not Chinese", "latin-1"),
    ],
)
def test_other_encodings_are_not_taken_for_chinese(text, encoding):
    with pytest.raises(DataError, match="Save the file as UTF-8"):
        decode("f", text.encode(encoding))


def test_broken_utf_8_is_not_taken_for_chinese():
    with pytest.raises(DataError, match=r"line 2: the bytes e5 a4 \(hex\) are not UTF-8"):
        decode("f", "文本\n".encode() + ("中文内容很多" * 30).encode()[:-1])


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"text\none\ntw\xff\n", "f: line 3: the bytes ff"),
        (b"text\rone\rtw\xff\r", "f: line 3: the bytes ff"),
        (b"\xff", "f: line 1: the bytes ff"),
        (b"\xef\xbb\xbftext\n\xff", "f: line 2: the bytes ff"),
        (b"\xff\xfea\0\n\0b", "f: line 2: the bytes 62"),
    ],
)
def test_undecodable_bytes_are_named_with_line_and_remedy(raw, place):
    with pytest.raises(DataError) as caught:
        decode("f", raw)
    assert str(caught.value).startswith(place)
    assert str(caught.value).endswith("Save the file as UTF-8, or name its encoding with --encoding.")


@pytest.mark.parametrize(
    "raw", [b"text\n\0", b"\xff\xfe" + "a\n\0".encode("utf-16-le"), b"t\n\xff\0", "a\n".encode("utf-32")]
)
def test_binary_files_are_refused_with_a_sentence(raw):
    with pytest.raises(DataError, match=r"f: line [12]: a NUL byte .* Save the table as CSV in UTF-8\."):
        decode("f", raw)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("big5", "今天天氣很好適合去公園散步"),
        ("latin-1", "café élève"),
        ("cp932", JAPANESE),
        ("gb18030", "好"),
        ("utf-16-le", "a"),
        ("utf-8", "\ufeffa"),
    ],
)
def test_a_named_encoding_is_taken(encoding, text):
    assert decode("f", text.encode(encoding), encoding) == (text.removeprefix("\ufeff"), ())


def test_bytes_that_the_named_encoding_does_not_have_are_named():
    with pytest.raises(EncodingError, match=r"f: line 2: the bytes e4 \(hex\) are not ascii\."):
        decode("f", b"a\n\xe4", "ascii")


@pytest.mark.parametrize("encoding", ["klingon", "hex", "", "a\0b", "undefined"])
def test_an_unknown_encoding_is_refused(encoding):
    with pytest.raises(EncodingError, match=r"no encoding .* Give one such as utf-8"):
        decode("f", b"a", encoding)


def test_the_mark_of_utf_8_wins_over_a_named_encoding():
    assert decode("f", "café".encode("utf-8-sig"), "latin-1") == ("café", ())
