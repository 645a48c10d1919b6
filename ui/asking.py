"""Ask the server: one client for all visitors, texts sent in chunks."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from ui.settings import Settings
from ui.text import Wording

if TYPE_CHECKING:
    from serving.client import Answer, Client

CHUNK_TEXTS = 256  # small enough for the progress bar to move, far below what one request may hold


def settings() -> Settings:
    """Give the settings with which this page was started."""
    return Settings.read(sys.argv[1:])


def client(words: Wording) -> "Client":
    """Give the client, made once per server process; the first visitor sees a spinner."""
    with st.spinner(words.loading):  # the protos bring TensorFlow along, which takes some seconds
        return _client(settings())


def ask(texts: Sequence[str], words: Wording) -> "Answer":
    """Ask for the labels of a few texts.

    Raises:
        ServerUnavailable: nobody answers at the address.
        ServerError: the server can't answer.
    """
    return client(words).predict(list(texts))


def ask_in_chunks(texts: Sequence[str], words: Wording) -> Iterator["Answer"]:
    """Ask for the labels of many texts; yield an answer for each chunk, in order."""
    for start in range(0, len(texts), CHUNK_TEXTS):
        yield ask(texts[start : start + CHUNK_TEXTS], words)


@st.cache_resource(show_spinner=False)
def _client(chosen: Settings) -> "Client":
    from serving.client import Client

    return Client(chosen.server, model=chosen.model)
