"""Where what is costly to make is kept between runs."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER_VARIABLE = "GANCLF_CACHE"


def cache_folder(kind: str) -> Path:
    """Return $GANCLF_CACHE/kind, or that folder in the user's cache; it need not exist."""
    from platformdirs import user_cache_path

    chosen = os.environ.get(FOLDER_VARIABLE)
    return (Path(chosen) if chosen else user_cache_path("ganclf")) / kind
