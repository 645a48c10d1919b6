"""Style where Streamlit has no option. No text of a visitor comes here."""

import streamlit as st

# Two networks, the generator and the discriminator, and where they overlap.
LOGO = """
<svg xmlns="http://www.w3.org/2000/svg" width="132" height="32" viewBox="0 0 132 32">
  <circle cx="12" cy="16" r="10" fill="#6f68f0" fill-opacity=".85"/>
  <circle cx="24" cy="16" r="10" fill="#18b6a4" fill-opacity=".75"/>
  <text x="43" y="22.5" font-family="Source Sans Pro, Segoe UI, Helvetica, Arial, sans-serif" font-size="22"
    font-weight="700" fill="#6f68f0">ganclf</text>
</svg>
"""

CSS = """
<style>
.block-container {max-width: 54rem; padding-top: 3.5rem;}
[data-testid="stText"] {overflow-wrap: anywhere;}
/* a table's own download has only the rows that it shows; the button below it has all */
[data-testid="stElementToolbar"] [aria-label="Download as CSV"] {display: none;}

[class*="st-key-best_"] {flex-wrap: nowrap;}
[class*="st-key-best_"] > :last-child {flex-shrink: 0;}
[class*="st-key-best_"] [data-testid="stText"] {font-size: 1.75rem; font-weight: 700; line-height: 1.25;}
[class*="st-key-best_"] > :last-child [data-testid="stText"] * {color: #6f68f0; font-variant-numeric: tabular-nums;}

/* a row is: label, bar, share; on a narrow screen the bar moves below the other two */
.st-key-bars {gap: .55rem;}
.st-key-bars [data-testid="stHorizontalBlock"] {flex-wrap: nowrap; gap: .15rem 1rem;}
.st-key-bars [data-testid="stHorizontalBlock"] > :nth-child(1) {flex: 0 0 34%;}
.st-key-bars [data-testid="stHorizontalBlock"] > :nth-child(2) {flex: 1 1 0;}
.st-key-bars [data-testid="stHorizontalBlock"] > :nth-child(3) {flex: 0 0 3.4rem; text-align: right;}
.st-key-bars [data-testid="stText"] {font-size: .925rem; font-variant-numeric: tabular-nums;}
.st-key-bars [data-testid="stProgress"] > :first-child {display: none;}
.st-key-bars [data-testid="stProgressBarTrack"] {background: color-mix(in srgb, currentColor 10%, transparent);}
[class*="st-key-bar_other"] [data-testid="stProgressBarTrack"] {opacity: .65;}

@media (max-width: 40rem) {
  h1 {font-size: 1.6rem !important;}
  .st-key-bars [data-testid="stHorizontalBlock"] {flex-wrap: wrap;}
  .st-key-bars [data-testid="stHorizontalBlock"] > :nth-child(1) {flex: 1 1 60%;}
  .st-key-bars [data-testid="stHorizontalBlock"] > :nth-child(2) {flex: 0 0 100%; order: 3;}
}
.restyled {font-size: 1.15rem; line-height: 1.6; overflow-wrap: anywhere;}
.restyled ins {text-decoration: none; font-weight: 600; border-radius: .25rem; padding: 0 .15rem;
  background: color-mix(in srgb, #18b6a4 28%, transparent);}
.restyled del {opacity: .55;}
[class*="st-key-quiet"] [data-testid="stText"] {font-size: .85rem; opacity: .65;}
</style>
"""


def apply() -> None:
    """Add the logo and the style sheet to the page."""
    st.logo(LOGO, size="large")
    st.html(CSS)
