"""Every word of the page, once per language."""

from ui.text.chinese import CHINESE
from ui.text.english import ENGLISH
from ui.text.errors import explain
from ui.text.wording import Wording

LANGUAGES = {"en": ENGLISH, "zh": CHINESE}

__all__ = ["CHINESE", "ENGLISH", "LANGUAGES", "Wording", "explain"]
