"""A training of replies that is killed ends with the figures and replies of one that nobody broke off."""

from __future__ import annotations

import json

import pytest
from killed_trainings import end_of_each
from tiny_pairs import QUICK

from ganclf import contract
from ganclf.export.published_replies import PublishedReplies

COMMAND = "from ganclf.train import main"
OF_A_RUN = ("created", "resources", "configuration")  # parts of a report that name the run: its time and its folder
STAGES = [["discriminator", 1], ["generator", 1]]  # the tiny model has no round


@pytest.mark.timeout(900)  # on a busy machine
def test_the_command_that_is_killed_in_every_stage_publishes_the_same_figures_and_replies(
    start, replier, pair_file, tmp_path
):  # fmt: skip
    words = ["--task", "replies", "--data", str(pair_file), *QUICK, "--output", str(tmp_path / "replies")]
    ends = end_of_each(start, COMMAND, f"assert main({words!r}) == 0", STAGES)
    assert ends == [-9] * len(STAGES) + [0]
    reports, replies = [], []
    for folder in (replier, tmp_path / "replies"):
        report = json.loads((folder / "1" / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text("utf-8"))
        reports.append({name: value for name, value in report.items() if name not in OF_A_RUN})
        replies.append(PublishedReplies(folder).replies(["where is my red cat 5 ?", "你好"], [3, 4], 0.8))
    assert reports[0] == reports[1]
    assert replies[0] == replies[1]
