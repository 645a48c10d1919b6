"""The client of the page: one connection for all visitors, long lists in batches."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from ui.settings import Settings
from ui.text import Wording

if TYPE_CHECKING:
    from serving.client import Answer, Client

TEXT_TIMEOUT = 5.0  # seconds: who waits for one label wants to know soon that there is no answer
FILE_TIMEOUT = 20.0  # seconds per batch: a long file survives the restart of a server
BATCH_SIZE = 256  # texts: few enough for the progress bar to move, far fewer than one request may hold


def settings() -> Settings:
    """Return the settings with which this page was started."""
    return Settings.from_arguments(sys.argv[1:])


def predict(text: str, words: Wording) -> "Answer":
    """Classify one text.

    Raises:
        ServerUnavailable: there is no server at the address.
        ServerError: the server can't answer.
    """
    with st.spinner(words.waiting):
        return connect(settings(), TEXT_TIMEOUT).predict([text])


def predict_in_batches(texts: Sequence[str]) -> Iterator["Answer"]:
    """Classify many texts; yield the answer of each batch, in order. Raises as `predict` does."""
    for start in range(0, len(texts), BATCH_SIZE):
        yield connect(settings(), FILE_TIMEOUT).predict(texts[start : start + BATCH_SIZE])


@st.cache_resource(show_spinner=False)
def connect(started_with: Settings, timeout: float) -> "Client":
    """Return the client, made once per process and shared by all visitors."""
    from serving.client import Client  # here: the page itself opens before gRPC is imported

    return Client(started_with.server, model=started_with.model, timeout=timeout)
