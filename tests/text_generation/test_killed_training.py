"""A training that is killed in every stage gives the weights and figures of one that nobody broke off."""

from __future__ import annotations

from pathlib import Path

from killed_trainings import NO_KILL, end_of_each

STAGES = [
    ["likelihood", 1],
    ["backwards", 1],
    ["ties", 1],
    ["pairs", 1],
    ["labels", 1],
    ["discriminator", 1],
    ["round 1", 1],
]
IMPORTS = f"""
import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, {str(Path(__file__).parent)!r})
import tensorflow as tf
from tiny_sentences import sentences

from ganclf.adversarial import training
from ganclf.data.text_parts import Part, TextData
from ganclf.export.checkpoints import Checkpoint
from ganclf.text_generation.config import TextGameConfig
from ganclf.text_generation.prepared import Prepared
from ganclf.text_generation.report import candidates_json
"""
CODE = """
tf.config.run_functions_eagerly(True)  # to trace them takes longer
training.SEGMENT_STEPS = 2
rows = list(sentences())[::2]
train, held_out, test = (Part(*map(list, zip(*rows[start::3]))) for start in range(3))
config = TextGameConfig(
    units=4, epochs=1, discriminator_epochs=1, rounds=1, batch_size=16, partition_samples=100, max_tokens=5,
    max_words=30,
)
folder = UNBROKEN if not (UNBROKEN / "found.json").exists() else KILLED
prepared = Prepared(TextData(train, held_out, test, ("happy", "sad"), False, {}, ("text", "mood")), config)
players = prepared.training(Checkpoint(folder, {})).run()
networks = [each for candidate in players.candidates for each in (candidate.generator, *candidate.judge.networks)]
weights = [weight.tobytes() for network in networks for weight in network.get_weights()]
found = [candidates_json(players.candidates), {name: asdict(each) for name, each in players.histories.items()}]
(folder / "found.json").write_text(json.dumps([*found, hashlib.sha256(b"".join(weights)).hexdigest()]))
"""


def test_a_training_that_is_killed_in_every_stage_ends_with_the_same_weights(start, tmp_path):
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    code = f"UNBROKEN, KILLED = Path({str(unbroken)!r}), Path({str(killed)!r})\n{CODE}"
    assert end_of_each(start, IMPORTS, code, [NO_KILL, *STAGES]) == [0] + [-9] * len(STAGES) + [0]
    assert (killed / "found.json").read_text() == (unbroken / "found.json").read_text()
