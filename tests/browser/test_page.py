"""What a visitor sees and downloads."""

import csv
import io
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from ui.text import CHINESE, ENGLISH

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)  # a machine may be busy

ROWS = [
    ["id", "text"],
    ["1", "I was charged twice"],
    ["2", "包裹，还没有收到"],
    ["3", "**stars**"],
    ["4", "<b>bold</b>"],
]
LABELS = ["billing", "delivery", "**stars**", "<b>bold</b>"]


def classify(page: Page, text: str) -> None:
    """Type a text and press the button, in whichever language."""
    page.get_by_role("textbox").fill(text)
    page.get_by_test_id("stBaseButton-primaryFormSubmit").click()


def best(page: Page) -> list[str]:
    """The label and its probability, once they are there."""
    return page.locator(".st-key-best_0").get_by_test_id("stText").all_inner_texts()


@pytest.mark.parametrize(
    ("locale", "text", "label", "title"),
    [
        ("en-US", "I was charged twice", "billing", ENGLISH.classify_title),
        ("zh-CN", "我的密码忘了", "账户", CHINESE.classify_title),
    ],
)
def test_a_text_gets_a_label_and_bars(
    page_url: str, open_page: Callable[..., Page], locale: str, text: str, label: str, title: str
):
    page = open_page(page_url, locale=locale)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    classify(page, text)
    expect(page.locator(".st-key-best_0")).to_contain_text(label)
    expect(page.locator(".st-key-bars").get_by_role("progressbar")).to_have_count(10)
    widest = page.locator(".st-key-bars").get_by_role("progressbar").first.get_attribute("aria-valuenow")
    assert int(widest or 0) == pytest.approx(float(best(page)[1].rstrip("%")), abs=1)


@pytest.mark.parametrize("text", ["**stars**", "<b>bold</b>"])
def test_markup_is_shown_as_it_is(page_url: str, open_page: Callable[..., Page], text: str):
    page = open_page(page_url)
    classify(page, f"{text} <script>document.title = 'taken'</script>")
    expect(page.locator(".st-key-best_0")).to_contain_text(text)
    assert best(page)[0] == text
    expect(page.locator("main b, main strong")).to_have_count(0)
    assert "taken" not in page.title()


def test_an_example_is_classified_with_one_click(page_url: str, open_page: Callable[..., Page]):
    page = open_page(page_url, width=390)
    page.get_by_role("button", name=ENGLISH.examples[1]).click()
    expect(page.locator(".st-key-best_0")).to_contain_text("billing")
    expect(page.get_by_role("textbox")).to_have_value(ENGLISH.examples[1])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_language_can_be_switched(page_url: str, open_page: Callable[..., Page]):
    page = open_page(page_url)
    classify(page, "my parcel")
    expect(page.locator(".st-key-best_0")).to_contain_text("delivery")
    page.get_by_text(CHINESE.language, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CHINESE.classify_title)
    expect(page.get_by_role("textbox")).to_have_value("my parcel")
    expect(page.locator(".st-key-answer")).to_contain_text("版本 7")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_comes_back_with_labels(page_url: str, open_page: Callable[..., Page], tmp_path: Path, encoding: str):
    page = open_page(page_url)
    page.get_by_role("link", name=ENGLISH.batch_page).click()
    expect(page.get_by_test_id("stFileUploader")).to_contain_text("50MB")  # the bound that python -m ui sets
    file = io.StringIO(newline="")
    csv.writer(file).writerows(ROWS)
    upload = {"name": "letters.csv", "mimeType": "text/csv", "buffer": file.getvalue().encode(encoding)}
    page.locator("input[type=file]").set_input_files(upload)
    page.get_by_role("button", name=ENGLISH.classify_file.format(count=4)).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=ENGLISH.download.format(form="CSV")).click()
    assert download.value.suggested_filename == "letters_labeled.csv"
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0][2:] == ["label", "probability", "in_scope"]
    assert [row[:2] for row in rows] == ROWS
    assert [row[2] for row in rows] == ["label", *LABELS]
    assert all(0.5 < float(row[3]) <= 1 for row in rows[1:])
    expect(page.get_by_test_id("glide-cell-2-3").last).to_have_text("<b>bold</b>")  # read by screen readers


def upload(page: Page, content: bytes, name: str = "letters.csv") -> None:
    """Open the page for files and upload one."""
    page.get_by_role("link", name=ENGLISH.batch_page).click()
    page.get_by_role("heading", name=ENGLISH.batch_title).wait_for()
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    settle(page)


def download(page: Page, form: str) -> bytes:
    with page.expect_download() as started:
        page.get_by_role("button", name=ENGLISH.download.format(form=form)).click()
    assert started.value.suggested_filename == f"letters_labeled.{form.lower()}"
    return Path(started.value.path()).read_bytes()


def choose(page: Page, label: str, value: str) -> None:
    """Choose in a list, and wait for the page that follows."""
    settle(page)
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=value, exact=True).click()
    settle(page)


