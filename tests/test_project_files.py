"""README, its links, and the scripts in findings/ keep their form."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "findings/README.md", "docs/results/README.md")
SCRIPTS = sorted((ROOT / "findings").glob("*.sh"))
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")


def words_per_sentence(markdown: str) -> float:
    """Mean over the prose: no code, tables or headings."""
    prose = re.sub(r"```.*?```|^[|#!].*?$", "", markdown, flags=re.DOTALL | re.MULTILINE)
    blocks = re.split(r"\n\s*\n|\n(?=- |\d\. )", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", prose))
    sentences = [part.split() for block in blocks for part in re.split(r"(?<=[.:])\s+", block.strip()) if part]
    return sum(map(len, sentences)) / len(sentences)


def test_the_readme_is_short():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert words_per_sentence(text) < 15


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page):
    file = ROOT / page
    links = [link for link in LINK.findall(file.read_text(encoding="utf-8")) if "://" not in link]
    assert links
    assert [link for link in links if not (file.parent / link).exists()] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_finding_is_pinned_and_can_fail(script):
    text = script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in text
    packages = re.findall(r'"([a-z][\w-]+)([^"]*)"', text.split("pip install", 1)[1].split("\ncd ", 1)[0])
    assert packages
    assert all(version.startswith("==") for _, version in packages)
    assert "sys.exit(0 if as_recorded else 1)" in text
    assert "import ganclf" not in text


def test_every_finding_is_listed():
    listed = re.findall(r"\]\((\w+\.sh)\)", (ROOT / "findings" / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == [script.name for script in SCRIPTS]
