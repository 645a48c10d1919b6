"""Which pictures are read, and the form into which they are fitted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ganclf.cli.options import Checked, option
from ganclf.errors import ConfigError

MIN_SIZE, MAX_SIZE, SIZE_STEP = 16, 128, 8  # pixels of a side
PAD, CROP, STRETCH = "pad", "crop", "stretch"
COLORS = {"white": (255, 255, 255), "black": (0, 0, 0)}
CHANNELS = {"auto": None, "grey": 1, "rgb": 3, "rgba": 4}
_HEX = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")


@dataclass(frozen=True, kw_only=True)
class ImageDataConfig(Checked):
    """Pictures."""

    data: tuple[Path, ...] = option(
        (), "one or more folders of pictures, zips, .npz files, or tables that name pictures; folders in a folder are "
        "labels, and so are several sources", common=True,
    )  # fmt: skip
    images: Path | None = option(
        None, "folder, zip or .npz with the pictures that a table names; default: the folder of the table", common=True
    )
    test: tuple[Path, ...] = option((), "the same kinds of pictures, used for evaluation only", common=True)
    image_column: str | None = option(
        None, "column of a table with file names, or with numbers in an .npz from 0; default: found by name"
    )
    text_column: str | None = option(None, "column with a text for each picture; default: found by name")
    label_column: str | None = option(None, "column with a label for each picture; default: found by name")
    size: int | None = option(
        None, "pixels of a side, 16 to 128, in steps of 8; default: the usual side of the pictures, at most 64",
        low=MIN_SIZE, high=MAX_SIZE, common=True,
    )  # fmt: skip
    channels: str = option(
        "auto", "of the pictures; auto: grey where no picture has a color, else rgb", choices=tuple(CHANNELS)
    )
    fit: str = option(
        "pad", "how other pictures become squares: pad: the whole picture on the background; crop: its middle; "
        "stretch: out of shape", choices=(PAD, CROP, STRETCH),
    )  # fmt: skip
    background: str = option(
        "white", "color under transparent pictures and around padded ones: white, black, or such as #ffcc00"
    )
    max_pictures: int = option(
        50_000, "pictures that are learned from, at most; of more, a random sample", low=20, high=1_000_000
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size is not None and self.size % SIZE_STEP:
            raise ConfigError(f"--size {self.size}: give a multiple of {SIZE_STEP}, from {MIN_SIZE} to {MAX_SIZE}.")
        if self.background not in COLORS and not _HEX.fullmatch(self.background):
            raise ConfigError(f"--background {self.background}: give white, black, or a color such as #ffcc00.")

    @property
    def background_color(self) -> tuple[int, int, int]:
        """Red, green and blue from 0 to 255."""
        if self.background in COLORS:
            return COLORS[self.background]
        red, green, blue = (int(part, 16) for part in _HEX.fullmatch(self.background).groups())  # type: ignore[union-attr]
        return red, green, blue
