"""Where the small files are that people have; the generated ones of the same kinds need no folder."""

import os
from pathlib import Path

import pytest

pytest.register_assert_rewrite("check_reading", "written")

ROOT = Path(__file__).parents[2]
CASES = Path(os.environ.get("GANCLF_CASES", ROOT.parent / "shared" / "cases" / "input"))


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder with the small files."""
    if not CASES.is_dir():
        pytest.skip(f"no {CASES}; set GANCLF_CASES to the folder with the small files")
    return CASES
