"""python -m ganclf.rendering: texts as the glyph encoder sees them, in one image."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ganclf.cli.arguments import run_command
from ganclf.cli.options import check_value


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; imports nothing heavy, so that --help appears at once."""
    parser = argparse.ArgumentParser(
        prog="python -m ganclf.rendering",
        description="Write a PNG of texts as the glyph encoder sees them, one below the other.",
        allow_abbrev=False,
    )
    parser.add_argument("texts", nargs="*", metavar="TEXT", help="default: the lines of the standard input")
    parser.add_argument("--output", type=Path, default=Path("glyphs.png"), help="the PNG file (default: glyphs.png)")
    parser.add_argument("--font", type=Path, nargs="+", action="extend", default=[], help="font files, as in training")
    parser.add_argument(
        "--glyph-pixels", type=int, default=16, metavar="N", help="height and width of a glyph (default: 16)"
    )
    parser.add_argument("--columns", type=int, default=32, metavar="N", help="glyphs per row (default: 32)")
    parser.add_argument("--scale", type=int, default=2, metavar="N", help="magnification (default: 2)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parsed = parse(arguments)

    def command() -> None:
        for name, value, low, high in (
            ("--glyph-pixels", parsed.glyph_pixels, 8, 64),
            ("--columns", parsed.columns, 1, 256),
            ("--scale", parsed.scale, 1, 16),
        ):
            check_value(name, value, int, choices=None, low=low, high=high, meaning="a number")
        from ganclf.rendering.render import save_text_images

        texts = parsed.texts or [line.rstrip("\n") for line in sys.stdin]
        missing = save_text_images(
            texts, parsed.output, parsed.font, parsed.glyph_pixels, columns=parsed.columns, scale=parsed.scale
        )
        print(f"{parsed.output}: {len(texts)} texts; {100 * missing:.2f} % of their characters have no glyph.")

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
