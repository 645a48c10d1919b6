"""What the pages draw: an answer, or an error. Words of a visitor, a model or a server go through st.text only."""

import secrets
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from ganclf.errors import DataError, GanclfError, ServerError, ServerUnavailable
from ui import choices, client
from ui.settings import MAX_SEED, Settings
from ui.text import Wording, explain

if TYPE_CHECKING:
    from serving.client import Answer, Prediction

MAKEFILE = Path(__file__).parents[1] / "Makefile"  # only a checkout has it
MAX_BARS = 10  # classes that are drawn
UNUSUAL = 0.02  # in-scope score below which the page warns: one training text in fifty looks less like the classes


def first_seed(asked: float | None) -> int:
    """The seed of the first of several results; where a visitor asks for none, one by chance."""
    return secrets.randbelow(MAX_SEED) if asked is None else int(asked)


def show_answer(answer: "Answer", words: Wording) -> None:
    """Show the label or labels of a single text, the probability of each class, and the model's version."""
    prediction = answer.predictions[0]
    with st.container(border=True, key="answer"):
        if prediction.labels is None:
            st.caption(words.best_label)
            _show_best([prediction.label], prediction)
        elif prediction.labels:
            st.caption(words.best_labels)
            _show_best(prediction.labels[:MAX_BARS], prediction)
        else:
            st.text(words.no_label)
        _show_bars(prediction, words)
        if prediction.in_scope is not None and prediction.in_scope < UNUSUAL:
            st.caption(words.out_of_scope)
        with st.container(key="quiet"):
            took = words.milliseconds.format(count=round(answer.seconds * 1000))
            st.text(f"{answer.model} · {words.version} {answer.version} · {took}")


def show_server_error(error: GanclfError, words: Wording) -> None:
    """Show in a plain sentence why there is no label, and what to do."""
    if isinstance(error, ServerUnavailable):
        st.error(words.server_down)
        st.text(words.server_down_remedy)
        st.code(_serve_command(client.settings()), language="bash")
    elif isinstance(error, ServerError) and error.code == "NOT_FOUND":
        st.error(words.model_missing)
    else:
        st.error(words.server_failed)
        st.text(str(error))
    settings = client.settings()
    with st.container(key="quiet"):
        st.text(f"{words.address}: {settings.server} · {settings.model}")


def show_data_error(error: DataError, words: Wording) -> None:
    """Show in a plain sentence why a file can't be used; the reader's own message where no sentence fits."""
    sentence = explain(error, words)
    st.error(sentence or words.file_unusable)
    if sentence is None:
        st.text(choices.in_words_of_the_page(str(error), words))


def _serve_command(settings: Settings) -> str:
    """The command that starts the server: of a checkout, or of an installed package."""
    model, port = shlex.quote(settings.model), shlex.quote(settings.server.rpartition(":")[2])
    if MAKEFILE.exists():
        return f"make serve MODEL={model} PORT={port}"
    return f"ganclf serve --model_name {model} --model_base_path saved_models/{model} --port {port}"


def _show_best(labels: Sequence[str], prediction: "Prediction") -> None:
    for place, label in enumerate(labels):
        with st.container(key=f"best_{place}", horizontal=True, horizontal_alignment="distribute"):
            st.text(label)
            st.text(f"{prediction.probabilities[label]:.1%}")


def _show_bars(prediction: "Prediction", words: Wording) -> None:
    """Bars of the likeliest classes, in strong color for those that the text has: of one label, the first."""
    probabilities = prediction.probabilities
    chosen = [prediction.label] if prediction.labels is None else prediction.labels
    shown = list(probabilities.items())[:MAX_BARS]
    with st.container(key="bars"):
        for place, (label, probability) in enumerate(shown):
            _show_bar(label, probability, f"{'chosen' if label in chosen else 'other'}_{place}")
    hidden = len(probabilities) - len(shown)
    if hidden and prediction.labels is None:
        share = max(0.0, 1.0 - sum(probability for _, probability in shown))
        st.caption(words.more_classes.format(count=hidden, share=f"{share:.1%}"))
    elif hidden:
        st.caption(words.other_classes.format(count=hidden))


def _show_bar(label: str, probability: float, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"bar_{key}"):
        st.text(label)
        st.progress(min(max(probability, 0.0), 1.0))
        st.text(f"{probability:.1%}")
