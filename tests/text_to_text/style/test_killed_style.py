"""A training of styles that is killed in every stage gives the weights and figures of one that nobody broke off."""

from __future__ import annotations

from pathlib import Path

from killed_trainings import NO_KILL, end_of_each

STAGES = [["discriminator", 1], ["generator", 1], ["round 1", 1]]
IMPORTS = f"""
import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, {str(Path(__file__).parent)!r})
import numpy as np
import tensorflow as tf
from tiny_styles import texts

from ganclf.adversarial import training
from ganclf.encoders.tokens import Tokenizer
from ganclf.export.checkpoints import Checkpoint
from ganclf.text_to_text.style.config import StyleConfig
from ganclf.text_to_text.style.edits import Editor
from ganclf.text_to_text.style.training import Corpus, Training
"""
CODE = """
tf.config.run_functions_eagerly(True)  # to trace them takes longer
training.SEGMENT_STEPS = 1
rows = texts()[:48]
names = sorted({label for _, label in rows})
tokenizer = Tokenizer.fit([text for text, _ in rows], 60)
styles = np.array([names.index(label) for _, label in rows], np.int32)
corpus = Corpus(tokenizer.encode_all([text for text, _ in rows], 8), styles)
train, held_out = corpus.take(np.arange(32)), corpus.take(np.arange(32, 48))
config = StyleConfig(
    units=4, embedding_size=4, filters=2, epochs=1, discriminator_epochs=1, rounds=1, round_texts=32, batch_size=16,
    max_tokens=8,
)
folder = UNBROKEN if not (UNBROKEN / "found.json").exists() else KILLED
editor = Editor.fit(train.tokens, train.styles, len(names), tokenizer, max_ngrams=config.max_ngrams, seed=config.seed)
players = Training(config, tokenizer.size, len(names), train, held_out, Checkpoint(folder, {})).run(editor)
networks = players.discriminator, players.generator, *players.without_game
weights = [weight.tobytes() for network in networks for weight in network.get_weights()]
found = [[asdict(history) for history in players.histories.values()], players.notes]
(folder / "found.json").write_text(json.dumps([*found, hashlib.sha256(b"".join(weights)).hexdigest()]))
"""


def test_styles_of_a_training_that_is_killed_in_every_stage_are_the_same(start, tmp_path):
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    code = f"UNBROKEN, KILLED = Path({str(unbroken)!r}), Path({str(killed)!r})\n{CODE}"
    assert end_of_each(start, IMPORTS, code, [NO_KILL, *STAGES]) == [0] + [-9] * len(STAGES) + [0]
    assert (killed / "found.json").read_text() == (unbroken / "found.json").read_text()
