"""Thousands of generated files: each reads back as it was written or is refused in words, none is read wrong.

`make test` runs 1,000 of them; `GANCLF_TABLES=10000` says how many run.
"""

import os
from collections.abc import Callable

import delimited_writers
import pytest
import record_writers
import tool_writers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from written import Written, check, check_batches

TABLES = int(os.environ.get("GANCLF_TABLES", "1000"))
FAMILIES = {**delimited_writers.FAMILIES, **record_writers.FAMILIES, **tool_writers.FAMILIES}
EACH = -(-TABLES // len(FAMILIES))


def check_some(family: str, count: int, check: Callable[[Written], None]) -> None:
    """Draw `count` files of a family; the same ones in every run."""

    @settings(
        derandomize=True, deadline=None, max_examples=count, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def check_one(data: st.DataObject) -> None:
        check(data.draw(FAMILIES[family]))

    check_one()


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_was_written_is_read_or_refused(family: str):
    check_some(family, EACH, check)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("family", FAMILIES)
def test_batch_by_batch_there_are_the_same_rows(family: str):
    check_some(family, -(-EACH // 10), check_batches)
