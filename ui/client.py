"""The client of the page: one connection for all visitors, long lists in batches."""

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import streamlit as st

from ganclf.contract import (
    KINDS,
    MATCH,
    PREFIX,
    REPLY,
    SHARPNESS,
    STYLE_PROBABILITY,
    TRUNCATION,
    DrawnPicture,
    GeneratedText,
    GenerationRequest,
    Illustration,
    IllustrationRequest,
    PictureRequest,
    Reply,
    Restyled,
)
from ganclf.errors import GanclfError
from ui.settings import Settings
from ui.text import Wording

if TYPE_CHECKING:
    from serving.client import Answer, Client

TEXT_TIMEOUT = 5.0  # seconds: who waits for one label wants to know soon that there is no answer
FILE_TIMEOUT = 20.0  # seconds per batch: a long file survives the restart of a server
TASK_TIMEOUT = 1.0  # seconds: what the model does is asked before anything is drawn
TASK, ASKED = "task", "asked"  # keys of the session
ASK_AGAIN = 5.0  # seconds after which a server that was down is asked again what its model does
WRITING_TIMEOUT = 60.0  # seconds for all texts that are written at a click
Task = Literal["classify", "write", "reply", "restyle", "enlarge", "draw", "illustrate", "translate"]
TASKS: dict[str, Task] = {  # what a model does, by an input or output that no other has
    PREFIX: "write", REPLY: "reply", STYLE_PROBABILITY: "restyle", SHARPNESS: "enlarge", TRUNCATION: "draw",
    MATCH: "illustrate", KINDS: "translate",
}  # fmt: skip
SMALLEST_PNG = bytes.fromhex(  # one grey pixel, with which a translator is asked for its kinds
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a4944415478da6368000000820081da45083b0000000049454e44ae426082"
)
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


def task() -> Task:
    """What the served model does; classify, as long as its server does not answer."""
    state = st.session_state
    if TASK not in state and time.monotonic() - state.get(ASKED, float("-inf")) > ASK_AGAIN:
        state[ASKED] = time.monotonic()
        try:
            signatures = connect(settings(), TASK_TIMEOUT).metadata().signatures.values()
            names = {name for signature in signatures for name in (*signature.inputs, *signature.outputs)}
            state[TASK] = next((task for name, task in TASKS.items() if name in names), "classify")
        except GanclfError:
            pass  # the page says so where it needs the server
    found: Task = state.get(TASK, "classify")
    return found


def generate(requests: Sequence[GenerationRequest], words: Wording) -> list[GeneratedText]:
    """Let the model write a text for each request. Raises as `predict` does."""
    with st.spinner(words.waiting):
        return connect(settings(), WRITING_TIMEOUT).generate(requests)


def reply(text: str, seed: int, words: Wording) -> list[Reply]:
    """Replies to a text, the best first. Raises as `predict` does."""
    with st.spinner(words.waiting):
        return connect(settings(), WRITING_TIMEOUT).replies([text], [seed])[0]


def restyle(text: str, target: str, strength: float, words: Wording) -> Restyled:
    """A text in another style. Raises as `predict` does."""
    with st.spinner(words.waiting):
        return connect(settings(), WRITING_TIMEOUT).restyle([text], target, strength)[0]


def styles(words: Wording) -> tuple[str, ...]:
    """The styles that a text can be rewritten in. Raises as `predict` does."""
    with st.spinner(words.waiting):
        return connect(settings(), WRITING_TIMEOUT).restyle(["?"], "")[0].classes


def enlarge(pictures: Sequence[bytes], sharpness: float, words: Wording) -> list[bytes]:
    """Larger pictures, as PNG. Raises as `predict` does."""
    with st.spinner(words.waiting):
        return connect(settings(), WRITING_TIMEOUT).convert(pictures, sharpness, pictures_per_call=1)


def illustrate(requests: Sequence[IllustrationRequest], words: Wording) -> list[Illustration]:
    """A picture for each request. Raises as `predict` does."""
    with st.spinner(words.waiting):
        return connect(settings(), WRITING_TIMEOUT).illustrate(requests, pictures_per_call=1)


def draw(requests: Sequence[PictureRequest], words: Wording) -> list[DrawnPicture]:
    """Let the model draw a picture for each request. Raises as `predict` does."""
    with st.spinner(words.waiting):
        return connect(settings(), WRITING_TIMEOUT).draw(requests)


def translate(pictures: Sequence[bytes], target: str, words: Wording) -> list[bytes]:
    """Pictures of the kind `target`, as PNG. Raises as `predict` does."""
    with st.spinner(words.waiting):
        return connect(settings(), WRITING_TIMEOUT).convert(pictures, target=target)


def kinds(words: Wording) -> tuple[str, ...]:
    """The kinds of pictures between which the model translates. Raises as `predict` does."""
    with st.spinner(words.waiting):
        return connect(settings(), WRITING_TIMEOUT).kinds(SMALLEST_PNG)


@st.cache_resource(show_spinner=False)
def connect(started_with: Settings, timeout: float) -> "Client":
    """Return the client, made once per process and shared by all visitors."""
    from serving.client import Client  # here: the page itself opens before gRPC is imported

    return Client(started_with.server, model=started_with.model, timeout=timeout)
