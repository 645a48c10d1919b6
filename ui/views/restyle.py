"""A text in another style: its target, how strong, and what was changed."""

import difflib
import re
from html import escape

import streamlit as st

from ganclf.contract import DEFAULT_STRENGTH, MAX_TEXT_CHARACTERS, Restyled
from ganclf.errors import GanclfError
from ui import client, components, language
from ui.text import Wording

FOUND = "restyled"  # key of the session
STRENGTH_STEP = 0.05
_WORD = re.compile(r"\s+|[^\W\u3040-\u30ff\u3400-\u9fff]+|\S")  # words, single marks and characters, blanks


def show() -> None:
    """Draw the page."""
    words = language.current_wording()
    st.title(words.restyle_title, anchor=False)
    st.text(words.restyle_lead)
    try:
        asked = _form(_labels(words), words)
        if asked is not None:
            st.session_state.pop(FOUND, None)
            text, target, strength = asked
            if not text.strip():
                st.info(words.empty_reply_text)
                return
            st.session_state[FOUND] = (text, client.restyle(text, target, strength, words))
    except GanclfError as error:
        components.show_server_error(error, words)
        return
    if FOUND in st.session_state:
        before, found = st.session_state[FOUND]
        _show_text(before, found, words)


def _labels(words: Wording) -> tuple[str, ...]:
    """The styles that there are; the model says so with every text that it rewrites."""
    if "styles" not in st.session_state:
        st.session_state["styles"] = client.styles(words)
    labels: tuple[str, ...] = st.session_state["styles"]
    return labels


def _form(labels: tuple[str, ...], words: Wording) -> tuple[str, str, float] | None:
    """The form; text, target and strength where the button was pressed."""
    with st.form("restyle", border=False):  # fields have keys: they keep their values when the language changes
        text: str = st.text_area(
            words.text_label, height=110, max_chars=MAX_TEXT_CHARACTERS, placeholder=words.restyle_placeholder,
            label_visibility="collapsed", key="restyle_text",
        )  # fmt: skip
        left, right = st.columns(2)
        target: str = left.selectbox(words.target_label, labels, key="restyle_target")
        strength: float = right.slider(
            words.strength_label, 0.0, 1.0, DEFAULT_STRENGTH, STRENGTH_STEP, help=words.strength_help,
            key="restyle_strength",
        )  # fmt: skip
        pressed = st.form_submit_button(words.restyle, type="primary")
    return (text, target, strength) if pressed else None


def _show_text(before: str, found: Restyled, words: Wording) -> None:
    with st.container(border=True, key="restyled"):
        st.html(f'<p class="restyled">{differences(before, found.text)}</p>')
        with st.container(key="quiet_restyled"):
            if found.text.split() == before.split():
                st.text(words.unchanged)
            st.text(f"{words.style_probability} {found.style_probability:.0%}")
    st.caption(words.restyle_note)


def differences(before: str, after: str) -> str:
    """HTML of the new text: what was put in is marked, what was dropped is struck out. All words are escaped."""
    old, new = (_WORD.findall(text) for text in (before.strip(), after.strip()))
    parts = []
    for kind, start, end, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        dropped, put_in = escape("".join(old[start:end])), escape("".join(new[first:last]))
        if kind == "equal":
            parts.append(put_in)
            continue
        parts += [f"<del>{dropped}</del> "] if dropped.strip() else []
        parts += [f"<ins>{put_in}</ins>"] if put_in.strip() else [put_in]
    return "".join(parts)


if __name__ == "__main__":
    show()
