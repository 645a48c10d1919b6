"""What a visitor sees and downloads."""

import csv
import io
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ui.text import CHINESE, ENGLISH

pytestmark = pytest.mark.browser

ROWS = [["id", "text"], ["1", "I was charged twice"], ["2", "包裹，还没到"], ["3", "**stars**"], ["4", "<b>bold</b>"]]
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
