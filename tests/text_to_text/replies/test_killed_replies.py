"""A training of replies that is killed gives the weights, figures and replies of one that nobody broke off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from killed_trainings import NO_KILL, end_of_each
from tiny_pairs import QUICK

from ganclf import contract
from ganclf.export.published_replies import PublishedReplies

COMMAND = "from ganclf.train import main"
OF_A_RUN = ("created", "resources", "configuration")  # parts of a report that name the run: its time and its folder
STAGES = [["discriminator", 1], ["generator", 1], ["round 1", 1]]
IMPORTS = f"""
import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, {str(Path(__file__).parent)!r})
import tensorflow as tf
from tiny_pairs import pairs

from ganclf.adversarial import training
from ganclf.export.checkpoints import Checkpoint
from ganclf.text_to_text.replies.config import PairConfig
from ganclf.text_to_text.replies.encoding import PairEncoding
from ganclf.text_to_text.replies.pairs import Pairs
from ganclf.text_to_text.replies.training import Training
"""
CODE = """
tf.config.run_functions_eagerly(True)  # to trace them takes longer
training.SEGMENT_STEPS = 1
rows = pairs(48)
train, held_out = (Pairs(*(list(side) for side in zip(*part))) for part in (rows[:32], rows[32:]))
encoding = PairEncoding.fit(train, 30, 60, 6)
config = PairConfig(
    units=4, embedding_size=4, vector_size=4, epochs=1, discriminator_epochs=1, rounds=1, round_pairs=32,
    batch_size=16, discriminator_batch_size=16, max_tokens=6,
)
folder = UNBROKEN if not (UNBROKEN / "found.json").exists() else KILLED
checkpoint = Checkpoint(folder, {})
players = Training(config, encoding, encoding.columns(train), encoding.columns(held_out), checkpoint).run()
networks = players.discriminator, players.generator
weights = [weight.tobytes() for network in networks for weight in network.get_weights()]
found = [[asdict(history) for history in players.histories.values()], players.notes, players.figures]
(folder / "found.json").write_text(json.dumps([*found, hashlib.sha256(b"".join(weights)).hexdigest()]))
"""


def test_replies_of_a_training_that_is_killed_in_every_stage_are_the_same(start, tmp_path):
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    code = f"UNBROKEN, KILLED = Path({str(unbroken)!r}), Path({str(killed)!r})\n{CODE}"
    assert end_of_each(start, IMPORTS, code, [NO_KILL, *STAGES]) == [0] + [-9] * len(STAGES) + [0]
    assert (killed / "found.json").read_text() == (unbroken / "found.json").read_text()


@pytest.mark.timeout(900)  # on a busy machine
def test_the_command_that_is_killed_and_given_again_publishes_the_same_figures_and_replies(
    start, replier, pair_file, tmp_path
):  # fmt: skip
    words = ["--task", "replies", "--data", str(pair_file), *QUICK, "--output", str(tmp_path / "replies")]
    ends = end_of_each(start, COMMAND, f"assert main({words!r}) == 0", [["generator", 1]])
    assert ends == [-9, 0]
    reports, replies = [], []
    for folder in (replier, tmp_path / "replies"):
        report = json.loads((folder / "1" / contract.ASSETS_EXTRA / contract.REPORT_FILE).read_text("utf-8"))
        for name in ("files", "reading"):  # of the same texts, which each process of the tests has in its own folder
            del report["data"][name]
        reports.append({name: value for name, value in report.items() if name not in OF_A_RUN})
        replies.append(PublishedReplies(folder).replies(["where is my red cat 5 ?", "你好"], [3, 4], 0.8))
    assert reports[0] == reports[1]
    assert replies[0] == replies[1]
