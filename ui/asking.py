"""Ask the server: one client for all visitors, texts sent in chunks."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from ui.settings import Settings
from ui.text import Wording

if TYPE_CHECKING:
    from serving.client import Answer, Client

ASK_SECONDS = 5.0  # a visitor who waits for one label wants to hear soon that nobody answers
CHUNK_SECONDS = 20.0  # a long file survives the restart of a server
CHUNK_TEXTS = 256  # small enough for the progress bar to move, far below what one request may hold


def settings() -> Settings:
    """Give the settings with which this page was started."""
    return Settings.read(sys.argv[1:])


def ask(text: str, words: Wording) -> "Answer":
    """Ask for the label of one text.

    Raises:
        ServerUnavailable: nobody answers at the address.
        ServerError: the server can't answer.
    """
    with st.spinner(words.asking):
        return client(settings(), ASK_SECONDS).predict([text])


def ask_in_chunks(texts: Sequence[str]) -> Iterator["Answer"]:
    """Ask for the labels of many texts; yield an answer for each chunk, in order. Raises as `ask` does."""
    for start in range(0, len(texts), CHUNK_TEXTS):
        yield client(settings(), CHUNK_SECONDS).predict(texts[start : start + CHUNK_TEXTS])


@st.cache_resource(show_spinner=False)
def client(chosen: Settings, seconds: float) -> "Client":
    """Give the client, made once per server process and shared by all visitors."""
    from serving.client import Client  # here: the page itself opens before gRPC is imported

    return Client(chosen.server, model=chosen.model, timeout=seconds)
