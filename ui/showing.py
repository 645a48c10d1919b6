"""Show an answer or a problem. Words of a visitor, a model or a server go through st.text only: shown as they are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from ganclf.errors import GanclfError, ServerError, ServerUnavailable
from ui import asking
from ui.text import Wording

if TYPE_CHECKING:
    from serving.client import Answer

SHOWN_CLASSES = 10
UNUSUAL = 0.02  # in-scope score below which the page doubts: one training text in fifty looks less like the classes


def answer(answered: "Answer", words: Wording) -> None:
    """Show the label of a single text, how probable each class is, and who said so."""
    prediction = answered.predictions[0]
    with st.container(border=True, key="answer"):
        st.caption(words.best_label)
        with st.container(key="best", horizontal=True, horizontal_alignment="distribute"):
            st.text(prediction.label)
            st.text(f"{prediction.probability:.1%}")
        _bars(prediction.probabilities, words)
        if prediction.in_scope is not None and prediction.in_scope < UNUSUAL:
            st.caption(words.out_of_scope)
        with st.container(key="quiet"):
            took = words.milliseconds.format(count=round(answered.seconds * 1000))
            st.text(f"{answered.model} · {words.version} {answered.version} · {took}")


def _bars(probabilities: Mapping[str, float], words: Wording) -> None:
    shown = list(probabilities.items())[:SHOWN_CLASSES]
    with st.container(key="bars"):
        for label, probability in shown:
            _bar(label, probability)
    hidden = len(probabilities) - len(shown)
    if hidden:
        share = max(0.0, 1.0 - sum(probability for _, probability in shown))
        st.caption(words.more_classes.format(count=hidden, share=f"{share:.1%}"))


def _bar(label: str, probability: float) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(label)
        st.progress(min(max(probability, 0.0), 1.0))
        st.text(f"{probability:.1%}")


def problem(error: GanclfError, words: Wording) -> None:
    """Say in a plain sentence why there is no label, and what to do."""
    if isinstance(error, ServerUnavailable):
        st.error(words.server_down)
        st.text(words.server_down_remedy)
        st.code("make serve", language="bash")
    elif isinstance(error, ServerError) and error.code == "NOT_FOUND":
        st.error(words.model_missing)
    else:
        st.error(words.server_failed)
        st.text(str(error))
    chosen = asking.settings()
    with st.container(key="quiet"):
        st.text(f"{words.address}: {chosen.server} · {chosen.model}")
