"""Arrows point one way: which part of the house may import which."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEAVES = {
    "errors",
    "contract",
    "config",
    "options",
    "progress",
    "texts",
    "caching",
    "rows",
    "strips",
}  # anyone may import these
ALLOWED = {
    "errors": set(),
    "contract": set(),
    "config": set(),
    "options": set(),
    "progress": set(),
    "texts": set(),
    "caching": set(),
    "rows": set(),
    "strips": set(),
    "arguments": set(),
    "answers": set(),
    "versions": set(),
    "devices": set(),
    "warmup": set(),
    "stock_ops": set(),
    "gate": {"stock_ops", "warmup"},
    "parameters": set(),
    "published": {"versions"},
    "data": set(),
    "glyphs": {"arguments"},
    "encoders": {"glyphs"},
    "adversarial": set(),
    "networks": {"adversarial"},
    "recipes": {"adversarial", "networks", "devices"},
    "evaluation": {"glyphs"},
    "export": {"versions", "warmup", "gate", "published", "estimator"},  # the estimator by name only, for its type
    "cross_fitting": {"recipes", "evaluation"},
    "teachers": {"recipes", "evaluation"},
    "tuning": {"encoders", "teachers", "recipes", "evaluation", "devices"},
    "weighing": {"cross_fitting", "evaluation", "networks"},
    "encoding": {"encoders", "glyphs", "tuning"},
    "estimator": {"encoding", "cross_fitting", "weighing", "recipes"}
    | {"export", "published", "devices", "parameters"},
    "contest": {"data", "estimator", "evaluation"},
    "estimates": {"data", "contest", "estimator", "evaluation"},
    "pipeline": {"data", "evaluation", "estimates", "contest", "estimator", "devices"},
    "suggesting": set(),
    "benchmarking": {"arguments", "data", "evaluation", "estimator", "devices", "suggesting"},
    "benchmark": {"arguments", "benchmarking"},
    "latency": {"arguments", "data", "estimator"},
    "train": {"arguments", "pipeline"},
    "predict": {"arguments", "answers", "data", "published", "serving"},
    "suggest": {"arguments", "answers", "data", "estimator", "suggesting"},
    "serving": set(),
    "ui": {"serving"},
}


def part(name: str) -> str | None:
    """`ganclf.data.reading` → data; `serving.client` → serving; a foreign module → None."""
    head, *rest = name.split(".")
    if head == "ganclf":
        return rest[0] if rest else None
    return head if head in ("serving", "ui") else None


def imports(file: Path) -> set[str]:
    """Parts that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names if node.module == "ganclf"}
    return {found for name in names if (found := part(name)) and found != "__version__"}


FILES = sorted(file for folder in ("ganclf", "serving", "ui") for file in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_imports_only_what_its_part_may(file):
    path = file.relative_to(ROOT).with_suffix("")
    own = part(".".join(path.parts))
    if own in (None, "__init__"):
        return  # ganclf/__init__.py hands out the estimator
    foreign = imports(file) - {own} - LEAVES
    assert foreign <= ALLOWED[own], f"{file.relative_to(ROOT)} imports {sorted(foreign - ALLOWED[own])}"


def test_every_part_has_its_arrows():
    parts = {part(".".join(file.relative_to(ROOT).with_suffix("").parts)) for file in FILES}
    assert parts - {None, "__init__"} == set(ALLOWED)


@pytest.mark.parametrize("name", ["adversarial", "networks"])
def test_the_core_knows_nothing_of_text(name):
    for file in (ROOT / "ganclf" / name).rglob("*.py"):
        assert "tensorflow_text" not in file.read_text(encoding="utf-8")


def test_the_page_and_the_client_import_no_model():
    for file in [*(ROOT / "ui").rglob("*.py"), ROOT / "serving" / "client.py"]:
        source = file.read_text(encoding="utf-8")
        assert "import keras" not in source
        assert "import tensorflow" not in source
