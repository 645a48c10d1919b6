"""New texts: how they begin, of which label and how unusual; each with its realness."""

import streamlit as st

from ganclf.contract import MAX_CANDIDATES, GeneratedText, GenerationRequest
from ganclf.errors import GanclfError
from ui import client, components, language, results
from ui.settings import MAX_SEED
from ui.text import Wording

WRITTEN = "written"  # key of the session
MAX_TEXTS = 50  # at a click
DEFAULT_TEXTS, DEFAULT_CANDIDATES = 5, 4
MAX_TEMPERATURE, TEMPERATURE_STEP = 2.0, 0.05
MAX_PREFIX_CHARACTERS = 200


def show() -> None:
    """Draw the page."""
    words = language.current_wording()
    st.title(words.write_title, anchor=False)
    st.text(words.write_lead)
    try:
        labels = _labels(words)
        asked = _form(labels, words)
        if asked:
            st.session_state.pop(WRITTEN, None)
            st.session_state[WRITTEN] = client.generate(asked, words)
    except GanclfError as error:
        components.show_server_error(error, words)
        return
    if WRITTEN in st.session_state:
        _show_texts(st.session_state[WRITTEN], words)


def _labels(words: Wording) -> tuple[str, ...]:
    """The labels that the model can be asked for; it says so with every text that it writes."""
    if "labels" not in st.session_state:
        st.session_state["labels"] = client.generate([GenerationRequest()], words)[0].classes
    labels: tuple[str, ...] = st.session_state["labels"]
    return labels


def _form(labels: tuple[str, ...], words: Wording) -> list[GenerationRequest]:
    """The form; what is asked, nothing where the button was not pressed."""
    with st.form("write", border=False):  # fields have keys: they keep their values when the language changes
        prefix = st.text_input(
            words.prefix_label, max_chars=MAX_PREFIX_CHARACTERS, placeholder=words.prefix_placeholder,
            key="write_prefix",
        )  # fmt: skip
        label = ""
        if labels:
            label = st.selectbox(
                words.write_label, ["", *labels], format_func=lambda name: name or words.any_label, key="write_label"
            )
        left, middle, right = st.columns(3)
        count = left.number_input(words.how_many, 1, MAX_TEXTS, DEFAULT_TEXTS, key="write_count")
        candidates = middle.number_input(
            words.candidates, 1, MAX_CANDIDATES, DEFAULT_CANDIDATES, help=words.candidates_help, key="write_candidates"
        )
        seed = right.number_input(
            words.seed, 0, MAX_SEED, None, help=words.seed_help, placeholder=words.any_seed, key="write_seed"
        )
        temperature = st.slider(
            words.temperature, TEMPERATURE_STEP, MAX_TEMPERATURE, 1.0, TEMPERATURE_STEP,
            help=words.temperature_help, key="write_temperature",
        )  # fmt: skip
        if not st.form_submit_button(words.write, type="primary"):
            return []
    first = components.first_seed(seed)
    return [
        GenerationRequest(prefix=prefix, label=label, seed=first + i, temperature=temperature, candidates=candidates)
        for i in range(count)
    ]


def _show_texts(texts: list[GeneratedText], words: Wording) -> None:
    """The texts, each with its label and its realness, and the file of them."""
    for place, text in enumerate(texts):
        with st.container(border=True, key=f"written_{place}"):
            st.text(text.text)
            with st.container(key=f"quiet_{place}"):
                parts = [text.label] if text.label else []
                st.text(" · ".join([*parts, f"{words.realness} {text.realness:.0%}"]))
    st.caption(words.generated_note)
    with st.container(horizontal=True, key="downloads"):
        for ending in results.forms():
            st.download_button(
                words.download.format(form=ending.upper()),
                results.write_generated(results.FORMS[ending], texts),
                file_name=f"generated.{ending}",
                mime=results.MIME[ending],
                on_click="ignore",
            )


if __name__ == "__main__":
    show()
