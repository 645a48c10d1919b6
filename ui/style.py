"""The look of what Streamlit has no option for. No word of a visitor comes here."""

import streamlit as st

CSS = """
<style>
.block-container {max-width: 54rem; padding-top: 3.5rem;}
.st-key-best [data-testid="stText"] {font-size: 1.75rem; font-weight: 700; line-height: 1.25;}
.st-key-best [data-testid="stText"], .st-key-bars [data-testid="stText"] {overflow-wrap: anywhere;}
.st-key-quiet [data-testid="stText"] {font-size: .85rem; opacity: .65;}
.st-key-bars [data-testid="stText"] {font-size: .95rem; font-variant-numeric: tabular-nums;}
.st-key-bars [data-testid="stProgress"] {margin-top: -.6rem;}
</style>
"""


def apply() -> None:
    """Add the style sheet to the page."""
    st.html(CSS)
