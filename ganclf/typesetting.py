"""The part of python -m ganclf.generate that makes a typeface of a font, by a model that translates pictures."""

from __future__ import annotations

import argparse
import io
from contextlib import ExitStack
from pathlib import Path

from ganclf.cli.batching import batches
from ganclf.cli.draft import write_whole
from ganclf.cli.output import explained
from ganclf.cli.progress import print_note, progress
from ganclf.contract import MAX_PICTURES
from ganclf.errors import ConfigError
from ganclf.picturing import Convert, check_options, open_model

DEFAULT_CHARACTERS, MAX_CHARACTERS = 3000, 20_000  # of a font that is written


def sets_type(parsed: argparse.Namespace) -> bool:
    """Whether arguments of `generate` are about a font."""
    return parsed.font_from is not None or parsed.font_to is not None


def set_type(parsed: argparse.Namespace) -> None:
    """Translate the characters of `--font-from`; write each as PNG, and all as a TrueType font, into `--font-to`.

    Args:
        parsed: arguments of `generate`.

    Raises:
        ConfigError: an option that is of no use here or out of range, or a file that can't be read or written.
    """
    if parsed.font_from is None or parsed.font_to is None:
        raise ConfigError("--font-from, --font-to: give both, a font file and the folder that is written.")
    check_options(parsed)
    if parsed.input is not None or parsed.output is not None:
        raise ConfigError("--font-from: is read instead of --input, and --font-to written instead of --output.")
    count = DEFAULT_CHARACTERS if parsed.characters is None else parsed.characters
    if not 1 <= count <= MAX_CHARACTERS:
        raise ConfigError(f"--characters {count}: out of range; give a number from 1 to {MAX_CHARACTERS}.")
    try:
        import numpy as np
        from PIL import Image

        from ganclf.data.image_containers import as_png
        from ganclf.rendering.font_pictures import choose_characters, font_pictures, open_font
        from ganclf.rendering.typeface import family_of, write_typeface
    except ImportError as missing:
        raise ConfigError(
            f"{missing.name} is not installed. Install it with: pip install 'ganclf[glyph]'."
        ) from missing

    face = open_font(parsed.font_from, option="--font-from")
    folder: Path = parsed.font_to
    with explained(folder, "folder"):
        folder.mkdir(parents=True, exist_ok=True)

    def grey(png: bytes) -> np.ndarray:
        return np.asarray(Image.open(io.BytesIO(png)).convert("L"))

    with ExitStack() as stack:
        model: Convert = open_model(parsed, stack)
        size = len(grey(model([as_png(np.full((1, 1), 255, np.uint8))])[0]))  # which a model of one size always gives
        given = font_pictures(face, choose_characters([face], count, parsed.seed), size)
        inks = {}
        with progress("Characters", len(given)) as advance:
            for part in batches(range(len(given)), MAX_PICTURES):
                for place, png in zip(part, model([given.read(place) for place in part]), strict=True):
                    character = given.names[place]
                    write_whole(folder / f"U+{ord(character):04X}.png", png)
                    inks[character] = 1.0 - grey(png) / 255.0
                advance(len(part))
    style = parsed.target or parsed.model_name or parsed.model.name
    font = folder / f"{parsed.font_from.stem}-{style}.ttf"
    write_whole(font, write_typeface(face, inks, style))
    print_note(
        f"{font}: {len(inks):,} characters of {family_of(face)}, made by a machine; their pictures are beside it"
    )