def settle(page: Page) -> None:
    """Return when the page is drawn: a list closes if it is drawn anew meanwhile."""
    page.wait_for_timeout(100)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def test_a_spreadsheet_comes_back_as_one(page_url: str, open_page: Callable[..., Page]):
    book = openpyxl.Workbook()
    for row in [*ROWS, ["5", None]]:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    page = open_page(page_url)
    upload(page, content.getvalue(), "letters.xlsx")
    page.get_by_role("button", name=ENGLISH.classify_file.format(count=4)).click()
    sheet = openpyxl.load_workbook(io.BytesIO(download(page, "XLSX"))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [str(row[0]) for row in rows[1:]] == ["1", "2", "3", "4", "5"]
    assert [row[2] for row in rows] == ["label", *LABELS, None]


@pytest.mark.parametrize("width", [1280, 400])
def test_how_a_file_is_read_can_be_chosen(page_url: str, open_page: Callable[..., Page], width: int):
    page = open_page(page_url)
    upload(page, b"text;a,b\nparcel;1,2\n")
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_text(ENGLISH.choices).click()
    choose(page, ENGLISH.separator, ENGLISH.comma)
    expect(page.get_by_test_id("stMultiSelect").get_by_text("text;a")).to_have_count(1)
    choose(page, ENGLISH.separator, ENGLISH.semicolon)
    expect(page.get_by_test_id("stMultiSelect").get_by_text("text;a")).to_have_count(0)
    expect(page.get_by_test_id("stMultiSelect")).to_have_count(1)  # the one of the other columns has gone
    choose(page, ENGLISH.columns, "a,b")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=ENGLISH.classify_file.format(count=1)).click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("Texts classified: 1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_likely_encoding_is_one_click_away(page_url: str, open_page: Callable[..., Page]):
    texts = ["荷物がまだ届きません、いつ届きますか", "返金をお願いします、壊れていました", "パスワードを忘れました"] * 8
    page = open_page(page_url)
    upload(page, "\n".join(["text", *texts]).encode("cp932"))
    expect(page.get_by_test_id("stAlert")).to_contain_text("It looks like")
    expect(page.get_by_role("combobox", name=ENGLISH.encoding)).to_be_visible()  # the choices are open
    page.get_by_role("button", name="Read it as").click()
    expect(page.get_by_test_id("glide-cell-0-0").first).to_have_text(texts[0])
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 400])
def test_several_labels_are_shown_and_written(several_page_url: str, open_page: Callable[..., Page], width: int):
    page = open_page(several_page_url)
    page.set_viewport_size({"width": width, "height": 900})
    classify(page, "my parcel and my password")
    expect(page.locator(".st-key-best_0")).to_contain_text("delivery")
    expect(page.locator(".st-key-best_1")).to_contain_text("账户")
    expect(page.locator('[class*="st-key-bar_chosen"]')).to_have_count(2)
    expect(page.locator('[class*="st-key-bar_other"]')).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 900})
    upload(page, b"text\nmy parcel and money\nnothing\n")
    page.get_by_role("button", name=ENGLISH.classify_file.format(count=2)).click()
    rows = list(csv.reader(io.StringIO(download(page, "CSV").decode("utf-8-sig"), newline="")))
    assert rows[0] == ["text", "labels", "probabilities", "in_scope"]
    assert [row[1] for row in rows[1:]] == ["delivery|refund", ""]


def test_a_server_that_is_down_is_reported_plainly(lonely_page_url: str, open_page: Callable[..., Page]):
    page = open_page(lonely_page_url, locale="zh-CN")
    classify(page, "anything")
    expect(page.get_by_test_id("stAlert")).to_contain_text(CHINESE.server_down, timeout=15_000)
    expect(page.get_by_test_id("stCode")).to_contain_text("make serve")
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_the_first_visit_may_go_straight_to_the_page_for_files(lonely_page_url: str, browser):
    page = browser.new_page(locale="en-US")  # not open_page: Streamlit itself tries /batch/_stcore/health first
    page.goto(f"{lonely_page_url}/batch")
    expect(page.get_by_role("heading", level=1)).to_have_text(ENGLISH.batch_title)
    expect(page.get_by_role("link", name=ENGLISH.classify_page)).to_be_visible()
    page.close()


def test_the_page_listens_on_this_machine_only(page_url: str):
    with urllib.request.urlopen(f"{page_url}/_stcore/host-config", timeout=5) as answer:
        assert answer.status == 200
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(page_url.replace("127.0.0.1", "127.0.0.2"), timeout=5)


TEXTS = ["I was charged twice, why", '"charged" again', "the parcel; where is it", "my password fails", "包裹还没到"]
FORMS = {  # as people have them: separators, quotes, encodings, lines above, objects
    "semicolons.csv": "sep=;\r\nnr;text\r\n" + "".join(
        f'{at};"{text.replace(chr(34), chr(34) * 2)}"\r\n' for at, text in enumerate(TEXTS)),
    "tabs.csv": "Messages of May\t\n\t\nnr\ttext\n" + "".join(f"{at}\t{text}\n" for at, text in enumerate(TEXTS)),
    "array.json": json.dumps([{"nr": str(at), "text": text} for at, text in enumerate(TEXTS)]),
    "lines.txt": "\n".join(TEXTS),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_file_as_people_have_it_comes_back_with_labels(page_url: str, open_page: Callable[..., Page], name: str):
    page = open_page(page_url)
    upload(page, FORMS[name].encode("utf-16" if name == "tabs.csv" else "utf-8-sig"), name)
    page.get_by_role("button", name=ENGLISH.classify_file.format(count=len(TEXTS))).click()
    page.get_by_role("button", name=re.compile("CSV")).wait_for()
    with page.expect_download() as started:
        page.get_by_role("button", name=re.compile("CSV")).click()
    content = Path(started.value.path()).read_bytes().decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(content, newline=""))
    at = header.index("label")
    assert [row[at - 1] for row in rows] == TEXTS
    assert [row[at] for row in rows] == ["billing", "billing", "delivery", "账户", "delivery"]
