"""Arrows point down: which room of the house may import which. docs/concepts/architecture.md draws it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# `import` statements are all that is compared with the arrows. Imports by a name in a string are in these files only:
# the first two run the commands that cli/command_line.py lists and those in benchmarks/, the others take generated
# messages of tensorflow_serving.
BY_NAME = ("import_module", "find_spec", "__import__")
IMPORT_BY_NAME = {
    "ganclf/cli/main.py",
    "ganclf/cli/repository.py",
    "serving/protos.py",
    "serving/local/grpc_server.py",
}
COMMANDS = (
    "train",
    "predict",
    "generate",
    "generated_rows",
    "replying",
    "restyling",
    "picturing",
    "typesetting",
    "drawing",
    "illustrating",
    "suggest",
    "benchmark",
    "latency",
)
ALLOWED = {
    "errors": "",
    "contract": "",
    "adversarial": "",
    "cli": "errors contract",
    "export": "errors contract cli",
    "config": "errors cli",
    "data": "errors contract config",
    "rendering": "errors cli data",
    "encoders": "errors contract cli config data rendering",
    "networks": "adversarial rendering",
    "evaluation": "errors contract rendering",
    "classification": "errors contract adversarial cli export config data rendering encoders networks evaluation",
    "text_generation": "errors contract adversarial cli export config data encoders networks evaluation",
    "text_to_text": "errors contract adversarial cli export config data encoders networks evaluation runs",
    "runs": "errors contract cli export config evaluation",
    "image_to_image": "errors contract adversarial cli export config data rendering encoders networks evaluation runs",
    "image_generation": "errors contract adversarial cli export config data encoders networks evaluation runs",
    "text_to_image": "errors contract adversarial cli export config data encoders networks evaluation runs",
    "commands": "errors contract cli export config data rendering classification text_generation text_to_text "
    "image_generation image_to_image text_to_image serving",
    "serving": "errors contract",
    "ui": "errors contract data serving",
}


def part(name: str) -> str | None:
    """`ganclf.data.reading` → data; `ganclf.train` → commands; a foreign module → None."""
    head, *rest = name.split(".")
    if head == "ganclf" and rest:
        return "commands" if rest[0] in COMMANDS else rest[0]
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


def imports_by_name(file: Path) -> bool:
    """Whether a file imports, or looks for, a module whose name is not written there in full as a foreign one."""
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    names = [call.args[0] for call in calls if ast.unparse(call.func).split(".")[-1] in BY_NAME]
    return any(not isinstance(name, ast.Constant) or part(name.value) is not None for name in names)


FILES = sorted(file for folder in ("ganclf", "serving", "ui") for file in (ROOT / folder).rglob("*.py"))


def own_part(file: Path) -> str | None:
    return part(".".join(file.relative_to(ROOT).with_suffix("").parts))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_imports_only_what_its_part_may(file):
    own = own_part(file)
    if own in (None, "__init__"):
        return  # ganclf/__init__.py hands out the estimator
    foreign = imports(file) - {own} - set(ALLOWED[own].split())
    assert not foreign, f"{file.relative_to(ROOT)} imports {sorted(foreign)}"


def test_imports_by_name_are_in_the_files_that_need_them():
    found = {str(file.relative_to(ROOT)) for file in FILES if imports_by_name(file)}
    assert found == IMPORT_BY_NAME


def test_every_part_has_its_arrows():
    assert {own_part(file) for file in FILES} - {None, "__init__"} == set(ALLOWED)


def test_there_is_no_circle():
    left = {name: set(below.split()) for name, below in ALLOWED.items()}
    while left:
        floor = {name for name, below in left.items() if not below & set(left)}
        assert floor, f"a circle among {sorted(left)}"
        left = {name: below for name, below in left.items() if name not in floor}


@pytest.mark.parametrize("name", ["adversarial", "networks"])
def test_the_core_knows_nothing_of_text(name):
    for file in (ROOT / "ganclf" / name).rglob("*.py"):
        assert "tensorflow_text" not in file.read_text(encoding="utf-8")


def test_the_page_and_the_client_import_no_model():
    for file in [*(ROOT / "ui").rglob("*.py"), ROOT / "serving" / "client.py"]:
        source = file.read_text(encoding="utf-8")
        assert "import keras" not in source
        assert "import tensorflow" not in source


@pytest.mark.parametrize(("one", "other"), [("replies", "style"), ("style", "replies")])
def test_the_tasks_of_texts_from_texts_do_not_import_each_other(one, other):
    for file in (ROOT / "ganclf" / "text_to_text" / one).rglob("*.py"):
        assert f"text_to_text.{other}" not in file.read_text(encoding="utf-8")
