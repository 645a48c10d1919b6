"""Several pictures as one file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence


def packed(names: Sequence[str], pictures: Sequence[bytes]) -> bytes:
    """A zip of pictures, each under its name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:  # a PNG is packed already
        for name, picture in zip(names, pictures, strict=True):
            archive.writestr(name, picture)
    return stream.getvalue()
