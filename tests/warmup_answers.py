"""What a published classifier answers to its warm-up, as a server would."""

import numpy as np

from ganclf.contract import PROBABILITIES
from ganclf.export.servable_check import check_servable
from ganclf.export.warmup import texts_of


def warmup_answers(version):
    """Texts, and the probabilities of their classes; the model is checked on the way."""
    asked = check_servable(version)
    texts = [text for request, _ in asked for text in texts_of(request)]
    return texts, np.concatenate([answers[PROBABILITIES] for _, answers in asked])
